"""Revocations as they are shown: whom they concerned, who was told, who has answered what, and who has not."""

from typing import Any

from imgate.exchange.context import Corridor
from imgate.exchange.listing import shown_at
from imgate.exchange.notice import was_handed_out
from imgate.exchange.ports import Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import Cursor, Notice, Revocation, StoredExchange
from imgate.vocabulary.words import ExchangeState

OPEN = "open"


def show(corridor: Corridor, revocation: str) -> dict[str, Any]:
    """Show one revocation. Raises Refused 404."""
    with corridor.store.reading() as tx:
        run = tx.revocations.get(revocation)
        if run is None:
            raise not_found()
        return shown(tx, run)


def page(corridor: Corridor, cursor: Cursor, *, unanswered: bool | None = None) -> dict[str, Any]:
    """List revocations, oldest first; only those with or without somebody who has yet to answer, if ``unanswered`` says so.

    What is left out is left out of its page, which may so be shorter than asked for, or empty, and have a ``next``. Raises BadCursor.
    """
    with corridor.store.reading() as tx:
        listed = tx.revocations.unanswered(cursor) if unanswered else tx.revocations.page(cursor)
        items = [shown(tx, run) for run in listed.items]
    if unanswered is not None:
        items = [item for item in items if (item["state"] in (OPEN, "unreachable")) is unanswered]
    answer: dict[str, Any] = {"items": items}
    return answer if listed.next is None else answer | {"next": listed.next}


def shown(tx: Transaction, run: Revocation) -> dict[str, Any]:
    """Give the shape of GET /v1/revocations/{id}. After erasure nobody can say any more whom it was about."""
    client = tx.clients.by_digest(run.client)
    notices = tx.revocations.notices(run.id)
    messages = {notice.id: tx.exchanges.get(notice.message) for notice in notices}
    parts = {
        "id": run.id,
        "declaration": run.declaration,
        "client": client and client.reference,
        "partner": run.partner,
        "cause": run.cause.value,
        "scopes": list(run.scopes),
        "at": shown_at(run.at),
        "state": _state(tx, run, notices, messages),
        "notices": [_shown_notice(notice, messages[notice.id]) for notice in notices],
    }
    return {name: part for name, part in parts.items() if part is not None}


def _state(tx: Transaction, run: Revocation, notices: tuple[Notice, ...], messages: dict[str, StoredExchange | None]) -> str:
    """Sum up: ``unreachable`` means that somebody must phone, ``needless`` that in the end nobody had been handed anything."""
    if not notices:
        return "unreachable"
    unanswered = [notice for notice in notices if notice.answer is None]
    if not unanswered:
        return "answered"
    if any(not _needless(tx, run, notice, messages[notice.id]) for notice in unanswered):
        return OPEN
    return "needless" if len(unanswered) == len(notices) else "answered"


def _needless(tx: Transaction, run: Revocation, notice: Notice, message: StoredExchange | None) -> bool:
    return message is not None and message.state is ExchangeState.CANCELLED and not was_handed_out(tx, run.partner, notice)


def _shown_notice(notice: Notice, message: StoredExchange | None) -> dict[str, Any]:
    """Show a notice; one that was given by telephone has no message. ``sent_at``: when the latest was first handed over."""
    sent = [] if message is None else [at for at, state, _ in message.history if state == ExchangeState.DELIVERED]
    parts = {
        "id": notice.id,
        "message": None if message is None else message.id,
        "state": None if message is None else message.state.value,
        "scopes": list(notice.scopes),
        "sent_at": shown_at(sent[0]) if sent else None,
        "reminders": notice.reminders,
        "answer": None if notice.answer is None else notice.answer.value,
        "statute": notice.statute,
        "answered_at": None if notice.answered_at is None else shown_at(notice.answered_at),
    }
    return {name: part for name, part in parts.items() if part is not None}
