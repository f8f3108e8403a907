"""A name that is not of its data type is told by what kind of characters it has, never by one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.record import RecordInvalid, din91379, validate_record
from imgate.record import name_hint as name_hint_module
from imgate.record.din91379 import DataType, strangers
from imgate.record.name_hint import _CALLED, CharacterClass, name_hint

PATTERNS = [din91379.PERSONS, din91379.PLACES, din91379.ORGANISATIONS]


def found(text, pattern=din91379.PERSONS):
    return name_hint(pattern, text).found


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("صالحی", (CharacterClass.ARABIC,)),
        ("שרה", (CharacterClass.HEBREW,)),
        ("Київ", (CharacterClass.CYRILLIC,)),
        ("Αθήνα", (CharacterClass.GREEK,)),
        ("አማን", (CharacterClass.ETHIOPIC,)),
        ("李", (CharacterClass.CJK,)),
        ("გიორგი", (CharacterClass.GEORGIAN,)),
        ("அருள்", (CharacterClass.OTHER_SCRIPT, CharacterClass.MARK)),
        ("Anna 2", (CharacterClass.DIGIT,)),
        ("Anna ٢", (CharacterClass.DIGIT,)),
        ("Anna@Berg", (CharacterClass.SIGN,)),
        ("Anna 😀", (CharacterClass.SIGN,)),
        ("An\u200dna", (CharacterClass.INVISIBLE,)),
        ("Anna\u00a0Berg", (CharacterClass.INVISIBLE,)),
        ("Q\u0308anna", (CharacterClass.MARK,)),
        ("Anna ƀ", (CharacterClass.LATIN,)),
        ("Аnna 7!", (CharacterClass.CYRILLIC, CharacterClass.DIGIT, CharacterClass.SIGN)),
    ],
)
def test_each_kind_is_told_once_and_nothing_that_fits(text, kinds):
    assert found(text) == kinds


def test_what_does_not_fit_depends_on_the_type():
    assert found("Straße 5/7 ₴") == (CharacterClass.DIGIT, CharacterClass.SIGN)
    assert found("Straße 5/7 ₴", din91379.PLACES) == (CharacterClass.SIGN,)
    assert found("ТОВ 李", din91379.PLACES) == (CharacterClass.CJK, CharacterClass.CYRILLIC)
    assert found("ТОВ 李", din91379.ORGANISATIONS) == (CharacterClass.CJK,)


def test_what_fits_and_what_is_no_name_has_no_hint():
    assert name_hint(din91379.PERSONS, "ʿAlī Ṣāleḥī") is None
    assert name_hint(din91379.PERSONS, "Mu\u0308ller") is None
    assert name_hint("^[0-9]{5}$", "صالحی") is None


def test_the_sentence_says_what_was_expected_what_was_found_and_what_to_do():
    assert str(name_hint(din91379.PERSONS, "صالحی")) == (
        "Expected a person's name after DIN 91379, type A (Latin letters with their accents, no digits), and it contains letters of the "
        "Arabic script. Give the Latin transliteration, as in the passport."
    )
    assert str(name_hint(din91379.PERSONS, "Anna 2")).endswith("contains digits. Leave numbers out.")
    assert str(name_hint(din91379.PLACES, "A\u200db")).endswith("contains invisible characters. Type it anew instead of copying it.")
    assert "type E" in str(name_hint(din91379.ORGANISATIONS, "李"))


def test_every_kind_has_its_words():
    assert set(_CALLED) == set(CharacterClass)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), min_size=1), st.sampled_from(PATTERNS))
def test_a_hint_is_made_of_fixed_sentences_whatever_the_name_is(text, pattern):
    hint = name_hint(pattern, text)
    assert hint is None or (str(hint).isascii() and hint.found and hint.expected in set(DataType))


def test_a_problem_of_a_record_carries_the_hint_and_no_part_of_the_name():
    record = {
        "person": {"name": {"family": "صالحی", "given": "Anna1"}},
        "contact": {"address": {"street": "Am Bach", "postal_code": "7", "city": "x"}},
    }
    with pytest.raises(RecordInvalid) as raised:
        validate_record(record)
    hints = {problem.pointer: problem.hint for problem in raised.value.problems}
    assert hints["/person/name/family"].found == (CharacterClass.ARABIC,)
    assert hints["/person/name/given"].found == (CharacterClass.DIGIT,)
    assert hints["/contact/address/postal_code"] is None
    assert "صالحی" not in repr(raised.value.problems) + str(raised.value)
    assert "Anna" not in repr(raised.value.problems)


def test_of_a_text_beyond_any_name_only_the_beginning_is_looked_at(monkeypatch):
    """A body of 16 MiB may hold one such name; to go through all of it takes seconds."""
    looked_at = []
    monkeypatch.setattr(name_hint_module, "strangers", lambda pattern, text: looked_at.append(len(text)) or [*strangers(pattern, text)])
    assert name_hint(din91379.PERSONS, "1" + "x" * 100_000).found == (CharacterClass.DIGIT,)
    assert name_hint(din91379.PERSONS, "x" * 100_000 + "1") is None
    assert looked_at == [1_000, 1_000]


def test_a_problem_seen_from_further_up_keeps_its_hint():
    with pytest.raises(RecordInvalid) as raised:
        validate_record({"person": {"name": {"family": "Київ"}}})
    (problem,) = raised.value.problems
    assert problem.below("/record").hint is problem.hint is not None
