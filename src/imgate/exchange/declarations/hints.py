"""Hints for whoever prepares a message: something to think of. A hint decides nothing, and is never an error."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from imgate.consent import life
from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import now
from imgate.consent.minimise import ADULT_AGE
from imgate.exchange.ports import Transaction, Unreadable
from imgate.vocabulary.words import DeclarationState, SignerRole

_CONCERNED = frozenset({DeclarationState.ACTIVE, DeclarationState.DRAFT})
_FOR_THE_CLIENT = frozenset({SignerRole.GUARDIAN.value, SignerRole.BETREUER.value})


def hints(
    tx: Transaction, record: Mapping[str, Any], declarations: Iterable[VerifiedDeclaration], at: datetime, today: date
) -> list[dict[str, Any]]:
    """Give what should be thought of before anything is sent. ``declarations`` are those of this client and this partner."""
    if not _may_be_minor(record, today):
        return []
    siblings = tuple(declarations)
    concerned = [one for one in siblings if life.state(one, siblings, now(at)) in _CONCERNED]
    alone = sorted(one.id for one in concerned if _client_signs_alone(tx, one.id))
    return [{"code": "guardian_suggested", "declarations": alone}] if alone else []


def _may_be_minor(record: Mapping[str, Any], today: date) -> bool:
    """Tell whether the client is, or may be, under 18 today: a partly known date counts from the latest day that it can mean.

    Compared as year, month and day: who was born on a 29 February comes of age on 1 March (§ 188(3) BGB).
    """
    said = ((record.get("person") or {}).get("birth") or {}).get("date")
    if not said:
        return False
    known = [int(part) for part in said.split("-")]
    year, month, day = [*known, 12, 31] if len(known) == 1 else [*known, 31][:3]
    return (today.year, today.month, today.day) < (year + ADULT_AGE, month, day)


def _client_signs_alone(tx: Transaction, declaration: str) -> bool:
    try:
        found = tx.declarations.get(declaration)
    except Unreadable:
        return False
    if found is None or found[1].sound is None:
        return False
    return _FOR_THE_CLIENT.isdisjoint(found[1].content["signers_required"])  # type: ignore[arg-type]  # a JSON list
