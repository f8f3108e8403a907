"""Make many records out of a few: optional leaves go, lists become empty, values change, scopes are withheld. Reproducible, no clock."""

import copy
import random
from collections.abc import Iterator, Mapping
from typing import Any

from imgate.record.validation import RecordInvalid, validate_record

Record = Mapping[str, Mapping[str, Any]]


def scopes_of(record: Record) -> frozenset[str]:
    """List the scopes that are present in a record."""
    return frozenset(f"{section}.{item}" for section, items in record.items() for item in items)


def item_of(record: Record, scope: str) -> Any:
    """Give one item of a record."""
    section, _, item = scope.partition(".")
    return record[section][item]


def variations(record: Record, seed: int, count: int) -> Iterator[dict[str, dict[str, Any]]]:
    """Yield valid records that differ from this valid one in some leaves: gone, null or an empty list."""
    rng = random.Random(seed)  # noqa: S311  # the same variations each time
    validate_record(record)
    for _ in range(count):
        varied: dict[str, dict[str, Any]] = copy.deepcopy({section: dict(items) for section, items in record.items()})
        for _ in range(rng.randint(1, 12)):
            _vary(varied, rng)
        yield varied


def _vary(record: dict[str, dict[str, Any]], rng: random.Random) -> None:
    """Make one change that leaves the record valid; one that would not is taken back."""
    section = rng.choice(sorted(record))
    if not record[section]:
        return
    item = rng.choice(sorted(record[section]))
    before = copy.deepcopy(record[section][item])
    holders = list(_holders(record[section][item])) or [record[section]]
    holder = rng.choice(holders)
    key = rng.choice(sorted(holder)) if holder else None
    if key is None or holder is record[section]:
        return
    match rng.randrange(3):
        case 0:
            del holder[key]
        case 1:
            holder[key] = None
        case _:
            if isinstance(record[section][item], list):
                record[section][item] = []
            else:
                holder[key] = []
    try:
        validate_record(record)
    except RecordInvalid:
        record[section][item] = before


def _holders(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _holders(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _holders(inner)


def subset(scopes: frozenset[str], rng: random.Random) -> frozenset[str]:
    """Choose some of these scopes, at least one of them if there is one."""
    ordered = sorted(scopes)
    return frozenset(rng.sample(ordered, rng.randint(1, len(ordered)))) if ordered else frozenset()


def known_part(value: Any, without: tuple[str, ...] = ()) -> Any:
    """Give a value as a partner can see it: without nulls, and without the leaves that the format has no place for."""
    if isinstance(value, dict):
        inner = {key: tuple(path.removeprefix(f"{key}.") for path in without if path.startswith(f"{key}.")) for key in value}
        return {key: known_part(leaf, inner[key]) for key, leaf in value.items() if leaf is not None and key not in without}
    if isinstance(value, list):
        return [known_part(each, without) for each in value]
    return value


def without_one_leaf(record: Record, scope: str) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """Yield the record without one leaf of this scope, for each that is there and may be absent, with the leaf's path."""
    for number, (path, _, _) in enumerate(_leaves(item_of(record, scope), "")):
        smaller: dict[str, dict[str, Any]] = copy.deepcopy({section: dict(items) for section, items in record.items()})
        _, holder, key = list(_leaves(item_of(smaller, scope), ""))[number]
        if holder.pop(key) is None:
            continue
        try:
            validate_record(smaller)
        except RecordInvalid:
            continue
        yield path, smaller


def _leaves(value: Any, above: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield each leaf with its path in the record, its holder and its key; a list adds nothing to a path."""
    if isinstance(value, dict):
        for key, leaf in value.items():
            yield above + key, value, key
            yield from _leaves(leaf, f"{above}{key}.")
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, above)
