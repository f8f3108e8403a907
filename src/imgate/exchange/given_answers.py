"""What was answered under a key before: a page that comes after a change shows it again as often as it is asked for."""

from typing import Any

import orjson

from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.refusals import not_found


def given_answer(corridor: Corridor, call: Call) -> dict[str, Any]:
    """Give what this caller was answered under this path and key, for as long as keys are kept. Raises Refused 404."""
    with corridor.store.reading() as tx:
        kept = None if call.key is None else tx.idempotency.find(call.actor, call.path, call.key, corridor.clock())
    if kept is None:
        raise not_found()
    answer: dict[str, Any] = orjson.loads(kept.body)
    return answer
