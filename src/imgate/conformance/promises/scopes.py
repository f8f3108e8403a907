"""Promises about the field table: every scope is accounted for, once, in each direction."""

from collections.abc import Mapping

from imgate.adapters.adapter import LoadedAdapter
from imgate.conformance.promises.tried import FROM, TO
from imgate.conformance.variations import Record, scopes_of
from imgate.plugin_api import Absent
from imgate.record.catalogue import CATALOGUE
from imgate.record.validation import validate_record
from imgate.vocabulary.words import Direction


class AccountsForScopes:
    """What the field table promises."""

    def test_fixtures_reach_every_scope(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """The records given hold every scope that can be exchanged, so that no promise is kept by silence."""
        present = frozenset[str]().union(*(scopes_of(record) for record in records.values()))
        missing = sorted((adapter.ceiling[TO] | adapter.ceiling[FROM]) - present)
        assert not missing, f"no record given holds {', '.join(missing)}"
        for record in records.values():
            validate_record(record)

    def test_every_scope_is_accounted_for(self, adapter: LoadedAdapter) -> None:
        """Each scope stands once in the field table, with a place or a sentence why not, in each direction."""
        fields = adapter.translator.fields.fields
        assert fields.keys() == CATALOGUE.scopes.keys(), f"the field table differs in {sorted(fields.keys() ^ CATALOGUE.scopes.keys())}"
        for scope, field in fields.items():
            assert field.scope == scope, f"the field table has {field.scope} under the name of {scope}"
            for place in (field.to_partner, field.from_partner):
                if isinstance(place, Absent):
                    assert len(place.because.split()) >= 4, f"{scope} says too little about why it is absent"
                else:
                    assert place.at, f"{scope} has a place without a name"

    def test_ceiling_is_the_manifests(self, adapter: LoadedAdapter, settings: Mapping[str, object]) -> None:
        """Nothing has a place that the manifest does not name."""
        for direction in Direction:
            named = frozenset(adapter.manifest.direction(direction).scopes)
            agrees = adapter.ceiling[direction] <= named if settings else adapter.ceiling[direction] == named
            assert agrees, f"manifest and field table differ in {sorted(adapter.ceiling[direction] ^ named)} ({direction})"
