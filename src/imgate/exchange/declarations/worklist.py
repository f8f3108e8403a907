"""What runs out: the declarations that somebody has to renew with the client, before nothing may pass any more."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from imgate.consent import life
from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import now
from imgate.exchange.context import Corridor
from imgate.exchange.ports import ClientKeys
from imgate.exchange.stored import Cursor
from imgate.vocabulary.words import DeclarationState

_HOLDS = frozenset({DeclarationState.ACTIVE, DeclarationState.PAUSED})


def running_out(corridor: Corridor, days: int, cursor: Cursor) -> dict[str, Any]:
    """List what is in force or paused, ends within so many days, and is not replaced by a signed successor. Raises BadCursor.

    A page holds what is left of ``limit`` candidates: it may be shorter than asked for, or empty, and have a ``next``.
    """
    at = corridor.clock()
    by = (at.astimezone(corridor.policy.zone).date() + timedelta(days=days)).isoformat()
    with corridor.store.reading() as tx:
        page = tx.declarations.running_out(by, cursor)
    items: list[dict[str, Any]] = []
    for client, declaration, siblings in page.items:
        readable = {sibling.id: sibling for sibling in siblings}
        ending = readable.get(declaration)
        if ending is None or ending.valid_until > by or _is_replaced(ending, readable):
            continue
        state = life.state(ending, siblings, now(at))
        if state in _HOLDS:
            items.append(_shown(client, ending, readable, state))
    return {"items": items} | ({} if page.next is None else {"next": page.next})


def _is_replaced(ending: VerifiedDeclaration, readable: Mapping[str, VerifiedDeclaration]) -> bool:
    successors = [readable[successor] for successor in ending.superseded_by if successor in readable]
    return any(successor.complete_at is not None and successor.wholly_revoked_at is None for successor in successors)


def _shown(
    client: ClientKeys, ending: VerifiedDeclaration, readable: Mapping[str, VerifiedDeclaration], state: DeclarationState
) -> dict[str, Any]:
    drafts = [readable[one] for one in ending.superseded_by if one in readable]
    drafts = [draft for draft in drafts if draft.complete_at is None and draft.wholly_revoked_at is None]
    item: dict[str, Any] = {
        "id": ending.id,
        "client": client.reference,
        "partner": ending.partner,
        "valid_until": ending.valid_until,
        "state": state.value,
        "scopes": len(ending.scopes - ending.revoked.keys()),
    }
    return item | ({"renewed_by": drafts[-1].id} if drafts else {})
