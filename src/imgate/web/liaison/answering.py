"""Answering a message in the terms of the partner's own format: choose what to tell, fill it in, look at it, send it.

Whoever answers gets a receipt, the same for every person. What was taken of it, nobody learns here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from imgate.documents.laid_out import laid_out
from imgate.exchange import answering
from imgate.exchange.answers import Call
from imgate.exchange.code_lists import StoredNames
from imgate.exchange.given_answers import given_answer
from imgate.exchange.refusals import Refused, not_found
from imgate.record import ProblemCode, RecordInvalid, validate_record
from imgate.vocabulary.identifiers import new_id
from imgate.web.forms import Form, Posted
from imgate.web.house import corridor_of
from imgate.web.liaison.record_forms import Entry, Part, Rows, Typed, form_of, names_in, read_form
from imgate.web.lines import shown_lines
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.sent_once import key_of
from imgate.web.texts import _
from imgate.web.visitors import Liaison, Visitor

router = APIRouter()

_Scope = Annotated[str, Path(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=100)]
_OURS = frozenset({"key", "step"})
_SEND, _CHANGE = "send", "change"
# The form as a whole; the one entry that can be told of a list is the whole of it too.
_WHOLE = "value"
_OUTERMOST = frozenset({"", f"{_WHOLE}-0"})


_FILL_IN = _("Bitte füllen Sie dieses Feld aus.")
_CHOOSE = _("Bitte wählen Sie aus der Liste.")
_OTHERWISE = _("Bitte prüfen Sie die Schreibweise.")
_NOTHING = _("Bitte füllen Sie mindestens ein Feld aus.")
_PROBLEMS: Mapping[str, str] = {
    ProblemCode.MISSING: _FILL_IN,
    ProblemCode.EMPTY: _FILL_IN,
    ProblemCode.ONE_OF_MISSING: _("Bitte füllen Sie mindestens eines dieser Felder aus."),
    ProblemCode.TOO_LONG: _("Bitte kürzen Sie den Text."),
    ProblemCode.TOO_MANY: _("Bitte kürzen Sie die Liste."),
    ProblemCode.NOT_IN_LIST: _CHOOSE,
    ProblemCode.WRONG_TYPE: _("Bitte geben Sie eine ganze Zahl an."),
    ProblemCode.OUT_OF_RANGE: _("Bitte geben Sie eine Zahl von 0 bis 200 an."),
    ProblemCode.CONTROL_CHARACTER: _("Der Text enthält ein Zeichen, das sich nicht übertragen lässt."),
    ProblemCode.NOT_DIN91379: _("Bitte schreiben Sie das in lateinischen Buchstaben."),
    ProblemCode.DATE_INVALID: _("Bitte geben Sie einen Tag an, zum Beispiel 2.5.2026."),
    ProblemCode.TIME_INVALID: _("Bitte geben Sie Tag und Uhrzeit an, zum Beispiel 2.5.2026 14:30."),
}


@dataclass(frozen=True, slots=True)
class _Filled:
    """A form as it was sent. ``errors`` are sentences by the part of the form that they belong to."""

    part: Part
    key: str
    texts: Mapping[str, str] = field(repr=False)
    typed: Typed
    errors: Mapping[str, str]


@router.get("/pages/inbox/{id}/answer")
def choose(visitor: Liaison, request: Request, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Show what can be told to this message."""
    answering.answered_about(corridor_of(request), visitor.partner, id)
    return page(request, "liaison/answer_choose.html", item=id, scopes=tuple(_offered(request, visitor)))


@router.get("/pages/inbox/{id}/answer/{scope}")
def begin(visitor: Liaison, request: Request, id: Id, scope: _Scope) -> Response:  # noqa: A002  # as above
    """Show the form of one scope."""
    answering.answered_about(corridor_of(request), visitor.partner, id)
    return _form(request, id, scope, _part_of(request, visitor, scope), new_id(), {}, {})


