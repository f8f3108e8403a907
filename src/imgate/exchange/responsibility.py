"""Tells the case system that somebody's legal circle has changed: who is responsible now, and whom of them no declaration covers.

What a partner's message tells of the circle is compared with what the case system took from the same partner last. No value is kept
for that, only a keyed digest (see the port ``Known``): it is written when the case system acknowledges an item, so that the hint
stands in the item as long as it can be fetched, and it goes where the link to that partner changes.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import product
from typing import Any

from imgate.consent.judge import Question, decide, now
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.legal_circle import Circle, Phase, Responsible, Standing, as_of, standings
from imgate.exchange.ports import ClientKeys, Transaction
from imgate.exchange.stored import KnownValue, StoredExchange
from imgate.vocabulary.words import Body, DeclaredDirection, Direction

# Under this word, in the place of a purpose, stands what was taken from a partner; the others stand for what it was sent.
_TAKEN = "legal_circle"

Record = Mapping[str, Mapping[str, Any]]


def circle_changes(
    corridor: Corridor, tx: Transaction, client: ClientKeys, exchange: StoredExchange, record: Record, at: datetime
) -> list[dict[str, Any]]:
    """Give the hints for one inbox item: what of this record moves the client to another circle or phase than was taken last.

    ``record`` is what the case system may have now: nothing is told of a scope that is not in it.
    """
    found = []
    today = at.astimezone(corridor.policy.zone).date()
    for standing in standings(record):
        last = _last(tx, client, exchange, standing)
        if last is not None and (last.digest == _digest(client, exchange.partner, standing) or _is_later(tx, last, exchange)):
            continue
        before = None if last is None else _recognised(client, exchange.partner, last)
        found.append(_shown(corridor, tx, client, as_of(standing, record, today), before, at))
    return found


def remember_circle(tx: Transaction, client: ClientKeys, exchange: StoredExchange, record: Record) -> None:
    """Remember what the case system now knows of the circle: it has acknowledged this item."""
    for standing in standings(record):
        last = _last(tx, client, exchange, standing)
        if last is None or not _is_later(tx, last, exchange):
            told = {standing.scope: standing.wider or standing}
            if standing.narrowed_by is not None:
                told[standing.narrowed_by] = standing
            values = {scope: KnownValue(_digest(client, exchange.partner, one), exchange.id) for scope, one in told.items()}
            tx.known.put(exchange.client, exchange.partner, _TAKEN, values)


def _last(tx: Transaction, client: ClientKeys, exchange: StoredExchange, standing: Standing) -> KnownValue | None:
    """Give what was taken last, as far as the scopes of this item say it.

    What another scope said in addition counts only beside that scope, and only of the item that was taken last: when it may not pass any
    more, that is no change of the circle, and nothing is told of it.
    """
    known = tx.known.of(client.digest, exchange.partner, _TAKEN)
    last = known.get(standing.scope)
    beside = None if standing.narrowed_by is None else known.get(standing.narrowed_by)
    return beside if last is not None and beside is not None and beside.exchange == last.exchange else last


def _is_later(tx: Transaction, last: KnownValue, exchange: StoredExchange) -> bool:
    """Tell whether the case system took a later item before this one: then this one is no news."""
    known = tx.exchanges.get(last.exchange)
    return known is not None and known.created_at > exchange.created_at


def _digest(client: ClientKeys, partner: str, standing: Standing) -> str:
    return _digest_of(client, partner, standing.circle, standing.phase)


def _digest_of(client: ClientKeys, partner: str, circle: Circle, phase: Phase) -> str:
    return client.value_digest(partner, _TAKEN, f"{circle.value} {phase.value}".encode())


def _recognised(client: ClientKeys, partner: str, last: KnownValue) -> tuple[Circle, Phase] | None:
    """Find of what this is the digest: the digest is keyed, and what it can be of is little."""
    found = (pair for pair in product(Circle, Phase) if _digest_of(client, partner, *pair) == last.digest)
    return next(found, None)


def _shown(
    corridor: Corridor, tx: Transaction, client: ClientKeys, standing: Standing, before: tuple[Circle, Phase] | None, at: datetime
) -> dict[str, Any]:
    same_circle = before is not None and before[0] is standing.circle
    hint: dict[str, Any] = {
        "code": "phase_changed" if same_circle else "legal_circle_changed",
        "scope": standing.scope,
        "circle": standing.circle.value,
        "phase": standing.phase.value,
        "certain": standing.certain,
        "responsible": [_shown_body(corridor, tx, client, line, at) for line in standing.responsible],
    }
    return hint if before is None else hint | {"previous": {"circle": before[0].value, "phase": before[1].value}}


def _shown_body(corridor: Corridor, tx: Transaction, client: ClientKeys, line: Responsible, at: datetime) -> dict[str, Any]:
    partners = [{"partner": partner.id, "covered": _is_covered(tx, client, partner, at)} for partner in _partners_of(corridor, line.body)]
    return {"body": line.body.value, "task": line.task.value, "source": line.source, "certain": line.certain, "partners": partners}


def _partners_of(corridor: Corridor, body: Body) -> list[Partner]:
    return [partner for partner in corridor.partners.values() if partner.body is body]


def _is_covered(tx: Transaction, client: ClientKeys, partner: Partner, at: datetime) -> bool:
    """Tell whether anything at all may pass to this partner today, under any purpose: the judge says it, as for an exchange."""
    declarations = tx.declarations.of(client.digest, partner.id)
    towards = [one for one in declarations if one.direction is not DeclaredDirection.FROM_PARTNER]
    purposes = sorted({purpose for one in towards for purpose in one.purposes})
    scopes = tuple(sorted({scope for one in towards for scope in one.scopes}))
    questions = (Question(Direction.TO_PARTNER, purpose, scopes, now(at), {}) for purpose in purposes)
    return any(decide(partner.policy, declarations, question).permitted for question in questions)
