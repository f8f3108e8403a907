"""What a partner's people ask for beyond a message: a question to the client, put to the integration manager, and never data.

Whoever asked sees that it was asked, from that message, and not what became of it: what the client says stands in a declaration, or
nowhere.
"""

from enum import StrEnum
from typing import Any

from imgate.audit.events import Event, EventName
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import ScopeRequest, Stale, Transaction
from imgate.exchange.reading import ground_to_ask, missing_scopes
from imgate.exchange.refusals import Problem, Refused, not_found
from imgate.exchange.stored import Cursor
from imgate.exchange.turns import in_turn
from imgate.vocabulary.identifiers import new_id


class RequestAnswer(StrEnum):
    """What became of a request: the client did not want it, or a declaration was made."""

    DECLINED = "declined"
    DECLARED = "declared"


def ask(corridor: Corridor, call: Call, partner_id: str, exchange_id: str, scopes: tuple[str, ...]) -> None:
    """Ask for scopes that this message does not bring, for its purpose. What was asked from this message before is not asked again.

    The message must be one that this partner may read now. Raises Refused 404, 422 ``scopes_empty``, ``scope_unknown``.
    """
    if not scopes:
        raise Refused(422, "scopes_empty", [Problem("scopes_empty", "/scopes")])
    try:
        _ask(corridor, call, partner_id, exchange_id, scopes)
    except Stale:  # erased in between
        raise not_found() from None


@in_turn
def _ask(corridor: Corridor, call: Call, partner_id: str, exchange_id: str, scopes: tuple[str, ...]) -> None:
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        readable = ground_to_ask(corridor, tx, partner_id, exchange_id, at)
        if readable is None:
            raise not_found()
        client, item, ground = readable
        offered = missing_scopes(corridor.partners[partner_id], ground)
        if not set(scopes).issubset(offered):
            raise Refused(422, "scope_unknown", [Problem("scope_unknown", "/scopes/?")])
        before = {scope for one in tx.scope_requests.of(client.digest, partner_id) if one.exchange == exchange_id for scope in one.scopes}
        asked = tuple(scope for scope in offered if scope in scopes and scope not in before)
        if not asked:
            return
        request = ScopeRequest(new_id(), client.digest, partner_id, exchange_id, str(item.exchange.purpose), asked, call.actor, at)
        tx.scope_requests.add(request)
        fields = {"request": request.id, "partner": partner_id, "purpose": request.purpose, "scopes": list(asked)}
        tx.audit(Event(EventName.SCOPE_REQUESTED, at, call.actor, client.subject, fields))


def open_requests(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List what nobody has answered, oldest first; the same asked from several messages stands there once. Raises BadCursor."""
    with corridor.store.reading() as tx:
        page = tx.scope_requests.open(cursor)
        shown = [_shown(tx, request) for request in page.items if _alike(tx, request)[0].id == request.id]
    items: dict[str, Any] = {"items": [request for request in shown if request is not None]}
    return items if page.next is None else items | {"next": page.next}


@in_turn
def answer(corridor: Corridor, call: Call, request_id: str, answer: RequestAnswer) -> None:
    """Put on record what became of a request, and of all that ask for the same. The first answer stands. Raises Refused 404."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        request = tx.scope_requests.get(request_id)
        client = None if request is None else tx.clients.by_digest(request.client)
        if request is None or client is None:
            raise not_found()
        if request.answer is not None:
            return
        for one in _alike(tx, request):
            tx.scope_requests.answer(one.id, answer.value, at)
            fields = {"request": one.id, "partner": one.partner, "answer": answer.value}
            tx.audit(Event(EventName.SCOPE_REQUEST_ANSWERED, at, call.actor, client.subject, fields))


def _alike(tx: Transaction, request: ScopeRequest) -> list[ScopeRequest]:
    """Give the open requests that ask for the same, oldest first, this one among them."""
    return [
        one for one in tx.scope_requests.of(request.client, request.partner) if one.answer is None and _question(one) == _question(request)
    ]


def _question(request: ScopeRequest) -> tuple[str, frozenset[str]]:
    return request.purpose, frozenset(request.scopes)


def _shown(tx: Transaction, request: ScopeRequest) -> dict[str, Any] | None:
    client = tx.clients.by_digest(request.client)
    if client is None:
        return None
    return {
        "id": request.id,
        "client": client.reference,
        "partner": request.partner,
        "purpose": request.purpose,
        "scopes": list(request.scopes),
        "asked_at": shown_at(request.asked_at),
    }
