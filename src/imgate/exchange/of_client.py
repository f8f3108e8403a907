"""What is asked for under one client: another's is not found, in the same words as what nobody has."""

from dataclasses import dataclass
from typing import Any

from imgate.consent import life
from imgate.consent.judge import now
from imgate.exchange import history
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.loading import deciding
from imgate.exchange.declarations.register import shown
from imgate.exchange.ports import ScopeRequest, Unreadable
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import InboxItem, OutboxItem
from imgate.vocabulary.identifiers import is_uuid


@dataclass(frozen=True, slots=True)
class Ending:
    """What a revocation of this declaration would end. ``waiting``: so many messages that nobody was handed would be decided again.

    ``handed_out``: the partner was handed something under it, and would be told.
    """

    id: str
    partner: str
    state: str
    scopes: tuple[str, ...]
    revoked: tuple[str, ...]
    waiting: int
    handed_out: bool


def exchange_of(corridor: Corridor, client: str, exchange_id: str) -> dict[str, Any]:
    """Show one of this client's exchanges, as ``history.show`` does. Raises Refused 404."""
    with corridor.store.reading() as tx:
        keys, exchange = tx.clients.find(client), tx.exchanges.get(exchange_id)
        if keys is None or exchange is None or exchange.client != keys.digest:
            raise not_found()
        return history.shown(tx, exchange)


def declaration_of(corridor: Corridor, client: str, declaration: str) -> dict[str, Any]:
    """Show one of this client's declarations, as ``register.show`` does.

    Raises Refused 404, also for one of which nobody can read whose it is.
    """
    if not is_uuid(declaration):
        raise not_found()
    try:
        with corridor.store.reading() as tx:
            found = tx.declarations.get(declaration)
    except Unreadable:
        raise not_found() from None
    if found is None or found[0].reference != client:
        raise not_found()
    return shown(found[1], corridor.clock())


def request_of(corridor: Corridor, client: str, request: str) -> ScopeRequest:
    """Give what a partner asked this client, if nobody has answered yet. Raises Refused 404."""
    if not is_uuid(request):
        raise not_found()
    with corridor.store.reading() as tx:
        keys, asked = tx.clients.find(client), tx.scope_requests.get(request)
    if keys is None or asked is None or asked.client != keys.digest or asked.answer is not None:
        raise not_found()
    return asked


def ending_of(corridor: Corridor, client: str, declaration: str) -> Ending:
    """Show what a revocation would end; nothing but the head of the declaration is opened, because a revocation needs no more.

    Raises Refused 404, 409 ``declaration_unreadable``.
    """
    at = corridor.clock()
    with corridor.store.reading() as tx:
        keys, stored = deciding(tx, declaration)
        if keys.reference != client:
            raise not_found()
        partner = stored.head.partner
        stands: list[OutboxItem | InboxItem] = [*tx.outbox.waiting(keys.digest, partner), *tx.inbox.waiting(keys.digest, partner)]
        handed_out = tx.disclosures.to_partners(keys.digest, partner)
        return Ending(
            id=declaration,
            partner=partner,
            state=life.state(stored.verified, stored.siblings, now(at)).value,
            scopes=tuple(stored.head.scopes),
            revoked=life.revoked_scopes(stored.head),
            waiting=sum(item.exchange.notice is None and item.handed_out_at is None for item in stands),
            handed_out=any(declaration in disclosure.declarations for disclosure in handed_out),
        )
