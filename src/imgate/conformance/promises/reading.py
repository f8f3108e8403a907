"""Promises about what comes in: values arrive as they were written, and what is no message is none."""

import random
from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest

from imgate.adapters.adapter import LoadedAdapter
from imgate.conformance.attacks import ATTACKS, attack_bytes
from imgate.conformance.hostile import CANARY, truncations
from imgate.conformance.overheard import everything_told
from imgate.conformance.promises.tried import FROM, WritesAsPartner, extremes, many, read_refused, within
from imgate.conformance.released import release
from imgate.conformance.variations import Record, item_of, known_part, scopes_of, subset
from imgate.plugin_api import MessageUnreadable


class Reads:
    """What reading promises."""

    def test_what_comes_back(
        self,
        adapter: LoadedAdapter,
        records: Mapping[str, Record],
        write_as_partner: WritesAsPartner,
        narrower: Mapping[str, str],
    ) -> None:
        """Values of every scope that the partner may send arrive as they were written; null and absent are one.

        In a table the blanks around a text are nobody's: programs that write tables add and remove them.
        """
        seen = _trimmed if adapter.manifest.from_partner.format == "table" else _as_it_is
        places = adapter.translator.fields.taken()
        given = frozenset(map(id, records.values()))
        rng = random.Random(816)  # noqa: S311  # the same subsets each time
        wide = places.keys() - narrower.keys()
        for number, record in enumerate(chain(records.values(), extremes(wide), many(records, wide, seed=816))):
            scopes = subset(within(record, places if id(record) in given else wide), rng)
            if not scopes:
                continue
            part = release(record, scopes).record
            reference = f"R-{number} & <2>"
            reading = adapter.read(write_as_partner(reference, part))
            references = [person.reference for person in reading.people]
            assert references == [reference], f"a message about one person was read as about {len(references)}, or under another reference"
            found = scopes_of(reading.people[0].record)
            assert found == scopes, f"{', '.join(sorted(found ^ scopes))} was read though it was not written, or the other way round"
            for scope in sorted(scopes):
                expected = seen(known_part(item_of(part, scope), places[scope].without))
                arrived = seen(known_part(item_of(reading.people[0].record, scope)))
                assert arrived == expected, f"{scope} was read as another value than was written"

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_hostile_input_is_unreadable(self, adapter: LoadedAdapter, attack: str) -> None:
        """Hostile bytes are refused as the sender's fault, and the error repeats nothing of them."""
        refusal = read_refused(adapter, attack_bytes(attack))
        assert CANARY not in everything_told(refusal), "the refusal repeats what was sent"

    def test_half_a_message_is_unreadable(
        self, adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner
    ) -> None:
        """A message that was cut off is never half taken, unless it is a table, whose rows stand for themselves."""
        for record in records.values():
            taken = within(record, adapter.ceiling[FROM])
            for piece in truncations(write_as_partner("R-1", release(record, taken).record)) if taken else ():
                if adapter.manifest.from_partner.format != "table":
                    read_refused(adapter, piece)
                    continue
                try:
                    adapter.read(piece)
                except MessageUnreadable:
                    continue


def _as_it_is(value: Any) -> Any:
    return value


def _trimmed(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [_trimmed(each) for each in value]
    return {key: _trimmed(each) for key, each in value.items()} if isinstance(value, dict) else value
