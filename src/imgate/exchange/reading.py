"""What a partner's people read of what waits for the partner: one message, and the same on paper. The list is ``reading_list``.

A look is a hand-out: it is decided again as where the partner's machine fetches, by the same functions, and goes on record before
anything is shown (see ``boxes``). Of what may not be had now nothing is said, and it is the same nothing as where there is no such message.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

import structlog

from imgate.consent.judge import level_at, now
from imgate.exchange.again import Ground, Leaving, decide_outbox, envelope_of, ground_of, minimise_again
from imgate.exchange.answers import Call
from imgate.exchange.boxes import hand_out
from imgate.exchange.code_lists import StoredNames
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable, Wanted
from imgate.exchange.refusals import not_found
from imgate.exchange.sealing import open_released
from imgate.exchange.stored import Cursor, OutboxItem
from imgate.exchange.turns import in_turn
from imgate.plugin_api import Envelope, ReleasedRecord
from imgate.vocabulary.words import Direction, EvidenceLevel

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Permission:
    """One declaration under which scopes may be had: what its head says, and nothing in the client's words."""

    declaration: str
    scopes: tuple[str, ...]
    since: date
    until: str
    level: EvidenceLevel


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as it may be read now. ``content`` are its bytes; ``missing`` is what could be asked for, ``asked`` what was, from here."""

    id: str
    purpose: str
    created_at: datetime
    media_type: str
    content: bytes = field(repr=False)
    envelope: Envelope
    released: ReleasedRecord
    permissions: tuple[Permission, ...]
    missing: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """A notice of the end of use as it is read: whose, of what, since which day, and whether it is a reminder."""

    id: str
    created_at: datetime
    media_type: str
    content: bytes = field(repr=False)
    reference: str = field(repr=False)
    scopes: tuple[str, ...]
    ended_on: date
    reminder: bool


def read(corridor: Corridor, call: Call, partner_id: str, exchange_id: str) -> ReadMessage | ReadNotice:
    """Hand out one message to be read. Raises Refused 404 for whatever this partner may not have now."""
    try:
        found = _read(corridor, call, partner_id, exchange_id)
    except Unreadable:  # what was put on record of it is undone with it
        _log.error("not_handed_out", exchange=exchange_id, partner=partner_id, why="unreadable")
        found = None
    if found is None:  # not inside the transaction: what was narrowed or dropped in it stays so
        raise not_found()
    return found


def on_paper(corridor: Corridor, call: Call, partner_id: str, exchange_id: str) -> bytes:
    """Hand out one message as a PDF: the released part and nothing else. Takes tens of milliseconds.

    For a partner that takes paper that is the very message. Raises Refused 404, 422 ``paper_too_long``, 501 ``papers_unavailable``;
    AdapterFault, PaperFault.
    """
    message = read(corridor, call, partner_id, exchange_id)
    if isinstance(message, ReadNotice):
        raise not_found()
    if message.media_type == corridor.presenter.media_type:
        return message.content
    adapter = corridor.partners[partner_id].adapter
    valid = adapter.validate(adapter.translate(message.released, message.envelope))
    return corridor.presenter.present(valid, message.released, message.envelope, StoredNames(corridor.store)).content


def ground_to_ask(
    corridor: Corridor, tx: Transaction, partner_id: str, exchange_id: str, at: datetime
) -> tuple[ClientKeys, OutboxItem, Ground] | None:
    """Give on what this partner may read a message now, None where it may not. Hands nothing out and changes nothing."""
    partner = partner_of(corridor, partner_id)
    item = _one(tx, partner_id, exchange_id, at)
    client = None if item is None or item.exchange.notice is not None else tx.clients.by_digest(item.exchange.client)
    if item is None or client is None:
        return None
    try:
        ground = ground_of(tx, partner, client, item, at)
    except Unreadable:
        return None
    return None if ground is None else (client, item, ground)


def missing_scopes(partner: Partner, ground: Ground) -> tuple[str, ...]:
    """Name what the partner's format has a place for and this message does not bring. Whether it is permitted is not looked at."""
    ceiling, closed = partner.policy.ceiling_of(Direction.TO_PARTNER), partner.policy.closed
    there = ground.decision.permitted
    return tuple(scope for scope in partner.policy.catalogue.scopes if scope in ceiling and scope not in closed and scope not in there)


