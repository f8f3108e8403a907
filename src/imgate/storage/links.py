"""Links: under what partners know clients. Each row that decides carries a MAC over all that it says."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from imgate.exchange.ports import ClientKeys, ReferenceTaken, Stale
from imgate.exchange.stored import Link
from imgate.storage.client_keys import OpenedClient, SqlClients
from imgate.storage.engine import misses_row
from imgate.storage.schema import links
from imgate.storage.session import Session
from imgate.storage.statement import Statement

_c = links.c
_THIS = (_c.client == bindparam("client"), _c.partner == bindparam("partner"))
_GET = select(_c.reference_digest, _c.reference, _c.version, _c.mac).where(*_THIS)
_GETS = {False: Statement(_GET), True: Statement(_GET.with_for_update(read=True))}
# Whoever accepts a message holds the link against others who do: the order of acceptance is the order of commits.
_HOLDS = {False: Statement(_GET), True: Statement(_GET.with_for_update(key_share=True))}
_PARTNERS = Statement(select(_c.partner).where(_c.client == bindparam("client")).order_by(_c.partner))
_OWNER = Statement(
    select(_c.client, _c.reference, _c.version, _c.mac).where(
        _c.partner == bindparam("partner"), _c.reference_digest == bindparam("reference_digest")
    )
)
_PUT = Statement(
    lambda insert: (added := insert(links)).on_conflict_do_update(
        index_elements=[_c.client, _c.partner],
        set_={name: added.excluded[name] for name in ("reference_digest", "reference", "version", "set_at", "mac")},
    ),
    _c,
)
_DELETE = Statement(delete(links).where(*_THIS))


class SqlLinks:
    """Under what partners know clients."""

    def __init__(self, session: Session, clients: SqlClients) -> None:
        self._on = session
        self._clients = clients
        self._mac = session.vault.link

    def get(self, client: ClientKeys, partner: str) -> Link | None:
        """Give the link, if it is there and matches its MAC."""
        opened = OpenedClient.of(client)
        row = _GETS[self._on.locks].first(self._on, client=opened.digest, partner=partner)
        if row is None:
            return None
        digest, sealed, version, mac = row
        if not self._mac.matches(mac, *_authenticated(partner, opened.digest, digest, version, sealed)):
            return None
        return Link(partner, opened.digest, opened.open("links", "reference", partner, sealed).decode(), digest, version)

    def partners(self, client: ClientKeys) -> tuple[str, ...]:
        """Name the partners for whom a link is stored, whether or not it matches its MAC."""
        return tuple(partner for (partner,) in _PARTNERS.all(self._on, client=OpenedClient.of(client).digest))

    def stamp(self, client: str, partner: str) -> object:
        """Give what ``Link.stamp`` of the link would be now; None where there is none. Held until the commit."""
        row = _HOLDS[self._on.locks].first(self._on, client=client, partner=partner)
        return None if row is None else (row[0], row[2])

    def digest_of(self, partner: str, reference: str) -> str:
        """Give the keyed digest of a reference, whether or not it is anybody's."""
        return self._on.vault.reference_digest(partner, reference)

    def by_reference(self, partner: str, reference: str) -> OpenedClient | None:
        """Find the client whom this partner knows under this reference, if the link matches its MAC."""
        digest = self.digest_of(partner, reference)
        row = _OWNER.first(self._on, partner=partner, reference_digest=digest)
        if row is None:
            return None
        client, sealed, version, mac = row
        if not self._mac.matches(mac, *_authenticated(partner, client, digest, version, sealed)):
            return None
        return self._clients.by_digest(client)

    def put(self, client: ClientKeys, partner: str, reference: str, at: datetime) -> Link:
        """Set the link. Raises ReferenceTaken where the reference belongs to another client."""
        opened = OpenedClient.of(client)
        digest = self.digest_of(partner, reference)
        owner = _OWNER.first(self._on, partner=partner, reference_digest=digest)
        if owner is not None and owner[0] != opened.digest:
            raise ReferenceTaken
        before = _GETS[self._on.locks].first(self._on, client=opened.digest, partner=partner)
        version = 1 if before is None else before[2] + 1
        sealed = opened.seal("links", "reference", partner, reference.encode())
        try:
            _PUT.run(
                self._on,
                client=opened.digest,
                partner=partner,
                reference_digest=digest,
                reference=sealed,
                version=version,
                set_at=at,
                mac=self._mac.of(*_authenticated(partner, opened.digest, digest, version, sealed)),
            )
        except self._on.dialect.loaded_dbapi.IntegrityError as error:
            if misses_row(error):
                raise Stale from error
            raise ReferenceTaken from error  # another gateway gave it to somebody else in between
        return Link(partner, opened.digest, reference, digest, version)

    def delete(self, client: ClientKeys, partner: str) -> bool:
        """Remove the link; tell whether there was one."""
        return _DELETE.run(self._on, client=OpenedClient.of(client).digest, partner=partner) > 0


def _authenticated(partner: str, client: str, digest: str, version: int, sealed: bytes) -> tuple[bytes, ...]:
    return partner.encode(), client.encode(), digest.encode(), str(version).encode(), sealed
