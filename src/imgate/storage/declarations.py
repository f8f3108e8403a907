"""Declarations: one head row each that decides (see ``heads``), and beside it the sealed content, evidence and reasons.

What is beside the head may be damaged or gone: whoever needs the head alone asks for no more.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, select, union, update

from imgate.consent.head import Head, VerifiedDeclaration
from imgate.exchange.ports import ClientKeys, ProofOver, Unreadable
from imgate.exchange.stored import Cursor, Evidence, Headless, Page, StoredDeclaration, VerifiedHead
from imgate.storage.client_keys import OpenedClient, ProofKeys, SqlClients
from imgate.storage.evidence import add_evidence, evidence_content, evidence_of
from imgate.storage.heads import THIS, Heads, head_of
from imgate.storage.pages import Listing
from imgate.storage.schema import declaration_events, declaration_heads, declaration_reasons, declarations
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into
from imgate.vocabulary.identifiers import new_id

_d, _h, _e = declarations.c, declaration_heads.c, declaration_events.c
_GET = Statement(select(_d.client, _d.partner, _d.content).where(_d.id == bindparam("declaration")))
# A declaration is a client's by its head; one that has none is found by its own row. A subquery, as below.
_OF_CLIENT = union(select(_d.id).where(_d.client == bindparam("client")), select(_h.id).where(_h.client == bindparam("client")))
_LISTING = Listing(declarations, (_d.id,), _d.id.in_(_OF_CLIENT))
_EVENTS = Statement(select(_e.at, _e.event).where(_e.declaration == bindparam("declaration")).order_by(_e.line))
_LINES = Statement(select(_e.line).where(_e.declaration == bindparam("declaration")))
# Days are compared as text: all are of one width. Whom nobody can look at any more (see ``erase``) has no day.
_MAY_HAVE_ENDED = Statement(
    select(_h.id).where(_h.ends_on < bindparam("before"), _h.ended_at.is_(None)).order_by(_h.ends_on, _h.id).limit(bindparam("limit"))
)
# Found by their last day first: without the subquery a database walks all declarations for the sake of the order.
_ENDING = select(_h.id).where(_h.ends_on <= bindparam("by"), _h.ended_at.is_(None))
_RUNNING_OUT = Listing(declarations, (_d.id, _h.client, _h.partner), _d.id.in_(_ENDING), join=declarations.join(declaration_heads))
_ENDS_ON = Statement(update(declaration_heads).where(*THIS).values(ends_on=bindparam("day")))
_ENDED = Statement(update(declaration_heads).where(*THIS, _h.ended_at.is_(None)).values(ended_at=bindparam("at")))
_ADD = insert_into(declarations)
_ADD_EVENT = insert_into(declaration_events)
_ADD_REASON = insert_into(declaration_reasons)
_r = declaration_reasons.c
_REASONS = Statement(select(_r.id, _r.at, _r.reason).where(_r.declaration == bindparam("declaration")).order_by(_r.at, _r.id))


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
        return evidence_content(self.on, self.client, self.stored.head.id, piece)


class SqlDeclarations:
    """Declarations, their evidence and history."""

    def __init__(self, session: Session, clients: SqlClients) -> None:
        self._on = session
        self._clients = clients
        self._heads = Heads(session)

    def of(self, client: str, partner: str) -> tuple[VerifiedDeclaration, ...]:
        """Give every readable declaration of this client and this partner; one that does not match its MAC is left out."""
        return self._heads.verified(client, partner, self._heads.rows(client, partner))

    def file(self, client: ClientKeys, partner: str) -> "SqlDeclarationFile":
        """Give all that is on file of this client with this partner."""
        opened = OpenedClient.of(client)
        rows = self._heads.rows(opened.digest, partner)
        return SqlDeclarationFile(opened, rows, self._heads.verified(opened.digest, partner, rows))

    def stamp(self, client: str, partner: str) -> object:
        """Give the stamp that ``file`` would show now: the MACs."""
        return self._heads.stamp(client, partner)

    def add(self, client: ClientKeys, head: Head, content: Mapping[str, object], at: datetime) -> None:
        """Store a new declaration with its history line ``created``."""
        opened = OpenedClient.of(client)
        discloser: Any = content["discloser"]
        plain = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        sealed = opened.seal_proof("declarations", "content", head.id, plain)
        unit = opened.seal_proof("declaration_heads", "unit", head.id, discloser["unit"].encode())
        _ADD.run(self._on, id=head.id, client=opened.digest, partner=head.partner, created_at=at, content=sealed)
        self._heads.add(opened.digest, head, unit)
        self._note(head.id, at, ("created",))

    def head(self, declaration: str) -> tuple[OpenedClient, VerifiedHead] | None:
        """Give what decides about one declaration, from its head alone. None where there is none, or its client was erased.

        Raises Unreadable where none matches its MAC.
        """
        place = self._place(declaration)
        client = None if place is None else self._clients.by_digest(place[0])
        if place is None or client is None:
            return None
        rows = self._heads.rows(*place, lock="update")
        siblings = self._heads.verified(*place, rows)
        verified = next((sibling for sibling in siblings if sibling.id == declaration), None)
        if verified is None:
            raise Unreadable("a declaration's head does not match its MAC")
        return client, VerifiedHead(head_of(rows, declaration), verified, siblings)

    def get(self, declaration: str) -> tuple[OpenedClient, StoredDeclaration] | None:
        """Give one declaration with all of it that can be opened; None where there is none, or its client was erased.

        Raises Unreadable where nobody can read its head.
        """
        place = self._place(declaration)
        client = None if place is None else self._clients.by_digest(place[0])
        return None if place is None or client is None else (client, self._stored(client, place[1], declaration))

    def proof(self, declaration: str) -> SqlProof | None:
        """Give what proves one declaration; None where there is none. Raises ProofOver, Unreadable."""
        place = self._place(declaration)
        if place is None:
            return None
        known = self._clients.by_digest(place[0])
        client = known or self._clients.proof_by_digest(place[0])
        if client is None:
            raise ProofOver
        return SqlProof(self._stored(client, place[1], declaration), None if known is None else known.subject, client, self._on)

    def page(self, client: ClientKeys, cursor: Cursor) -> Page[StoredDeclaration | Headless]:
        """List a client's declarations in the order of acceptance."""
        opened = OpenedClient.of(client)
        page = _LISTING.page(self._on, cursor, lambda row: self._listed(opened, row[0]), client=opened.digest)
        return Page(tuple(item for item in page.items if item is not None), page.next)

    def change(self, client: ClientKeys, head: Head, at: datetime, *events: str) -> None:
        """Store the next version of a head, and history lines. Raises Stale where another version came in between, Unreadable."""
        opened = OpenedClient.of(client)
        self._heads.change(opened.digest, head)
        if _GET.first(self._on, declaration=head.id) is None:  # put back, empty: what is told of the declaration refers to its row
            _ADD.run(self._on, id=head.id, client=opened.digest, partner=head.partner, created_at=at, content=b"")
        self._note(head.id, at, events)

    def add_evidence(self, client: ClientKeys, declaration: str, evidence: Evidence) -> None:
        """Store one piece of evidence, sealed under the proof key."""
        add_evidence(self._on, OpenedClient.of(client), declaration, evidence)

    def evidence_content(self, client: ClientKeys, declaration: str, piece: str) -> bytes | None:
        """Load the content of one piece of evidence; None where it has none. Raises Unreadable."""
        return evidence_content(self._on, OpenedClient.of(client), declaration, piece)

    def add_reason(self, client: ClientKeys, declaration: str, at: datetime, reason: str) -> None:
        """Store why something was revoked, sealed under the proof key."""
        row = new_id()
        sealed = OpenedClient.of(client).seal_proof("declaration_reasons", "reason", row, reason.encode())
        _ADD_REASON.run(self._on, id=row, declaration=declaration, at=at, reason=sealed)

    def reasons(self, client: ClientKeys, declaration: str) -> tuple[tuple[datetime, str], ...]:
        """Give why something was revoked or paused, oldest first. Raises Unreadable."""
        opened = OpenedClient.of(client)
        rows = _REASONS.all(self._on, declaration=declaration)
        return tuple((at, opened.open_proof("declaration_reasons", "reason", row, reason).decode()) for row, at, reason in rows)

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

    def _place(self, declaration: str) -> tuple[str, str] | None:
        """Give client and partner as the head says; where there is none, as the declaration's own row does."""
        place = self._heads.place(declaration)
        if place is not None:
            return place
        row = _GET.first(self._on, declaration=declaration)
        return None if row is None else (row[0], row[1])

    def _listed(self, client: OpenedClient, declaration: str) -> StoredDeclaration | Headless | None:
        """Give what is listed of this client, None where the declaration turns out to be another's."""
        place = self._place(declaration)
        if place is None or place[0] != client.digest:
            return None
        try:
            return self._stored(client, place[1], declaration)
        except Unreadable:
            return Headless(declaration)

    def _stored(self, client: OpenedClient | ProofKeys, partner: str, declaration: str) -> StoredDeclaration:
        rows = self._heads.rows(client.digest, partner, lock="update")
        siblings = self._heads.verified(client.digest, partner, rows)
        evidence, unopened = evidence_of(self._on, client, declaration)
        return StoredDeclaration(
            head=head_of(rows, declaration),
            verified=next((sibling for sibling in siblings if sibling.id == declaration), None),
            siblings=siblings,
            content=self._content(client, declaration),
            evidence=evidence,
            history=self._history(declaration),
            unopened=unopened,
        )

    def _content(self, client: OpenedClient | ProofKeys, declaration: str) -> Mapping[str, object]:
        row = _GET.first(self._on, declaration=declaration)
        try:
            return {} if row is None else orjson.loads(client.open_proof("declarations", "content", declaration, row[2]))
        except (Unreadable, TypeError):  # SQLite keeps a number or a text where bytes belong
            return {}

    def _history(self, declaration: str) -> tuple[tuple[datetime, str], ...]:
        try:
            return tuple((at, event) for at, event in _EVENTS.all(self._on, declaration=declaration))
        except (ValueError, TypeError):  # no time, on a database that keeps times as text
            return ()

    def _note(self, declaration: str, at: datetime, events: Iterable[str]) -> None:
        """Write lines after all others, or where there is room: whatever became of the history, it is in nobody's way."""
        taken = {line for (line,) in _LINES.all(self._on, declaration=declaration)}
        free = (line for line in itertools.count(len(taken) + 1) if line not in taken)
        for line, event in zip(free, events, strict=False):
            _ADD_EVENT.run(self._on, declaration=declaration, line=line, at=at, event=event)
