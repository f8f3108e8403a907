"""What every adapter promises, as tests. A plugin's author inherits ``AdapterConformance`` and writes the fixtures.

    class TestJobcenter(AdapterConformance):
        @pytest.fixture
        def adapter_id(self): return "jobcenter"
        ...

A fixture that is missing fails; there is no promise that can be skipped. Golden files are written anew only with
``IMGATE_WRITE_GOLDEN=1``, and then the difference is read before it is committed.
"""

import copy
import dataclasses
import json
import os
import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.errors import AdapterFault
from imgate.adapters.registry import Registry, load_plugins
from imgate.conformance.hostile import CANARY, HOSTILE, too_large, truncations
from imgate.conformance.released import release
from imgate.conformance.variations import Record, item_of, known_part, scopes_of, subset, variations, with_canaries, without_one_leaf
from imgate.plugin_api import Absent, Envelope, MessageUnreadable, Reading
from imgate.record.catalogue import CATALOGUE
from imgate.record.validation import validate_record
from imgate.vocabulary.words import Direction

WritesAsPartner = Callable[[str, Record], bytes]

ENVELOPE = Envelope(
    message_id="0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de",
    created_at="2026-02-02T08:00:00Z",
    sender="Integrationsmanagement Winnenden",
    recipient="Stelle & Söhne <Team>",
    reference='Ref "1" & <2>',
    purpose="labour_market_integration",
)
_ROUNDS = 200 if os.environ.get("IMGATE_LONG") else 40


@cache
def _registry() -> Registry:
    return load_plugins()


def _missing(what: str) -> Any:
    pytest.fail(f"the conformance kit needs the fixture {what}")


