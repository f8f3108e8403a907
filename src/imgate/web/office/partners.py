"""Every configured partner: what may pass at most, by which way, how it stands, and a map of what really passed."""

from fastapi import APIRouter, Request, Response

from imgate.exchange.overview import scope_flows, standings
from imgate.record import CATALOGUE
from imgate.vocabulary.words import Direction
from imgate.web.house import corridor_of, house_of, partner_names
from imgate.web.labels import SECTIONS
from imgate.web.office.flow_map import WIDTH, flow_map
from imgate.web.office.quality import quality_of
from imgate.web.office.words import TIERS
from imgate.web.rendering import chosen_language, page
from imgate.web.visitors import Office

router = APIRouter()

_DAYS = 90


@router.get("/pages/office/partners")
def show_partners(request: Request, visitor: Office) -> Response:
    """Show all partners."""
    house, corridor = house_of(request), corridor_of(request)
    adapters = house_of(request).gateway.registry.adapters
    language = chosen_language(request)
    flows = scope_flows(corridor, _DAYS)
    sections = {section: house.rendering.translate(language, text) for section, text in SECTIONS.items()}
    used = {partner.adapter.id for partner in corridor.partners.values()}
    seen = {adapter: quality_of(adapters[adapter]) for adapter in sorted(used) if adapter in adapters}
    return page(
        request,
        "office/partners.html",
        partners=tuple(corridor.partners.values()),
        names=partner_names(corridor),
        configured=house.gateway.settings.partners,
        standings=standings(corridor),
        levels={adapter: quality.level for adapter, quality in seen.items() if quality is not None},
        tiers=TIERS,
        directions=tuple(Direction),
        order={scope: place for place, scope in enumerate(CATALOGUE.scopes)},
        now=corridor.clock(),
        flows=flows,
        map=flow_map(flows, sections, partner_names(corridor)),
        width=WIDTH,
        days=_DAYS,
    )
