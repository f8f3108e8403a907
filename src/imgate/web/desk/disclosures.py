"""Who was told what about a client, as the paper that is handed to them: in their language, or in German."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from imgate.documents.languages import GERMAN
from imgate.exchange.rights.disclosed import disclosed
from imgate.web.desk.opened_clients import reference_of
from imgate.web.house import House, house_of
from imgate.web.visitors import IntegrationManager

router = APIRouter()


@router.get("/pages/clients/{case}/disclosures.pdf")
async def set_disclosures(request: Request, visitor: IntegrationManager, case: str) -> Response:
    """Set it as PDF. Of a client whom nobody knows yet there is none."""
    house, reference = house_of(request), reference_of(request, case)
    language = GERMAN.tag if request.query_params.get("language") == GERMAN.tag else None
    content = await run_sync(partial(_set, house, reference, language), limiter=house.typesetting)
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": 'inline; filename="auskunft.pdf"'})


def _set(house: House, client: str, language: str | None) -> bytes:
    gateway = house.gateway
    return gateway.papers.disclosures(disclosed(house.corridor, client, gateway.terms), language)
