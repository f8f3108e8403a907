"""A correction told to whom the wrong datum was handed (Art. 16, 19 GDPR): choose the file, look at who gets it and who not, pass it on.

The record is corrected in the case system. As with sending, the file travels with the pages and is kept nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from imgate.exchange.context import Corridor
from imgate.exchange.refusals import Refused
from imgate.exchange.rights.correction import CorrectionRequest, correct
from imgate.vocabulary.identifiers import new_id
from imgate.web.desk.asking import Mistakes, record_of
from imgate.web.desk.opened_clients import reference_of
from imgate.web.desk.origins import Brought, ask_origins, origins_asked, origins_of
from imgate.web.desk.seen import mark_of_correction
from imgate.web.desk.values import person_in, values_of
from imgate.web.desk.words import REASONS, place, problem
from imgate.web.forms import Form, Posted
from imgate.web.house import call_of, corridor_of
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.sent_once import key_of
from imgate.web.texts import _
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

_PAGE = "/pages/clients/{case}/correction"
_WHY_OTHERWISE: Mapping[str, str] = {
    **REASONS,
    "partner_unknown": _("Dieser Partner ist hier nicht mehr eingerichtet"),
    "link_missing": _("Hier steht kein Zeichen, unter dem der Partner die Person kennt"),
}


@dataclass(frozen=True, slots=True)
class _Asked(Brought):
    """What is right now, with the record as it was handed in."""

    request: CorrectionRequest = field(repr=False)


@router.get(_PAGE)
def choose(request: Request, visitor: IntegrationManager, case: Id) -> Response:
    """Ask for the corrected part of the record."""
    return _form(request, case, reference_of(request, case), Mistakes())


@router.post(f"{_PAGE}/preview")
async def preview(request: Request, visitor: IntegrationManager, case: Id, form: Form) -> Response:
    """Show who would get it, who has it, and who must be told otherwise. Nothing is sent or put on record."""
    return await _answered(request, visitor, case, form, None)


@router.post(_PAGE)
async def pass_on(request: Request, visitor: IntegrationManager, case: Id, form: Form) -> Response:
    """Pass on what was looked at, and say what became of it. Where something else would be done by now, that is shown instead."""
    return await _answered(request, visitor, case, form, form.one("seen"))


async def _answered(request: Request, visitor: Visitor, case: str, form: Posted, seen: str | None) -> Response:
    """Look at what would be done; do it, where that is what was ``seen``."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    asked, mistakes = await run_in_threadpool(_asked_of, corridor, reference, form)
    if asked is None:
        return _form(request, case, reference, mistakes)
    try:
        told = await correct(corridor, call_of(request, visitor), asked.request, dry_run=True)
        mark = mark_of_correction(request, visitor, asked.request, told)
        is_seen = seen is not None and compare_digest(seen.encode(), mark.encode())
        if is_seen:
            told = await correct(corridor, call_of(request, visitor, key=key_of(form), body=asked.record), asked.request)
    except Refused as refused:
        if refused.code == "provenance_required":
            scopes = refused.details["scopes"]
            return ask_origins(request, case, reference, asked, scopes, way="correction", carried="desk/correct_carried.html")
        raise
    changed = seen is not None and not is_seen
    return await run_in_threadpool(_told, request, case, asked, told, mark, changed=changed)


def _asked_of(corridor: Corridor, client: str, form: Posted) -> tuple[_Asked | None, Mistakes]:
    body, record, sentence, problems = record_of(form)
    mistakes = Mistakes(file=sentence, problems=problems)
    if mistakes or record is None:
        return None, mistakes
    provenance = origins_of(corridor, form)
    # The record was checked above, so that the form can say what is wrong where.
    request = CorrectionRequest.model_construct(client=client, record=record, provenance=provenance, purposes=None)
    return _Asked(body, provenance, origins_asked(form), request), mistakes


def _told(request: Request, case: str, asked: _Asked, told: Mapping[str, Any], mark: str, *, changed: bool) -> Response:
    """Show what would be done, or (no ``dry_run``) what was."""
    corridor = corridor_of(request)
    record: Mapping[str, Mapping[str, Any]] = asked.request.record  # type: ignore[assignment]  # a TypedDict is a mapping of mappings
    return page(
        request,
        "desk/correct_preview.html" if told["dry_run"] else "desk/corrected.html",
        status=409 if changed else 200,
        case=case,
        reference=asked.request.client,
        asked=asked,
        told=told,
        person=person_in(corridor, record),
        values=values_of(corridor, record, told["scopes"]),
        changed=changed,
        house_reasons=_WHY_OTHERWISE,
        seen=mark,
        key=new_id(),
    )


def _form(request: Request, case: str, reference: str, mistakes: Mistakes) -> Response:
    return page(
        request,
        "desk/correct.html",
        status=422 if mistakes else 200,
        case=case,
        reference=reference,
        mistakes=mistakes,
        problems=[(place(each.pointer), each.pointer, problem(each)) for each in mistakes.problems],
    )
