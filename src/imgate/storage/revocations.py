"""Ends of declarations, what partners were told about them, and what they answered.

The reference and the statute that a partner names are sealed under the client's data key: after erasure both are gone, and that
somebody was told, and answered, stays.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, select, union, update

from imgate.exchange.ports import ClientKeys, Unreadable
from imgate.exchange.stored import Cursor, Notice, Page, Revocation
from imgate.storage.client_keys import OpenedClient, SqlClients
from imgate.storage.pages import Listing
from imgate.storage.schema import notices, revocations
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into
from imgate.vocabulary.words import EndCause, EndOfUseAnswer

_r, _n = revocations.c, notices.c
_RUN = (_r.id, _r.client, _r.partner, _r.declaration, _r.cause, _r.scopes, _r.at)
_TOLD = (
    _n.id,
    _n.revocation,
    _n.client,
    _n.reference,
    _n.scopes,
    _n.message,
    _n.reminders,
    _n.remind_at,
    _n.answer,
    _n.statute,
    _n.answered_at,
)
_THIS = _n.id == bindparam("notice")
_ADD = insert_into(revocations)
_ADD_NOTICE = insert_into(notices)
_GET = Statement(select(*_RUN).where(_r.id == bindparam("revocation")))
_LISTING = Listing(revocations, _RUN)
_told = revocations.alias()
# By position: see ``intake``.
_UNANSWERED = Listing(
    revocations,
    _RUN,
    _r.position.in_(
        union(
            select(_told.c.position).join(notices, _n.revocation == _told.c.id).where(_n.answer.is_(None)),
            select(_told.c.position).where(~select(_n.id).where(_n.revocation == _told.c.id).exists()),
        )
    ),
)
_OF_DECLARATION = Statement(select(*_RUN).where(_r.declaration == bindparam("declaration")).order_by(_r.written_in, _r.position))
_OF_RUN = Statement(select(*_TOLD).where(_n.revocation == bindparam("revocation")).order_by(_n.id))
_ONE = Statement(select(*_TOLD).where(_THIS))
_OF_CLIENT = Statement(
    select(*_RUN, *_TOLD)
    .select_from(notices.join(revocations, _r.id == _n.revocation))
    .where(_n.client == bindparam("client"))
    .order_by(_r.written_in, _r.position, _n.id)
)
_DUE = Statement(
    select(*_TOLD)
    .where(_n.remind_at.is_not(None), _n.remind_at <= bindparam("at"))
    .order_by(_n.remind_at, _n.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_TELL_AGAIN = Statement(
    update(notices)
    .where(_THIS, _n.answer.is_(None))
    .values(
        message=bindparam("to_message"),
        reminders=_n.reminders + case((_n.message == bindparam("same_message"), 0), else_=1),
        remind_at=bindparam("to_remind_at"),
    )
)
_ANSWER = Statement(
    update(notices)
    .where(_THIS)
    .values(answer=bindparam("to_answer"), statute=bindparam("to_statute"), answered_at=bindparam("to_answered_at"), remind_at=None)
)


class SqlRevocations:
    """Ends of declarations, notices and answers."""

    def __init__(self, session: Session, clients: SqlClients) -> None:
        self._on = session
        self._clients = clients

    def add(self, revocation: Revocation) -> None:
        """Store one."""
        _ADD.run(
            self._on,
            id=revocation.id,
            client=revocation.client,
            partner=revocation.partner,
            declaration=revocation.declaration,
            cause=revocation.cause.value,
            scopes=revocation.scopes,
            at=revocation.at,
        )

    def get(self, revocation: str) -> Revocation | None:
        """Give one."""
        row = _GET.first(self._on, revocation=revocation)
        return None if row is None else _revocation(row)

    def page(self, cursor: Cursor) -> Page[Revocation]:
        """List all, oldest first."""
        return _LISTING.page(self._on, cursor, _revocation)

    def unanswered(self, cursor: Cursor) -> Page[Revocation]:
        """List those with a notice that was not answered, or without any, oldest first."""
        return _UNANSWERED.page(self._on, cursor, _revocation)

    def of_declaration(self, declaration: str) -> tuple[Revocation, ...]:
        """Give those of one declaration, oldest first."""
        return tuple(_revocation(row) for row in _OF_DECLARATION.all(self._on, declaration=declaration))

    def add_notice(self, client: ClientKeys, notice: Notice) -> None:
        """Store a notice; its reference is sealed under the data key."""
        _ADD_NOTICE.run(
            self._on,
            id=notice.id,
            revocation=notice.revocation,
            client=notice.client,
            reference=client.seal("notices", "reference", notice.id, notice.reference.encode()),
            scopes=notice.scopes,
            message=notice.message,
            reminders=notice.reminders,
            remind_at=notice.remind_at,
            answer=None,
            statute=None,
            answered_at=None,
        )

    def notices(self, revocation: str) -> tuple[Notice, ...]:
        """Give the notices of a revocation; after the client's erasure without reference and statute (empty, None)."""
        return self._notices(_OF_RUN.all(self._on, revocation=revocation))

    def notice(self, notice: str) -> Notice | None:
        """Give one notice."""
        row = _ONE.first(self._on, notice=notice)
        return None if row is None else self._notices([row])[0]

    def of_client(self, client: str) -> tuple[tuple[Revocation, Notice], ...]:
        """Give a client's notices (by digest), each with its revocation, oldest first."""
        rows = _OF_CLIENT.all(self._on, client=client)
        told = self._notices([row[len(_RUN) :] for row in rows])
        return tuple((_revocation(row[: len(_RUN)]), notice) for row, notice in zip(rows, told, strict=True))

    def told_again(self, notice: str, message: str, remind_at: datetime | None) -> None:
        """Record a reminder: its message, counted, and when the next is due; None: there is none.

        The message that is there already is no reminder, and counts as none: then the next is put off. What was answered
        in the meantime stays as it is.
        """
        _TELL_AGAIN.run(self._on, notice=notice, to_message=message, same_message=message, to_remind_at=remind_at)

    def to_remind(self, at: datetime, limit: int) -> tuple[Notice, ...]:
        """Give unanswered notices whose reminder is due; of several workers each gets others."""
        return self._notices(_DUE.all(self._on, at=at, limit=limit))

    def answer(self, client: ClientKeys | None, notice: str, answer: EndOfUseAnswer, statute: str | None, at: datetime) -> None:
        """Record what the partner answered, and remind it no more. After the client's erasure there is no key for the statute."""
        sealed = None if client is None or statute is None else client.seal("notices", "statute", notice, statute.encode())
        _ANSWER.run(self._on, notice=notice, to_answer=answer.value, to_statute=sealed, to_answered_at=at)

    def _notices(self, rows: Sequence[Row]) -> tuple[Notice, ...]:
        """Open them; the rows of one run are of one client, whose keys are unwrapped once."""
        opened: dict[str, OpenedClient | None] = {}
        for row in rows:
            if row[2] not in opened:
                opened[row[2]] = self._clients.by_digest(row[2])
        return tuple(_notice(opened[row[2]], row) for row in rows)


def _revocation(row: Row) -> Revocation:
    revocation, client, partner, declaration, cause, scopes, at = row
    return Revocation(revocation, client, partner, declaration, EndCause(cause), tuple(scopes), at)


def _notice(opened: OpenedClient | None, row: Row) -> Notice:
    notice, revocation, client, reference, scopes, message, reminders, remind_at, answer, statute, answered_at = row
    return Notice(
        id=notice,
        revocation=revocation,
        client=client,
        reference=_opened(opened, "reference", notice, reference) or "",
        scopes=tuple(scopes),
        message=message,
        reminders=reminders,
        remind_at=remind_at,
        answer=None if answer is None else EndOfUseAnswer(answer),
        statute=_opened(opened, "statute", notice, statute),
        answered_at=answered_at,
    )


def _opened(client: OpenedClient | None, column: str, notice: str, sealed: bytes | None) -> str | None:
    """Open what is sealed; what cannot be opened counts as missing, so that one broken row hides none of the others."""
    if client is None or not sealed:
        return None
    try:
        return client.open("notices", column, notice, sealed).decode()
    except Unreadable:
        return None
