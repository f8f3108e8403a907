"""How partners that are handed their messages could be reached of late; every worker goes by the same."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select

from imgate.exchange.stored import Breaker
from imgate.storage.schema import partner_health
from imgate.storage.session import Session
from imgate.storage.statement import Statement

_c = partner_health.c
# Not held: two failures at the same moment may count as one, and nobody waits for anybody.
_GET = Statement(select(_c.failures, _c.open_until).where(_c.partner == bindparam("partner")))
_ALL = Statement(select(_c.partner, _c.failures, _c.open_until).where(_c.failures > 0))
_PUT = Statement(
    lambda insert: (added := insert(partner_health)).on_conflict_do_update(
        index_elements=[_c.partner], set_={name: added.excluded[name] for name in ("failures", "open_until")}
    ),
    _c,
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

    def all(self) -> Mapping[str, Breaker]:
        """Give those that are not well."""
        return {partner: Breaker(failures, open_until) for partner, failures, open_until in _ALL.all(self._on)}
