"""What became of a client's data: every exchange with its state, and who holds what now."""

from typing import Any

from fastapi import APIRouter, Request, Response

from imgate.exchange import history
from imgate.exchange.ledger import ledger
from imgate.exchange.of_client import exchange_of
from imgate.exchange.stored import Cursor
from imgate.web.desk.opened_clients import reference_of
from imgate.web.desk.words import ANSWERS, REASONS, failure
from imgate.web.house import corridor_of, partner_names
from imgate.web.labels import DETAILS
from imgate.web.paths import After, Id
from imgate.web.rendering import page
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

_LATEST, _A_PAGE = 8, 50


def exchanges_block(request: Request, visitor: Visitor, reference: str) -> dict[str, Any]:
    """Give the latest of a client's exchanges, the last one first."""
    corridor = corridor_of(request)
    latest: list[dict[str, Any]] = []
    cursor = Cursor(limit=500)
    while True:
        found = history.page(corridor, reference, cursor)
        latest = [*latest, *found["items"]][-_LATEST - 1 :]
        if "next" not in found:
            break
        cursor = Cursor(found["next"], 500)
    return {"exchanges": list(reversed(latest))[:_LATEST], "more_exchanges": len(latest) > _LATEST, "names": partner_names(corridor)}


def ledger_block(request: Request, visitor: Visitor, reference: str) -> dict[str, Any]:
    """Give who holds what of a client now."""
    corridor = corridor_of(request)
    return {"holdings": ledger(corridor, reference)["items"], "names": partner_names(corridor), "answers": ANSWERS}


@router.get("/pages/clients/{case}/exchanges")
def show_exchanges(request: Request, visitor: IntegrationManager, case: Id, after: After = None) -> Response:
    """List all of a client's exchanges, in their order."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    items = history.page(corridor, reference, Cursor(after, _A_PAGE))
    return page(request, "desk/exchanges.html", case=case, reference=reference, items=items, names=partner_names(corridor))


@router.get("/pages/clients/{case}/exchanges/{exchange}")
def show_exchange(request: Request, visitor: IntegrationManager, case: Id, exchange: Id) -> Response:
    """Show one exchange: what was released, what was not and why, and what became of it."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    return page(
        request,
        "desk/sent.html",
        case=case,
        reference=reference,
        exchange=exchange_of(corridor, reference, exchange),
        names=partner_names(corridor),
        house_reasons=REASONS,
        details=DETAILS,
        failure=failure,
    )
