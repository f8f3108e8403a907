"""Erasing a client (Art. 17 GDPR, contract §7): what names the client goes at once, what proves the past without naming goes later.

At once: the data key, and with it messages, links, references and the audit log's subject; every digest of this client in
every row, in whose place a random one comes. At the end of the term of proof (see ``sweep``): the proof key, and with it the
declarations' content and evidence. The log then still says what happened, no longer to whom.

On SQLite deleted bytes are overwritten, the file is written anew and the write-ahead log is cut, before this returns. PostgreSQL
gives no such promise: VACUUM frees the rows' space, but until it is used again the old bytes may stay in the files, in the
write-ahead log's archive and in replicas. What keeps them unreadable there is that the data key is gone; that a digest was there
stays visible to whoever reads the disk and has the index key.
"""

import secrets
from contextlib import suppress
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import BindParameter, bindparam, delete, exists, select, update

from imgate.audit.events import Event, EventName
from imgate.consent.head import head_mac, verify_head
from imgate.exchange.ports import Exchanges, Unavailable, Unreadable
from imgate.storage.client_keys import OpenedClient, SqlClients
from imgate.storage.client_page_tables import client_pages, scope_requests
from imgate.storage.engine import is_sqlite
from imgate.storage.erasures import Erasure, ErasuresMissing, append_erasure
from imgate.storage.log_tables import access_log
from imgate.storage.message_tables import awaited, disclosures, exchanges, inbox, intake_people, outbox
from imgate.storage.people_tables import sessions
from imgate.storage.schema import client_keys, declaration_heads, known, links, notices, origins
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.storage.store import SqlStore
from imgate.storage.transaction import SqlTransaction
from imgate.storage.vault import DIGEST_HEX
from imgate.vocabulary.words import ExchangeState

D = TypeVar("D", bound=date)

PROOF_YEARS = 3
# In SQLite's own number for whoever uses it: what was freed has not been overwritten yet.
_OWED = 1

_k, _h, _x, _p = client_keys.c, declaration_heads.c, exchanges.c, intake_people.c
_CLIENT: BindParameter[str] = bindparam("client_digest")
_OF_CLIENT = select(_x.id).where(_x.client == _CLIENT)
# Of an inbox item the appointments may have been handed out by themselves.
_TAKEN_FROM = exists().where(disclosures.c.client == _CLIENT, disclosures.c.exchange == inbox.c.exchange)
_WAITING = [
    Statement(select(outbox.c.exchange).where(outbox.c.exchange.in_(_OF_CLIENT), outbox.c.handed_out_at.is_(None))),
    Statement(select(inbox.c.exchange).where(inbox.c.exchange.in_(_OF_CLIENT), inbox.c.handed_out_at.is_(None), ~_TAKEN_FROM)),
]
_IN_FLIGHT = Statement(select(outbox.c.exchange).where(outbox.c.exchange.in_(_OF_CLIENT), outbox.c.begun_at.is_not(None)))
_d, _n = disclosures.c, notices.c
# Under what partners know this person, or did; each bound to its row.
_REFERENCES = {
    "links": Statement(select(links.c.partner, links.c.reference).where(links.c.client == _CLIENT)),
    "disclosures": Statement(select(_d.exchange, _d.reference).where(_d.client == _CLIENT, _d.reference.is_not(None))),
    "notices": Statement(select(_n.id, _n.reference).where(_n.client == _CLIENT, _n.reference != b"")),
}
_UNKNOWN = Statement(select(_p.receipt, _p.line, _p.reference).where(_p.reference.is_not(None)))
_FORGET = Statement(
    update(intake_people).where(_p.receipt == bindparam("of_receipt"), _p.line == bindparam("of_line")).values(reference=None)
)
_DELETIONS = [
    Statement(delete(awaited).where(awaited.c.exchange.in_(_OF_CLIENT))),
    Statement(delete(outbox).where(outbox.c.exchange.in_(_OF_CLIENT))),
    Statement(delete(inbox).where(inbox.c.exchange.in_(_OF_CLIENT))),
    Statement(delete(links).where(links.c.client == _CLIENT)),
    Statement(delete(origins).where(origins.c.client == _CLIENT)),
    Statement(delete(known).where(known.c.client == _CLIENT)),
    Statement(delete(client_pages).where(client_pages.c.client == _CLIENT)),
    Statement(delete(scope_requests).where(scope_requests.c.client == _CLIENT)),
    Statement(delete(sessions).where(sessions.c.client == _CLIENT)),
    Statement(update(exchanges).where(_x.client == _CLIENT).values(by=None)),
    Statement(update(disclosures).where(disclosures.c.client == _CLIENT).values(reference=None)),
    Statement(update(notices).where(notices.c.client == _CLIENT).values(reference=b"", statute=None, remind_at=None)),
    Statement(update(declaration_heads).where(_h.client == _CLIENT).values(ends_on=None)),
]
_REWRITTEN = (
    access_log,
    awaited,
    client_keys,
    client_pages,
    declaration_heads,
    disclosures,
    exchanges,
    inbox,
    intake_people,
    known,
    links,
    notices,
    origins,
    outbox,
    scope_requests,
    sessions,
)
_KEYS = Statement(select(_k.wrapping_key, _k.proof_key).where(_k.client == _CLIENT))
# The other tables' rows follow by their foreign keys.
_REPLACE = Statement(
    update(client_keys)
    .where(_k.client == _CLIENT)
    .values(
        client=bindparam("to_client"),
        wrapping_key=bindparam("to_wrapping_key"),
        proof_key=bindparam("to_proof_key"),
        data_key=None,
        subject=None,
        reference=None,
        erased_at=bindparam("at"),
        proof_until=bindparam("until"),
    )
)
_HEADS = Statement(select(_h.partner, _h.id, _h.head, _h.unit, _h.mac).where(_h.client == _CLIENT))
_REMAC = Statement(
    update(declaration_heads)
    .where(_h.client == _CLIENT, _h.partner == bindparam("of_partner"), _h.id == bindparam("of_declaration"))
    .values(mac=bindparam("to_mac"))
)


