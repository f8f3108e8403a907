"""A circuit breaker for each partner that is handed its messages: one that cannot be reached is left in peace for a while. Pure.

After some failures in a row nothing is tried for a pause that doubles; then one message tries whether the partner is back.
"""

from datetime import datetime, timedelta

from imgate.exchange.stored import Breaker
from imgate.plugin_api import NotDelivered, Outcome

FAILURES = 5
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=15)


def allowed(breaker: Breaker, at: datetime, most: int) -> int:
    """Give how many messages may be tried now, of at most ``most``."""
    if breaker.open_until is not None and at < breaker.open_until:
        return 0
    return min(most, 1) if breaker.failures >= FAILURES else most


def trying(breaker: Breaker, until: datetime) -> Breaker:
    """Give the breaker while one message tries whether the partner is back: until it has, or is given up, no other does."""
    return Breaker(breaker.failures, until)


def after(breaker: Breaker, outcome: Outcome, at: datetime, *, trying: bool) -> Breaker:
    """Give the breaker after an attempt. A partner that answers is well, also one that refuses; one that asks for a pause gets it.

    Attempts that were under way when it opened do not make the pause longer; the one that is ``trying`` does.
    """
    if not isinstance(outcome, NotDelivered):
        # What was under way may still arrive after the partner has asked another message for a pause: that pause stands.
        return Breaker() if breaker.failures >= FAILURES else Breaker(0, breaker.open_until)
    opened = breaker.failures >= FAILURES and not trying
    failures = breaker.failures if opened else min(breaker.failures + 1, FAILURES + 20)
    pauses = [] if outcome.retry_after is None else [timedelta(seconds=outcome.retry_after)]
    if failures >= FAILURES and not opened:
        pauses.append(min(_FIRST_PAUSE * 2 ** (failures - FAILURES), _LONGEST_PAUSE))
    ends = [] if breaker.open_until is None or trying else [breaker.open_until]
    ends += [at + pause for pause in pauses]
    return Breaker(failures, max(ends, default=None))
