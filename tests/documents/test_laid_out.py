"""A value is laid out by the record's own labels, in words that everybody can read, and nothing of it is lost or made up."""

import json
import re
import tomllib
import typing
from importlib import resources

import pytest
from typing_extensions import is_typeddict

from imgate.documents.laid_out import Said, laid_out
from imgate.record import CATALOGUE, CaseRecord
from imgate.record.fields import element_of, fields_of

# Words that are the same in every language.
AS_THEY_ARE = {"language.level.cefr"}
SPOKEN = {
    "ckb": "Zentralkurdisch",
    "mya": "Birmanisch",
    "pes": "Persisch",
    "prs": "Dari",
    "som": "Somali",
    "tir": "Tigrinya",
    "ukr": "Ukrainisch",
}


def closed_values(kind, path=""):
    """Yield the path of each field with a closed list, and its values."""
    inner, _ = element_of(kind)
    if typing.get_origin(inner) is typing.Literal:
        yield path, set(typing.get_args(inner))
    elif isinstance(inner, type) and is_typeddict(inner):
        for leaf in fields_of(inner):
            yield from closed_values(leaf.kind, f"{path}.{leaf.name}".lstrip("."))


def tables():
    return tomllib.loads((resources.files("imgate.documents") / "value_words.toml").read_text(encoding="utf-8"))


def test_every_closed_value_of_the_record_has_a_word_and_no_word_is_in_vain():
    words, used = tables(), {"shown", "lists"}
    for path, values in closed_values(CaseRecord):
        name = path if path in words else ".".join(path.split(".")[-2:])
        if path in AS_THEY_ARE:
            assert name not in words
            continue
        assert set(words[name]) == values, path
        used.add(name)
    assert set(words) == used


def test_no_two_values_of_a_field_read_alike():
    alike = [name for name, words in tables().items() if len(set(words.values())) < len(words)]
    assert alike == []


def leaves(value):
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


def read_as(code):
    """Give the words that this code has in any table."""
    return {words[code] for words in [*tables().values(), SPOKEN] if code in words}


@pytest.mark.parametrize("name", ["K-2026-1101.json", "K-2026-1102.json", "K-2026-1103.json"])
def test_every_leaf_of_a_record_is_laid_out(samples, name):
    record = json.loads((samples / name).read_text(encoding="utf-8"))
    for section, items in record.items():
        for item, value in items.items():
            lines = laid_out(f"{section}.{item}", value)
            content = "\n".join(line.content for line in lines if line.content)
            for leaf in leaves(value):
                if isinstance(leaf, bool) or leaf is None:
                    assert any(isinstance(line.content, Said) for line in lines)
                elif isinstance(leaf, str) and leaf[:4].isdigit() and "-" in leaf[4:]:
                    assert leaf[:4] in content  # a day, a month, or a moment, written as on German letters
                else:
                    assert str(leaf) in content or read_as(leaf) & set(re.split("\n|; ", content))


def test_each_scope_of_the_catalogue_can_be_laid_out():
    for scope in CATALOGUE.scopes:
        assert laid_out(scope, None)[0].content is Said.EMPTY


def contents(scope, value):
    return [(line.depth, line.label, line.content) for line in laid_out(scope, value)]


def test_days_are_written_as_far_as_they_are_known():
    days = [contents("person.birth", {"date": day})[0][2] for day in ("1990", "1990-07", "1990-07-14")]
    assert days == ["1990", "07.1990", "14.07.1990"]


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-03-29T03:15:00+02:00", "29.03.2026, 03:15 (UTC+02:00)"),
        ("2026-04-01T07:00:00Z", "01.04.2026, 07:00 (UTC)"),
        ("2026-04-01T07:00:00.123-05:30", "01.04.2026, 07:00 (UTC-05:30)"),
    ],
)
def test_a_moment_keeps_its_distance_from_utc(moment, shown):
    assert contents("appointments.upcoming", [{"at": moment, "with": "Jobcenter"}])[1] == (1, "Zeitpunkt", shown)


