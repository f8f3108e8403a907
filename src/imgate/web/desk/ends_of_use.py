"""The end of use: what a partner was told when consent and release ended, and what it answers by telephone."""

import pydantic
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange import end_of_use_lists
from imgate.exchange.end_of_use_answers import EndOfUseByTelephone, answer_by_telephone
from imgate.exchange.refusals import Refused
from imgate.vocabulary.words import EndOfUseAnswer
from imgate.web.desk.words import ANSWERS, CAUSES, END_STATES
from imgate.web.forms import Form, Posted
from imgate.web.house import call_of, corridor_of, partner_names
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import IntegrationManager

router = APIRouter()

_NOT_CHOSEN = _("Bitte wählen Sie eine Antwort.")
_STATUTE_MISSING = _("Bitte nennen Sie die Rechtsvorschrift, zum Beispiel „§ 84 SGB X“.")
_STATUTE_UNEXPECTED = _("Eine Rechtsvorschrift gehört nur zu der Antwort, dass die Angaben behalten werden müssen.")


@router.get("/pages/ends-of-use/{revocation}")
def show_end(request: Request, visitor: IntegrationManager, revocation: Id) -> Response:
    """Show what a partner was told, and what it answered."""
    return _shown(request, revocation)


@router.post("/pages/ends-of-use/{revocation}")
def answer_end(request: Request, visitor: IntegrationManager, revocation: Id, form: Form) -> Response:
    """Put on record what the partner said by telephone."""
    errors = _errors(form)
    if errors:
        return _shown(request, revocation, form, errors)
    said = {"answer": form.one("answer"), "statute": form.one("statute") or None}
    try:
        answer_by_telephone(corridor_of(request), call_of(request, visitor), revocation, EndOfUseByTelephone.model_validate(said))
    except (Refused, pydantic.ValidationError) as refused:
        if isinstance(refused, Refused) and refused.status != 422:
            raise
        return _shown(request, revocation, form, {"statute": _STATUTE_MISSING})
    return RedirectResponse(f"/pages/ends-of-use/{revocation}?done=saved", 303)


def _errors(form: Posted) -> dict[str, str]:
    """Look at what was typed, a sentence for each field."""
    answer, statute = form.one("answer"), form.one("statute")
    if answer not in list(EndOfUseAnswer):
        return {"answer": _NOT_CHOSEN}
    kept = answer == EndOfUseAnswer.KEPT_UNDER_STATUTE
    if kept and not statute:
        return {"statute": _STATUTE_MISSING}
    return {"statute": _STATUTE_UNEXPECTED} if statute and not kept else {}


def _shown(request: Request, revocation: str, form: Posted | None = None, errors: dict[str, str] | None = None) -> Response:
    corridor = corridor_of(request)
    return page(
        request,
        "desk/end_of_use.html",
        status=422 if errors else 200,
        end=end_of_use_lists.show(corridor, revocation),
        names=partner_names(corridor),
        answers=ANSWERS,
        causes=CAUSES,
        end_states=END_STATES,
        typed={"answer": form.one("answer"), "statute": form.one("statute")} if form else {"answer": "", "statute": ""},
        errors=errors or {},
    )
