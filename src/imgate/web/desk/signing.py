"""Signing: drawn on the tablet under the form itself, as a scan, as a signed PDF, or as a note of what was said.

Who signs for whom is asserted by the person who is signed in; so they show once more that it is they.
"""

import base64
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.declarations import signing
from imgate.exchange.declarations.to_sign import kinds_to_sign, next_role, not_by_word
from imgate.exchange.refusals import Problem, Refused
from imgate.exchange.requests import SignatureRequest
from imgate.http.body import read_model
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EvidenceKind, SignerRole
from imgate.web.desk import problems
from imgate.web.desk.choices import Choices
from imgate.web.desk.drawn import HEIGHT, WIDTH, DrawingUnreadable, drawing
from imgate.web.desk.filled_in import lines
from imgate.web.desk.form_page import readable, sheet_of
from imgate.web.desk.opened_clients import reference_of
from imgate.web.forms import Form, Posted
from imgate.web.house import call_of, corridor_of, today
from imgate.web.rendering import page
from imgate.web.sent_once import SENT_BEFORE, key_of
from imgate.web.visitors import ConfirmedManager, Visitor

router = APIRouter()

_FIRST_BYTES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
_SOMETHING_ELSE = "application/octet-stream"


@router.get("/pages/clients/{case}/declarations/{declaration}/sign")
def ask_signature(request: Request, visitor: ConfirmedManager, case: str, declaration: str) -> Response:
    """Show the form once more, with the digest, and under it the ways to sign."""
    return _shown(request, visitor, case, readable(request, case, declaration), new_id())


@router.post("/pages/clients/{case}/declarations/{declaration}/sign")
def sign(request: Request, visitor: ConfirmedManager, case: str, declaration: str, form: Form) -> Response:
    """Have the evidence looked at and recorded, which takes seconds at times; or show the page again with what is wrong."""
    corridor, shown = corridor_of(request), readable(request, case, declaration)
    key = key_of(form)
    try:
        if form.one("kind") not in kinds_to_sign(corridor, shown):
            raise _wrong("kind_missing", "/evidence/kind")
        day = today(corridor).isoformat()
        body = orjson.dumps(_asked(form, visitor, day))
        asked = read_model(SignatureRequest, body)
        if asked.signed_on > day:
            raise _wrong("signed_in_future", "/signed_on")
        signing.sign(corridor, call_of(request, visitor, key=key, body=body), declaration, asked)
    except Refused as refused:
        errors = problems.errors_of(refused)
        if refused.code == SENT_BEFORE:
            key = new_id()
        elif not errors:
            raise
        return _shown(request, visitor, case, shown, key, form=form, errors=errors, status=refused.status)
    return RedirectResponse(f"/pages/clients/{case}/declarations/{declaration}?done=signed", 303)


def _asked(form: Posted, visitor: Visitor, day: str) -> dict[str, Any]:
    """Give the signature in the shape of ``SignatureRequest``; what does not belong to its kind or role is left out.

    What is drawn here is signed today, whatever the form says.
    """
    asked: dict[str, Any] = {
        "role": form.one("role"),
        "signed_on": day if form.one("kind") == EvidenceKind.DRAWN else form.one("signed_on"),
        "evidence": _evidence(form),
        "attested_by": visitor.user.name,
        "signer": form.one("signer") or None,
        "interpreter": form.one("interpreter") or None,
    }
    if form.one("role") != SignerRole.CLIENT:
        authority = {"areas": lines(form.one("areas")), "order": form.one("order"), "until": form.one("until") or None}
        asked["authority"] = authority if any(authority.values()) else None
    return asked


def _evidence(form: Posted) -> dict[str, Any]:
    match EvidenceKind(form.one("kind")):
        case EvidenceKind.DRAWN:
            return {"kind": EvidenceKind.DRAWN.value, "digest": form.one("digest")} | _drawing(form.one("strokes"))
        case EvidenceKind.ORAL_RECORD:
            return {"kind": EvidenceKind.ORAL_RECORD.value, "reason": form.one("reason")}
        case kind:
            content = form.file("signed_pdf" if kind is EvidenceKind.PADES else "scan")
            if content is None:
                return {"kind": kind.value}
            return {"kind": kind.value, "media_type": _media_type(content), "content": base64.b64encode(content).decode()}


def _drawing(strokes: str) -> dict[str, str]:
    if not strokes:
        return {}
    try:
        return {"media_type": "image/svg+xml", "content": base64.b64encode(drawing(strokes)).decode()}
    except DrawingUnreadable:
        raise _wrong("drawing_unreadable", "/evidence/content") from None


def _media_type(content: bytes) -> str:
    return next((media_type for first, media_type in _FIRST_BYTES.items() if content.startswith(first)), _SOMETHING_ELSE)


def _shown(
    request: Request,
    visitor: Visitor,
    case: str,
    shown: Mapping[str, Any],
    key: str,
    *,
    form: Posted | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    corridor, choices = corridor_of(request), Choices.of(request)
    names = ("signed_on", "role", "signer", "interpreter", "kind", "reason", "areas", "order", "until")
    begun = dict.fromkeys(names, "") | {"signed_on": today(corridor).isoformat(), "role": next_role(shown)}
    begun["interpreter"] = _interpreter(shown["content"]["interpreter"])
    roles = list(dict.fromkeys(shown["content"]["signers_required"]))
    return page(
        request,
        "desk/sign.html",
        status=status,
        case=case,
        reference=reference_of(request, case),
        shown=shown,
        sheet=sheet_of(request, shown),
        key=key,
        said=begun if form is None else {name: form.one(name) for name in names},
        errors=errors or {},
        sent_before=form is not None and not errors,
        kinds=kinds_to_sign(corridor, shown),
        not_by_word=not_by_word(corridor, shown),
        roles=[(role, choices.role(role), None) for role in roles],
        for_somebody=any(role != SignerRole.CLIENT for role in roles),
        field=(WIDTH, HEIGHT),
        attests=visitor.user.name,
    )


def _interpreter(said: str | Mapping[str, Any] | None) -> str:
    return "" if said is None else said if isinstance(said, str) else str(said["name"])


def _wrong(code: str, pointer: str) -> Refused:
    return Refused(422, code, [Problem(code, pointer)])
