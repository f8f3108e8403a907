"""What a partner's people answer to a message that they can read now, in the terms of the partner's own format.

It becomes a message of the core's own form and goes the way of every inbound message. So whoever answers is told the same for every
person, and whether anything of it was taken is the judge's to decide and the case system's to know.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import anyio.to_thread
import orjson

from imgate.exchange.answer_message import write_answer
from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.inbound import accept_answer
from imgate.exchange.reading import ground_to_ask
from imgate.exchange.refusals import Problem, Refused, not_found
from imgate.plugin_api import Place
from imgate.record import validate_record
from imgate.vocabulary.words import Direction

# Who somebody is, is corrected with papers and not by an answer.
_IDENTITY = "person"


def answerable(partner: Partner) -> Mapping[str, Place]:
    """Give what can be answered: what the format from this partner has a place for, without closed scopes and without identity."""
    taken, policy = partner.adapter.taken, partner.policy
    open_to_it = policy.ceiling_of(Direction.FROM_PARTNER) - policy.closed
    scopes = (scope for scope, entry in policy.catalogue.scopes.items() if scope in open_to_it and entry.section != _IDENTITY)
    return {scope: taken[scope] for scope in scopes if scope in taken}


def answered_about(corridor: Corridor, partner_id: str, exchange_id: str) -> tuple[str, str]:
    """Give the reference and the purpose of a message that this partner may read now; hands nothing out. Raises Refused 404."""
    with corridor.store.reading() as tx:
        readable = ground_to_ask(corridor, tx, partner_id, exchange_id, corridor.clock())
    if readable is None:
        raise not_found()
    _, item, ground = readable
    return ground.link.reference, str(item.exchange.purpose)


async def answer(corridor: Corridor, call: Call, partner_id: str, exchange_id: str, record: Mapping[str, Mapping[str, Any]]) -> Answer:
    """Answer a message with a partial record; gives 202 with the receipt, whoever it is about.

    The same record under the same ``call.key`` (a UUID) is one answer, another record under it is another; see ``answer_key``.
    Raises Refused 404, 422 ``scope_unknown`` for what the partner's format has no place for, RecordInvalid.
    """
    reference, purpose = await anyio.to_thread.run_sync(answered_about, corridor, partner_id, exchange_id)
    checked: Mapping[str, Any] = validate_record(record)
    _stay_within(answerable(corridor.partners[partner_id]), checked)
    key = answer_key(call, exchange_id, record)
    body = write_answer(key, reference, purpose, checked)
    return await accept_answer(corridor, Call(call.actor, call.path, key, body), partner_id, body)


def answer_key(call: Call, exchange_id: str, record: Mapping[str, Mapping[str, Any]]) -> str:
    """Give the id under which the answer is kept and taken once: of the form that was sent, and of what was said in it."""
    said = orjson.dumps([exchange_id, record], option=orjson.OPT_SORT_KEYS)
    return str(uuid.uuid5(uuid.UUID(str(call.key)), said.decode()))


def _stay_within(places: Mapping[str, Place], record: Mapping[str, Mapping[str, Any]]) -> None:
    for section, items in record.items():
        for item, value in items.items():
            place = places.get(f"{section}.{item}")
            if place is None or not set(place.without).isdisjoint(_paths(value)):
                raise Refused(422, "scope_unknown", [Problem("scope_unknown", f"/{section}/{item}")])


def _paths(value: Any, above: str = "") -> Iterator[str]:
    """Name the leaves of a value as a field table does: joined by dots, a list without a sign of its own."""
    if isinstance(value, list):
        for entry in value:
            yield from _paths(entry, above)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield f"{above}{name}"
            yield from _paths(inner, f"{above}{name}.")
