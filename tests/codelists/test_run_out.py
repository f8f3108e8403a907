"""The titles of § 104c AufenthG run out; nothing is guessed about any other code, list or version."""

import json

import pytest

from imgate.codelists import runs_out

PERMITS = "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis"
TRANSITIONAL = ("488", "489", "490", "491")


@pytest.mark.parametrize("code", TRANSITIONAL)
def test_a_title_of_section_104c_has_its_last_day(code):
    assert runs_out(PERMITS, "17", code) == "2025-12-30"


@pytest.mark.parametrize(
    ("uri", "version", "code"),
    [(PERMITS, "17", "025"), (PERMITS, "18", "488"), (PERMITS, "", "488"), (PERMITS, "17", ""), (PERMITS + "x", "17", "488"), ("", "", "")],
)
def test_of_anything_else_no_last_day_is_known(uri, version, code):
    assert runs_out(uri, version, code) is None


def test_the_codes_are_those_of_the_transcribed_list(shared):
    lists = json.loads((shared / "data" / "codelists" / "xauslaender_subset.json").read_text("utf-8"))["lists"]
    assert lists[PERMITS]["listVersionID"] == "17"
    said = [code for code, name in lists[PERMITS]["codes"].items() if "§ 104c" in name]
    assert tuple(said) == TRANSITIONAL
    assert all("–30.12.2025)" in lists[PERMITS]["codes"][code] for code in said)
    assert {code for code, name in lists[PERMITS]["codes"].items() if "meldbar" in name} == set(TRANSITIONAL)
