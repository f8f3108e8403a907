"""Adapters and transports of this gateway, and where each adapter stands on the quality scale."""

from fastapi import APIRouter, Request, Response

from imgate.adapters.quality.scale import Tier
from imgate.adapters.registry import ADAPTER_GROUP, TRANSPORT_GROUP
from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS
from imgate.web.house import house_of
from imgate.web.office.quality import quality_of
from imgate.web.office.words import ANSWERS, TIERS
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()


@router.get("/pages/office/plugins")
def show_plugins(request: Request, visitor: Office) -> Response:
    """Show what is loaded, what is installed and not loaded, and the scale rule by rule."""
    registry = house_of(request).gateway.registry
    built_in = {module.configure for module in BUILT_IN_TRANSPORTS}
    installed = registry.installed.get(ADAPTER_GROUP, frozenset()) | registry.installed.get(TRANSPORT_GROUP, frozenset())
    return page(
        request,
        "office/plugins.html",
        adapters=[(adapter, quality_of(adapter)) for _, adapter in sorted(registry.adapters.items())],
        transports=[(kind, plugin.configure in built_in) for kind, plugin in sorted(registry.transports.items())],
        asleep=sorted(installed - registry.adapters.keys() - registry.transports.keys()),
        tiers=TIERS,
        order=tuple(Tier),
        answers=ANSWERS,
    )
