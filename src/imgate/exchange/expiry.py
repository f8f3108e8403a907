"""Declarations end by themselves: their last day passes, or the first day of a successor comes. A worker looks every so often.

That an exchange finds no permission any more does not depend on this: the judge goes by the day. What waits is cancelled here, and
whoever was handed something is told.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Moment, now, revoked_at, superseded
from imgate.exchange.context import Corridor
from imgate.exchange.end_of_use import End, tell_end_of_use
from imgate.exchange.inbound import WORKER
from imgate.exchange.ports import ClientKeys, Transaction, Unavailable
from imgate.exchange.revocation import withdraw
from imgate.exchange.turns import in_turn
from imgate.vocabulary.words import EndCause

_log = structlog.get_logger()


def end_due(corridor: Corridor, limit: int = 100) -> int:
    """Deal with declarations that have ended by now, each by itself; give how many were looked at.

    One that cannot be read permits nothing and stays for the operator; the others are not to wait for it, so as many more are
    looked for as were skipped.
    """
    skipped: set[str] = set()
    looked_at = 0
    while looked_at < limit:
        today = corridor.clock().astimezone(corridor.policy.zone).date().isoformat()
        with corridor.store.reading() as tx:
            found = tx.declarations.may_have_ended(today, limit + len(skipped))
        due = [declaration for declaration in found if declaration not in skipped][: limit - looked_at]
        if not due:
            break
        for declaration in due:
            looked_at += 1
            if not _looked_at(corridor, declaration):
                skipped.add(declaration)
    return looked_at - len(skipped)


def _looked_at(corridor: Corridor, declaration: str) -> bool:
    try:
        if _end(corridor, declaration):
            return True
        why = "unreadable"
    except Unavailable:  # nor could the others be looked at now
        raise
    except Exception as error:  # noqa: BLE001  # of whatever kind: those behind it are not to wait for it
        why = type(error).__name__
    _log.error("declaration_not_ended", declaration=declaration, why=why)
    return False


@in_turn
def _end(corridor: Corridor, declaration: str) -> bool:
    """Look at one declaration in a transaction of its own. Gives False where it cannot be read."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        found = tx.declarations.head(declaration)
        if found is None:
            return False
        client, stored = found
        partner = stored.head.partner
        if _cause(stored.verified, stored.siblings, now(at)) is not None:
            in_flight = withdraw(corridor, tx, client, partner, WORKER, at).in_flight
        else:
            in_flight = ()
        end_if_over(corridor, tx, client, partner, declaration, in_flight, WORKER, at)
        return True


def end_if_over(
    corridor: Corridor,
    tx: Transaction,
    client: ClientKeys,
    partner: str,
    declaration: str,
    in_flight: tuple[str, ...],
    actor: str,
    at: datetime,
) -> None:
    """Deal with the end of a declaration if it has come, once what waited has been withdrawn; else note the day to look again."""
    siblings = tx.declarations.of(client.digest, partner)
    ending = next((sibling for sibling in siblings if sibling.id == declaration), None)
    if ending is None:
        return
    cause = _cause(ending, siblings, now(at))
    if cause is None:
        tx.declarations.ends_on(client, partner, declaration, _last_day(ending, siblings, corridor.policy.zone))
        return
    if all(run.cause is EndCause.PARTLY_REVOKED for run in tx.revocations.of_declaration(declaration)):
        ended_at = min(at, ending.closes_at) if cause is EndCause.EXPIRED else at
        tell_end_of_use(corridor, tx, client, End(ending, cause, ending.scopes, ended_at, in_flight), actor, at)
    tx.declarations.ended(client, partner, declaration, at)


def _cause(declaration: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], moment: Moment) -> EndCause | None:
    """Give why the declaration has ended for good, by the judge's own words; None while it may still permit something."""
    if revoked_at(declaration, moment):
        return EndCause.REVOKED
    if superseded(declaration, siblings, moment):
        return EndCause.SUPERSEDED
    if moment.at >= declaration.closes_at:
        return EndCause.EXPIRED
    return None


def _last_day(declaration: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], zone: ZoneInfo) -> str:
    """Give the last day on which it can permit something, as things stand: its own, or the one before a signed successor begins."""
    signed = [s for s in siblings if s.id in declaration.superseded_by and s.complete_at is not None and s.wholly_revoked_at is None]
    before = [(successor.opens_at.astimezone(zone).date() - timedelta(days=1)).isoformat() for successor in signed]
    return min([declaration.valid_until, *before])