class AdapterConformance:
    """Inherit this, give the five fixtures, and every test below runs for your adapter."""

    @pytest.fixture
    def adapter_id(self) -> str:
        """Give the id in adapter.toml."""
        return str(_missing("adapter_id"))

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Give the partner's settings; an adapter must run without any."""
        return {}

    @pytest.fixture
    def records(self) -> Mapping[str, Record]:
        """Give valid records by name, which together hold every scope of both ceilings; also an empty list among them."""
        return dict(_missing("records"))

    @pytest.fixture
    def golden(self) -> Path:
        """Give the folder of golden files: ``to_partner/NAME.*`` for each record, ``from_partner/NAME.*`` beside ``NAME.json``."""
        return Path(_missing("golden"))

    @pytest.fixture
    def write_as_partner(self) -> WritesAsPartner:
        """Give a function that writes what the partner would send: reference and record in, bytes out."""
        return _missing("write_as_partner")  # type: ignore[no-any-return]  # it never returns

    @pytest.fixture
    def adapter(self, adapter_id: str, settings: Mapping[str, object]) -> LoadedAdapter:
        """Load the adapter as the gateway does."""
        return _registry().adapter(adapter_id, settings)

    def test_fixtures_reach_every_scope(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """The records given hold every scope that can be exchanged, so that no promise is kept by silence."""
        present = frozenset[str]().union(*(scopes_of(record) for record in records.values()))
        assert adapter.ceiling[Direction.TO_PARTNER] | adapter.ceiling[Direction.FROM_PARTNER] <= present
        for record in records.values():
            validate_record(record)

    def test_every_scope_is_accounted_for(self, adapter: LoadedAdapter) -> None:
        """Each scope stands once in the field table, with a place or a sentence why not, in each direction."""
        fields = adapter.translator.fields.fields
        assert fields.keys() == CATALOGUE.scopes.keys()
        for field in fields.values():
            for place in (field.to_partner, field.from_partner):
                if isinstance(place, Absent):
                    assert len(place.because.split()) >= 4, f"{field.scope} says too little about why"
                else:
                    assert place.at, f"{field.scope} has a place without a name"

    def test_ceiling_is_the_manifests(self, adapter: LoadedAdapter, settings: Mapping[str, object]) -> None:
        """Nothing has a place that the manifest does not name."""
        for direction in Direction:
            named = frozenset(adapter.manifest.direction(direction).scopes)
            assert adapter.ceiling[direction] <= named if settings else adapter.ceiling[direction] == named

    def test_exactly_the_released_scopes_stand_in_the_bytes(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Whatever part of a record is released, the message is valid and holds those scopes and no other."""
        rng = random.Random(815)  # noqa: S311  # the same subsets each time
        for record in records.values():
            for varied in variations(record, seed=815, count=_ROUNDS):
                scopes = subset(scopes_of(varied) & adapter.ceiling[Direction.TO_PARTNER], rng)
                if scopes:
                    valid = adapter.validate(adapter.translate(release(varied, scopes), ENVELOPE))
                    assert valid.scopes == scopes

    def test_every_leaf_stands_in_the_bytes(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Without a leaf the message is another, unless the field table says that the leaf is left out."""
        places = adapter.translator.fields.sent()
        for record in records.values():
            for scope in sorted(scopes_of(record) & places.keys()):
                whole = adapter.translate(release(record, {scope}), ENVELOPE).content
                for path, smaller in without_one_leaf(record, scope):
                    if not any(path == left_out or path.startswith(f"{left_out}.") for left_out in places[scope].without):
                        assert adapter.translate(release(smaller, {scope}), ENVELOPE).content != whole, f"{scope}: {path}"

    def test_each_scope_alone(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Each scope can be sent without any other."""
        for record in records.values():
            for scope in sorted(scopes_of(record) & adapter.ceiling[Direction.TO_PARTNER]):
                adapter.validate(adapter.translate(release(record, {scope}), ENVELOPE))

    def test_beyond_the_ceiling_is_a_fault(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """A scope without a place that was released nevertheless makes a fault, and never a message that lacks it."""
        for record in records.values():
            for scope in sorted(scopes_of(record) - adapter.ceiling[Direction.TO_PARTNER]):
                with pytest.raises(AdapterFault):
                    adapter.validate(adapter.translate(release(record, {scope}), ENVELOPE))

    def test_same_input_same_bytes(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Translating is deterministic, whatever the order of the record's keys, and leaves its input alone."""
        for record in records.values():
            scopes = scopes_of(record) & adapter.ceiling[Direction.TO_PARTNER]
            released = release(record, scopes)
            before = copy.deepcopy(released.record)
            first = adapter.translate(released, ENVELOPE).content
            assert released.record == before
            turned = json.loads(json.dumps(record), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
            assert adapter.translate(release(turned, scopes), ENVELOPE).content == first

    def test_nothing_withheld_gets_out(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """A message holds no text of any other scope, also right after a message that held it."""
        for record in records.values():
            marked, canaries = with_canaries(record)
            open_scopes = sorted(canaries.keys() & adapter.ceiling[Direction.TO_PARTNER])
            for kept in open_scopes:
                adapter.translate(release(marked, open_scopes), ENVELOPE)
                sent = adapter.translate(release(marked, {kept}), ENVELOPE).content.decode("utf-8", errors="replace")
                assert [canary for scope in canaries.keys() - {kept} for canary in canaries[scope] if canary in sent] == []

    def test_faults_tell_no_values(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Where a message cannot be written, because of a value or a scope, the fault holds none of the values."""
        for record in records.values():
            marked, canaries = with_canaries(record)
            for scope in sorted(canaries.keys()):
                broken = dataclasses.replace(release(marked, {scope}), record=_broken(marked, scope))  # as no valid record could be
                try:
                    adapter.validate(adapter.translate(broken, ENVELOPE))
                except AdapterFault as fault:
                    told = f"{fault!r} {fault} {fault.__cause__} {fault.__context__}"
                    assert not any(canary in told for canary in canaries[scope])

    def test_what_comes_back(self, adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner) -> None:
        """Values of every scope that the partner may send arrive as they were written; null and absent are one."""
        places = adapter.translator.fields.taken()
        rng = random.Random(816)  # noqa: S311  # the same subsets each time
        for record in records.values():
            for varied in variations(record, seed=816, count=_ROUNDS):
                scopes = subset(scopes_of(varied) & places.keys(), rng)
                if not scopes:
                    continue
                part = release(varied, scopes).record
                reading = adapter.read(write_as_partner("R-1 & <2>", part))
                assert [person.reference for person in reading.people] == ["R-1 & <2>"]
                assert scopes_of(reading.people[0].record) == scopes
                for scope in scopes:
                    without = places[scope].without
                    assert item_of(reading.people[0].record, scope) == known_part(item_of(part, scope), without), scope

    @pytest.mark.parametrize("attack", [*HOSTILE, "too large"])
    def test_hostile_input_is_unreadable(self, adapter: LoadedAdapter, attack: str) -> None:
        """Hostile bytes are refused as the sender's fault, and the error repeats nothing of them."""
        body = too_large() if attack == "too large" else HOSTILE[attack]
        refusal = _read_refused(adapter, body)
        assert CANARY not in f"{refusal!r} {refusal} {refusal.__cause__} {refusal.__context__}"

    def test_half_a_message_is_unreadable(
        self, adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner
    ) -> None:
        """A message that was cut off is never half taken, unless it is a table, whose rows stand for themselves."""
        for record in records.values():
            message = write_as_partner("R-1", release(record, adapter.ceiling[Direction.FROM_PARTNER]).record)
            for piece in truncations(message):
                if adapter.manifest.from_partner.format == "xml":
                    _read_refused(adapter, piece)
                else:
                    _read_or_refused(adapter, piece)

    def test_golden_messages_to_the_partner(self, adapter: LoadedAdapter, records: Mapping[str, Record], golden: Path) -> None:
        """What leaves is byte for byte what was reviewed."""
        for name, record in records.items():
            scopes = scopes_of(record) & adapter.ceiling[Direction.TO_PARTNER]
            message = adapter.validate(adapter.translate(release(record, scopes), ENVELOPE))
            _compare(golden / "to_partner" / f"{name}{_suffix(adapter)}", message.content)

    def test_golden_messages_from_the_partner(self, adapter: LoadedAdapter, golden: Path) -> None:
        """What a partner sent once is read as it was read then. There is at least one such message per direction in use."""
        messages = sorted(path for path in (golden / "from_partner").glob("*") if path.suffix != ".json")
        assert messages or not adapter.ceiling[Direction.FROM_PARTNER], "no golden message from the partner"
        for path in messages:
            reading = adapter.read(path.read_bytes())
            shown = {
                "message_id": reading.message_id,
                "purpose": reading.purpose,
                "people": {person.reference: person.record for person in reading.people},
                "problems": [[problem.line, problem.column, problem.code] for problem in reading.problems],
            }
            _compare(path.with_suffix(".json"), (json.dumps(shown, ensure_ascii=False, indent=1) + "\n").encode())


def _broken(record: Record, scope: str) -> dict[str, dict[str, Any]]:
    """Give the section of a scope with the item wrapped into something that no item is."""
    section, _, item = scope.partition(".")
    return {section: {item: {"?": [item_of(record, scope)]}}}


def _read_refused(adapter: LoadedAdapter, body: bytes) -> MessageUnreadable:
    with pytest.raises(MessageUnreadable) as caught:
        adapter.read(body)
    return caught.value


def _read_or_refused(adapter: LoadedAdapter, body: bytes) -> Reading | None:
    try:
        return adapter.read(body)
    except MessageUnreadable:
        return None


def _suffix(adapter: LoadedAdapter) -> str:
    return {"application/xml": ".xml", "text/csv": ".csv"}.get(adapter.media_type.partition(";")[0], ".bin")


def _compare(path: Path, content: bytes) -> None:
    if os.environ.get("IMGATE_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert path.exists(), f"no golden file {path.name}; IMGATE_WRITE_GOLDEN=1 writes it"
    assert path.read_bytes() == content, f"{path.name} differs; IMGATE_WRITE_GOLDEN=1 writes it anew"
