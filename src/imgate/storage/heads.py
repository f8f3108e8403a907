"""Heads of declarations: the rows that decide, each under one MAC. Whose a declaration is says its head, and no clear column beside it."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, tuple_, update

from imgate.consent.head import Head, VerifiedDeclaration, head_mac, verify_head
from imgate.exchange.ports import Stale, Unreadable
from imgate.storage.schema import declaration_heads
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into

_h = declaration_heads.c
_THESE = (_h.client == bindparam("client"), _h.partner == bindparam("partner"))
THIS = (*_THESE, _h.id == bindparam("declaration"))
# A writer that decides holds the heads until it commits, so that a revocation comes either before or after it; a writer that
# is about to change one takes them all at once, so that two of them cannot wait for each other.
_OF = select(_h.id, _h.head, _h.unit, _h.mac).where(*_THESE).order_by(_h.id)
_HEADS = {None: Statement(_OF), "share": Statement(_OF.with_for_update(read=True)), "update": Statement(_OF.with_for_update())}
_STAMP = select(_h.mac).where(*_THESE).order_by(_h.id)
_STAMPS = {False: Statement(_STAMP), True: Statement(_STAMP.with_for_update(read=True))}
_ONE = Statement(select(_h.id, _h.head, _h.unit, _h.mac).where(*THIS).with_for_update())
_ANYWHERE = Statement(
    select(_h.client, _h.partner, _h.id, _h.head, _h.unit, _h.mac)
    .where(_h.id == bindparam("declaration"))
    .order_by(_h.client, _h.partner, _h.id)
)
# The MAC is over the version, the column beside it is under none.
_CHANGE = Statement(
    update(declaration_heads)
    .where(*THIS, _h.mac == bindparam("expected"))
    .values(version=bindparam("to_version"), mac=bindparam("to_mac"), head=bindparam("to_head"))
)
_EVERY = Statement(
    select(_h.client, _h.partner, _h.id, _h.head, _h.unit, _h.mac)
    .where(tuple_(_h.client, _h.partner, _h.id) > tuple_(bindparam("after_client"), bindparam("after_partner"), bindparam("after_id")))
    .order_by(_h.client, _h.partner, _h.id)
    .limit(1000)
)
_ADD = insert_into(declaration_heads)


class Heads:
    """The head rows, as they are and as far as they match their MAC."""

    __slots__ = ("_key", "_on")

    def __init__(self, session: Session) -> None:
        self._on = session
        self._key = session.vault.head_key

    def rows(self, client: str, partner: str, lock: str = "share") -> Sequence[Row]:
        """Give id, head, sealed unit and MAC of each of this client with this partner. A writer locks them."""
        return _HEADS[lock if self._on.locks else None].all(self._on, client=client, partner=partner)

    def stamp(self, client: str, partner: str) -> object:
        """Give their MACs, which a writer locks."""
        return [mac for (mac,) in _STAMPS[self._on.locks].all(self._on, client=client, partner=partner)]

    def verified(self, client: str, partner: str, rows: Sequence[Row]) -> tuple[VerifiedDeclaration, ...]:
        """Leave out what does not match its MAC, and what matches but was moved here from another partner."""
        key, zone = self._key, self._on.zone
        found = [verify_head(key, client, head, unit, mac, zone) for _, head, unit, mac in rows]
        return tuple([d for row, d in zip(rows, found, strict=True) if d is not None and d.id == row[0] and d.partner == partner])

    def place(self, declaration: str) -> tuple[str, str] | None:
        """Give client and partner of the head that matches its MAC: there can be one. Else those of any head; None where there is none."""
        rows = _ANYWHERE.all(self._on, declaration=declaration)
        genuine = ((client, partner) for client, partner, *row in rows if self.verified(client, partner, [tuple(row)]))
        return next(genuine, (rows[0][0], rows[0][1]) if rows else None)

    def add(self, client: str, head: Head, unit: bytes) -> None:
        """Store the first version of a head, under its MAC."""
        canonical = head.canonical()
        _ADD.run(
            self._on,
            client=client,
            partner=head.partner,
            id=head.id,
            version=head.version,
            mac=head_mac(self._key, client, canonical, unit),
            unit=unit,
            head=canonical,
            ends_on=head.valid_until,
            ended_at=None,
        )

    def change(self, client: str, head: Head) -> None:
        """Store the next version of a head. Raises Stale where another version came in between.

        Raises Unreadable where the version before does not match its MAC: authenticating what follows from a forged
        row would make it genuine.
        """
        these = {"client": client, "partner": head.partner, "declaration": head.id}
        row = _ONE.first(self._on, **these)
        if row is None:
            raise Stale
        before = self.verified(client, head.partner, [row])
        if not before:
            raise Unreadable("a declaration's head does not match its MAC")
        if before[0].version != head.version - 1:
            raise Stale
        _, _, unit, mac = row
        canonical = head.canonical()
        to = {"to_version": head.version, "to_head": canonical, "to_mac": head_mac(self._key, client, canonical, unit)}
        if _CHANGE.run(self._on, **these, expected=mac, **to) != 1:
            raise Stale


def head_of(rows: Sequence[Row], declaration: str) -> Head:
    """Read one of these rows' heads, whether or not it matches its MAC. Raises Unreadable."""
    for row in rows:
        if row[0] == declaration:
            try:
                head = Head.of(row[1])
            except (ValueError, TypeError):
                break
            if head.id == declaration:
                return head
    raise Unreadable("a declaration has no readable head")


def head_versions(session: Session) -> dict[str, int | None]:
    """Give every declaration's version as its head says, None where the head does not match its MAC."""
    versions: dict[str, int | None] = {}
    after = ("", "", "")
    while rows := _EVERY.all(session, after_client=after[0], after_partner=after[1], after_id=after[2]):
        for client, partner, declaration, head, unit, mac in rows:
            verified = verify_head(session.vault.head_key, client, head, unit, mac, session.zone)
            versions[declaration] = None if verified is None or verified.id != declaration else verified.version
            after = (client, partner, declaration)
    return versions
