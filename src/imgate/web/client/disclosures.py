"""Who was told what about me, as a paper to keep: in the language that the page is shown in."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from imgate.exchange.rights.disclosed import disclosed
from imgate.web.client.owner import HOME, ClientRoute, ThisClient
from imgate.web.client.speech import speech_of
from imgate.web.house import House, house_of

router = APIRouter(route_class=ClientRoute)


@router.get(f"{HOME}/disclosures.pdf")
async def give_pdf(owner: ThisClient, request: Request) -> Response:
    """Give what the office would hand over (Art. 15 GDPR), all of it."""
    house = house_of(request)
    content = await run_sync(partial(_set, house, owner.reference, speech_of(request).tag), limiter=house.typesetting)
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": 'attachment; filename="auskunft.pdf"'})


def _set(house: House, client: str, language: str) -> bytes:
    gateway = house.gateway
    return gateway.papers.disclosures(disclosed(house.corridor, client, gateway.terms), language)
