"""The report of a file's rows: an office opens it in Excel, and finds lines, columns and reasons, and no value."""

import csv
import io
import re
from pathlib import Path

import pytest

from imgate.adapters import table_parts, tables
from imgate.cli.messages import report as reporting
from imgate.cli.messages.meanings import MEANINGS, UNKNOWN, meaning_of
from imgate.cli.messages.report import Report
from imgate.cli.output import Failed
from imgate.plugin_api import Part
from imgate.record.problems import ProblemCode

WHOLE = Part(b"", ())


def told(path, *problems, part=WHOLE):
    with Report.into(path) as report:
        report.tell(part, problems)
    return path.read_bytes()


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))


def test_it_opens_in_a_german_excel(tmp_path):
    content = told(tmp_path / "r.csv", {"line": 3, "column": "Nachname", "code": "not_din91379"})
    assert content.startswith(b"\xef\xbb\xbfZeile;Spalte;Code;Bedeutung\r\n")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    assert rows(content)[1] == ["3", "Nachname", "not_din91379", MEANINGS["not_din91379"]]


def test_lines_are_those_of_the_file_and_the_head_is_told_once(tmp_path):
    head, row = {"line": 1, "column": 6, "code": "column_without_scope"}, {"line": 2, "code": "row_too_short"}
    with Report.into(tmp_path / "r.csv") as report:
        report.tell(Part(b"", (1, 5), 1), [head, row])
        report.tell(Part(b"", (1, 9), 1), [head, row])
    assert [problem["line"] for problem in report.shown] == [1, 5, 9]
    assert [row[0] for row in rows((tmp_path / "r.csv").read_bytes())] == ["Zeile", "1", "5", "9"]


@pytest.mark.parametrize("line", [0, 3, -1])
def test_a_line_that_the_message_does_not_have_is_none_of_the_file(line):
    report = Report()
    report.tell(Part(b"", (1, 5), 1), [{"line": line, "code": "shape"}])
    assert report.shown == [{"code": "shape"}]


@pytest.mark.parametrize("column", ["=1+1", "+x", "-x", "@x", " =1", "\t=1", "＝1", "'=1", "\ufeff=1"])
def test_no_cell_of_it_is_a_formula(tmp_path, column):
    (_, row) = rows(told(tmp_path / "r.csv", {"line": 1, "column": column, "code": column}))
    assert row[1] == row[2] == f"'{column}"


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "r.csv").write_text("kept")
    with pytest.raises(Failed, match="not overwritten"):
        Report.into(tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_text() == "kept"


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(Failed, match="cannot be written"):
        Report.into(tmp_path / "away" / "r.csv")


def test_only_its_owner_reads_it(tmp_path):
    told(tmp_path / "r.csv")
    assert (tmp_path / "r.csv").stat().st_mode & 0o777 == 0o600


def test_the_file_has_all_problems_stderr_and_the_result_the_first(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reporting, "SHOWN", 2)
    problems = [{"line": line, "code": "shape"} for line in range(1, 6)]
    assert len(rows(told(tmp_path / "r.csv", *problems))) == 6
    report = Report()
    report.tell(WHOLE, problems)
    assert (report.number, len(report.shown)) == (5, 2)
    assert capsys.readouterr().err.splitlines() == ["line 1: shape", "line 2: shape", "… and more: --report FILE writes them all."]


def test_every_code_of_the_record_and_of_the_guard_has_a_sentence():
    guards = {
        code
        for module in (tables, table_parts)
        for code in re.findall(r'MessageUnreadable\("([a-z0-9_]+)"\)', Path(module.__file__).read_text("utf-8"))
    }
    assert guards
    assert {code.value for code in ProblemCode} | guards <= MEANINGS.keys()


def test_every_code_that_a_plugin_documents_has_a_sentence():
    """The tables of ``plugins/jobkraftwerk/README.md``: codes in the first column, several in one cell."""
    page = (Path(__file__).resolve().parents[3] / "plugins" / "jobkraftwerk" / "README.md").read_text("utf-8")
    rows = page.partition("| code of a row |")[2].splitlines()
    codes = {code for row in rows if row.startswith("| `") for code in re.findall(r"`([a-z0-9_]+)`", row.split("|")[1])}
    assert len(codes) > 20
    assert codes <= MEANINGS.keys()


def test_sentences_are_german_and_end():
    for code, sentence in MEANINGS.items():
        assert sentence[0].isupper(), code
        assert sentence[-1] in ".?", code
        assert ";;" not in sentence


def test_a_code_that_nobody_knows_says_who_does():
    assert meaning_of("made_up") == UNKNOWN
