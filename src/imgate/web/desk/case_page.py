"""One client's page: their declarations, and the blocks that other parts of the desk put on it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from imgate.exchange.context import Corridor
from imgate.exchange.declarations import register
from imgate.exchange.stored import Cursor
from imgate.vocabulary.words import DeclarationState
from imgate.web.desk.client_page import client_page_block
from imgate.web.desk.ledger import exchanges_block, ledger_block
from imgate.web.desk.links import links_block
from imgate.web.desk.opened_clients import reference_of
from imgate.web.house import corridor_of, today
from imgate.web.rendering import page
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

# Each is handed the client's reference and gives values for the templates `desk/case_<block>.html`.
BLOCKS: tuple[Callable[[Request, Visitor, str], Mapping[str, object]], ...] = (
    links_block,
    exchanges_block,
    ledger_block,
    client_page_block,
)
RUNNING = frozenset({DeclarationState.ACTIVE.value, DeclarationState.PAUSED.value})
# More than a client ever has; each page of the register is one of these.
_ALL = 500


@router.get("/pages/clients/{case}")
def show_case(request: Request, visitor: IntegrationManager, case: str) -> Response:
    """Show one client."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    blocks: dict[str, Any] = {}
    for block in BLOCKS:
        blocks |= block(request, visitor, reference)
    declarations = newest_first(corridor, reference)
    soon = running_out(corridor, declarations)
    return page(request, "desk/case.html", **blocks, case=case, reference=reference, declarations=declarations, soon=soon)


def newest_first(corridor: Corridor, reference: str) -> Sequence[Mapping[str, Any]]:
    """Give a client's declarations as GET shows them; nobody known has none."""
    found: list[Mapping[str, Any]] = []
    after: str | None = None
    while True:
        listed = register.page(corridor, reference, Cursor(after, _ALL))
        found += listed["items"]
        after = listed.get("next")
        if after is None:
            return found[::-1]


def running(declarations: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Give those that hold, paused or not, and whose content can be read."""
    return [one for one in declarations if one["state"] in RUNNING and "content" in one]


def running_out(corridor: Corridor, declarations: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Name those that run out soon (``[gateway] remind_days``) and are not replaced by one that holds."""
    holding = running(declarations)
    replaced = {one["content"]["supersedes"] for one in holding}
    by = (today(corridor) + timedelta(days=corridor.remind_days)).isoformat()
    return frozenset(one["id"] for one in holding if one["content"]["valid_until"] <= by and one["id"] not in replaced)
