"""Why a past decision was taken as it was: what is on record, and every premise, asked again as of then and today.

What is recomputed is not what was recorded. Asked again as of then, every time is compared with the clock of then, while at that time it
counted what was committed; and it is asked of the declarations that are on file today. Where the two differ, that is said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Moment, now
from imgate.consent.policy import PartnerPolicy
from imgate.consent.premises import Turned, Walk, turned, walk
from imgate.exchange.context import Corridor
from imgate.exchange.past.recorded import (
    AFTER_PERMIT,
    BEFORE_JUDGE,
    DECIDED,
    Limit,
    Recorded,
    differs,
    of_entry,
    of_history,
    origins_of,
    question_of,
    unsourced,
)
from imgate.exchange.past.rules import CONFIGURING, RulesThen
from imgate.exchange.ports import Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import StoredExchange
from imgate.vocabulary.words import Direction, ExchangeState


class Rules(StrEnum):
    """By which rules it is asked: catalogue and code are always today's."""

    OF_THEN = "of_then"  # the configuration of then, as the log tells it
    OF_TODAY = "of_today"


@dataclass(frozen=True, slots=True)
class Asking:
    """The question, asked again. ``decision`` is the number of the recorded decision whose time it is asked about; None: about now."""

    at: datetime
    rules: Rules
    decision: int | None
    walks: Mapping[str, Walk]


