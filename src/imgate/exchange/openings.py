"""Four eyes: the office confirms that a closed scope, which the configuration opens to a partner, is to be open (ADR 21).

Whether the configuration names it, the caller has looked; whether it is in effect then, is for who counts the eyes.
"""

from collections.abc import Mapping, Sequence

from imgate.audit.events import Event, EventName
from imgate.exchange.context import Corridor
from imgate.exchange.ports import Confirmation
from imgate.exchange.turns import in_turn


@in_turn
def confirm_opening(corridor: Corridor, user: str, partner: str, scope: str) -> None:
    """Confirm as this user of the office. Twice is once."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        if tx.openings.confirm(partner, scope, user, at):
            fields = {"partner": partner, "scope": scope, "user": user}
            tx.audit(Event(EventName.OPENING_CONFIRMED, at, user, None, fields))


@in_turn
def withdraw_opening(corridor: Corridor, user: str, partner: str, scope: str) -> None:
    """Take this user's own confirmation back. Twice is once, and nobody takes back another's."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        if tx.openings.withdraw(partner, scope, user):
            fields = {"partner": partner, "scope": scope, "user": user}
            tx.audit(Event(EventName.OPENING_WITHDRAWN, at, user, None, fields))


def confirmations(corridor: Corridor) -> Mapping[tuple[str, str], Sequence[Confirmation]]:
    """Give who confirmed what, by partner and scope, the oldest first."""
    with corridor.store.reading() as tx:
        each = tx.openings.confirmations()
    found: dict[tuple[str, str], list[Confirmation]] = {}
    for confirmation in each:
        found.setdefault((confirmation.partner, confirmation.scope), []).append(confirmation)
    return found
