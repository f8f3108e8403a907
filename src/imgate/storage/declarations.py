"""Declarations: one head row each that decides, under one MAC, and beside it the sealed content, evidence and reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select, tuple_, update

from imgate.consent.head import Head, VerifiedDeclaration, head_mac, verify_head
from imgate.exchange.ports import ClientKeys, ProofOver, Stale, Unreadable
from imgate.exchange.stored import Cursor, Evidence, Page, StoredDeclaration
from imgate.storage.client_keys import OpenedClient, ProofKeys, SqlClients
from imgate.storage.evidence import evidence_detail, opened_evidence
from imgate.storage.pages import Listing
from imgate.storage.schema import declaration_events, declaration_heads, declaration_reasons, declarations, evidence
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into
from imgate.vocabulary.identifiers import new_id

_d, _h, _e = declarations.c, declaration_heads.c, declaration_events.c
_THESE = (_h.client == bindparam("client"), _h.partner == bindparam("partner"))
_THIS = (*_THESE, _h.id == bindparam("declaration"))
# A writer that decides holds the heads until it commits, so that a revocation comes either before or after it; a writer that
# is about to change one takes them all at once, so that two of them cannot wait for each other.
_OF = select(_h.id, _h.head, _h.unit, _h.mac).where(*_THESE).order_by(_h.id)
_HEADS = {None: Statement(_OF), "share": Statement(_OF.with_for_update(read=True)), "update": Statement(_OF.with_for_update())}
_STAMP = select(_h.mac).where(*_THESE).order_by(_h.id)
_STAMPS = {False: Statement(_STAMP), True: Statement(_STAMP.with_for_update(read=True))}
_ONE = Statement(select(_h.version, _h.head, _h.unit, _h.mac).where(*_THIS).with_for_update())
_CHANGE = Statement(
    update(declaration_heads)
    .where(*_THIS, _h.version == bindparam("expected"))
    .values(version=bindparam("to_version"), mac=bindparam("to_mac"), head=bindparam("to_head"))
)
_GET = Statement(select(_d.client, _d.partner, _d.content).where(_d.id == bindparam("declaration")))
_LISTING = Listing(declarations, (_d.id, _d.partner, _d.content), _d.client == bindparam("client"))
_EVENTS = Statement(select(_e.at, _e.event).where(_e.declaration == bindparam("declaration")).order_by(_e.line))
_LINES = Statement(select(func.count()).where(_e.declaration == bindparam("declaration")))
_EVIDENCE = Statement(
    select(evidence.c.id, evidence.c.detail).where(evidence.c.declaration == bindparam("declaration")).order_by(evidence.c.position)
)
_EVIDENCE_CONTENT = Statement(
    select(evidence.c.content).where(evidence.c.declaration == bindparam("declaration"), evidence.c.id == bindparam("evidence"))
)
_EVERY = Statement(
    select(_h.client, _h.partner, _h.id, _h.head, _h.unit, _h.mac)
    .where(tuple_(_h.client, _h.partner, _h.id) > tuple_(bindparam("after_client"), bindparam("after_partner"), bindparam("after_id")))
    .order_by(_h.client, _h.partner, _h.id)
    .limit(1000)
)
# Days are compared as text: all are of one width. Whom nobody can look at any more (see ``erase``) has no day.
_MAY_HAVE_ENDED = Statement(
    select(_h.id).where(_h.ends_on < bindparam("before"), _h.ended_at.is_(None)).order_by(_h.ends_on, _h.id).limit(bindparam("limit"))
)
# Found by their last day first: without the subquery a database walks all declarations for the sake of the order.
_ENDING = select(_h.id).where(_h.ends_on <= bindparam("by"), _h.ended_at.is_(None))
_RUNNING_OUT = Listing(declarations, (_d.id, _d.client, _d.partner), _d.id.in_(_ENDING))
_ENDS_ON = Statement(update(declaration_heads).where(*_THIS).values(ends_on=bindparam("day")))
_ENDED = Statement(update(declaration_heads).where(*_THIS, _h.ended_at.is_(None)).values(ended_at=bindparam("at")))
_ADD = insert_into(declarations)
_ADD_HEAD = insert_into(declaration_heads)
_ADD_EVENT = insert_into(declaration_events)
_ADD_EVIDENCE = insert_into(evidence)
_ADD_REASON = insert_into(declaration_reasons)


@dataclass(frozen=True, slots=True)
class SqlDeclarationFile:
    """All declarations of one client with one partner: rows of id, head, sealed unit and MAC, and what is readable of them."""

    client: OpenedClient
    rows: Sequence[Row] = field(repr=False)
    verified: tuple[VerifiedDeclaration, ...]

    @property
    def stamp(self) -> object:
        """The MACs: equal as long as none of these declarations changed, appeared or went."""
        return [mac for _, _, _, mac in self.rows]

    def discloser(self, declaration: str) -> str:
        """Give the unit that discloses under this declaration. Raises Unreadable."""
        unit = next(unit for row, _, unit, _ in self.rows if row == declaration)
        return self.client.open_proof("declaration_heads", "unit", declaration, unit).decode()


@dataclass(frozen=True, slots=True)
class SqlProof:
    """What proves one declaration, as long as the proof key is there."""

    stored: StoredDeclaration
    subject: str | None
    client: OpenedClient | ProofKeys
    on: Session = field(repr=False)

    def content(self, piece: str) -> bytes | None:
        """Load the content of one piece of evidence; None where it has none. Raises Unreadable."""
        return _content(self.on, self.client, self.stored.head.id, piece)


class SqlDeclarations:
    """Declarations, their evidence and history."""

    def __init__(self, session: Session, clients: SqlClients) -> None:
        self._on = session
        self._clients = clients
        self._key = session.vault.head_key

    def of(self, client: str, partner: str) -> tuple[VerifiedDeclaration, ...]:
        """Give every readable declaration of this client and this partner; one that does not match its MAC is left out."""
        return self._verified(client, partner, self._rows(client, partner))

    def file(self, client: ClientKeys, partner: str) -> "SqlDeclarationFile":
        """Give all that is on file of this client with this partner."""
        opened = OpenedClient.of(client)
        rows = self._rows(opened.digest, partner)
        return SqlDeclarationFile(opened, rows, self._verified(opened.digest, partner, rows))

    def stamp(self, client: str, partner: str) -> object:
        """Give the stamp that ``file`` would show now: the MACs."""
        return [mac for (mac,) in _STAMPS[self._on.locks].all(self._on, client=client, partner=partner)]

    def add(self, client: ClientKeys, head: Head, content: Mapping[str, object], at: datetime) -> None:
        """Store a new declaration with its history line ``created``."""
        opened = OpenedClient.of(client)
        discloser: Any = content["discloser"]
        plain = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        sealed = opened.seal_proof("declarations", "content", head.id, plain)
        unit = opened.seal_proof("declaration_heads", "unit", head.id, discloser["unit"].encode())
        canonical = head.canonical()
        mac = head_mac(self._key, opened.digest, canonical, unit)
        _ADD.run(self._on, id=head.id, client=opened.digest, partner=head.partner, created_at=at, content=sealed)
        _ADD_HEAD.run(
            self._on,
            client=opened.digest,
            partner=head.partner,
            id=head.id,
            version=head.version,
            mac=mac,
            unit=unit,
            head=canonical,
            ends_on=head.valid_until,
            ended_at=None,
        )
        self._note(head.id, at, ("created",))

    def get(self, declaration: str) -> tuple[OpenedClient, StoredDeclaration] | None:
        """Give one declaration with everything; None where there is none, or its client was erased."""
        row = _GET.first(self._on, declaration=declaration)
        if row is None:
            return None
        client = self._clients.by_digest(row[0])
        return None if client is None else (client, self._stored(client, (declaration, *row[1:])))

    def proof(self, declaration: str) -> SqlProof | None:
        """Give what proves one declaration; None where there is none. Raises ProofOver, Unreadable."""
        row = _GET.first(self._on, declaration=declaration)
        if row is None:
            return None
        known = self._clients.by_digest(row[0])
        client = known or self._clients.proof_by_digest(row[0])
        if client is None:
            raise ProofOver
        return SqlProof(self._stored(client, (declaration, *row[1:])), None if known is None else known.subject, client, self._on)

    def page(self, client: ClientKeys, cursor: Cursor) -> Page[StoredDeclaration]:
        """List a client's declarations in the order of acceptance."""
        opened = OpenedClient.of(client)
        return _LISTING.page(self._on, cursor, lambda row: self._stored(opened, row), client=opened.digest)

    def change(self, client: ClientKeys, head: Head, at: datetime, *events: str) -> None:
        """Store the next version of a head, and history lines. Raises Stale where another version came in between.

        Raises Unreadable where the version before does not match its MAC: authenticating what follows from a forged
        row would make it genuine.
        """
        opened = OpenedClient.of(client)
        these = {"client": opened.digest, "partner": head.partner, "declaration": head.id}
        row = _ONE.first(self._on, **these)
        if row is None or row[0] != head.version - 1:
            raise Stale
        _, before, unit, mac = row
        if verify_head(self._key, opened.digest, before, unit, mac, self._on.zone) is None:
            raise Unreadable("a declaration's head does not match its MAC")
        canonical = head.canonical()
        changed = _CHANGE.run(
            self._on,
            **these,
            expected=head.version - 1,
            to_version=head.version,
            to_head=canonical,
            to_mac=head_mac(self._key, opened.digest, canonical, unit),
        )
        if changed != 1:
            raise Stale
        self._note(head.id, at, events)

    def add_evidence(self, client: ClientKeys, declaration: str, evidence: Evidence) -> None:
        """Store one piece of evidence, sealed under the proof key."""
        opened = OpenedClient.of(client)
        content = evidence.content
        _ADD_EVIDENCE.run(
            self._on,
            id=evidence.id,
            declaration=declaration,
            recorded_at=evidence.recorded_at,
            detail=opened.seal_proof("evidence", "detail", evidence.id, evidence_detail(evidence)),
            content=None if content is None else opened.seal_proof("evidence", "content", evidence.id, content),
        )

    def evidence_content(self, client: ClientKeys, declaration: str, piece: str) -> bytes | None:
        """Load the content of one piece of evidence; None where it has none. Raises Unreadable."""
        return _content(self._on, OpenedClient.of(client), declaration, piece)

    def add_reason(self, client: ClientKeys, declaration: str, at: datetime, reason: str) -> None:
        """Store why something was revoked, sealed under the proof key."""
        row = new_id()
        sealed = OpenedClient.of(client).seal_proof("declaration_reasons", "reason", row, reason.encode())
        _ADD_REASON.run(self._on, id=row, declaration=declaration, at=at, reason=sealed)

    def running_out(self, by: str, cursor: Cursor) -> Page[tuple[ClientKeys, str, tuple[VerifiedDeclaration, ...]]]:
        """List declarations whose last day is this one or lies before it and whose end was not dealt with, in the order of acceptance."""
        page = _RUNNING_OUT.page(self._on, cursor, lambda row: row, by=by)
        clients = {digest: self._clients.by_digest(digest) for digest in {row[1] for row in page.items}}
        listed = [(clients[client], declaration, self.of(client, partner)) for declaration, client, partner in page.items]
        return Page(tuple((client, declaration, siblings) for client, declaration, siblings in listed if client is not None), page.next)

    def may_have_ended(self, before: str, limit: int) -> Sequence[str]:
        """Name declarations whose last day (``2026-12-31``) lies before this one and whose end has not been dealt with."""
        return [declaration for (declaration,) in _MAY_HAVE_ENDED.all(self._on, before=before, limit=limit)]

    def ends_on(self, client: ClientKeys, partner: str, declaration: str, day: str) -> None:
        """Have it looked at after this day. Like ``ended`` it decides nothing, and stands beside the authenticated head."""
        _ENDS_ON.run(self._on, client=client.digest, partner=partner, declaration=declaration, day=day)

    def ended(self, client: ClientKeys, partner: str, declaration: str, at: datetime) -> None:
        """Remember that its end has been dealt with."""
        _ENDED.run(self._on, client=client.digest, partner=partner, declaration=declaration, at=at)

    def _rows(self, client: str, partner: str, lock: str = "share") -> Sequence[Row]:
        return _HEADS[lock if self._on.locks else None].all(self._on, client=client, partner=partner)

    def _verified(self, client: str, partner: str, rows: Sequence[Row]) -> tuple[VerifiedDeclaration, ...]:
        """Leave out what does not match its MAC, and what matches but was moved here from another partner."""
        key, zone = self._key, self._on.zone
        found = [verify_head(key, client, head, unit, mac, zone) for _, head, unit, mac in rows]
        return tuple([d for row, d in zip(rows, found, strict=True) if d is not None and d.id == row[0] and d.partner == partner])

    def _stored(self, client: OpenedClient | ProofKeys, row: Row) -> StoredDeclaration:
        declaration, partner, content = row
        rows = self._rows(client.digest, partner, lock="update")
        heads = {head.id: head for head in map(_head, rows) if head is not None}
        if declaration not in heads:
            raise Unreadable("a declaration has no readable head")
        siblings = self._verified(client.digest, partner, rows)
        return StoredDeclaration(
            head=heads[declaration],
            verified=next((sibling for sibling in siblings if sibling.id == declaration), None),
            siblings=siblings,
            content=orjson.loads(client.open_proof("declarations", "content", declaration, content)),
            evidence=tuple(opened_evidence(client, *row) for row in _EVIDENCE.all(self._on, declaration=declaration)),
            history=tuple((at, event) for at, event in _EVENTS.all(self._on, declaration=declaration)),
        )

    def _note(self, declaration: str, at: datetime, events: Iterable[str]) -> None:
        count = _LINES.first(self._on, declaration=declaration)
        lines = 0 if count is None else count[0]
        for line, event in enumerate(events, lines + 1):
            _ADD_EVENT.run(self._on, declaration=declaration, line=line, at=at, event=event)


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


def _content(on: Session, client: OpenedClient | ProofKeys, declaration: str, piece: str) -> bytes | None:
    row = _EVIDENCE_CONTENT.first(on, declaration=declaration, evidence=piece)
    if row is None or row[0] is None:
        return None
    return client.open_proof("evidence", "content", piece, row[0])


def _head(row: Row) -> Head | None:
    try:
        return Head.of(row[1])
    except (ValueError, TypeError):
        return None
