"""Blank forms for offices that begin on paper, the way to imgate's own papers, and what is configured about terms and evidence."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from imgate.documents.languages import LANGUAGES
from imgate.exchange.refusals import not_found
from imgate.record import CATALOGUE
from imgate.web.house import corridor_of, house_of
from imgate.web.languages import name_of
from imgate.web.office.words import LEVELS, SENSITIVITIES
from imgate.web.rendering import chosen_language, page
from imgate.web.visitors import Office

router = APIRouter()


@router.get("/pages/office/papers")
def show_papers(request: Request, visitor: Office) -> Response:
    """Show what can be printed, and what is configured."""
    corridor, settings = corridor_of(request), house_of(request).gateway.settings
    spoken = chosen_language(request)
    return page(
        request,
        "office/papers.html",
        partners=tuple(corridor.partners.values()),
        languages=[(tag, name_of(language, spoken)) for tag, language in LANGUAGES.items()],
        settings=settings,
        levels={partner: settings.levels(partner) for partner in settings.partners},
        floor=settings.evidence.levels(),
        sensitivities=SENSITIVITIES,
        words_of_level=LEVELS,
        closed=[scope for scope in CATALOGUE.scopes if scope in CATALOGUE.closed],
    )


@router.get("/pages/office/papers/blank")
async def give_blank(request: Request, visitor: Office) -> Response:
    """Give the blank form for a partner in a language, as PDF."""
    house = house_of(request)
    partner, language = request.query_params.get("partner", ""), request.query_params.get("language", "")
    if partner not in house.corridor.partners or language not in LANGUAGES:
        raise not_found()
    content = await run_sync(house.gateway.papers.blank, partner, language, limiter=house.typesetting)
    said = {"Content-Disposition": f'attachment; filename="einwilligung-{partner}-{language}.pdf"'}
    return Response(content, media_type="application/pdf", headers=said)
