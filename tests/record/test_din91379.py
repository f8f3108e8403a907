"""Our repertoires of DIN 91379 are those of the published data types; that of organisations differs from type E as we say."""

import re
import unicodedata
from xml.etree import ElementTree

import pytest
from pydantic_core import SchemaValidator, ValidationError, core_schema

from imgate.record import din91379

XS = "{http://www.w3.org/2001/XMLSchema}"
OURS = {**din91379.PATTERNS, "organisations": din91379.ORGANISATIONS}
OUR_CYRILLIC = {chr(point) for point in (*range(0x0400, 0x0460), 0x0490, 0x0491)}
BASIC_PLANE = [chr(point) for point in range(0x10000) if not 0xD800 <= point <= 0xDFFF]


def _sequences():
    for marks, letters in din91379.SEQUENCES:
        for letter in re.findall(r"\\u[0-9A-F]{4}|.", letters):
            yield re.sub(r"\\u([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), letter + marks)


SEQUENCES = sorted(_sequences())


@pytest.fixture(scope="session")
def published(shared):
    root = ElementTree.parse(shared / "data" / "xoev" / "din-norm-91379-datatypes.xsd").getroot()
    return {kind.get("name")[-1]: re.compile(kind.find(f".//{XS}pattern").get("value")) for kind in root.findall(f"{XS}simpleType")}


def _of(kind):
    return "E" if kind == "organisations" else kind


def accepts(pattern):
    """The pattern as pydantic applies it, in Rust."""
    validator = SchemaValidator(core_schema.str_schema(strict=True, pattern=pattern))

    def accept(text):
        try:
            validator.validate_python(text)
        except ValidationError:
            return False
        return True

    return accept


@pytest.mark.parametrize("kind", OURS)
def test_each_code_point_is_accepted_exactly_if_the_published_type_accepts_it(published, kind):
    accept = accepts(OURS[kind])
    ours = {one for one in BASIC_PLANE if accept(one)}
    theirs = {one for one in BASIC_PLANE if published[_of(kind)].fullmatch(one)}
    if kind == "organisations":
        theirs = theirs - set("\t\n\r") | OUR_CYRILLIC
    assert ours == theirs


@pytest.mark.parametrize("kind", OURS)
def test_each_mark_is_accepted_behind_exactly_the_letters_that_the_published_type_lists(published, kind):
    accept = accepts(OURS[kind])
    marks = {"".join(sequence[1:]) for sequence in SEQUENCES} | {mark for sequence in SEQUENCES for mark in sequence[1:]}
    letters = [one for one in BASIC_PLANE if published["A"].fullmatch(one)]
    for sequence in (letter + mark for mark in sorted(marks) for letter in letters):
        assert accept(sequence) == bool(published[_of(kind)].fullmatch(sequence)), [hex(ord(c)) for c in sequence]


@pytest.mark.parametrize("pattern", OURS.values(), ids=OURS)
def test_all_149_sequences_are_accepted_and_stable_under_normalisation(pattern):
    accept = accepts(pattern)
    assert len(SEQUENCES) == 149
    for sequence in SEQUENCES:
        assert accept(sequence)
        assert unicodedata.is_normalized("NFC", sequence)


@pytest.mark.parametrize("pattern", OURS.values(), ids=OURS)
def test_python_reads_the_pattern_as_rust_does(pattern):
    accept = accepts(pattern)
    python = re.compile(pattern)
    for text in [*BASIC_PLANE, *SEQUENCES]:
        assert accept(text) == bool(python.fullmatch(text)), hex(ord(text[0]))


@pytest.mark.parametrize("pattern", OURS.values(), ids=OURS)
def test_no_arabic_hebrew_or_other_unlisted_script_passes(pattern):
    accept = accepts(pattern)
    foreign = (
        "ARABIC",
        "HEBREW",
        "GEORGIAN",
        "ARMENIAN",
        "ETHIOPIC",
        "DEVANAGARI",
        "BENGALI",
        "TAMIL",
        "THAI",
        "CJK",
        "HANGUL",
        "HIRAGANA",
    )
    for one in BASIC_PLANE:
        if unicodedata.name(one, "").startswith(foreign):
            assert not accept(one), hex(ord(one))
    for text in ("علی", "Ali علی", "ʿAlī ", "שרה", "አማን", "李", "\u202eAli"):
        assert accept(text) == (text == "ʿAlī ")


@pytest.mark.parametrize("name", ["ТОВ", "Світанок", "Євген", "Ґрунт", "Ёлка", "Эра", "Њега", "Αθήνα"])
def test_cyrillic_and_greek_pass_in_names_of_organisations_only(name):
    assert accepts(din91379.ORGANISATIONS)(name)
    assert not accepts(din91379.PERSONS)(name)
    assert not accepts(din91379.PLACES)(name)


@pytest.mark.parametrize("kind", din91379.DataType)
def test_the_predicate_is_the_published_type(published, kind):
    for text in [*BASIC_PLANE, *SEQUENCES, "", "Ali\n", "Ali\nAli", "K\u035fhan Čapek", "Q\u0308"]:
        assert din91379.belongs_to(kind, text) == bool(published[kind].fullmatch(text)), ascii(text)


def test_the_types_contain_one_another_as_the_standard_says():
    kinds = {kind: {one for one in BASIC_PLANE if din91379.belongs_to(kind, one)} for kind in din91379.DataType}
    assert kinds["A"] < kinds["B"] < kinds["C"] < kinds["E"]
    assert kinds["B"] < kinds["D"] < kinds["E"]
    assert kinds["C"] - kinds["D"] == set("\t\n\r\u00a0")


@pytest.mark.parametrize("pattern", OURS.values(), ids=OURS)
def test_strangers_are_what_a_pattern_does_not_take(pattern):
    accept = accepts(pattern)
    for text in [*BASIC_PLANE, *SEQUENCES]:
        assert (din91379.strangers(pattern, text) == "") == accept(text), ascii(text)
    assert din91379.strangers(pattern, "Aلi\u200bK\u035fh") == "ل\u200b"


def test_a_mark_without_its_letter_is_refused():
    accept = accepts(din91379.PERSONS)
    for text in ("\u0304", "a\u0304a", "Q\u0308", "S\u031b", "\u035fh", "K\u035f", "K\u035fi"):
        assert not accept(text)
