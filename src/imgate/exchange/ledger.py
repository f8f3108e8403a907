"""The field ledger: which partner holds which scope of a client now, since when, under which declarations, and until when.

It is folded from the hand-outs each time it is asked for, and the permission is judged at that moment: nothing is stored that
could disagree with either.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imgate.consent.judge import Question, decide, now
from imgate.exchange.context import Corridor
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import ClientKeys, Transaction
from imgate.exchange.stored import Disclosure, Notice, Revocation
from imgate.vocabulary.words import Direction, EndOfUseAnswer, ExchangeState

_Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a partner was told about one scope: in one run, under however many references. ``ended_at``: when the last of them ended."""

    run: Revocation
    answers: tuple[EndOfUseAnswer | None, ...]
    ended_at: datetime | None

    @property
    def answer(self) -> EndOfUseAnswer | None:
        """The one answer of all, or None while one is missing or they differ."""
        return self.answers[0] if len(set(self.answers)) == 1 else None


@dataclass(slots=True)
class _Holding:
    """One partner's unbroken holding of one scope for one purpose."""

    since: datetime
    latest: Disclosure = field(repr=False)


def ledger(corridor: Corridor, client: str) -> dict[str, Any]:
    """Show the ledger of one client, by partner, scope and purpose; nobody holds anything of an unknown one."""
    at = corridor.clock()
    with corridor.store.reading() as tx:
        keys = tx.clients.find(client)
        if keys is None:
            return {"items": []}
        told = _told(tx, keys)
        holdings = _holdings(tx, keys, told)
        return {"items": [_shown(corridor, tx, keys, place, holdings[place], told, at) for place in sorted(holdings)]}


def _told(tx: Transaction, client: ClientKeys) -> dict[tuple[str, str], list[_Told]]:
    """Give by partner and scope what was told, oldest first."""
    notices: dict[tuple[str, str, str], list[Notice]] = {}
    runs: dict[str, Revocation] = {}
    for run, notice in tx.revocations.of_client(client.digest):
        runs[run.id] = run
        for scope in notice.scopes:
            notices.setdefault((run.partner, scope, run.id), []).append(notice)
    told: dict[tuple[str, str], list[_Told]] = {}
    for (partner, scope, run_id), given in notices.items():
        answers = tuple(notice.answer for notice in given)
        ended = [notice.answered_at for notice in given if notice.answer is EndOfUseAnswer.ENDED and notice.answered_at is not None]
        ended_at = max(ended) if len(ended) == len(given) else None
        told.setdefault((partner, scope), []).append(_Told(runs[run_id], answers, ended_at))
    return told


def _holdings(tx: Transaction, client: ClientKeys, told: dict[tuple[str, str], list[_Told]]) -> dict[_Place, _Holding]:
    """Fold the hand-outs: what was rejected, or what a partner has ended, is not held."""
    handed_out = tx.disclosures.to_partners(client.digest)
    rejected = {
        exchange.id
        for partner in {disclosure.partner for disclosure in handed_out}
        for exchange in tx.exchanges.states(client.digest, partner, (ExchangeState.REJECTED,))
    }
    holdings: dict[_Place, _Holding] = {}
    for disclosure, scope in _each(handed_out, rejected):
        if any(_ended(tx, disclosure, each) for each in told.get((disclosure.partner, scope), ())):
            continue
        place = (disclosure.partner, scope, disclosure.purpose or "")
        held = holdings.setdefault(place, _Holding(disclosure.at, disclosure))
        held.latest = disclosure
    return holdings


def _each(handed_out: Iterable[Disclosure], rejected: set[str]) -> Iterator[tuple[Disclosure, str]]:
    return ((disclosure, scope) for disclosure in handed_out if disclosure.exchange not in rejected for scope in disclosure.scopes)


def _ended(tx: Transaction, disclosure: Disclosure, told: _Told) -> bool:
    """Tell whether the partner has ended this by its answer."""
    return told.ended_at is not None and disclosure.at <= told.ended_at and _is_meant(tx, disclosure, told)


def _is_meant(tx: Transaction, disclosure: Disclosure, told: _Told) -> bool:
    """Tell whether a notice is about this hand-out: it came before, or was on its way just then."""
    if disclosure.at <= told.run.at:
        return True
    exchange = tx.exchanges.get(disclosure.exchange)
    return exchange is not None and exchange.created_at <= told.run.at


def _shown(
    corridor: Corridor,
    tx: Transaction,
    client: ClientKeys,
    place: _Place,
    held: _Holding,
    told: dict[tuple[str, str], list[_Told]],
    at: datetime,
) -> dict[str, Any]:
    partner, scope, purpose = place
    question = Question(Direction.TO_PARTNER, purpose, (scope,), now(at), held.latest.provenance or {})
    decision = decide(corridor.policy.partner(partner), tx.declarations.of(client.digest, partner), question)
    passing = decision.passing.get(scope, ())
    since_then = [each for each in told.get((partner, scope), ()) if _is_meant(tx, held.latest, each)]
    parts = {
        "partner": partner,
        "scope": scope,
        "purpose": purpose,
        "since": shown_at(held.since),
        "last_at": shown_at(held.latest.at),
        "exchange": held.latest.exchange,
        "declarations": sorted(declaration.id for declaration in passing),
        "until": max((declaration.valid_until for declaration in passing), default=None),
        "end_of_use": _shown_end(since_then[-1]) if since_then else None,
    }
    return {name: part for name, part in parts.items() if part is not None}


def _shown_end(told: _Told) -> dict[str, Any]:
    answer = {} if told.answer is None else {"answer": told.answer.value}
    return {"revocation": told.run.id, "at": shown_at(told.run.at)} | answer
