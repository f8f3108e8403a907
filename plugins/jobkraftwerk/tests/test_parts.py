"""A file that is cut into messages says the same as the file read at once, line by line, and memory does not grow with its rows' text."""

import csv
import io
import os
import tracemalloc
from collections import Counter
from types import SimpleNamespace

import pytest
import xlsxwriter
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imgate.plugin_api import MessageUnreadable, RowProblem
from imgate_jobkraftwerk import parts as cutting
from imgate_jobkraftwerk import text as reading_text
from imgate_jobkraftwerk.translate import configure

ADAPTER = configure({})
CLIENTS = ["Klient-Nr.", "Nachname", "Vorname", "Geburtsdatum", "Arbeit", "Letztes Gespräch"]
PLAN = ["Klient-Nr.", "Datum", "Bereich", "Ziel", "Maßnahme", "Wer", "Frist", "Status", "Bemerkung"]
CANARY = "Geheimnis"
LARGE = 100_000 if os.environ.get("IMGATE_LONG") else 20_000
MIB = 1024 * 1024


def parts_of(body, people=2, adapter=ADAPTER):
    parts = adapter.parts(io.BytesIO(body), people)
    return None if parts is None else list(parts.each)


def at_once(body):
    return outcome(lambda: [(ADAPTER.from_partner(body), None)])


def in_parts(body, people):
    return outcome(lambda: [(ADAPTER.from_partner(part.content), part) for part in parts_of(body, people)])


def outcome(read):
    """Give people and problems at their lines of the file, each problem of the head once; or why the file cannot be used."""
    people, problems, head = {}, Counter(), set()
    try:
        readings = read()
    except MessageUnreadable as unreadable:
        return unreadable.code, unreadable.line, unreadable.column
    for reading, part in readings:
        lines = part.lines if part else range(1, 1_000_000)
        for person in reading.people:
            assert person.reference not in people
            people[person.reference] = (lines[person.line - 1], person.record)
        for problem in reading.problems:
            found = (lines[problem.line - 1], problem.column, problem.code)
            if part and problem.line <= part.repeated:
                head.add(found)
            else:
                problems[found] += 1
    return people, dict(problems + Counter(head))


def written(rows, delimiter=";", ends=("\r\n",)):
    """Write rows with changing line ends, line breaks within cells quoted; an empty list is an empty line."""
    lines = []
    for number, row in enumerate(rows):
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=delimiter, lineterminator="\r\n").writerow(row)
        lines.append(line.getvalue().removesuffix("\r\n") + ends[number % len(ends)])
    return "".join(lines)


# --- any table -----------------------------------------------------------------------------------------------------------------

REFERENCES = st.sampled_from(["K1", "K2", "K3", "K4", "K5", "'=K6", " K1 ", "", "K" * 65])
NAMES = st.sampled_from(["Müßig", "A", "", "=1", "'A", "ريم", "„x“", "Zeile\nzwei", "a\rb", 'sagt "ja"', "Ã"])
CELLS = [
    REFERENCES,
    NAMES,
    NAMES,
    st.sampled_from(["1990", "07.1990", "14.07.1990", "31.02.1990", ""]),
    st.sampled_from(["Schule", "x", ""]),
]
ROWS = st.lists(
    st.one_of(
        st.tuples(*CELLS).map(list),
        st.tuples(*CELLS).map(lambda row: row[:3]),  # too short
        st.tuples(*CELLS).map(lambda row: [*row, "10.01.2026", "zu viel"]),
        st.just([]),
        st.just(["", " ", ""]),
    ),
    max_size=12,
)
PLAN_CELLS = [
    REFERENCES,
    st.sampled_from(["10.12.2025", "11.12.2025", ""]),
    st.sampled_from(["Arbeit", "Wohnen", ""]),
    st.sampled_from(["Ziel", "Zwei", "keine", ""]),
    st.sampled_from(["Schritt\r\nmit Umbruch", "keine", ""]),
    st.sampled_from(["IM", "JC", "Onkel"]),
    st.just(""),
    st.sampled_from(["offen", "erledigt"]),
    st.sampled_from(["", "x; y", 'a "b"']),
]


@settings(max_examples=300 if os.environ.get("IMGATE_LONG") else 120, deadline=None)
@given(
    rows=st.one_of(
        ROWS.map(lambda rows: [CLIENTS, *rows]),
        ROWS.map(lambda rows: [[], ["", ""], [*CLIENTS[:5]], *rows]),
        st.lists(st.tuples(*PLAN_CELLS).map(list), max_size=12).map(lambda rows: [PLAN, *rows]),
    ),
    people=st.integers(1, 4),
    delimiter=st.sampled_from(";,\t"),
    ends=st.lists(st.sampled_from(["\r\n", "\n", "\r"]), min_size=1, max_size=3),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    cut_off=st.integers(0, 3),
)
def test_parts_together_say_what_the_file_says(rows, people, delimiter, ends, encoding, cut_off):
    body = written(rows, delimiter, ends).encode(encoding, errors="replace")
    body = body[: len(body) - cut_off]
    assert in_parts(body, people) == at_once(body)


