"""One declaration on the screen: the form in the client's language beside German, how it stands, and its papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from imgate.documents.form import form_data
from imgate.documents.languages import Language
from imgate.documents.typesetting import PapersUnavailable
from imgate.documents.wording import WordingUnknown, words_of
from imgate.exchange.of_client import declaration_of
from imgate.exchange.refusals import Refused, not_found
from imgate.web.desk.case_page import running_out
from imgate.web.desk.opened_clients import reference_of
from imgate.web.house import corridor_of, house_of, partner_names
from imgate.web.languages import beside_german
from imgate.web.rendering import page
from imgate.web.visitors import IntegrationManager

router = APIRouter()

_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form as ``desk/form_sheet.html`` shows it: what is printed, and in which language it stands beside German."""

    printed: Mapping[str, Any] = field(repr=False)
    title: Mapping[str, Any]
    language: Language
    machine_draft: Mapping[str, Any] | None

    @property
    def lang(self) -> str:
        """The tag of the other language."""
        return self.language.bcp47

    @property
    def direction(self) -> str:
        """The way it is written."""
        return "rtl" if self.language.right_to_left else "ltr"


@router.get("/pages/clients/{case}/declarations/{declaration}")
def show_declaration(request: Request, visitor: IntegrationManager, case: str, declaration: str) -> Response:
    """Show one declaration, to be read together with the client."""
    shown = readable(request, case, declaration)
    soon = shown["id"] in running_out(corridor_of(request), [shown])
    return page(
        request, "desk/form.html", case=case, reference=reference_of(request, case), shown=shown, soon=soon, sheet=sheet_of(request, shown)
    )


@router.get("/pages/clients/{case}/declarations/{declaration}/form.pdf")
async def set_form(request: Request, visitor: IntegrationManager, case: str, declaration: str) -> Response:
    """Set the form as PDF, German beside the client's language."""
    await run_in_threadpool(readable, request, case, declaration)
    house = house_of(request)
    return _pdf(await run_sync(partial(house.gateway.papers.form, declaration), limiter=house.typesetting), "formular.pdf")


@router.get("/pages/clients/{case}/declarations/{declaration}/copy.pdf")
async def set_copy(request: Request, visitor: IntegrationManager, case: str, declaration: str) -> Response:
    """Set the client's copy as PDF, once somebody has signed (§ 36a(2b) SGB I: it is handed over afterwards)."""
    shown = await run_in_threadpool(readable, request, case, declaration)
    if not shown["evidence"]:
        raise not_found()
    house = house_of(request)
    return _pdf(await run_sync(partial(house.gateway.papers.copy, declaration), limiter=house.typesetting), "kopie.pdf")


def readable(request: Request, case: str, declaration: str) -> dict[str, Any]:
    """Give a declaration of this client that is what its seal says. Raises Refused 404, and 409 ``declaration_unreadable``."""
    shown = declaration_of(corridor_of(request), reference_of(request, case), declaration)
    if shown["state"] == _UNREADABLE:
        raise Refused(409, "declaration_unreadable")
    return shown


def sheet_of(request: Request, shown: Mapping[str, Any]) -> Sheet:
    """Lay a declaration out for the screen, in the words of the paper. Raises Refused 501 where there are no such words here."""
    house, content = house_of(request), shown["content"]
    language = beside_german(content["language"])
    partners = partner_names(house.corridor)
    try:
        words = words_of(content["wording"], language.tag)
        printed = form_data(shown, words, house.gateway.papers.office, partners)
    except WordingUnknown:
        raise Refused(501, "wording_unknown") from None
    except PapersUnavailable:
        raise Refused(501, "papers_unavailable") from None
    draft = words.both("language.machine_draft") if words.machine_draft else None
    return Sheet(printed, words.both("form.title"), language, draft)


def _pdf(content: bytes, name: str) -> Response:
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
