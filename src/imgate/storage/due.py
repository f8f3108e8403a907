"""What has run out: found, counted and taken away, kind by kind. ``retention`` says how long each is kept, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import BindParameter, ColumnElement, Select, Table, bindparam, delete, exists, func, literal, or_, select, tuple_, update
from sqlalchemy.sql.base import Executable

from imgate.storage.client_page_tables import scope_requests
from imgate.storage.message_tables import awaited, disclosures, exchange_history, exchanges, inbox, intake, intake_people, outbox
from imgate.storage.schema import (
    client_keys,
    declaration_heads,
    declaration_reasons,
    declarations,
    evidence,
    known,
    notices,
    revocations,
)
from imgate.storage.session import Session
from imgate.storage.statement import Statement

Found = tuple[int, datetime | None]
Keys = Sequence[object]
_LIMIT: BindParameter[int] = bindparam("limit")
# As many as are looked for at once; whoever has taken them looks again.
_MOST = 10_000


class Due(Protocol):
    """One kind of thing."""

    def found(self, on: Session, before: datetime) -> Found:
        """Count what has run out by then, and give the oldest date."""

    def keys(self, on: Session, before: datetime) -> Keys:
        """Look for what has run out, as far as it is to be taken key by key; nothing where nothing has. Holds up no writer."""

    def take(self, on: Session, before: datetime, keys: Keys, limit: int) -> tuple[int, Keys]:
        """Take away about so many of them; give how many went, and of ``keys`` what is left to take."""


class Aged:
    """Rows of one table that are as old as that: they are deleted, or of each only ``cleared`` is taken away."""

    def __init__(self, table: Table, age: ColumnElement[datetime], *conditions: ColumnElement[bool], cleared: str | None = None) -> None:
        key = tuple(table.primary_key.columns)
        old = (age <= bindparam("before", type_=age.type), *conditions)
        oldest = select(*key).where(*old).order_by(age, *key).limit(_LIMIT).with_for_update(skip_locked=True)
        these = (tuple_(*key) if len(key) > 1 else key[0]).in_(oldest)
        self._found = Statement(select(func.count(), func.min(age)).where(*old))
        self._any = Statement(select(literal(True)).where(*old).limit(1))
        self._take = Statement(delete(table).where(these) if cleared is None else update(table).where(these).values({cleared: None}))

    def found(self, on: Session, before: datetime) -> Found:
        """Count what is as old as that."""
        return _found(self._found, on, before)

    def keys(self, on: Session, before: datetime) -> Keys:
        """Give one that stands for all."""
        return self._any.all(on, before=before)

    def take(self, on: Session, before: datetime, keys: Keys, limit: int) -> tuple[int, Keys]:
        """Take away so many, the oldest first."""
        count = self._take.run(on, before=before, limit=limit)
        return count, keys if count >= limit else ()


class Several:
    """What hangs together: for each key that is ``due``, all of it goes by these statements, each given the ``key``.

    To look for the keys can take a while, so that it is done by a reader; whether one is still due the writer looks again, and holds it.
    """

    def __init__(self, count: Executable, due: Select[Any], key: ColumnElement[str], *statements: Executable, counted: int) -> None:
        """``due`` selects the ``key``, in some order; ``counted`` is the statement of which the rows are counted."""
        self._found = Statement(count)
        self._due = Statement(due.limit(_LIMIT))
        self._still = Statement(due.order_by(None).where(key == bindparam("key")).with_for_update(skip_locked=True))
        self._statements = [Statement(statement) for statement in statements]
        self._counted = counted

    def found(self, on: Session, before: datetime) -> Found:
        """Count what is due."""
        return _found(self._found, on, before)

    def keys(self, on: Session, before: datetime) -> Keys:
        """Give the keys that are due."""
        return [key for (key,) in self._due.all(on, before=before, limit=_MOST)]

    def take(self, on: Session, before: datetime, keys: Keys, limit: int) -> tuple[int, Keys]:
        """Take away all of one key after the other, until it is at least so many."""
        went = done = 0
        for key in keys:
            if went >= limit or done >= limit:
                break
            done += 1
            if self._still.first(on, before=before, key=key) is not None:
                went += [statement.run(on, key=key) for statement in self._statements][self._counted]
        return went, keys[done:]


def _found(statement: Statement, on: Session, before: datetime) -> Found:
    row = statement.first(on, before=before)
    return (0, None) if row is None else (row[0], row[1])


def _until(column: ColumnElement[datetime]) -> ColumnElement[bool]:
    return column <= bindparam("before", type_=column.type)


_KEY: Any = bindparam("key")


def _reports() -> Several:
    """Intake reports, but for those that wait, or of which something lies in the inbox."""
    i, p = intake.c, intake_people.c
    lies = select(inbox.c.exchange).join(intake_people, p.exchange == inbox.c.exchange).where(p.receipt == i.receipt).exists()
    due = (_until(i.received_at), i.outcome != "waiting", ~lies)
    return Several(
        select(func.count(), func.min(i.received_at)).where(*due),
        select(i.receipt).where(*due).order_by(i.position),
        i.receipt,
        delete(intake_people).where(p.receipt == _KEY),
        delete(intake).where(i.receipt == _KEY),
        counted=1,
    )


def _proofs() -> Several:
    """The proof of erased clients: the key first of all, and what only that key could open."""
    k, d = client_keys.c, declarations.c
    due = (k.proof_key.is_not(None), _until(k.proof_until))
    of_client = select(d.id).where(d.client == _KEY)
    return Several(
        select(func.count(), func.min(k.proof_until)).where(*due),
        select(k.client).where(*due).order_by(k.proof_until, k.client),
        k.client,
        update(client_keys).where(k.client == _KEY).values(proof_key=None),
        delete(evidence).where(evidence.c.declaration.in_(of_client)),
        delete(declaration_reasons).where(declaration_reasons.c.declaration.in_(of_client)),
        update(declarations).where(d.client == _KEY).values(content=b""),
        counted=0,
    )


def _histories() -> Several:
    """The whole history of a client of whom nothing has happened since then, and nothing waits or can still happen.

    It goes as a whole: who holds what of somebody is folded from all hand-outs (see ``ledger``), and whoever holds something is to be
    told when the permission ends.
    """
    k, x, d, n, r = client_keys.c, exchanges.c, disclosures.c, notices.c, revocations.c
    # The latest by its place in the index, and not the newest of all: so each client costs one look, however long the history is.
    latest = select(x.created_at).where(x.client == k.client).order_by(x.written_in.desc(), x.position.desc()).limit(1).scalar_subquery()
    handed_out = select(d.at).where(d.client == k.client).order_by(d.written_in.desc(), d.position.desc()).limit(1).scalar_subquery()
    ids = select(x.id).where(x.client == k.client)
    due = (
        _until(latest),
        or_(handed_out.is_(None), _until(handed_out)),
        or_(k.erased_at.is_(None), _until(k.erased_at)),
        *(~exists().where(waits.c.exchange.in_(ids)) for waits in (outbox, inbox, awaited)),
        ~exists().where(
            declaration_heads.c.client == k.client, declaration_heads.c.ended_at.is_(None), declaration_heads.c.ends_on.is_not(None)
        ),
        ~exists().where(n.client == k.client, n.answer.is_(None), k.erased_at.is_(None)),
        ~exists().where(scope_requests.c.client == k.client, scope_requests.c.answered_at.is_(None)),
    )
    of_client = select(x.id).where(x.client == _KEY)
    return Several(
        select(func.count(), func.min(x.created_at)).where(x.client.in_(select(k.client).where(*due))),
        select(k.client).where(*due).order_by(k.client),
        k.client,
        delete(exchange_history).where(exchange_history.c.exchange.in_(of_client)),
        delete(disclosures).where(d.client == _KEY),
        delete(scope_requests).where(scope_requests.c.client == _KEY),
        delete(known).where(known.c.client == _KEY),
        update(intake_people).where(intake_people.c.exchange.in_(of_client)).values(exchange=None),
        delete(exchanges).where(x.client == _KEY),
        delete(notices).where(n.client == _KEY),
        delete(revocations).where(r.client == _KEY),
        counted=5,
    )


REPORTS, PROOFS, HISTORIES = _reports(), _proofs(), _histories()