def test_an_empty_list_says_that_there_is_none_and_null_that_nothing_is_said():
    assert contents("family.household", []) == [(0, None, "keine")]
    assert contents("language.level", {"cefr": "B1", "evidence": "dtz", "tested_on": None})[2] == (0, "geprüft am", Said.EMPTY)


def test_yes_and_no_are_told_apart():
    said = [contents("education.vocational", [{"title": "x", "certificate": given}])[2][2] for given in (True, False)]
    assert said == [Said.YES, Said.NO]


def test_a_scope_that_is_not_in_the_catalogue_is_an_error():
    with pytest.raises(KeyError):
        laid_out("language.leve", {})


def test_no_content_stands_in_the_repr():
    assert "GEHEIM" not in repr(laid_out("health.constraints", {"text": "GEHEIM"}))


# One code of each list; the version that is asked for, None for the newest.
KNOWN = {
    ("urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit", None, "423"),
    ("urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:ags", None, "08119085"),
    ("urn:de:xauslaender:codelist:azr:wohnsitzauflage", None, "03"),
    ("urn:de:xauslaender:codelist:azr:titel", "17", "027"),
}


class Names:
    def name(self, uri, version, code):
        return f"Name von {code}" if (uri, version, code) in KNOWN else None


COUNTRIES, TITLES = "Staatsangehörigkeiten", "urn:de:xauslaender:codelist:azr:titel"
NAMED = {
    "person.birth": ({"date": "1990", "country": "423"}, "423", COUNTRIES),
    "contact.address": ({"street": "a", "postal_code": "71364", "city": "b", "ags": "08119085"}, "08119085", "Gemeinden"),
    "residence.domicile_restriction": ({"code": "03"}, "03", "Wohnsitzauflagen"),
    "residence.title": ({"list": TITLES, "version": "17", "code": "027"}, "027", TITLES),
}


def unnamed(code, of):
    return f"Schlüssel {code} der Liste „{of}“, Name hier nicht bekannt"


@pytest.mark.parametrize("scope", NAMED)
def test_a_code_is_shown_as_its_name_or_as_a_code_of_its_list_and_never_bare(scope):
    value, code, of = NAMED[scope]
    named = [line.content for line in laid_out(scope, value, Names())]
    assert f"Name von {code}" in named
    assert code not in named
    assert [line.content for line in laid_out(scope, value)] == [text.replace(f"Name von {code}", unnamed(code, of)) for text in named]


def test_of_several_codes_each_is_shown_by_what_is_known_of_it():
    shown = laid_out("person.nationality", ["423", "998"], Names())[0].content
    assert shown == f"Name von 423; {unnamed('998', COUNTRIES)}"


def test_the_title_is_called_by_the_version_that_it_names_and_by_no_other():
    value = {"list": TITLES, "version": "16", "code": "027"}
    assert unnamed("027", TITLES) in [line.content for line in laid_out("residence.title", value, Names())]


def test_the_list_of_a_title_is_shown_by_its_name_where_it_has_one():
    value = {"list": "urn:de:xauslaender:codelist:azr:artderduldung", "version": "17", "code": "027"}
    assert laid_out("residence.title", value)[0].content == "Duldungen"


@pytest.mark.parametrize(("code", "read"), [*SPOKEN.items(), ("qqq", unnamed("qqq", "Sprachen (ISO 639-3)"))])
def test_a_language_is_shown_by_its_german_name(code, read):
    assert [line.content for line in laid_out("contact.preferred_language", code)] == [read]


def test_what_is_no_code_of_a_published_list_is_never_asked_about():
    class Nobody:
        def name(self, uri, version, code):
            raise AssertionError(uri)

    assert laid_out("residence.status", {"code": "1"}, Nobody())[0].content == "Aufenthaltserlaubnis"
    assert laid_out("person.name", {"family": "423"}, Nobody())[0].content == "423"
