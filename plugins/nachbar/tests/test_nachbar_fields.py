"""What moves is the same in both directions, and what never moves has no place in either."""

import json
import tomllib
from importlib import resources

import pytest

from imgate.plugin_api import Absent, Place, SettingsInvalid
from imgate_nachbar.translate import configure

FIELDS = configure({}).fields.fields
NEVER = {"identifiers.azr_number", "contact.address", "work.proposals", "housing.situation"}
PACKAGE = resources.files("imgate_nachbar")


@pytest.mark.parametrize("scope", sorted(NEVER))
def test_has_no_place(scope):
    assert isinstance(FIELDS[scope].to_partner, Absent)
    assert isinstance(FIELDS[scope].from_partner, Absent)


def test_the_reason_for_the_azr_number_is_the_statute():
    assert "§ 10(4) AZRG" in FIELDS["identifiers.azr_number"].to_partner.because


def test_everything_else_moves_as_it_is_in_both_directions():
    for scope, field in FIELDS.items():
        if scope not in NEVER:
            assert field.to_partner == field.from_partner == Place((f"content/record/{scope.replace('.', '/')}",))


def test_the_manifest_says_the_same_of_both_directions():
    manifest = tomllib.loads((PACKAGE / "adapter.toml").read_text(encoding="utf-8"))
    into = dict(manifest["from_partner"])
    assert into.pop("default_purpose") == "case_handover"
    assert into == manifest["to_partner"]
    assert set(into["scopes"]) == FIELDS.keys() - NEVER


def test_the_schema_shuts_out_what_never_moves():
    schema = json.loads((PACKAGE / "schemas" / "nachbar.schema.json").read_text(encoding="utf-8"))
    narrowed = schema["properties"]["content"]["properties"]["record"]["properties"]
    assert {f"{section}.{item}" for section, inner in narrowed.items() for item in inner["properties"]} == NEVER
    assert all(inner["properties"][item] is False for inner in narrowed.values() for item in inner["properties"])


def test_any_setting_is_refused_by_its_name():
    with pytest.raises(SettingsInvalid) as caught:
        configure({"url": "https://example.org"})
    assert (caught.value.setting, caught.value.sentence) == ("url", "the adapter for another gateway has no settings; remove the entry.")
