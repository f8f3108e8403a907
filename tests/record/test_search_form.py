"""The search form of DIN 91379: two spellings of one name have the same, as far as the standard maps them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.record import din91379
from imgate.record.din91379 import DataType, belongs_to
from imgate.record.search_form import search_form

# Every letter of the standard that its mapping turns into more than one; all others become one.
TWO_LETTERS = {
    "AA": "ÅåǺǻ",
    "AE": "ÄäÆæǞǟǢǣǼǽ",
    "IJ": "Ĳĳ",
    "OE": "ÖöØøŒœǾǿȪȫ",
    "SS": "ßẞ",
    "TH": "Þþ",
    "UE": "ÜüǕǖǗǘǙǚǛǜ",
}
# Letters that do not say by themselves which one they stand for.
SINGLE = {"Ð": "D", "đ": "D", "Ħ": "H", "ı": "I", "Ɨ": "I", "ɨ": "I", "ĸ": "K", "Ł": "L", "Ŀ": "L", "ŉ": "N", "ŋ": "N", "Ŧ": "T", "ƈ": "C"}
SINGLE |= {"Ə": "E", "ə": "E", "Ʒ": "Z", "ǯ": "Z", "ǥ": "G", "Ë": "E", "ů": "U", "ẅ": "W", "ẖ": "H", "ẗ": "T", "ơ": "O", "Ứ": "U"}
LETTERS = [
    one for point in range(0x10000) if (one := chr(point)).isalpha() and unicodedata.category(one) != "Lm" and belongs_to(DataType.A, one)
]


def test_every_letter_of_the_standard_becomes_what_its_mapping_says():
    two = {letter: form for form, letters in TWO_LETTERS.items() for letter in letters}
    for letter in LETTERS:
        form = search_form(letter)
        assert form == two.get(letter, form)
        assert re.fullmatch("[A-Z]{2}" if letter in two else "[A-Z]", form), hex(ord(letter))
    assert {letter: search_form(letter) for letter in SINGLE} == SINGLE


def meant(written):
    """Read the way in which the patterns write code points."""
    return re.sub(r"\\u([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), written)


def test_every_sequence_becomes_the_form_of_its_letter():
    for marks, letters in ((meant(marks), letters) for marks, letters in din91379.SEQUENCES):
        for letter in map(meant, re.findall(r"\\u[0-9A-F]{4}|.", letters)):
            if marks == "\u0308" and letter in "ẠạỌọỤụ":
                assert search_form(letter + marks) == search_form(letter) + "E"
            elif marks[0] == "\u035f":
                assert search_form(letter + marks) == "KH"
            else:
                assert search_form(letter + marks) == search_form(letter)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("René Müller", "RENE MUELLER"),
        ("Nœl Schmidt-Strauß", "Noël Schmidt Strauss"),
        ("Mu\u0308ller", "Müller"),
        ("ʿAlī  Ṣāleḥī ", "Ali Salehi"),
        ("O'Brien", "O\u2019Brien"),
        ("O´Brien", "OBRIEN"),
        ("Łódź", "Lodz"),
        ("Bäckerei Müller & Söhne GmbH", "BAECKEREI MUELLER SOEHNE, GMBH"),
        ("ТОВ «Світанок»", "тов світанок"),
        ("Αθήνα", "ΑΘΗΝΑ"),
        ("Werk 2", "Werk\u00a02."),
    ],
)
def test_spellings_of_one_name_have_one_form(one, other):
    assert search_form(one) == search_form(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Müller", "Muller"), ("Й", "И"), ("Werk 1", "Werk 2"), ("Ay Se", "Ayse"), ("Müller", "Мüller")]
)
def test_other_names_have_other_forms(one, other):
    assert search_form(one) != search_form(other)


@pytest.mark.parametrize("text", ["", " ", "-", "…", "'", "«»", "\u0301", "\u200d"])
def test_what_has_no_letter_has_an_empty_form(text):
    assert search_form(text) == ""


@given(st.text())
def test_a_form_is_its_own_form_and_has_no_blanks_to_spare(text):
    form = search_form(text)
    assert search_form(form) == form == " ".join(form.split())


@given(st.text(alphabet=st.sampled_from([*LETTERS, " ", "-", "'", "\u02bf"])))
def test_a_person_s_name_has_a_form_of_the_letters_a_to_z(name):
    assert re.fullmatch("(?:[A-Z]+(?: [A-Z]+)*)?", search_form(name))
    assert search_form(name) == search_form(unicodedata.normalize("NFD", name)) == search_form(f" {name}- ")
