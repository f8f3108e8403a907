"""What the status of an HTTP answer says about a message, and when its sender wants to be asked again: for every way that is HTTP."""

from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from imgate.plugin_api import Delivered, NotDelivered, Outcome, RefusedByPartner

LONGEST_RETRY_AFTER = 24 * 3600.0
# A date against our own clock is as wrong as either clock; one that is off by a day must not cost us that day.
LONGEST_RETRY_AFTER_BY_OUR_CLOCK = 3600.0
# What Standard Webhooks lets a signature be old.
_SIGNATURE_SECONDS = 300.0
CLOCKS_DIFFER = "clocks_differ"
_ASKS_FOR_TIME = {408, 425, 429}
_NOT_AT_ONCE = {CLOCKS_DIFFER, *(f"http_{status}" for status in _ASKS_FOR_TIME)}


def outcome_of(status: int, headers: Mapping[str, str], clock: Callable[[], float]) -> Outcome:
    """Read an answer to a message. ``headers`` has its names in lower case or minds no case; ``clock`` gives Unix seconds."""
    return Delivered() if 200 <= status < 300 else failure_of(status, headers, clock)


def failure_of(status: int, headers: Mapping[str, str], clock: Callable[[], float]) -> RefusedByPartner | NotDelivered:
    """Read an answer that is no success: final, or worth another attempt, and when.

    Where the two clocks differ by more than a signature may be old, a refusal says nothing about the message: it is worth
    another attempt when somebody has set the clock.
    """
    if 400 <= status < 500 and status not in _ASKS_FOR_TIME:
        sent_at = _unix_time(headers.get("date", ""))
        if sent_at is not None and abs(sent_at - clock()) > _SIGNATURE_SECONDS:
            return NotDelivered(CLOCKS_DIFFER)
        return RefusedByPartner(f"http_{status}")
    return NotDelivered(f"http_{status}", retry_after(headers, clock))


def retry_after(headers: Mapping[str, str], clock: Callable[[], float]) -> float | None:
    """Give the seconds that the answer asks us to wait, at most a day; None where it names none that can be read.

    A date is compared with the date of the same answer (RFC 9110 §10.2.3), so that it does not matter how wrong that clock is.
    """
    said = headers.get("retry-after")
    if said is None:
        return None
    if said.isascii() and said.isdecimal():
        return min(float(said), LONGEST_RETRY_AFTER)
    until = _unix_time(said)
    if until is None:
        return None
    sent_at = _unix_time(headers.get("date", ""))
    if sent_at is None:
        return min(max(until - clock(), 0.0), LONGEST_RETRY_AFTER_BY_OUR_CLOCK)
    return min(max(until - sent_at, 0.0), LONGEST_RETRY_AFTER)


def soon_again(outcome: Outcome) -> bool:
    """Tell whether to try again at once: where the partner named a time, or asked for less, the worker comes back later."""
    return isinstance(outcome, NotDelivered) and outcome.retry_after is None and outcome.code not in _NOT_AT_ONCE


def _unix_time(date: str) -> float | None:
    """Read an HTTP date in any of its three forms; the one without a zone is in UTC as well."""
    try:
        at = parsedate_to_datetime(date)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):  # what the parser raises for some texts that are no dates
        return None