@given(
    head=st.sampled_from([b"", b"Klient-Nr.;Nachname\r\n", b"\xef\xbb\xbfKlient-Nr.,Nachname\nK1,A\nK2,"]),
    garbage=st.binary(max_size=200),
    people=st.integers(1, 3),
)
def test_whatever_is_refused_at_once_is_refused_before_it_is_cut(head, garbage, people):
    body = head + garbage
    assume(not body.startswith(b"PK"))
    assert in_parts(body, people) == at_once(body)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_where_the_file_is_read_in_pieces_does_not_matter(monkeypatch, chunk):
    body = written(
        [CLIENTS, ["K1", "Müßig", "Zeile\r\nzwei", "", "", ""], [], ["K2", "Ößl\n", "", "", "", ""]], ends=("\r\n", "\r", "\n")
    ).encode()
    expected = at_once(body)
    monkeypatch.setattr(reading_text, "_CHUNK", chunk)
    assert in_parts(body, 1) == at_once(body) == expected


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_where_two_encodings_meet_does_not_matter(monkeypatch, chunk):
    body = "Klient-Nr.;Nachname\r\nK1;Müßig\r\n".encode() + "K2;Ößl\r\n".encode("cp1252")
    monkeypatch.setattr(reading_text, "_CHUNK", chunk)
    assert at_once(body) == in_parts(body, 1) == ("encoding_mixed", None, None)


# --- people and lines ----------------------------------------------------------------------------------------------------------


def test_all_rows_of_a_person_are_in_one_part_wherever_they_stand():
    rows = [["K1", "A"], ["K2", "B"], ["K3", "C"], ["K1", "", "Rim"], ["K3", "", "", "1990"], ["K1", "", "", "07.1990"]]
    parts = parts_of(written([CLIENTS, *[row + [""] * (6 - len(row)) for row in rows]]).encode(), people=1)
    assert [part.lines for part in parts] == [(1, 2, 5, 7), (1, 3), (1, 4, 6)]
    people = [ADAPTER.from_partner(part.content).people for part in parts]
    assert [[person.reference for person in some] for some in people] == [["K1"], ["K2"], ["K3"]]
    assert people[0][0].record["person"] == {"name": {"family": "A", "given": "Rim"}, "birth": {"date": "1990-07"}}


def test_lines_of_a_row_with_line_breaks_are_those_of_the_file():
    body = written([[], CLIENTS, ["K1", "A", "eins\nzwei\r\ndrei", "", "", ""], [], ["K2", "B", "", "99", "", ""]]).encode()
    first, second = parts_of(body, people=1)
    assert (first.lines, first.repeated) == ((1, 2, 3, 4, 5), 2)
    assert second.lines == (1, 2, 7)
    assert ADAPTER.from_partner(second.content).problems[-1] == RowProblem(3, "Geburtsdatum", "date_invalid")


def test_a_row_of_nobody_is_reported_and_holds_up_none():
    rows = [["", "A", "", "", "", ""]] * 5 + [["K1", "B", "", "", "", ""]]
    people, problems = in_parts(written([CLIENTS, *rows]).encode(), 2)
    assert [line for line, _, code in problems if code == "reference_missing"] == [2, 3, 4, 5, 6]
    assert list(people) == ["K1"]


def test_rows_that_are_too_short_to_name_somebody_are_nobodys_each():
    body = written([["Nachname", "Klient-Nr."], ["A"], ["B"], ["C", "K1"]]).encode()
    assert [part.lines for part in parts_of(body, people=1)] == [(1, 2), (1, 3), (1, 4)]
    assert in_parts(body, 1) == at_once(body)


def test_contradictions_are_found_across_the_file():
    rows = [["K1", "A", "", "1990", "", ""], ["K2", "B", "", "", "", ""], ["K1", "A", "", "1991", "", ""]]
    _, problems = in_parts(written([CLIENTS, *rows]).encode(), 1)
    assert (4, "Geburtsdatum", "contradicts_earlier_row") in problems


def test_a_person_with_many_rows_takes_a_part_of_its_own(monkeypatch):
    monkeypatch.setattr(cutting, "_MOST_BYTES", 100)
    rows = [["K1", "A", "", "", "", ""]] * 20 + [["K2", "B", "", "", "", ""], ["K3", "C", "", "", "", ""]]
    assert [len(part.lines) for part in parts_of(written([CLIENTS, *rows]).encode(), people=10)] == [21, 3]


@pytest.mark.parametrize(("short", "cut"), [(0, [2, 2]), (1, [1, 1, 1, 1]), (-1, [2, 2])])
def test_a_part_is_filled_up_to_its_bytes_and_not_beyond(monkeypatch, short, cut):
    rows = [[f"K{number}", "A", "", "", "", ""] for number in range(4)]
    monkeypatch.setattr(cutting, "_MOST_BYTES", 2 * len(written(rows[:1])) - short)
    assert [len(part.lines) - part.repeated for part in parts_of(written([CLIENTS, *rows]).encode(), people=10)] == cut


