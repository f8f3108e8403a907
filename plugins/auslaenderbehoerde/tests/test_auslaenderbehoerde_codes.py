"""The code lists named in the messages are the published ones, in the published version, and the manifest names the same."""

import json
import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from imgate.plugin_api.xoev import code_lists
from imgate_auslaenderbehoerde.fields import ITEMS

SHARED = Path(__file__).parents[4] / "shared" / "data" / "codelists"
PACKAGE = resources.files("imgate_auslaenderbehoerde")
USED = code_lists(ITEMS)
# ISO 639-3 is published elsewhere; of the numbers of units no version was found.
NOT_AT_HAND = {"urn:iso:std:iso:639:-3", "urn:de:bund:ba:codelist:integration:ba.dienststellen", "urn:de:xauslaender:codelist:abhkennung"}


@pytest.fixture(scope="module")
def published():
    if not SHARED.is_dir():
        pytest.skip("the folder of published data is not beside this checkout")
    lists = [json.loads(path.read_text(encoding="utf-8")) for path in SHARED.glob("*.json")]
    found = {(one["listURI"], one["listVersionID"]) for one in lists if "listURI" in one}
    subset = json.loads((SHARED / "xauslaender_subset.json").read_text(encoding="utf-8"))["lists"]
    return found | {(uri, one["listVersionID"]) for uri, one in subset.items()}


def test_lists_and_versions_are_the_published_ones(published):
    assert {used for used in USED if used[0] not in NOT_AT_HAND and used[1] is not None} <= published


def test_the_lists_that_a_title_may_name_are_published(published):
    assert {uri for uri, version in USED if version is None and uri not in NOT_AT_HAND} <= {uri for uri, _ in published}


def test_only_a_title_names_its_version_itself():
    named_by_messages = {uri: scopes for (uri, version), scopes in USED.items() if version is None and uri not in NOT_AT_HAND}
    assert set(named_by_messages.values()) == {("residence.title",)}


def test_the_manifest_names_each_list_with_its_scopes_and_no_other():
    manifest = tomllib.loads((PACKAGE / "adapter.toml").read_text(encoding="utf-8"))
    said = {(one["uri"], one.get("version")): tuple(one["scopes"]) for one in manifest["code_lists"]}
    assert said == dict(USED)
    assert len(manifest["code_lists"]) == len(said)


def test_the_schema_fixes_the_same_lists():
    schema = (PACKAGE / "schemas" / "auslaenderbehoerde.xsd").read_text(encoding="utf-8")
    fixed = re.findall(r'name="listURI"[^>]* fixed="([^"]+)"', schema)
    titles = re.findall(r'enumeration value="(urn:de:xauslaender:codelist:azr:[^"]+)"', schema)
    assert set(fixed) | set(titles) == {uri for uri, _ in USED}
    assert set(titles) == {uri for uri, scopes in ((uri, scopes) for (uri, _), scopes in USED.items()) if scopes == ("residence.title",)}
