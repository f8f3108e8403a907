"""One message, to be read: on the screen, for the printer, as a PDF and as the file itself.

Each of them hands it out anew, so that what was revoked is gone from all of them at once.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from imgate.documents.message_paper import binding_notes
from imgate.documents.wording import words_of
from imgate.exchange import reading
from imgate.exchange.reading import ReadMessage, ReadNotice
from imgate.vocabulary.media_types import ending_of
from imgate.vocabulary.words import EvidenceLevel
from imgate.web.file_answers import file_to_keep
from imgate.web.house import call_of, corridor_of, house_of
from imgate.web.labels import SECTIONS
from imgate.web.liaison.values import shown_scopes
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import Liaison, Visitor

router = APIRouter()

_PDF = "application/pdf"

_LEVELS: Mapping[EvidenceLevel, str] = {
    EvidenceLevel.RECORDED: _("mündlich erklärt und festgehalten"),
    EvidenceLevel.WRITTEN: _("unterschrieben"),
    EvidenceLevel.QUALIFIED: _("qualifiziert elektronisch unterschrieben oder mit elektronischem Ausweis bestätigt"),
}


@router.get("/pages/inbox/{id}")
def show_item(visitor: Liaison, request: Request, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Show one message, or a notice of the end of use, with what can be done about it."""
    return item_page(visitor, request, id)


def item_page(visitor: Visitor, request: Request, item: str, *, status: int = 200, **said: Any) -> Response:
    """Show one message; ``said`` is what was filled in wrongly: ``problem`` names the field, the others keep what was typed."""
    found = reading.read(corridor_of(request), call_of(request, visitor), visitor.partner, item)
    filled_in: dict[str, Any] = {"problem": None, "answer": "", "statute": ""} | said
    if isinstance(found, ReadNotice):
        return page(request, "liaison/notice.html", status=status, notice=found, **filled_in)
    return page(request, "liaison/item.html", status=status, **_shown(request, found), **filled_in)


@router.get("/pages/inbox/{id}/print")
def print_item(visitor: Liaison, request: Request, id: Id) -> Response:  # noqa: A002  # as above
    """Show one message without anything to press, for the printer."""
    found = reading.read(corridor_of(request), call_of(request, visitor), visitor.partner, id)
    if isinstance(found, ReadNotice):
        return page(request, "liaison/print_notice.html", notice=found)
    return page(request, "liaison/print.html", **_shown(request, found))


def _shown(request: Request, message: ReadMessage) -> dict[str, Any]:
    corridor = corridor_of(request)
    regime = words_of(corridor.policy.wording, "de").regime
    missing: dict[str, list[str]] = {}
    for scope in message.missing:
        missing.setdefault(corridor.policy.catalogue.scopes[scope].section, []).append(scope)
    return {
        "message": message,
        "missing": missing,
        "section_names": SECTIONS,
        "scopes": shown_scopes(corridor, message.released),
        "levels": _LEVELS,
        "notes": binding_notes(regime),
        "regime": regime,
    }


@router.get("/pages/inbox/{id}/pdf")
async def give_pdf(visitor: Liaison, request: Request, id: Id) -> Response:  # noqa: A002  # as above
    """Give one message as a PDF. One is set at a time, so that who waits for it holds up nobody else."""
    house = house_of(request)
    setting = partial(reading.on_paper, house.corridor, call_of(request, visitor), visitor.partner, id)
    return _file(await run_sync(setting, limiter=house.typesetting), _PDF, id)


@router.get("/pages/inbox/{id}/file")
def give_file(visitor: Liaison, request: Request, id: Id) -> Response:  # noqa: A002  # as above
    """Give the message itself, byte for byte, for a case system that can read it."""
    found = reading.read(corridor_of(request), call_of(request, visitor), visitor.partner, id)
    return _file(found.content, found.media_type, id)


def _file(content: bytes, media_type: str, item: str) -> Response:
    """Send a file under the message's id."""
    return file_to_keep(content, media_type, f"{item}.{ending_of(media_type)}")
