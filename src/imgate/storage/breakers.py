"""How partners that are handed their messages could be reached of late; every worker goes by the same."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select, update

from imgate.exchange.stored import Breaker
from imgate.storage.message_tables import partner_health
from imgate.storage.session import Session
from imgate.storage.statement import Statement

_c = partner_health.c
# Not held: two failures at the same moment may count as one, and nobody waits for anybody.
_GET = Statement(select(_c.failures, _c.open_until).where(_c.partner == bindparam("partner")))
_ALL = Statement(select(_c.partner, _c.failures, _c.open_until))
_PUT = Statement(
    lambda insert: (added := insert(partner_health)).on_conflict_do_update(
        index_elements=[_c.partner], set_={name: added.excluded[name] for name in ("failures", "open_until")}
    ),
    _c,
)
_TAKE = Statement(
    update(partner_health)
    .where(_c.partner == bindparam("this"), _c.failures == bindparam("seen_failures"), _c.open_until == bindparam("seen_until"))
    .values(failures=bindparam("to_failures"), open_until=bindparam("to_until"))
)


class SqlBreakers:
    """How partners could be reached."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def get(self, partner: str) -> Breaker:
        """Give one; a partner of whom nothing is known is well."""
        row = _GET.first(self._on, partner=partner)
        return Breaker() if row is None else Breaker(*row)

    def put(self, partner: str, breaker: Breaker) -> None:
        """Store it."""
        _PUT.run(self._on, partner=partner, failures=breaker.failures, open_until=breaker.open_until)

    def take(self, partner: str, seen: Breaker, taken: Breaker) -> bool:
        """Store it where it is still as it was seen; of several workers that saw it one is told so."""
        values = {"seen_failures": seen.failures, "seen_until": seen.open_until}
        return _TAKE.run(self._on, this=partner, **values, to_failures=taken.failures, to_until=taken.open_until) > 0

    def all(self) -> Mapping[str, Breaker]:
        """Give all that is known, by partner."""
        return {partner: Breaker(failures, open_until) for partner, failures, open_until in _ALL.all(self._on)}
