"""Promises about what leaves: exactly what was released, all of it, and each value as itself."""

import dataclasses
import random
from base64 import b64encode
from collections.abc import Collection, Mapping
from itertools import chain, islice

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.errors import AdapterFault
from imgate.conformance.envelope import ENVELOPE, other_envelopes, under_several_releases
from imgate.conformance.other_values import other_values
from imgate.conformance.parts import parts_of
from imgate.conformance.promises.tried import TO, extremes, many, translate, within
from imgate.conformance.random_records import random_records
from imgate.conformance.released import release
from imgate.conformance.variations import Record, item_of, known_part, subset, without_one_leaf
from imgate.plugin_api import Attachment

# So many parts of a record are released beside the whole.
_SUBSETS = 5


class Sends:
    """What messages to the partner promise."""

    def test_exactly_the_released_scopes_stand_in_the_bytes(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Whatever part of whatever record is released, the message is valid and holds those scopes and no other."""
        rng = random.Random(815)  # noqa: S311  # the same subsets each time
        for record in many(records, adapter.ceiling[TO], seed=815):
            scopes = subset(within(record, adapter.ceiling[TO]), rng)
            if scopes:
                valid = adapter.validate(translate(adapter, release(record, scopes)))
                assert valid.scopes == scopes, "the message holds other scopes than were released"

    def test_each_scope_alone(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Each scope can be sent without any other: in full, with the least that is valid, with empty lists."""
        for record in chain(records.values(), extremes(adapter.ceiling[TO])):
            for scope in sorted(within(record, adapter.ceiling[TO])):
                adapter.validate(translate(adapter, release(record, {scope})))

    def test_a_scope_stands_alike_beside_others(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """What stands at a scope's place is the same, whatever else of the record is released with it."""
        rng = random.Random(826)  # noqa: S311  # the same subsets each time
        for record in chain(records.values(), islice(extremes(adapter.ceiling[TO]), 1)):
            scopes = within(record, adapter.ceiling[TO])
            alone = {scope: _parts(adapter, record, {scope}).get(scope) for scope in scopes}
            for together in (scopes, *(subset(scopes, rng) for _ in range(_SUBSETS))):
                parts = _parts(adapter, record, together) if together else {}
                other = sorted(scope for scope in together if parts.get(scope) != alone[scope])
                assert not other, f"{', '.join(other)} stands otherwise in a message with other scopes than alone"

    def test_the_message_is_about_whom_it_says(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """The head says what it was told, of this message and of no other: reference, id, time, parties, purpose, and each release.

        A head that is not imgate's own cannot be read here; but two people's messages differ.
        """
        for record in records.values():
            scopes = within(record, adapter.ceiling[TO])
            if not scopes:
                continue
            released = under_several_releases(release(record, scopes))
            written = [adapter.validate(translate(adapter, released, envelope)).content for envelope in other_envelopes()]
            assert len(set(written)) == len(written), "messages under two references are the same, so that nobody can tell whose they are"

    def test_every_leaf_stands_in_the_bytes(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Without a leaf the message is another, unless the field table says that the leaf is left out."""
        places = adapter.translator.fields.sent()
        for record in chain(records.values(), extremes(adapter.ceiling[TO])):
            for scope in sorted(within(record, places)):
                whole = release(record, {scope})
                content = translate(adapter, whole).content
                for path, smaller in without_one_leaf(record, scope):
                    less = release(smaller, {scope})
                    if less.record != whole.record and not _is_left_out(path, places[scope].without):
                        assert translate(adapter, less).content != content, f"{scope}: {path} does not stand in the message"

    def test_another_value_makes_another_message(self, adapter: LoadedAdapter) -> None:
        """No two values are written as one: not two words of a list, two spellings of a name, two orders of entries."""
        rng = random.Random(817)  # noqa: S311  # the same values each time
        places = adapter.translator.fields.sent()
        for record in extremes(places):
            for scope in sorted(within(record, places)):
                section, _, name = scope.partition(".")
                released = release(record, {scope}).record
                written = {translate(adapter, release(record, {scope})).content: released}
                for path, item in other_values(scope, item_of(record, scope), rng):
                    if _is_left_out(path, places[scope].without):
                        continue
                    changed = release({section: {name: item}}, {scope})
                    try:
                        content = adapter.translate(changed, ENVELOPE).content
                    except AdapterFault as fault:
                        # What the format cannot carry is refused, and not written as something else.
                        if fault.kind == "translation_fault":
                            continue
                        raise
                    before = written.setdefault(content, changed.record)
                    assert before == changed.record, f"{scope}: two values of {path or 'the item'} are written alike"

    def test_null_is_written_as_absent(self, adapter: LoadedAdapter) -> None:
        """A leaf that is null says that nothing is known: the message is the same as without it."""
        for record in random_records(adapter.ceiling[TO], seed=818, count=100):
            scopes = within(record, adapter.ceiling[TO])
            with_nulls, without = release(record, scopes), release(known_part(record), scopes)
            if with_nulls.record != without.record:
                written = translate(adapter, with_nulls).content
                assert written == translate(adapter, without).content, "a leaf that is null is written as if it were something"

    def test_beyond_the_ceiling_is_a_fault(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """A scope without a place that was released nevertheless makes a fault, and never a message that lacks it."""
        for record in chain(records.values(), extremes(adapter.translator.fields.fields.keys() - adapter.ceiling[TO])):
            for scope in sorted(within(record, adapter.translator.fields.fields) - adapter.ceiling[TO]):
                try:
                    adapter.validate(adapter.translate(release(record, {scope}), ENVELOPE))
                except AdapterFault:
                    continue
                raise AssertionError(f"{scope} has no place in messages to this partner, and a message was made all the same")

    def test_attachments_stand_in_the_bytes(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Each file of a kind that the manifest names stands in the message, as standard base64 without line breaks."""
        files = tuple(
            Attachment(kind, f"{number}.bin", "application/octet-stream", bytes(range(256)))
            for number, kind in enumerate(adapter.manifest.to_partner.attachments)
        )
        for record in records.values():
            scopes = within(record, adapter.ceiling[TO])
            if files and scopes:
                message = translate(adapter, release(record, scopes), dataclasses.replace(ENVELOPE, attachments=files))
                assert b64encode(files[0].content) in adapter.validate(message).content, "an attachment does not stand in the message"


def _parts(adapter: LoadedAdapter, record: Record, scopes: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    return parts_of(adapter.forms[TO], adapter.validate(translate(adapter, release(record, scopes))).content)


def _is_left_out(path: str, without: tuple[str, ...]) -> bool:
    return any(path == left_out or path.startswith(f"{left_out}.") for left_out in without)
