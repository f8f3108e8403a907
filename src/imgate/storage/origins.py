"""Which partner delivered which scope for a client."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from imgate.storage.schema import origins
from imgate.storage.session import Session
from imgate.storage.statement import Statement

_c = origins.c
_OF = Statement(select(_c.scope).where(_c.client == bindparam("client")))
_ADD = Statement(lambda insert: insert(origins).on_conflict_do_nothing(), _c)


class SqlOrigins:
    """Which partner delivered which scope for a client."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def of(self, client: str) -> frozenset[str]:
        """Give the scopes that some partner delivered for this client before."""
        return frozenset([scope for (scope,) in _OF.all(self._on, client=client)])

    def add(self, client: str, partner: str, scopes: Iterable[str]) -> None:
        """Remember what was handed out."""
        for scope in scopes:
            _ADD.run(self._on, client=client, partner=partner, scope=scope)