def partner_of(corridor: Corridor, partner_id: str) -> Partner:
    """Give a configured partner. Raises Refused 404."""
    partner = corridor.partners.get(partner_id)
    if partner is None:
        raise not_found()
    return partner


def _one(tx: Transaction, partner_id: str, exchange_id: str, at: datetime) -> OutboxItem | None:
    """Find one message where the list would show it: what is pushed, or still held, is nobody's to read."""
    return next(iter(tx.outbox.search(partner_id, Cursor(limit=1), at, Wanted(exchange=exchange_id)).items), None)


@in_turn
def _read(corridor: Corridor, call: Call, partner_id: str, exchange_id: str) -> ReadMessage | ReadNotice | None:
    partner = partner_of(corridor, partner_id)
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        item = _one(tx, partner_id, exchange_id, at)
        handed = None if item is None else hand_out(corridor, tx, call, partner, item, at, decide_outbox)
        now_there = _one(tx, partner_id, exchange_id, at)  # it may have become narrower just now
        if handed is None or now_there is None:
            return None
        client, leaving = handed
        if now_there.exchange.notice is not None:
            return _notice(corridor, tx, now_there, leaving)
        return _message(corridor, tx, partner, client, now_there, leaving, at)


def _message(
    corridor: Corridor, tx: Transaction, partner: Partner, client: ClientKeys, item: OutboxItem, leaving: Leaving, at: datetime
) -> ReadMessage | None:
    exchange = item.exchange
    ground, box = ground_of(tx, partner, client, item, at), tx.outbox.box(exchange.id)
    if ground is None or box is None:
        return None
    released = minimise_again(corridor, partner, item, ground, open_released(client, exchange.id, box), at).released
    asked = {scope for one in tx.scope_requests.of(client.digest, partner.id) if one.exchange == exchange.id for scope in one.scopes}
    missing = missing_scopes(partner, ground)
    return ReadMessage(
        id=exchange.id,
        purpose=str(exchange.purpose),
        created_at=exchange.created_at,
        media_type=item.media_type,
        content=leaving.content,
        envelope=envelope_of(corridor, partner, exchange, ground.link),
        released=released,
        permissions=tuple(_permissions(corridor, ground, at)),
        missing=tuple(scope for scope in missing if scope not in asked),
        asked=tuple(scope for scope in missing if scope in asked),
    )


def _permissions(corridor: Corridor, ground: Ground, at: datetime) -> list[Permission]:
    permitted, found = ground.decision.permitted, []
    for declaration in {named.id: named for named in permitted.values()}.values():
        level = level_at(declaration, now(at))
        if level is None:  # the decision would not have named it
            continue
        scopes = tuple(scope for scope, named in permitted.items() if named.id == declaration.id)
        since = declaration.opens_at.astimezone(corridor.policy.zone).date()
        found.append(Permission(declaration.id, scopes, since, declaration.valid_until, level))
    return found


def _notice(corridor: Corridor, tx: Transaction, item: OutboxItem, leaving: Leaving) -> ReadNotice | None:
    notice = tx.revocations.notice(str(item.exchange.notice))
    run = None if notice is None else tx.revocations.get(notice.revocation)
    if notice is None or run is None:
        return None
    return ReadNotice(
        id=item.exchange.id,
        created_at=item.exchange.created_at,
        media_type=item.media_type,
        content=leaving.content,
        reference=leaving.reference,
        scopes=notice.scopes,
        ended_on=run.at.astimezone(corridor.policy.zone).date(),
        reminder=notice.reminders > 0 and notice.message == item.exchange.id,
    )
