"""Clients' own pages. The code is sealed under the data key and found by a keyed digest; the second factor is a keyed digest only."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from imgate.exchange.ports import ClientKeys, ClientPage, Stale
from imgate.storage.client_keys import OpenedClient, SqlClients
from imgate.storage.client_page_tables import client_pages
from imgate.storage.engine import misses_row
from imgate.storage.people_tables import sessions
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement

_c = client_pages.c
_THIS = _c.client == bindparam("of_client")
_SHOWN = (_c.code, _c.made_at, _c.factor_until, _c.failures)
_GET = Statement(select(*_SHOWN).where(_THIS))
_BY_CODE = Statement(select(_c.client, *_SHOWN).where(_c.code_digest == bindparam("digest")))
_PUT = Statement(
    lambda insert: (added := insert(client_pages)).on_conflict_do_update(
        index_elements=[_c.client], set_={column.key: added.excluded[column.key] for column in _c if column.key != "client"}
    ),
    _c,
)
_END_SESSIONS = Statement(delete(sessions).where(sessions.c.client == bindparam("of_client")))
_SET_FACTOR = Statement(
    update(client_pages).where(_THIS).values(factor=bindparam("to_factor"), factor_until=bindparam("to_until"), failures=0)
)
_FAILED = Statement(update(client_pages).where(_THIS).values(failures=_c.failures + 1).returning(_c.failures))
_FACTOR = Statement(select(_c.factor).where(_THIS))


class SqlClientPages:
    """Clients' own pages."""

    def __init__(self, session: Session, clients: SqlClients) -> None:
        self._on = session
        self._clients = clients
        self._code, self._factor = session.vault.page_code, session.vault.page_factor

    def get(self, client: ClientKeys) -> ClientPage | None:
        """Give a client's page; None where none was made."""
        opened = OpenedClient.of(client)
        row = _GET.first(self._on, of_client=opened.digest)
        return None if row is None else _page(opened, row)

    def put(self, client: ClientKeys, code: str, at: datetime) -> None:
        """Make a page, or give it another code: then the earlier code, its factor and whoever is on the page are gone."""
        opened = OpenedClient.of(client)
        sealed = opened.seal("client_pages", "code", opened.id, code.encode())
        values = {"code": sealed, "code_digest": self._code.of(code.encode()), "made_at": at}
        try:
            _PUT.run(self._on, client=opened.digest, **values, factor=None, factor_until=None, failures=0)
        except self._on.dialect.loaded_dbapi.IntegrityError as error:
            if misses_row(error):
                raise Stale from error
            raise
        _END_SESSIONS.run(self._on, of_client=opened.digest)

    def by_code(self, code: str) -> tuple[ClientKeys, ClientPage] | None:
        """Find the page that a code opens."""
        row = _BY_CODE.first(self._on, digest=self._code.of(code.encode()))
        opened = None if row is None else self._clients.by_digest(row[0])
        return None if row is None or opened is None else (opened, _page(opened, row[1:]))

    def set_factor(self, client: ClientKeys, factor: str | None, until: datetime | None) -> None:
        """Set the second factor in place of what was there, or take it away; failures count anew."""
        opened = OpenedClient.of(client)
        _SET_FACTOR.run(
            self._on, of_client=opened.digest, to_factor=None if factor is None else self._digest(opened, factor), to_until=until
        )

    def failed(self, client: ClientKeys) -> int:
        """Count a failed try; give how many there were since the factor was set."""
        row = _FAILED.first(self._on, of_client=OpenedClient.of(client).digest)
        return 0 if row is None else int(row[0])

    def factor_matches(self, client: ClientKeys, factor: str) -> bool:
        """Compare the second factor in constant time. Whether it still holds, and how many tries there were, the caller looks at."""
        opened = OpenedClient.of(client)
        row = _FACTOR.first(self._on, of_client=opened.digest)
        kept = b"" if row is None or row[0] is None else row[0]
        return self._factor.matches(kept, opened.id.encode(), factor.encode())

    def _digest(self, opened: OpenedClient, factor: str) -> bytes:
        return self._factor.of(opened.id.encode(), factor.encode())


def _page(client: OpenedClient, row: Row) -> ClientPage:
    code, made_at, factor_until, failures = row
    return ClientPage(client.digest, client.open("client_pages", "code", client.id, code).decode(), made_at, factor_until, failures)
