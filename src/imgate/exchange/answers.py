"""Who asks, what is answered, and that the same request under the same key is answered once (contract §5)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from imgate.exchange.ports import Transaction
from imgate.exchange.refusals import Refused


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``actor`` is the caller's client id, ``path`` the concrete path, ``key`` the Idempotency-Key."""

    actor: str
    path: str
    key: str | None = field(default=None, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status and JSON bytes, kept as they are for the next request with the same key."""

    status: int
    body: bytes = field(repr=False)

    @classmethod
    def of(cls, status: int, content: dict[str, Any]) -> "Answer":
        """Write the answer's JSON."""
        return cls(status, orjson.dumps(content))


def answered_before(tx: Transaction, call: Call, at: datetime) -> Answer | None:
    """Give the answer that this key was given before. Raises Refused 409 where the body is another."""
    if call.key is None:
        return None
    kept = tx.idempotency.find(call.actor, call.path, call.key, at)
    if kept is None:
        return None
    if kept.body_digest != tx.idempotency.digest(call.body):
        raise Refused(409, "idempotency_key_reused")
    return Answer(kept.status, kept.body)


def once(tx: Transaction, call: Call, at: datetime, work: Callable[[], Answer]) -> Answer:
    """Do the work unless this key was answered before, and keep the answer in the same transaction."""
    before = answered_before(tx, call, at)
    if before is not None:
        return before
    answer = work()
    keep_answer(tx, call, answer, at)
    return answer


def keep_answer(tx: Transaction, call: Call, answer: Answer, at: datetime) -> None:
    """Keep the answer under the caller's key, if there is one. Raises KeyInUse where another request was first."""
    if call.key is not None:
        tx.idempotency.keep(call.actor, call.path, call.key, tx.idempotency.digest(call.body), answer.status, answer.body, at)