def test_a_row_of_nobody_counts_as_a_person_of_its_own():
    rows = [["", "A", "", "", "", ""]] * 5 + [["K1", "B", "", "", "", ""]]
    parts = ADAPTER.parts(io.BytesIO(written([CLIENTS, *rows]).encode()), 2)
    assert parts.number == 3
    assert [part.lines for part in parts.each] == [(1, 2, 3), (1, 4, 5), (1, 6, 7)]


def test_a_part_of_windows_1252_is_no_other_text_for_being_short():
    """ "Â°" in Windows-1252 alone would pass for a degree sign in UTF-8."""
    rows = [["K1", "Grüße", "", "", "", ""], ["K2", "Â°", "", "", "", ""]]
    body = written([CLIENTS, *rows]).encode("cp1252")
    assert parts_of(body, people=1)[1].content.decode("utf-8-sig").splitlines()[1].startswith("K2;Â°;")


def test_a_header_without_rows_is_one_message_and_still_reported():
    (part,) = parts_of(written([CLIENTS]).encode())
    assert ADAPTER.from_partner(part.content).problems == (RowProblem(1, "Letztes Gespräch", "column_without_scope"),)


def test_the_same_file_is_cut_in_the_same_way():
    body = written([CLIENTS, *([f"K{number % 7}", "A", "", "", "", ""] for number in range(40))]).encode()
    assert parts_of(body) == parts_of(body)


# --- what is not cut -----------------------------------------------------------------------------------------------------------


def test_a_table_of_imgates_own_is_one_message(release, envelope):
    assert parts_of(ADAPTER.to_partner(release({"person": {"sex": "w"}}), envelope)) is None


def test_a_workbook_is_one_message():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet().write_row(0, 0, CLIENTS)
    assert parts_of(target.getvalue()) is None


@pytest.mark.parametrize(
    ("last", "code"),
    [
        pytest.param('K9;"A;;;;', "quoting_broken", id="a quotation mark never closed"),
        pytest.param(f"K9;{'x' * 200_000};;;;", "cell_too_large", id="a huge cell"),
        pytest.param(b"K9;M\xfcller;;;;", "encoding_mixed", id="another encoding"),
    ],
)
def test_one_fault_at_the_end_keeps_the_whole_file_from_being_cut(last, code):
    body = written([CLIENTS, *([f"K{number}", "Gößl", "", "", "", ""] for number in range(50))]).encode()
    with pytest.raises(MessageUnreadable, match=f"^{code}$") as caught:
        ADAPTER.parts(io.BytesIO(body + (last if isinstance(last, bytes) else last.encode())), 10)
    assert CANARY not in repr(caught.value)


def test_a_line_without_end_is_refused_and_not_held(monkeypatch):
    monkeypatch.setattr(reading_text, "_LONGEST_LINE", 1000)
    monkeypatch.setattr(reading_text, "_CHUNK", 100)
    body = written([CLIENTS, ["K1", *["A" * 300] * 5]]).encode()
    with pytest.raises(MessageUnreadable, match=r"^line_too_long$") as caught:
        ADAPTER.parts(io.BytesIO(body), 1)
    assert caught.value.line == 2


class OnlyInPieces(io.BytesIO):
    """A file that is too large to be held."""

    def read(self, size=-1):
        assert size is not None
        assert 0 <= size <= reading_text._CHUNK
        return super().read(size)


def test_a_file_is_never_read_as_a_whole():
    body = written([CLIENTS, ["K1", "A", "", "", "", ""], ["K2", "B", "", "", "", ""]]).encode()
    assert ADAPTER.parts(OnlyInPieces(body), 1).number == 2


def test_a_part_shows_nothing_of_its_content():
    (part,) = parts_of(written([CLIENTS, ["K1", CANARY, "", "", "", ""]]).encode())
    assert CANARY not in repr(part)


# --- memory --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path):
    """A file of many people, several hundred bytes each."""
    path = tmp_path / "large.csv"
    note = "Lorem ipsum dolor sit amet, consetetur sadipscing elitr. " * 6
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        writer.writerow(PLAN)
        for number in range(LARGE):
            row = [f"K-{number}", "10.12.2025", "Arbeit", "Ziel", "Bewerbung", "IM", "", "offen", note]
            writer.writerow(row)
    return SimpleNamespace(path=path, size=path.stat().st_size)


def test_memory_does_not_grow_with_the_text_of_a_large_file(large):
    """Short form: 20,000 rows; with IMGATE_LONG=1 100,000."""
    with large.path.open("rb") as file:
        tracemalloc.start()
        try:
            parts = ADAPTER.parts(file, 500)
            rows = sum(len(part.lines) - part.repeated for part in parts.each)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert rows == LARGE
    assert peak < 3 * MIB + 300 * LARGE
    assert peak < large.size