@dataclass(frozen=True, slots=True)
class Difference:
    """One scope that two askings (by number) answer differently, and the premises that make the difference."""

    scope: str
    earlier: int
    later: int
    turned: tuple[Turned, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One exchange, explained. Nothing in it tells whom it was about.

    ``recorded``: the first decision, then each that was taken again and left less. ``askings``: each of them again, by the rules of then
    where the log tells them and by today's, and at the end the question of today. ``unexplained``: scopes, each with the number of the
    decision, whose recorded answer does not follow when it is asked again. ``unreadable`` declarations permit nothing; ``gone`` ones were
    named then and are no longer on file.
    """

    exchange: str
    partner: str
    direction: Direction
    purpose: str | None
    state: ExchangeState
    created_at: datetime
    history: tuple[tuple[datetime, str, str | None], ...]
    erased: bool
    recorded: tuple[Recorded, ...]
    askings: tuple[Asking, ...]
    differences: tuple[Difference, ...]
    unexplained: tuple[tuple[int, str], ...]
    limits: tuple[tuple[str | None, Limit], ...]
    unsourced: tuple[str, ...]
    unreadable: tuple[str, ...]
    gone: tuple[str, ...]
    catalogue_then: int | None
    catalogue_now: int

    @property
    def knows_rules_of_then(self) -> bool:
        """Tell whether the log says what was configured then."""
        return any(asking.rules is Rules.OF_THEN for asking in self.askings)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the log tells of an exchange: its decisions, each with the rules for its partner at that time."""

    decisions: tuple[tuple[Recorded, PartnerPolicy | None], ...]
    catalogue: int | None
    is_genuine: bool


def explain(corridor: Corridor, exchange_id: str) -> Explanation:
    """Explain one exchange. Reads the whole audit log: blocks. Raises Refused 404; a notice of the end of use is no exchange."""
    at = corridor.clock()
    with corridor.store.reading() as tx:
        exchange = tx.exchanges.get(exchange_id)
        if exchange is None or exchange.notice is not None:
            raise not_found()
        told = _told(corridor, tx, exchange)
        declarations = tx.declarations.of(exchange.client, exchange.partner)
        unreadable = tx.past.unreadable(exchange.client, exchange.partner)
        known = tx.past.origins(exchange)
        erased = tx.past.erased(exchange.client)
    decisions = told.decisions or ((of_history(exchange), None),)
    recorded = tuple(decision for decision, _ in decisions)
    askings = tuple(_asked_again(corridor, exchange, decisions, declarations, origins_of(exchange, known, recorded), at))
    on_file = {*unreadable, *(declaration.id for declaration in declarations)}
    everything = tuple(dict.fromkeys(scope for decision in recorded for scope in decision.asked))
    return Explanation(
        exchange=exchange.id,
        partner=exchange.partner,
        direction=exchange.direction,
        purpose=exchange.purpose,
        state=exchange.state,
        created_at=exchange.created_at,
        history=exchange.history,
        erased=erased,
        recorded=recorded,
        askings=askings,
        differences=tuple(_differences(askings)),
        unexplained=tuple(_unexplained(recorded, askings)),
        limits=tuple(_limits(exchange, recorded, is_genuine=told.is_genuine)),
        unsourced=unsourced(exchange, known, everything),
        unreadable=unreadable,
        gone=tuple(sorted({named for decision in recorded for named in decision.declarations} - on_file)),
        catalogue_then=told.catalogue,
        catalogue_now=corridor.policy.catalogue.version,
    )


def _told(corridor: Corridor, tx: Transaction, exchange: StoredExchange) -> _Told:
    rules, after, is_genuine, catalogue = RulesThen(), 0, True, None
    found: list[tuple[Recorded, PartnerPolicy | None]] = []
    while True:
        part = tx.past.log(CONFIGURING, exchange.id, after)
        for entry in part.entries:
            rules.take(entry)
            is_genuine = is_genuine and entry.sound
            if entry.event in DECIDED and entry.fields["exchange"] == exchange.id:
                found.append((of_entry(entry, found[-1][0] if found else None), rules.of(exchange.partner, corridor.policy.catalogue)))
                catalogue = catalogue or rules.catalogue
        if part.next is None:
            return _Told(tuple(found), catalogue, is_genuine)
        after = part.next


def _asked_again(
    corridor: Corridor,
    exchange: StoredExchange,
    decisions: Iterable[tuple[Recorded, PartnerPolicy | None]],
    declarations: Iterable[VerifiedDeclaration],
    origins: Mapping[str, str],
    at: datetime,
) -> Iterable[Asking]:
    today = corridor.policy.partner(exchange.partner)
    everything: dict[str, None] = {}
    for number, (recorded, then) in enumerate(decisions):
        scopes = [scope for scope in recorded.asked if recorded.reason(scope) not in BEFORE_JUDGE]
        everything |= dict.fromkeys(scopes)
        question = question_of(exchange, scopes, Moment(recorded.at, committed=False), origins)
        for rules, policy in ((Rules.OF_THEN, then), (Rules.OF_TODAY, today)):
            if policy is not None:
                yield Asking(recorded.at, rules, number, {found.scope: found for found in walk(policy, declarations, question)})
    question = question_of(exchange, everything, now(at), origins)
    yield Asking(at, Rules.OF_TODAY, None, {found.scope: found for found in walk(today, declarations, question)})


def _differences(askings: tuple[Asking, ...]) -> Iterable[Difference]:
    """Compare each answer with the one before it to the same scope."""
    latest: dict[str, int] = {}
    for number, asking in enumerate(askings):
        for scope, later in asking.walks.items():
            before = latest.get(scope)
            if before is not None:
                earlier = askings[before].walks[scope]
                if (earlier.reason, earlier.passing[:1]) != (later.reason, later.passing[:1]):
                    yield Difference(scope, before, number, turned(earlier, later))
            latest[scope] = number


def _unexplained(recorded: tuple[Recorded, ...], askings: tuple[Asking, ...]) -> Iterable[tuple[int, str]]:
    for number, decision in enumerate(recorded):
        asking = next(each for each in askings if each.decision == number)
        for scope, found in asking.walks.items():
            if not _follows(decision, scope, found):
                yield number, scope


def _follows(decision: Recorded, scope: str, found: Walk) -> bool:
    """Tell whether the recorded answer follows: which of the named declarations is named for which scope is not on record."""
    said = decision.reason(scope)
    if said is None:
        return found.reason is None and found.passing[0] in decision.declarations
    return found.reason is None if said in AFTER_PERMIT else found.reason == said


def _limits(exchange: StoredExchange, recorded: tuple[Recorded, ...], *, is_genuine: bool) -> Iterable[tuple[str | None, Limit]]:
    if not is_genuine:
        yield None, Limit.ENTRY_NOT_GENUINE
    if not recorded[0].again and differs(exchange, recorded[0]):
        yield None, Limit.HISTORY_DIFFERS
    for decision in recorded:
        for scope in decision.asked:
            said = decision.reason(scope)
            if said in BEFORE_JUDGE:
                yield scope, Limit.BUNDLE_NOT_KEPT
            elif said in AFTER_PERMIT:
                yield scope, Limit.VALUE_NOT_KEPT