@router.post("/pages/inbox/{id}/answer/{scope}")
async def tell(visitor: Liaison, request: Request, id: Id, scope: _Scope, form: Form) -> Response:  # noqa: A002  # as above
    """Show what was filled in, to be looked at before it goes; send it when it was."""
    filled = await run_in_threadpool(_filled, request, visitor, id, scope, form)
    step = form.one("step")
    if filled.errors or step == _CHANGE:
        return _form(request, id, scope, filled.part, filled.key, filled.texts, filled.errors)
    if step != _SEND:
        return await run_in_threadpool(_review, request, id, scope, filled)
    said = filled.typed.record
    call = Call(visitor.id, _answered(id), filled.key)
    await answering.answer(corridor_of(request), call, visitor.partner, id, said)
    return RedirectResponse(f"{_answered(id)}/{answering.answer_key(call, id, said)}", 303)


@router.get("/pages/inbox/{id}/answered/{answer}")
def show_receipt(visitor: Liaison, request: Request, id: Id, answer: Id) -> Response:  # noqa: A002  # as above
    """Show the receipt of an answer of one's own, for as long as keys are kept."""
    given = given_answer(corridor_of(request), Call(visitor.id, _answered(id), answer))
    return page(request, "liaison/answered.html", item=id, receipt=given["receipt"])


def _answered(item: str) -> str:
    return f"/pages/inbox/{item}/answered"


def _offered(request: Request, visitor: Visitor) -> Mapping[str, Part]:
    """Make the forms that this partner's people have; it is the configuration's, and nobody's."""
    places = answering.answerable(corridor_of(request).partners[visitor.partner])
    forms = {scope: form_of(scope, place) for scope, place in places.items()}
    return {scope: form for scope, form in forms.items() if form is not None}


def _part_of(request: Request, visitor: Visitor, scope: str) -> Part:
    part = _offered(request, visitor).get(scope)
    if part is None:
        raise not_found()
    return part


def _filled(request: Request, visitor: Visitor, item: str, scope: str, form: Posted) -> _Filled:
    """Read a form, where its message may be read now. Raises Refused 404, and 400 for a field that the form does not have."""
    corridor = corridor_of(request)
    answering.answered_about(corridor, visitor.partner, item)
    part = _part_of(request, visitor, scope)
    names = tuple(names_in(part))
    if not form.fields.keys() <= _OURS.union(names) or form.files:
        raise Refused(400, "form_unreadable")
    typed = read_form(scope, part, form.one, corridor.policy.zone)
    return _Filled(part, key_of(form), {name: form.one(name) for name in names}, typed, _errors(part, typed))


def _errors(part: Part, typed: Typed) -> dict[str, str]:
    if typed.empty and isinstance(part, Entry):
        return {_WHOLE: _FILL_IN}
    try:
        validate_record(typed.record)
    except RecordInvalid as invalid:
        found: dict[str, str] = {}
        for problem in invalid.problems:
            name = typed.name_of(problem)
            found.setdefault(_WHOLE if name in _OUTERMOST else name, _PROBLEMS.get(problem.code, _OTHERWISE))
        return found
    return {_WHOLE: _NOTHING} if typed.empty else {}


def _form(request: Request, item: str, scope: str, part: Part, key: str, texts: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    shown: dict[str, Any] = {"item": item, "scope": scope, "part": part, "key": key, "texts": texts, "errors": errors}
    return page(request, "liaison/answer.html", status=422 if errors else 200, **shown)


def _review(request: Request, item: str, scope: str, filled: _Filled) -> Response:
    section, _dot, leaf = scope.partition(".")
    record: Mapping[str, Any] = validate_record(filled.typed.record)
    lines = laid_out(scope, record[section][leaf], StoredNames(corridor_of(request).store))
    if isinstance(filled.part, Rows):  # the one entry needs no number
        lines = tuple(replace(line, depth=line.depth - 1) for line in lines[1:])
    shown: dict[str, Any] = {"item": item, "scope": scope, "key": filled.key, "texts": filled.texts}
    return page(request, "liaison/answer_review.html", lines=shown_lines(lines), **shown)
