"""What a client is owed, as the office gives it: who received or sent what about them, on paper, as JSON, and all that is kept as a ZIP.

For the answer that a client may ask for (Art. 15 and 20 GDPR, § 83 SGB X). The reference is typed, sent by POST, and stands in no
address and no file's name, also on page two.
"""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from imgate.documents.languages import LANGUAGES
from imgate.exchange import history
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.rights.disclosed import disclosed
from imgate.exchange.rights.export import export_client
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import is_client
from imgate.web.file_answers import file_to_keep
from imgate.web.forms import Form
from imgate.web.house import House, corridor_of, house_of, partner_names
from imgate.web.languages import name_of
from imgate.web.rendering import chosen_language, page
from imgate.web.visitors import ConfirmedOffice, Office, Visitor, confirmed_lately

router = APIRouter()

PAGE = "/pages/office/disclosures"
_SHOWN = 50


@router.get(PAGE)
def ask_for_client(request: Request, visitor: Office) -> Response:
    """Ask whom it is about."""
    return _form(request, visitor)


@router.post(PAGE)
def list_disclosures(request: Request, visitor: Office, form: Form) -> Response:
    """List what GET /v1/clients/{client}/disclosures lists; of an unknown client there is nothing."""
    client, after = form.one("client"), form.one("after")
    if not is_client(client):
        return wrong_client(request, visitor, client)
    found = history.disclosures(corridor_of(request), client, Cursor(after or None, _SHOWN))
    return _form(request, visitor, client=client, items=found["items"], next=found.get("next"), first=not after)


@router.post(f"{PAGE}/pdf")
async def give_pdf(request: Request, visitor: Office, form: Form) -> Response:
    """Give all of it as PDF, in the language that was chosen or in the client's own."""
    house, client, language = house_of(request), form.one("client"), form.one("language")
    if language and language not in LANGUAGES:
        raise not_found()
    return await run_sync(_given, request, visitor, client, lambda: _pdf(house, client, language or None), limiter=house.typesetting)


@router.post(f"{PAGE}/json")
def give_json(request: Request, visitor: Office, form: Form) -> Response:
    """Give all of it for machines, as `imgate client disclosures --json` does."""
    house, client = house_of(request), form.one("client")
    return _given(request, visitor, client, lambda: _json(house, client))


@router.post(f"{PAGE}/export")
async def give_export(request: Request, visitor: ConfirmedOffice, form: Form) -> Response:
    """Give everything that is kept about the client as one ZIP. No more of them are made at once than papers are set: each is in memory."""
    house, client = house_of(request), form.one("client")
    return await run_sync(_given, request, visitor, client, lambda: _zip(house, client, visitor.id), limiter=house.typesetting)


def wrong_client(request: Request, visitor: Visitor, client: str) -> Response:
    """Ask again for a reference that can be none."""
    return _form(request, visitor, status=422, client=client, wrong=True)


def nobody(request: Request, visitor: Visitor, client: str) -> Response:
    """Say that nobody is known by this reference, or not any more: the two cannot be told apart."""
    return _form(request, visitor, status=404, client=client, nobody=True)


def _given(request: Request, visitor: Visitor, client: str, make: Callable[[], Response]) -> Response:
    if not is_client(client):
        return wrong_client(request, visitor, client)
    try:
        return make()
    except Refused as refused:
        if refused.code == "not_found":
            return nobody(request, visitor, client)
        raise


def _pdf(house: House, client: str, language: str | None) -> Response:
    gateway = house.gateway
    content = gateway.papers.disclosures(disclosed(house.corridor, client, gateway.terms), language)
    return file_to_keep(content, "application/pdf", "auskunft.pdf")


def _json(house: House, client: str) -> Response:
    found = disclosed(house.corridor, client, house.gateway.terms)
    return file_to_keep(json.dumps(found, ensure_ascii=False, indent=1).encode(), "application/json", "auskunft.json")


def _zip(house: House, client: str, actor: str) -> Response:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in export_client(house.corridor, actor, client, house.gateway.terms):
            archive.writestr(zipfile.ZipInfo(file.path), file.content, zipfile.ZIP_DEFLATED)
    return file_to_keep(whole.getvalue(), "application/zip", "mitnehmen.zip")


def _form(request: Request, visitor: Visitor, *, status: int = 200, **said: Any) -> Response:
    spoken = chosen_language(request)
    shared: dict[str, Any] = {"client": "", "wrong": False, "nobody": False, "items": None, "next": None, "first": True}
    return page(
        request,
        "office/disclosures.html",
        status=status,
        **(shared | said),
        names=partner_names(corridor_of(request)),
        languages=[(tag, name_of(language, spoken)) for tag, language in LANGUAGES.items()],
        confirmed=confirmed_lately(request, visitor),
    )
