"""Renewing: the same declaration for another term, as a draft that has to be read and signed anew."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.declarations import renewal
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RenewalRequest
from imgate.http.body import read_model
from imgate.vocabulary.identifiers import new_id
from imgate.web.desk import problems
from imgate.web.desk.case_page import RUNNING
from imgate.web.desk.choices import Choices
from imgate.web.desk.filled_in import term
from imgate.web.desk.form_page import readable
from imgate.web.desk.opened_clients import reference_of
from imgate.web.forms import Form, Posted
from imgate.web.house import call_of, corridor_of, today
from imgate.web.rendering import page
from imgate.web.sent_once import SENT_BEFORE, key_of
from imgate.web.visitors import IntegrationManager

router = APIRouter()

_TEXTS = ("valid_from", "valid_until", "occasion", "interpreter")


@router.get("/pages/clients/{case}/declarations/{declaration}/renew")
def ask_renewal(request: Request, visitor: IntegrationManager, case: str, declaration: str) -> Response:
    """Ask for the next term."""
    return _shown(request, case, readable(request, case, declaration), new_id())


@router.post("/pages/clients/{case}/declarations/{declaration}/renew")
def renew(request: Request, visitor: IntegrationManager, case: str, declaration: str, form: Form) -> Response:
    """Record the successor as a draft, once however often it is sent; or show the form again with what is wrong."""
    shown, key = readable(request, case, declaration), key_of(form)
    body = orjson.dumps(_asked(form, shown["content"]["language"]))
    call = call_of(request, visitor, key=key, body=body)
    try:
        made = json.loads(renewal.renew(corridor_of(request), call, declaration, read_model(RenewalRequest, body)).body)
    except Refused as refused:
        if refused.code == SENT_BEFORE:
            return _shown(request, case, shown, new_id(), form=form, status=409)
        if refused.status != 422:
            raise
        return _shown(request, case, shown, key, form=form, errors=problems.errors_of(refused), status=422)
    return RedirectResponse(f"/pages/clients/{case}/declarations/{made['id']}?done=renewed", 303)


def _asked(form: Posted, language: str) -> dict[str, Any]:
    interpreter = form.one("interpreter")
    return {
        "valid_from": form.one("valid_from"),
        "valid_until": form.one("valid_until"),
        "occasion": form.one("occasion"),
        "informed_of": list(form.all("informed_of")),
        "interpreter": {"name": interpreter, "language": language} if interpreter else None,
    }


def _shown(
    request: Request,
    case: str,
    shown: Mapping[str, Any],
    key: str,
    *,
    form: Posted | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    content = shown["content"]
    said = _begun(request, shown) if form is None else {name: form.one(name) for name in _TEXTS} | {"informed_of": form.all("informed_of")}
    return page(
        request,
        "desk/renew.html",
        status=status,
        case=case,
        reference=reference_of(request, case),
        shown=shown,
        key=key,
        said=said,
        errors=errors or {},
        sent_before=status == 409,
        information=Choices.of(request).information(content["discloser"]["unit"]),
    )


def _begun(request: Request, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Begin where the one that still holds ends; else today."""
    corridor, content = corridor_of(request), shown["content"]
    begins = today(corridor)
    if shown["state"] in RUNNING:
        begins = max(begins, date.fromisoformat(content["valid_until"]) + timedelta(days=1))
    first, last = term(begins, corridor.policy)
    interpreter = content["interpreter"]
    named = interpreter if isinstance(interpreter, str) else (interpreter or {}).get("name", "")
    return {"valid_from": first, "valid_until": last, "occasion": content["occasion"], "interpreter": named, "informed_of": ()}
