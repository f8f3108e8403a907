"""What partners were sent last, and what was taken from them: per client, partner and purpose one row, scope to digest and exchange."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import bindparam, delete, select

from imgate.exchange.stored import KnownValue
from imgate.storage.schema import known
from imgate.storage.session import Session
from imgate.storage.statement import Statement

_c = known.c
_OF_PARTNER = (_c.client == bindparam("client"), _c.partner == bindparam("partner"))
_THIS = (*_OF_PARTNER, _c.purpose == bindparam("purpose"))
_GET = select(_c.digests).where(*_THIS)
# A writer holds what it changes, so that one who forgets and one who remembers do not undo each other's work.
_GETS = {False: Statement(_GET), True: Statement(_GET.with_for_update())}
_ALL = select(_c.purpose, _c.digests).where(*_OF_PARTNER).order_by(_c.purpose)
_ALLS = {False: Statement(_ALL), True: Statement(_ALL.with_for_update())}
_PUT = Statement(
    lambda insert: (added := insert(known)).on_conflict_do_update(
        index_elements=[_c.client, _c.partner, _c.purpose], set_={"digests": added.excluded.digests}
    ),
    _c,
)
_DELETE = Statement(delete(known).where(*_THIS))

_Stored = Mapping[str, list[str]]


class SqlKnown:
    """What subscribed partners were sent last."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def of(self, client: str, partner: str, purpose: str) -> Mapping[str, KnownValue]:
        """Give what is known. A writer holds it until the commit."""
        return {scope: KnownValue(*value) for scope, value in self._stored(client, partner, purpose).items()}

    def put(self, client: str, partner: str, purpose: str, values: Mapping[str, KnownValue]) -> None:
        """Remember these besides what is known. Nothing happens for nothing."""
        if values:
            added = {scope: [value.digest, value.exchange] for scope, value in values.items()}
            self._write(client, partner, purpose, {**self._stored(client, partner, purpose), **added})

    def forget_exchange(self, client: str, partner: str, exchange: str, scopes: Iterable[str] | None = None) -> None:
        """Forget what this exchange carried, or these scopes of it; what a later one carried stays known."""
        among = _among(scopes)
        self._keep(client, partner, lambda scope, value: value[1] != exchange or not among(scope))

    def forget(self, client: str, partner: str, scopes: Iterable[str] | None = None) -> None:
        """Forget these scopes under every purpose, or all."""
        among = _among(scopes)
        self._keep(client, partner, lambda scope, _: not among(scope))

    def _stored(self, client: str, partner: str, purpose: str) -> _Stored:
        row = _GETS[self._on.locks].first(self._on, client=client, partner=partner, purpose=purpose)
        return {} if row is None else row[0]

    def _keep(self, client: str, partner: str, stays: Callable[[str, list[str]], bool]) -> None:
        for purpose, stored in _ALLS[self._on.locks].all(self._on, client=client, partner=partner):
            left = {scope: value for scope, value in stored.items() if stays(scope, value)}
            if len(left) < len(stored):
                self._write(client, partner, purpose, left)

    def _write(self, client: str, partner: str, purpose: str, digests: _Stored) -> None:
        if digests:
            _PUT.run(self._on, client=client, partner=partner, purpose=purpose, digests=digests)
        else:
            _DELETE.run(self._on, client=client, partner=partner, purpose=purpose)


def _among(scopes: Iterable[str] | None) -> Callable[[str], bool]:
    if scopes is None:
        return lambda _: True
    return frozenset(scopes).__contains__