def erase_client(store: SqlStore, reference: str, at: datetime, actor: str, proof_years: int = PROOF_YEARS) -> bool:
    """Erase a client; False where nobody is known by this reference. Blocks for as long as the database file is written anew.

    The line in the file of erasures comes before the commit: should that fail, a restored backup erases once too often
    rather than once too little. Raises ErasuresMissing where no such file is configured.
    """
    if store.erasures is None:
        raise ErasuresMissing("no file of erasures is configured: a backup could bring the client back")
    with store.transaction() as tx:
        client = SqlClients(tx.session).find(reference)
        if client is None:
            return False
        erase_rows(tx, client, at, actor, proof_years)
        append_erasure(store.erasures, store.vault.erasure, Erasure(client.id, at))
    compact(store)
    return True


def erase_rows(tx: SqlTransaction, client: OpenedClient, at: datetime, actor: str, proof_years: int) -> None:
    """Do everything that is done inside the transaction, the audit event included."""
    on, subject = tx.session, client.subject
    cancelled = _cancel(on, tx.exchanges, client, at)
    _forget_references(on, client)
    for deletion in _DELETIONS:
        deletion.run(on, client_digest=client.digest)
    _replace_digest(on, client, at, years_later(at, proof_years))
    tx.audit(Event(EventName.CLIENT_ERASED, at, actor, subject, {"client": client.id, "cancelled": cancelled}))
    owe_compaction(on)


def owe_compaction(session: Session) -> None:
    """Note, in this transaction, that what it frees is still to be overwritten: whoever dies before it is, leaves it to the next sweep."""
    if is_sqlite(session.dialect):
        session.driver.execute(f"PRAGMA user_version={_OWED}")


def owes_compaction(store: SqlStore) -> bool:
    """Tell whether somebody noted so. Never on PostgreSQL, where VACUUM comes by itself."""
    with store.reading() as tx:
        return is_sqlite(tx.session.dialect) and tx.session.driver.execute("PRAGMA user_version").fetchone()[0] == _OWED


def compact(store: SqlStore) -> None:
    """Overwrite what was freed, as far as the database can."""
    with store.alone() as session:
        if is_sqlite(session.dialect):
            # `secure_delete` overwrites freed cells; what moved about when pages were split or joined only a new file leaves behind.
            session.driver.execute("VACUUM")
            busy = session.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise Unavailable("it is deleted, but the write-ahead log could not be cut because somebody reads: the next sweep does it")
            session.driver.execute("PRAGMA user_version=0")
        else:
            for table in _REWRITTEN:
                session.driver.execute(f"VACUUM {table.name}")


def _cancel(on: Session, history: Exchanges, client: OpenedClient, at: datetime) -> int:
    """Cancel what nobody has seen yet. An attempt that is under way keeps its state: its outcome is still to come."""
    waiting = {row[0] for statement in _WAITING for row in statement.all(on, client_digest=client.digest)}
    waiting -= {row[0] for row in _IN_FLIGHT.all(on, client_digest=client.digest)}
    for exchange in sorted(waiting):
        history.move(exchange, ExchangeState.CANCELLED, at, "client_erased")
    return len(waiting)


def _forget_references(on: Session, client: OpenedClient) -> None:
    """Delete this person's references, earlier ones too, where they came in without a link and are kept as those of an unknown person."""
    known: set[str] = set()
    for table, statement in _REFERENCES.items():
        for row, sealed in statement.all(on, client_digest=client.digest):
            with suppress(Unreadable):  # a damaged row is no reason to keep the others
                known.add(client.open(table, "reference", row, sealed).decode())
    if not known:
        return
    for receipt, line, sealed in _UNKNOWN.all(on):
        with suppress(Unreadable):
            if on.vault.open_intake("reference", f"{receipt}/{line}", sealed).decode() in known:
                _FORGET.run(on, of_receipt=receipt, of_line=line)


def _replace_digest(on: Session, client: OpenedClient, at: datetime, until: datetime) -> None:
    """Put a random digest in the place of the client's, with the proof key and the heads bound to it anew."""
    keys = _KEYS.first(on, client_digest=client.digest)
    assert keys is not None  # noqa: S101  # the client was just opened
    wrapping_key, wrapped = keys
    digest = secrets.token_hex(DIGEST_HEX // 2)
    proof_key = on.vault.rewrap(wrapping_key, "proof_key", client.id, (client.digest, digest), wrapped)
    genuine = [
        (partner, declaration, head, unit)
        for partner, declaration, head, unit, mac in _HEADS.all(on, client_digest=client.digest)
        if verify_head(on.vault.head_key, client.digest, head, unit, mac, on.zone) is not None
    ]
    _REPLACE.run(
        on,
        client_digest=client.digest,
        to_client=digest,
        to_wrapping_key=on.vault.wrapping_id,
        to_proof_key=proof_key,
        at=at,
        until=until,
    )
    for partner, declaration, head, unit in genuine:
        mac = head_mac(on.vault.head_key, digest, head, unit)
        _REMAC.run(on, client_digest=digest, of_partner=partner, of_declaration=declaration, to_mac=mac)


def years_later(at: D, years: int) -> D:
    """Go on by so many years, or back by as many below zero; from 29 February to the 28th."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)
