"""Spoil good records and good messages, so that an adapter has to refuse them, and can be heard while it does."""

import copy
import dataclasses
import random
from collections.abc import Collection, Iterator
from typing import Any

from imgate.conformance.released import release
from imgate.conformance.variations import Record, item_of, scopes_of
from imgate.plugin_api import ReleasedRecord


def spoilt_records(record: Record, scopes: Collection[str], rng: random.Random, most: int) -> Iterator[ReleasedRecord]:
    """Yield released records that no check of imgate would let through, each with one scope, and its values still in it.

    An item inside something unknown; a word that no list has; a list where a text belongs; a sign that XML cannot carry; a leaf
    that nobody knows. At most so many of each record.
    """
    spoilt = [
        (scope, item)
        for scope in sorted(scopes_of(record) & frozenset(scopes))
        for item in (
            {"?": [item_of(record, scope)]},
            *_with_spoilt_leaves(item_of(record, scope)),
        )
    ]
    for scope, item in spoilt if len(spoilt) <= most else rng.sample(spoilt, most):
        section, _, name = scope.partition(".")
        # Only afterwards, because minimising could leave out what was spoilt.
        yield dataclasses.replace(release(record, {scope}), record={section: {name: item}})


def _with_spoilt_leaves(item: Any) -> Iterator[Any]:
    if isinstance(item, str):
        yield from (f"{item}\x00", [item])
        return
    if isinstance(item, dict):
        yield {**copy.deepcopy(item), "unknown": next(_texts(item), "")}
    for path in _paths(item):
        for change in (lambda text: f"{text}\x00", lambda text: [text], lambda text: f"{text} {text} {text}"):
            spoilt = copy.deepcopy(item)
            holder: Any = spoilt
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = change(holder[path[-1]])
            yield spoilt


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each text."""
    steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        if isinstance(inner, str):
            yield (*above, step)
        else:
            yield from _paths(inner, (*above, step))


def spoilt_messages(message: bytes, rng: random.Random, count: int) -> Iterator[bytes]:
    """Yield a message mangled in so many ways: cut off, torn, doubled, with signs in it that a format has a meaning for."""
    for number in range(count):
        start = rng.randrange(len(message))
        end = min(len(message), start + rng.randint(1, 30))
        match number % 6:
            case 0:
                yield message[:start]
            case 1:
                yield message[:start] + message[end:]
            case 2:
                yield message[:end] + message[start:]
            case 3:
                yield message[:start] + rng.choice((b"\x00", b"&", b"<", b'"', b";", b"\xff", b"\n", b"}")) + message[start:]
            case 4:
                yield message[:start] + message[start:end].swapcase() + message[end:]
            case _:
                yield message + message[start:]
