"""The code lists named in the messages are the published ones, in the published version."""

import json
from pathlib import Path

import pytest

from imgate.plugin_api.xml import Code, Group, Many
from imgate_auslaenderbehoerde.translate import ITEMS

SHARED = Path(__file__).parents[4] / "shared" / "data" / "codelists"


def codes_in(shape):
    match shape:
        case Code():
            yield shape
        case Group(leaves=leaves):
            for leaf in leaves.values():
                yield from codes_in(leaf)
        case Many(each=each):
            yield from codes_in(each)


USED = {(code.list_uri, code.list_version) for item in ITEMS if item.shape is not None for code in codes_in(item.shape)}
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
    assert {used for used in USED if used[0] not in NOT_AT_HAND} <= published


def test_only_lists_without_a_known_version_go_without():
    assert {uri for uri, version in USED if version is None} <= NOT_AT_HAND
