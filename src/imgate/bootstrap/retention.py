"""Retention as it is configured: what is due, and the sweep of all of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from imgate.bootstrap.gateway import Gateway
from imgate.exchange.retention import end_retention
from imgate.settings import Settings
from imgate.storage.retention import Standing, Terms, standing
from imgate.storage.sweep import sweep
from imgate.vocabulary.words import Kept


def terms_of(settings: Settings) -> Terms:
    """Give the terms that are configured."""
    said = settings.retention
    return Terms(said.message_days, said.proof_years, said.history_years, said.intake_days, said.access_log_days)


def standing_now(gateway: Gateway) -> Sequence[Standing]:
    """Say of each kind its term and what a sweep would take now. Changes nothing. Blocks."""
    return standing(gateway.store, gateway.corridor.clock(), terms_of(gateway.settings))


def sweep_all(gateway: Gateway, actor: str) -> Mapping[Kept, int]:
    """Take away what has run out, messages last; give how many of each kind went. Blocks."""
    went = Counter(sweep(gateway.store, gateway.corridor.clock(), terms_of(gateway.settings), actor))
    while count := end_retention(gateway.corridor, gateway.settings.retention.message_days, actor):
        went[Kept.MESSAGES] += count
    return went
