"""Each form of a cell is read as it was written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate_jobkraftwerk import cells, forms
from imgate_jobkraftwerk.cells import CellUnusable
from imgate_jobkraftwerk.leaves import Form, Leaf
from imgate_jobkraftwerk.words import read_value_lists

WORDS = read_value_lists({})
SIGNS = "'=+-@\uff1d\u200b |\\:()keine,;/\"\n\tä1"


def is_text(text):
    return bool(text) and text == unicodedata.normalize("NFC", text).strip()


# Text as the record has it: NFC, trimmed, without control characters; here full of the signs that mean something in a cell.
texts = st.one_of(st.text(st.sampled_from(SIGNS), max_size=8), st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)).filter(
    is_text
)
separators = st.sampled_from(cells.SEPARATORS)


@given(texts, st.sampled_from([cells.guarded, cells.guarded_as_text]))
def test_guard_comes_off_again(text, guarded):
    assert cells.unguarded(guarded(text)) == text


@given(texts)
def test_no_cell_of_csv_begins_like_a_formula(text):
    shown = cells.guarded(text).lstrip(" \t\n\u200b\u00a0\ufeff")
    assert not shown.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))


@pytest.mark.parametrize("text", ["=1+1", "+4971519500", "-5", "@SUM(A1)", " =1", "\t=1", "\ufeff=1", "\u200b+1", "＝1", "'=1", "''+1"])
def test_what_would_be_a_formula_gets_an_apostrophe(text):
    assert cells.guarded(text) == "'" + text


def test_line_breaks_within_a_cell_are_one_sign_whoever_wrote_them():
    assert cells.tidy(" a\r\nb\rc\nd\r ") == "a\nb\nc\nd"


@pytest.mark.parametrize("text", ["'s-Hertogenbosch", "'", "O'Neill", "1=1", "a@b.example", "Al-Ḥasan"])
def test_an_apostrophe_of_its_own_stays(text):
    assert cells.guarded(text) == text == cells.unguarded(text)


def test_typed_cells_show_what_they_hold():
    assert cells.guarded_as_text("+4971519500") == "+4971519500"


@given(texts)
def test_a_text_is_never_taken_for_an_empty_list(text):
    assert cells.spelt(text) != cells.NONE
    assert cells.unspelt(cells.spelt(text)) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [("keine", r"\keine"), (r"\keine", r"\\keine"), ("Keine", "Keine"), ("keine Angabe", "keine Angabe"), (r"\kein", r"\kein"), ("", "")],
)
def test_only_what_reads_like_an_empty_list_gets_a_backslash(text, cell):
    assert cells.spelt(text) == cell
    assert cells.unspelt(cell) == text


@given(st.lists(texts), separators)
def test_lists_of_texts_come_back(said, separator):
    leaf = Leaf(Form.TEXTS)
    cell = forms.writer(leaf, WORDS, separator)(said)
    assert cell == cells.NONE if not said else forms.reader(leaf, WORDS, separator)(cells.tidy(cell)) == said


@pytest.mark.parametrize(
    ("separator", "cell"), [("|", "a | b"), ("/", "a / b"), (",", "a, b"), (";", "a; b")], ids=["bar", "slash", "comma", "semicolon"]
)
def test_a_list_is_written_as_people_write_one(separator, cell):
    assert forms.writer(Leaf(Form.TEXTS), WORDS, separator)(["a", "b"]) == cell


def test_a_mappings_own_word_for_a_channel_stands_as_it_is():
    words = read_value_lists({"channel": {"fax": ["TeleX"]}})
    said = [{"kind": "fax", "value": "1"}]
    assert forms.writer(Leaf(Form.CHANNELS, "channel"), words, "|")(said) == "TeleX: 1"
    assert forms.reader(Leaf(Form.CHANNELS, "channel"), words, "|")("TeleX: 1") == said


channels = st.fixed_dictionaries(
    {"kind": st.sampled_from(["phone", "email", "fax", "web", "post", "other"]), "value": texts}, optional={"note": texts}
)


@given(st.lists(channels, min_size=1), separators)
def test_channels_come_back(said, separator):
    leaf = Leaf(Form.CHANNELS, "channel")
    assert forms.reader(leaf, WORDS, separator)(cells.tidy(forms.writer(leaf, WORDS, separator)(said))) == said


@given(st.lists(st.sampled_from([f"{number:03}" for number in range(1000)]), min_size=1), separators)
def test_states_come_back_also_those_without_a_name(said, separator):
    leaf = Leaf(Form.WORDS, "state")
    assert forms.reader(leaf, WORDS, separator)(forms.writer(leaf, WORDS, separator)(said)) == said


@given(st.dates().map(str))
def test_days_come_back_as_precise_as_they_were(day):
    for said in (day, day[:7], day[:4]):
        leaf = Leaf(Form.PARTIAL_DATE)
        assert forms.reader(leaf, WORDS, "|")(forms.writer(leaf, WORDS, "|")(said)) == said


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1990", "1990"),
        ("07.1990", "1990-07"),
        ("7.1990", "1990-07"),
        ("1990-07", "1990-07"),
        ("14.07.1990", "1990-07-14"),
        ("1.7.1990", "1990-07-01"),
        ("1990-07-14", "1990-07-14"),
        ("29.02.2024", "2024-02-29"),
    ],
)
def test_a_date_becomes_no_more_precise_than_it_was_said(cell, said):
    assert forms.reader(Leaf(Form.PARTIAL_DATE), WORDS, "|")(cell) == said


@pytest.mark.parametrize(
    "cell",
    [
        *("00.00.1990", "00.07.1990", "14.00.1990", "00.1990", "13.1990", "31.06.1990", "29.02.1900", "32.01.1990"),
        *("90", "14.07.90", "14.07.", "14.7", "7/1990", "14/07/1990", "07-1990", "1990.07", "1990-7", "1990-13", "1990-02-30", "19900714"),
        *(
            "Juli 1990",
            "ca. 1990",
            "~1990",
            "1990?",
            "XX.XX.1990",
            "14. 07. 1990",
            "1990/91",
            "unbekannt",
            "-",
            "0",
            "33068",
            "1990-07-14T00:00",
        ),
        *("١٩٩٠", "１９９０", "1990\n", "014.07.1990", "14.007.1990", "12345", "199"),
    ],
)
def test_what_is_no_date_is_refused_and_nothing_is_guessed(cell):
    """ "00.00.1990" too: whether a day is not known, or was mistyped, the table does not say. 33068 is how Excel counts days."""
    for form in (Form.PARTIAL_DATE, Form.DATE):
        with pytest.raises(CellUnusable, match=r"^date_invalid$"):
            forms.reader(Leaf(form), WORDS, "|")(cell)


@pytest.mark.parametrize("said", ["1994", "1994-03", "03.1994"])
def test_where_a_whole_day_is_needed_a_part_is_refused(said):
    with pytest.raises(CellUnusable, match=r"^date_invalid$"):
        forms.reader(Leaf(Form.DATE), WORDS, "|")(said)


times = st.builds(
    "{}T{}{}{}".format,
    st.dates().map(str),
    st.times().map(lambda time: f"{time:%H:%M:%S}"),
    st.sampled_from(["", ".5", ".000", ".123456789"]),
    st.sampled_from(["Z", "+01:00", "-11:30", "+14:00"]),
)


@given(times)
def test_times_come_back_with_their_offset(said):
    assert forms.reader(Leaf(Form.TIME), WORDS, "|")(forms.writer(Leaf(Form.TIME), WORDS, "|")(said)) == said


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("03.02.2026 09:30", "2026-02-03T09:30:00+01:00"),
        ("03.07.2026 09:30 Uhr", "2026-07-03T09:30:00+02:00"),
        ("2026-02-03 09:30:00", "2026-02-03T09:30:00+01:00"),
        ("25.10.2026 03:00", "2026-10-25T03:00:00+01:00"),
        ("03.02.2026 09:30:00.5", "2026-02-03T09:30:00.5+01:00"),
    ],
)
def test_a_time_without_offset_is_the_offices(cell, said):
    assert forms.reader(Leaf(Form.TIME), WORDS, "|")(cell) == said


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("29.03.2026 02:30", "time_invalid"),
        ("25.10.2026 02:30", "time_invalid"),
        ("03.02.2026", "time_invalid"),
        ("9:30", "time_invalid"),
        ("03.02.2026 25:00", "time_invalid"),
        ("02.2026 09:30", "date_invalid"),
    ],
)
def test_a_time_that_nobody_can_tell_is_refused(cell, code):
    with pytest.raises(CellUnusable, match=f"^{code}$"):
        forms.reader(Leaf(Form.TIME), WORDS, "|")(cell)


@pytest.mark.parametrize("leaf", [Leaf(Form.WORD, "sex"), Leaf(Form.WORDS, "state"), Leaf(Form.YES_NO)])
def test_a_word_that_the_list_does_not_have_is_refused(leaf):
    with pytest.raises(CellUnusable, match=r"^not_in_list$"):
        forms.reader(leaf, WORDS, "|")("vielleicht")


@pytest.mark.parametrize(
    ("cell", "said"), [("ja", True), ("WAHR", True), ("True", True), ("nein", False), ("Falsch", False), ("false", False)]
)
def test_yes_and_no_are_read_as_people_and_as_excel_write_them(cell, said):
    assert forms.reader(Leaf(Form.YES_NO), WORDS, "|")(cell) is said
    assert forms.writer(Leaf(Form.YES_NO), WORDS, "|")(said) == ("ja" if said else "nein")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("07151 9500", "+4971519500"),
        ("0711 / 216-0", "+497112160"),
        ("+43 1 58858", "+43158858"),
        ("0041 44 268 11 11", "+41442681111"),
        ("+4917612345678", "+4917612345678"),
    ],
)
def test_phones_become_international(cell, said):
    assert forms.reader(Leaf(Form.PHONE), WORDS, "|")(cell) == said


@pytest.mark.parametrize("cell", ["9", "abc", "07151 9500 Frau Müßig", "07151 9500 ext. 3", "07151 9500, 0176 1234567", "+", "112"])
def test_what_is_no_single_phone_is_refused(cell):
    with pytest.raises(CellUnusable, match=r"^phone_invalid$"):
        forms.reader(Leaf(Form.PHONE), WORDS, "|")(cell)


@pytest.mark.parametrize("cell", ["Telefon", "Brieftaube: x", "Telefon: 1 (nie", ":"])
def test_what_is_no_channel_is_refused(cell):
    with pytest.raises(CellUnusable, match=r"^channel_invalid$"):
        forms.reader(Leaf(Form.CHANNELS, "channel"), WORDS, "|")(cell)


@pytest.mark.parametrize("cell", ["x", "1,5", "-1", "12345", "١"])
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(CellUnusable, match=r"^number_invalid$"):
        forms.reader(Leaf(Form.NUMBER), WORDS, "|")(cell)
