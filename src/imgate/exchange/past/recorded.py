"""What is on record of a past decision, and what can be asked again of it.

The audit log is what is read: each decision stands there as it was taken, authenticated, whatever became of the exchange since.
No value is kept (contract §7), so nothing can be said about what minimising would leave.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from imgate.audit.events import EventName
from imgate.consent.judge import Moment, Question
from imgate.consent.premises import UNKNOWN_ORIGIN
from imgate.exchange.ports import LogEntry
from imgate.exchange.stored import StoredExchange
from imgate.vocabulary.reasons import Reason, Unproved
from imgate.vocabulary.words import SELF, Direction

FIRST = frozenset({EventName.EXCHANGE_PERMITTED, EventName.EXCHANGE_WITHHELD})
DECIDED = FIRST | {EventName.EXCHANGE_NARROWED}
# Reasons that are given for what the judge permits.
AFTER_PERMIT = frozenset({Reason.ADDRESS_BLOCKED.value, Reason.NOTHING_LEFT.value, Reason.OVERTAKEN.value})
BEFORE_JUDGE = frozenset(unproved.value for unproved in Unproved)


class Limit(StrEnum):
    """Why a decision, or one scope of it, cannot be asked again."""

    VALUE_NOT_KEPT = "value_not_kept"  # whether minimising leaves it depends on its value
    BUNDLE_NOT_KEPT = "bundle_not_kept"  # whether it was proved depends on what came with it
    ORIGIN_NOT_RECORDED = "origin_not_recorded"  # it came from another partner; which one is not on record
    DECIDED_AGAIN = "decided_again"  # what a later decision left of a waiting message; the first one is asked again
    DECLARATIONS_GONE = "declarations_gone"  # what was decided on is no longer on file
    EXCHANGE_GONE = "exchange_gone"  # deleted from the history
    HISTORY_DIFFERS = "history_differs"  # the history names another partner or purpose than the log: somebody changed it
    ENTRY_NOT_GENUINE = "entry_not_genuine"  # the log's entry was changed: see `imgate audit verify`


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decision as it was put on record.

    ``entry`` and ``place`` tell where in the audit log; both are None where only the history of exchanges tells of it. ``again``: a later
    decision about what waited. ``asked`` are the scopes that were decided about; of one that was decided again others are withheld too.
    """

    exchange: str
    partner: str
    at: datetime
    asked: tuple[str, ...]
    released: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]
    declarations: tuple[str, ...]
    entry: str | None = None
    place: int | None = None
    again: bool = False
    purpose: str | None = None

    def reason(self, scope: str) -> str | None:
        """Why it was withheld; None where it was released. Raises KeyError for what was not asked."""
        return None if scope in self.released else dict(self.withheld)[scope]


def of_entry(entry: LogEntry, before: Recorded | None = None) -> Recorded:
    """Read a decision off its entry; ``before`` is the decision that this one was taken again after."""
    assert entry.at is not None  # noqa: S101  # of a sound entry it is known
    fields = entry.fields
    released = tuple(fields.get("released", ()))
    withheld = tuple((scope, reason) for scope, _, reason in (each.rpartition(":") for each in fields["withheld"]))
    asked = before.released if before is not None else (*released, *(scope for scope, _ in withheld))
    declarations = tuple(fields.get("declarations", ()))
    again = entry.event == EventName.EXCHANGE_NARROWED
    purpose = before.purpose if before is not None else fields.get("purpose")
    return Recorded(
        fields["exchange"], fields["partner"], entry.at, asked, released, withheld, declarations, entry.id, entry.place, again, purpose
    )


def of_history(exchange: StoredExchange) -> Recorded:
    """Read a decision off the history, which tells what is left of it by now."""
    asked = (*exchange.released, *(scope for scope, _ in exchange.withheld))
    withheld, declarations = exchange.withheld, exchange.declarations
    return Recorded(
        exchange.id, exchange.partner, exchange.created_at, asked, exchange.released, withheld, declarations, purpose=exchange.purpose
    )


def differs(exchange: StoredExchange, recorded: Recorded) -> bool:
    """Tell whether the history names another partner or purpose than the log. The log is authenticated, the history is not."""
    return (exchange.partner, exchange.purpose) != (recorded.partner, recorded.purpose)


def question_of(exchange: StoredExchange, scopes: Iterable[str], moment: Moment, origins: Mapping[str, str]) -> Question:
    """Put the question again. A scope whose origin nobody recorded is asked about as the client's own word."""
    return Question(exchange.direction, exchange.purpose, tuple(scopes), moment, origins)


def origins_of(exchange: StoredExchange, known: Mapping[str, str], decisions: Iterable[Recorded]) -> dict[str, str]:
    """Give from where each scope came that is not the client's own word, as far as the record tells.

    What was denied because it came from another partner did so; which one that was is not on record, and then it is nobody's.
    """
    if exchange.direction is not Direction.TO_PARTNER:
        return {}
    told = {scope: origin for scope, origin in known.items() if origin != SELF}
    for decision in decisions:
        for scope, reason in decision.withheld:
            if reason == Reason.ONWARD_TRANSFER_NOT_COVERED and scope not in known:
                told[scope] = UNKNOWN_ORIGIN
    return told


def unsourced(exchange: StoredExchange, known: Mapping[str, str], scopes: Iterable[str]) -> tuple[str, ...]:
    """Name the scopes of which nobody recorded from where they came."""
    return tuple(scope for scope in scopes if scope not in known) if exchange.direction is Direction.TO_PARTNER else ()
