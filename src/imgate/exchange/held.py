"""What is held for a partner's next digest: a further update takes it over, so that a digest is one message per client and purpose."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imgate.exchange.case import Case
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.outbound import judge, reduce
from imgate.exchange.ports import Transaction
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.sealing import open_released
from imgate.exchange.stored import OutboxItem, SealedBox
from imgate.vocabulary.words import SELF


@dataclass(frozen=True, slots=True)
class Held:
    """A message that is held, with its payload, still sealed."""

    item: OutboxItem
    box: SealedBox = field(repr=False)


def held_for(tx: Transaction, client: str, partner: str, purpose: str, at: datetime) -> tuple[Held, ...]:
    """Give what is held beyond this moment for one client (by digest), partner and purpose, in the order of acceptance."""
    found = []
    for item in tx.outbox.waiting(client, partner):
        if item.exchange.purpose == purpose and item.held_until is not None and item.held_until > at:
            box = tx.outbox.box(item.exchange.id)
            if box is not None:
                found.append(Held(item, box))
    return tuple(found)


def stands(tx: Transaction, partner: str, held: tuple[Held, ...]) -> bool:
    """Tell whether all of it still waits, and nothing was taken out of it."""
    found = [tx.outbox.get(partner, each.item.exchange.id) for each in held]
    return all(item is not None and item.exchange.released == each.item.exchange.released for item, each in zip(found, held, strict=True))


def with_held(
    corridor: Corridor, partner: Partner, case: Case, held: tuple[Held, ...], request: ExchangeRequest, at: datetime
) -> ExchangeRequest:
    """Add to a request what is held and may still be passed; the request's own values win.

    What may not stays where it is: it is decided again when its turn comes.
    """
    record: dict[str, dict[str, Any]] = {}
    provenance: dict[str, str] = {}
    for each in held:
        exchange = each.item.exchange
        part = open_released(case.client, exchange.id, each.box)
        for scope in exchange.released:
            section, _, item = scope.partition(".")
            record.setdefault(section, {})[item] = part[section][item]
            provenance[scope] = each.item.provenance.get(scope, SELF)  # said when it was taken
    standing = request.model_copy(update={"record": record, "provenance": provenance})
    released = reduce(corridor, partner, case, judge(partner, case, standing, at), standing, at).released
    merged = {section: dict(items) for section, items in released.record.items()}
    for section, items in request.record.items():
        merged.setdefault(section, {}).update(items)  # type: ignore[call-overload]  # a TypedDict is a mapping of mappings
    return request.model_copy(update={"record": merged, "provenance": {**provenance, **_own(request)}})


def _own(request: ExchangeRequest) -> dict[str, str]:
    """Give the origin of each scope that the request itself brings, as said, else as its own word."""
    scopes = [f"{section}.{item}" for section, items in request.record.items() for item in items]  # type: ignore[attr-defined]  # as above
    return {scope: request.provenance.get(scope, SELF) for scope in scopes}
