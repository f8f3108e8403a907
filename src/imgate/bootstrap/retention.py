"""Retention as it is configured: what is due, and the sweep of all of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from imgate.bootstrap.gateway import Gateway
from imgate.exchange.retention import end_retention
from imgate.storage.retention import Standing, standing
from imgate.storage.sweep import sweep
from imgate.vocabulary.words import Kept


def standing_now(gateway: Gateway) -> Sequence[Standing]:
    """Say of each kind its term and what a sweep would take now. Changes nothing. Blocks."""
    return standing(gateway.store, gateway.corridor.clock(), gateway.terms)


def sweep_all(gateway: Gateway, actor: str) -> Mapping[Kept, int]:
    """Take away what has run out, messages last; give how many of each kind went. Blocks."""
    went = Counter(sweep(gateway.store, gateway.corridor.clock(), gateway.terms, actor))
    while count := end_retention(gateway.corridor, gateway.settings.retention.message_days, actor):
        went[Kept.MESSAGES] += count
    return went
