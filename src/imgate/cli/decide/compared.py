"""What `imgate decide compare` says in a terminal: one line for each scope that would be decided otherwise, then the counts."""

from collections.abc import Iterator, Mapping

from imgate import __version__
from imgate.exchange.listing import shown_at
from imgate.exchange.past.comparison import Changed, Compared, Summary
from imgate.exchange.past.recorded import Limit

_WHY = {
    Limit.VALUE_NOT_KEPT: "scope: whether minimising leaves it depends on its value, and no value is kept",
    Limit.BUNDLE_NOT_KEPT: "scope: whether it was proved depends on a bundle that is not kept",
    Limit.ORIGIN_NOT_RECORDED: "scope: it came from another partner, and from which is not on record",
    Limit.DECIDED_AGAIN: "decision: taken later about what still waited; of each exchange the first is asked again",
    Limit.DECLARATIONS_GONE: "decision: the declarations that it rested on are no longer on file",
    Limit.EXCHANGE_GONE: "decision: the exchange is no longer in the history",
    Limit.HISTORY_DIFFERS: "decision: the history names another partner or purpose than the audit log",
    Limit.ENTRY_NOT_GENUINE: "entry of the audit log that is not genuine: see `imgate audit verify`",
}


def lines_of(compared: Compared) -> Iterator[str]:
    """Say what would be decided otherwise."""
    for changed in compared.changed:
        at = "" if compared.at is None else shown_at(compared.at)
        yield f"{at}  {compared.exchange}  {compared.direction}  {compared.partner}  {changed.scope}: {_sentence(changed)}"


def summary_lines(summary: Summary, since: str, catalogue: int) -> Iterator[str]:
    """Say how much was looked at, and what came of it."""
    if summary.would_flow or summary.would_not_flow:
        yield ""
    by = f"imgate {__version__}, catalogue {catalogue}"
    yield f"{_many(summary.asked_again, 'decision')} since {since} asked again, as of the time of then, by {by}."
    yield f"Would flow now, and did not: {_counted(summary.would_flow, 'withheld then')}"
    yield f"Did flow, and would not now: {_counted(summary.would_not_flow, 'withheld now')}"
    if summary.limits:
        yield "Not asked again:"
        yield from (f"  {summary.limits[limit.value]} × {_WHY[limit]}" for limit in Limit if limit.value in summary.limits)


def _sentence(changed: Changed) -> str:
    if not changed.would_flow:
        return f"did flow, and would not now: {changed.now}"
    assumed = ", if it is the client's own word: its origin is not on record" if changed.assumed_own_word else ""
    return f"did not flow ({changed.then}), and would now under {changed.declaration}{assumed}"


def _counted(reasons: Mapping[str, int], what: str) -> str:
    total = sum(reasons.values())
    if not total:
        return "nothing"
    return f"{_many(total, 'scope')} ({what}: {', '.join(f'{reason} {count}' for reason, count in sorted(reasons.items()))})"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
