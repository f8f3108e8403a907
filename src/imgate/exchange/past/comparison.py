"""What would be decided today of what was decided in the past: by today's code, catalogue, policy and plugins, as of the time of then.

It reads the audit log from its beginning, part by part, so that memory stays bounded however long the log is. Only the decision that an
exchange began with is asked again: what was decided later about a waiting message depends on what it waited for.
"""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Moment, decide
from imgate.consent.minimise import ADDRESS
from imgate.consent.policy import PartnerPolicy
from imgate.exchange.context import Corridor
from imgate.exchange.past.recorded import AFTER_PERMIT, BEFORE_JUDGE, DECIDED, Limit, Recorded, differs, of_entry, origins_of, question_of
from imgate.exchange.past.rules import CONFIGURING, RulesThen
from imgate.exchange.ports import LogEntry, Transaction
from imgate.exchange.stored import StoredExchange
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import Direction

RELEASED = "released"
_OF_DECLARATIONS = frozenset(reason.value for reason in list(Reason)[list(Reason).index(Reason.NOT_SIGNED) :])


@dataclass(frozen=True, slots=True)
class Changed:
    """One scope that would be decided otherwise. ``then`` and ``now`` are ``released`` or the reason; ``declaration`` names it now.

    ``assumed_own_word``: from where it came is not on record, and it was asked about as the client's own word.
    """

    scope: str
    then: str
    now: str
    declaration: str | None = None
    assumed_own_word: bool = False

    @property
    def would_flow(self) -> bool:
        """Tell whether it would flow now and did not; else it did and would not."""
        return self.now == RELEASED


@dataclass(frozen=True, slots=True)
class Compared:
    """One past decision, taken again. Nothing in it tells whom it was about.

    ``limits``: what could not be asked again, and why; a scope of None means all of it. ``unreadable`` declarations of this client with
    this partner permit nothing. Of an entry that is not genuine nothing else is known.
    """

    entry: str
    exchange: str | None = None
    at: datetime | None = None
    partner: str | None = None
    direction: Direction | None = None
    changed: tuple[Changed, ...] = ()
    limits: tuple[tuple[str | None, Limit], ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(slots=True)
class Summary:
    """All of it, counted: decisions, and scopes by why they were withheld then, would be now, or cannot be asked about."""

    decisions: int = 0
    asked_again: int = 0
    would_flow: Counter[str] = field(default_factory=Counter)
    would_not_flow: Counter[str] = field(default_factory=Counter)
    limits: Counter[str] = field(default_factory=Counter)

    def take(self, compared: Compared) -> None:
        """Count one more."""
        self.decisions += 1
        self.asked_again += all(scope is not None for scope, _ in compared.limits)
        self.limits.update(limit.value for _, limit in compared.limits)
        for changed in compared.changed:
            if changed.would_flow:
                self.would_flow[changed.then] += 1
            else:
                self.would_not_flow[changed.now] += 1


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules for one partner: today's, and those of then where the log tells them."""

    today: PartnerPolicy
    then: PartnerPolicy | None


def compare(corridor: Corridor, since: datetime) -> Iterator[Compared]:
    """Give every decision since then, taken again, in the order of the log. Blocks; holds no transaction while it is not asked on."""
    rules, after = RulesThen(), 0
    while True:
        with corridor.store.reading() as tx:
            part = tx.past.log(CONFIGURING | DECIDED, None, after)
            found = [one for entry in part.entries if (one := _taken(corridor, tx, rules, entry, since)) is not None]
        yield from found
        if part.next is None:
            return
        after = part.next


def _taken(corridor: Corridor, tx: Transaction, rules: RulesThen, entry: LogEntry, since: datetime) -> Compared | None:
    rules.take(entry)
    if not entry.sound:
        return Compared(entry.id, limits=((None, Limit.ENTRY_NOT_GENUINE),))
    if entry.event not in DECIDED or entry.at is None or entry.at < since:
        return None
    recorded = of_entry(entry)
    exchange = tx.exchanges.get(recorded.exchange)
    if exchange is None:
        limit = Limit.EXCHANGE_GONE
    elif recorded.again:
        limit = Limit.DECIDED_AGAIN
    elif differs(exchange, recorded):
        limit = Limit.HISTORY_DIFFERS
    else:
        return _again(corridor, tx, exchange, recorded, rules.of(exchange.partner, corridor.policy.catalogue))
    return Compared(entry.id, recorded.exchange, recorded.at, recorded.partner, limits=((None, limit),))


def _again(corridor: Corridor, tx: Transaction, exchange: StoredExchange, recorded: Recorded, then: PartnerPolicy | None) -> Compared:
    rules = _Rules(corridor.policy.partner(exchange.partner), then)
    declarations = tx.declarations.of(exchange.client, exchange.partner)
    unreadable = tx.past.unreadable(exchange.client, exchange.partner)
    known = tx.past.origins(exchange)
    changed: list[Changed] = []
    limits: list[tuple[str | None, Limit]] = []
    if _is_gone(recorded, {*unreadable, *(declaration.id for declaration in declarations)}):
        limits.append((None, Limit.DECLARATIONS_GONE))
    else:
        scopes = [scope for scope in recorded.asked if recorded.reason(scope) not in BEFORE_JUDGE]
        origins = origins_of(exchange, known, [recorded])
        decision = decide(rules.today, declarations, question_of(exchange, scopes, Moment(recorded.at, committed=False), origins))
        for scope in recorded.asked:
            said, why, named = recorded.reason(scope), decision.denied.get(scope), decision.permitted.get(scope)
            limit = _limit(scope, said, why, named, rules, known)
            if limit is not None:
                limits.append((scope, limit))
            elif named is None and said is None:
                changed.append(Changed(scope, RELEASED, str(why)))
            elif named is not None and said is not None:
                assumed = exchange.direction is Direction.TO_PARTNER and scope not in known
                changed.append(Changed(scope, said, RELEASED, named.id, assumed))
    at, partner, direction = recorded.at, exchange.partner, exchange.direction
    return Compared(str(recorded.entry), exchange.id, at, partner, direction, tuple(changed), tuple(limits), unreadable)


def _is_gone(recorded: Recorded, on_file: set[str]) -> bool:
    """Tell whether what was decided on is no longer on file: what was named, or, where nothing was, all that there had been."""
    if recorded.declarations:
        return not on_file.issuperset(recorded.declarations)
    return not on_file and any(reason in _OF_DECLARATIONS for _, reason in recorded.withheld)


def _limit(
    scope: str, said: str | None, why: Reason | None, named: VerifiedDeclaration | None, rules: _Rules, known: Container[str]
) -> Limit | None:
    """Say why nothing certain can be said of this scope; None where it can."""
    if said in BEFORE_JUDGE:
        return Limit.BUNDLE_NOT_KEPT
    if named is None:
        onward = Reason.ONWARD_TRANSFER_NOT_COVERED
        return Limit.ORIGIN_NOT_RECORDED if said == onward and why is onward and scope not in known else None
    if scope == ADDRESS:
        left = ADDRESS in rules.today.open or (said is None and rules.then is not None and ADDRESS not in rules.then.open)
    else:
        later = any(since > named.catalogue for since in rules.today.catalogue.scopes[scope].leaves_since.values())
        left = said is None or (said not in AFTER_PERMIT and not later)
    return None if left else Limit.VALUE_NOT_KEPT
