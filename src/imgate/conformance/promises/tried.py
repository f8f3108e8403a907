"""How the promises try an adapter: through the core where the core stands between, past it where a plugin must keep its word alone."""

import os
import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from typing import Any

import pytest

from imgate.adapters.adapter import LoadedAdapter, PartnerMessage
from imgate.adapters.errors import AdapterFault
from imgate.conformance.canaries import message_id_of, reference_of
from imgate.conformance.envelope import ENVELOPE
from imgate.conformance.random_records import BARE, EMPTY, FULL, random_record, random_records
from imgate.conformance.variations import Record, scopes_of, variations
from imgate.plugin_api import Envelope, MessageUnreadable, Reading, ReleasedRecord, TranslationFault
from imgate.vocabulary.words import Direction

WritesAsPartner = Callable[[str, Record], bytes]

TO, FROM = Direction.TO_PARTNER, Direction.FROM_PARTNER
# So many random records each promise about values tries, half of them read off the record's types alone.
RECORDS = 500
_LONG = bool(os.environ.get("IMGATE_LONG"))


def many(records: Mapping[str, Record], scopes: Collection[str], seed: int) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Yield 500 records, ten times as many with ``IMGATE_LONG``: variations of the given ones, and records that nobody thought of."""
    count = RECORDS * 10 if _LONG else RECORDS
    share = count // 2 // max(1, len(records))
    varied = (variations(record, seed=seed + number, count=share) for number, record in enumerate(records.values()))
    return chain(chain.from_iterable(varied), random_records(scopes, seed, count - share * len(records)))


def extremes(scopes: Collection[str]) -> Iterator[Record]:
    """Yield a record with everything, one with the least that is valid, one whose lists are empty, one whose entries' lists are."""
    for fill in (FULL, BARE, EMPTY):
        yield random_record(scopes, random.Random(4711), fill)  # noqa: S311  # the same records each time
    full = random_record(scopes, random.Random(4711), FULL)  # noqa: S311  # the same
    yield {section: {item: _emptied(value) for item, value in items.items()} for section, items in full.items()}


def _emptied(value: Any, depth: int = 0) -> Any:
    if isinstance(value, list):
        return [] if depth else [_emptied(each, 1) for each in value]
    return {key: _emptied(each, depth + 1) for key, each in value.items()} if isinstance(value, dict) else value


def within(record: Record, scopes: Collection[str]) -> frozenset[str]:
    """Give those of these scopes that are present."""
    return scopes_of(record) & frozenset(scopes)


def translate(adapter: LoadedAdapter, released: ReleasedRecord, envelope: Envelope = ENVELOPE) -> PartnerMessage:
    """Translate through the core; a fault that the plugin tells carries its own sentence, for its author, as a note.

    In a gateway the core keeps the scope alone, for a sentence out of foreign code may hold anything.
    """
    try:
        return adapter.translate(released, envelope)
    except AdapterFault as fault:
        if fault.kind == "translation_fault" and (sentence := _own_sentence(adapter, released, envelope)) is not None:
            fault.add_note(sentence)
        raise


def _own_sentence(adapter: LoadedAdapter, released: ReleasedRecord, envelope: Envelope) -> str | None:
    try:
        adapter.translator.to_partner(released, envelope)
    except TranslationFault as fault:
        return f"the plugin says: {fault.sentence}{_words(fault, released)}"
    except Exception:  # noqa: BLE001  # foreign code, which is not the same the second time; that is another promise
        return None
    return None


def _words(fault: TranslationFault, released: ReleasedRecord) -> str:
    """Name the words of a detail that the table lacks one of; the records here are nobody's."""
    named = re.match("the Words of `([a-z_]+)`", str(fault.sentence))
    section, _, item = str(fault.scope).partition(".")
    value = released.record.get(section, {}).get(item)
    words = sorted(set(_texts_of(named[1], {item: value}))) if named is not None else []
    return f" (`{named[1]}` is {' or '.join(words)} here)" if named is not None and words else ""


def _texts_of(detail: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            each = inner if isinstance(inner, list) else [inner]
            yield from (text for text in each if key == detail and isinstance(text, str))
            yield from _texts_of(detail, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_of(detail, inner)


def read_directly(adapter: LoadedAdapter, body: bytes) -> Reading | Exception | None:
    """Let the plugin itself read, and give what it raised as it raised it; None where the core's guard had refused before."""
    try:
        adapter.forms[FROM].guard(body)
    except MessageUnreadable:
        return None
    try:
        return adapter.translator.from_partner(body)
    except Exception as error:  # noqa: BLE001  # foreign code; what it raised is what is looked at
        return error


def written_about(adapter: LoadedAdapter, write_as_partner: WritesAsPartner, record: Record, word: str) -> bytes:
    """Let the partner write under a reference that is a canary of this word; and under such an id, where one stands in it plainly."""
    message = write_as_partner(reference_of(word), record)
    reading = read_directly(adapter, message)
    if not isinstance(reading, Reading) or reading.message_id is None:
        return message
    changed = message.replace(reading.message_id.encode(), message_id_of(word).encode())
    again = read_directly(adapter, changed)
    return changed if isinstance(again, Reading) and again.message_id == message_id_of(word) else message


def read_refused(adapter: LoadedAdapter, body: bytes) -> MessageUnreadable:
    """Read what nobody can read, and give the refusal."""
    try:
        reading = adapter.read(body)
    except MessageUnreadable as refusal:
        return refusal
    return pytest.fail(f"was read as a message about {len(reading.people)} people, and is none")
