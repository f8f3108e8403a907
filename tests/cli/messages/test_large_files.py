"""A large file is handed in as several messages, is taken once, is shown before, and does not fill the memory."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from imgate.adapters import files
from imgate.adapters.errors import AdapterFault
from imgate.cli.messages import handing_in, progress, source
from imgate.plugin_api import MessageUnreadable
from imgate.storage import SqlStore

HEADER = "Klient-Nr.;Datum;Bereich;Ziel;Maßnahme;Wer;Frist;Status;Bemerkung"
ROW = "{};02.02.2026;Sprache;B2 vor Ausbildungsbeginn;Anmeldung;Klient;{};offen;{}"
CLIENTS = (
    "Klient-Nr.;Nachname;Vorname;Geburtsdatum;Staatsangehörigkeit;Aufenthaltsstatus;gültig bis;Sprachniveau;Nachweis;Arbeit;"
    "Wohnsituation;pAp Jobcenter;Telefon pAp;Letztes Gespräch"
)
CLIENT = "K-{:06};Müßig;Rim;14.07.1990;Syrien;Aufenthaltserlaubnis;01.05.2027;B1;DTZ;arbeitsuchend;eigene Wohnung;Frau Weiß;07151 9500;"
CANARY = "Geheimnis"
LONG = bool(os.environ.get("IMGATE_LONG"))


def written(imgate, rows, name="table.csv", encoding="windows-1252"):
    imgate.configure()
    imgate.access("auditor")
    (imgate.folder / name).write_bytes("\r\n".join([HEADER, *rows, ""]).encode(encoding))
    return name


def many(people, *, bad=(), note=""):
    """Give a row for each person, in another order than that of the people, and one more for the first."""
    rows = [ROW.format(f"JK-{number:04}", "15.13.2026" if number in bad else "15.03.2026", note) for number in range(people)]
    return [*rows, ROW.format("JK-0000", "", note)]


@pytest.fixture(autouse=True)
def small_messages(monkeypatch):
    monkeypatch.setattr(source, "_PEOPLE", 10)


@pytest.fixture
def imported(imgate):
    def run(name, *more):
        done = imgate("messages", "import", "jobkraftwerk", name, *more)
        lines = done.stdout.splitlines()  # the log of this process, which no command has set up, comes before
        return SimpleNamespace(status=done.returncode, err=done.stderr, report=json.loads(lines[-1]) if lines else None)

    return run


def intake(imgate):
    """Count what is in the database."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(imgate.folder / "imgate.db")) as database:
        return tuple(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("intake", "intake_people"))  # noqa: S608


def test_each_message_has_a_receipt_and_problems_name_lines_of_the_file(imgate, imported):
    name = written(imgate, many(35, bad={7, 29}))
    done = imported(name, "--report", "report.csv")
    assert done.status == 0, done.err
    assert (done.report["messages"], len({each["receipt"] for each in done.report["receipts"]})) == (4, 4)
    assert {each["outcome"] for each in done.report["receipts"]} == {"taken"}
    assert (done.report["people"], done.report["unknown"], done.report["problem_count"]) == (33, 33, 2)
    assert [problem["line"] for problem in done.report["problems"]] == [9, 31]
    report = (imgate.folder / "report.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(";")[:3] for line in report[1:]] == [["9", "Frist", "date_invalid"], ["31", "Frist", "date_invalid"]]
    assert intake(imgate) == (4, 33)


@pytest.mark.parametrize("dry_run", [False, True])
def test_where_not_one_row_can_be_used_the_exit_status_says_so(imgate, imported, dry_run):
    rows = [ROW.format(f"JK-{number:04}", "15.13.2026", "") for number in range(12)]
    options = ["--dry-run"] if dry_run else []
    done = imported(written(imgate, rows), *options)
    assert (done.status, done.report["people"], done.report["problem_count"]) == (1, 0, 12)
    assert imported(written(imgate, [*rows, ROW.format("JK-0000", "", "")]), *options).status == 0


def test_neither_report_nor_result_shows_a_value(imgate, imported):
    name = written(imgate, many(12, bad={3}, note=CANARY))
    done = imported(name, "--report", "report.csv")
    shown = json.dumps(done.report) + done.err + (imgate.folder / "report.csv").read_text("utf-8-sig")
    assert CANARY not in shown
    assert "JK-" not in shown


def test_a_file_imported_twice_has_no_second_effect(imgate, imported):
    name = written(imgate, many(25))
    first = imported(name)
    again = imported(name)
    assert again.report["receipts"] == first.report["receipts"]
    assert (again.report["before"], first.report["before"]) == (3, 0)
    assert "3 of 3 messages were handed in before" in again.err
    assert intake(imgate) == (3, 25)


def test_a_file_in_which_one_person_changed_is_taken_as_far_as_it_changed(imgate, imported):
    imported(written(imgate, many(25)))
    rows = many(25)
    rows[14] = rows[14].replace("15.03.2026", "16.03.2026")
    done = imported(written(imgate, rows))
    assert (done.report["messages"], done.report["before"]) == (3, 2)
    assert intake(imgate)[0] == 4


def test_it_is_taken_anew_where_that_is_asked_for(imgate, imported):
    name = written(imgate, many(25))
    imported(name)
    done = imported(name, "--again")
    assert done.report["before"] == 0
    assert intake(imgate) == (6, 50)


def test_an_interrupted_import_goes_on_where_it_stopped(imgate, imported, monkeypatch):
    name = written(imgate, many(25))
    taken = handing_in._Desk.take

    def interrupted(desk, part):
        if desk.counts.messages == 2:
            raise KeyboardInterrupt
        taken(desk, part)

    with monkeypatch.context() as until_then:
        until_then.setattr(handing_in._Desk, "take", interrupted)
        assert imported(name).status != 0
    done = imported(name)
    assert (done.report["messages"], done.report["before"]) == (3, 2)
    assert intake(imgate) == (3, 25)


def unreadable_where(text, error):
    """Let each message that holds this text be unreadable."""
    from imgate.adapters.adapter import LoadedAdapter

    real = LoadedAdapter.read

    def read(self, body, media_type=None):
        if text in body:
            raise error
        return real(self, body, media_type)

    return LoadedAdapter, read


@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_a_message_that_cannot_be_used_stops_no_other(imgate, imported, monkeypatch, how):
    name = written(imgate, many(35))
    adapter, read = unreadable_where(b"JK-0015", MessageUnreadable("cell_too_large", 3))
    monkeypatch.setattr(adapter, "read", read)
    done = imported(name, *how)
    assert done.status == 1
    assert (done.report["messages"], done.report["refused"], done.report["people"]) == (4, 1, 25)
    assert done.report["problems"] == [{"line": 13, "code": "cell_too_large"}]


def test_what_no_worker_could_take_yet_is_told_and_not_waited_for_without_end(imgate, imported, monkeypatch):
    def fails(corridor, item):
        raise AdapterFault("jobkraftwerk", "crashed", CANARY)

    monkeypatch.setattr("imgate.exchange.inbound.take", fails)
    monkeypatch.setattr(handing_in, "_PATIENCE_SECONDS", 0.2)
    done = imported(written(imgate, many(25)))
    assert (done.status, done.report["waiting"], done.report["people"]) == (1, 3, 0)
    assert {each["outcome"] for each in done.report["receipts"]} == {"waiting"}
    assert "3 of 3 messages still wait" in done.err
    assert intake(imgate) == (3, 0)


@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_an_adapter_that_fails_at_one_message_stops_no_other(imgate, imported, monkeypatch, how):
    name = written(imgate, many(35))
    adapter, read = unreadable_where(b"JK-0015", AdapterFault("jobkraftwerk", "crashed", CANARY))
    monkeypatch.setattr(adapter, "read", read)
    done = imported(name, *how)
    assert (done.status, done.report["refused"], done.report["people"]) == (1, 1, 25)
    assert done.report["problems"] == [{"code": "adapter_fault"}]


@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_an_adapter_that_cannot_cut_the_file_is_named(imgate, imported, monkeypatch, how):
    name = written(imgate, many(5))

    def fails(*_):
        raise AdapterFault("jobkraftwerk", "crashed", "ValueError")

    monkeypatch.setattr(files, "parts_of", fails)
    done = imported(name, *how)
    assert (done.status, done.report) == (1, None)
    assert "adapter jobkraftwerk: crashed (ValueError). Its author must mend that." in done.err


def test_a_file_that_is_refused_leaves_nothing_behind_and_says_why(imgate, imported):
    name = written(imgate, [*many(25), 'JK-9;"x'])
    done = imported(name, "--report", "report.csv")
    assert (done.status, done.report) == (1, None)
    assert "28;;quoting_broken;" in (imgate.folder / "report.csv").read_text("utf-8-sig")
    assert intake(imgate) == (0, 0)


def test_a_report_is_never_overwritten_and_nothing_is_taken_then(imgate, imported):
    name = written(imgate, many(5))
    (imgate.folder / "report.csv").write_text("kept")
    done = imported(name, "--report", "report.csv")
    assert (done.status, done.report) == (1, None)
    assert (imgate.folder / "report.csv").read_text() == "kept"
    assert intake(imgate) == (0, 0)


def test_the_preview_tells_how_the_file_is_understood_and_keeps_nothing(imgate, imported):
    name = written(imgate, many(12, bad={3}, note=CANARY))
    done = imported(name, "--dry-run")
    assert done.status == 0, done.err
    file = done.report["file"]
    assert (file["format"], file["encoding"], file["delimiter"]) == ("csv", "windows-1252", ";")
    (sheet,) = file["sheets"]
    assert (sheet["kind"], sheet["rows"], sheet["columns"][3]) == (
        "sheets.plan",
        13,
        {"number": 4, "name": "Ziel", "holds": "plan.goals.title"},
    )
    assert (done.report["people"], done.report["scopes"]) == (11, {"plan.goals": 11, "plan.steps": 11})
    assert done.report["problems"] == [{"line": 5, "column": "Frist", "code": "date_invalid"}]
    for word in ("windows-1252", "delimiter ;", "sheets.plan, 13 rows", "plan.goals.title", "11  plan.steps"):
        assert word in done.err
    assert CANARY not in json.dumps(done.report) + done.err
    assert intake(imgate) == (0, 0)


def test_the_preview_of_a_file_that_is_refused_still_shows_what_was_found_out(imgate, imported):
    imgate.configure()
    imgate.access("auditor")
    (imgate.folder / "other.csv").write_bytes(f"Nummer;Name\r\n1;{CANARY}\r\n".encode("cp1252"))
    done = imported("other.csv", "--dry-run")
    assert (done.status, done.report) == (1, None)
    for word in ("delimiter ;", "sheet 1: not known by its header, and left out, 1 row\n", "line 1: header_unknown"):
        assert word in done.err
    assert CANARY not in done.err


def test_a_file_beyond_the_limit_of_a_message_is_taken(imgate, imported, monkeypatch):
    """16 MiB is what the interface takes at once (contract §5)."""
    monkeypatch.setattr(source, "_PEOPLE", 500)
    name = written(imgate, many(8_800, note="x" * 1_950), encoding="utf-8")
    assert (imgate.folder / name).stat().st_size > 16 * 1024 * 1024
    done = imported(name)
    assert (done.status, done.report["unknown"], done.report["problem_count"]) == (0, 8_800, 0)
    assert intake(imgate) == (done.report["messages"], 8_800)


def test_what_is_one_message_and_larger_than_one_may_be_is_refused(imgate, imported, monkeypatch):
    name = written(imgate, many(5))
    monkeypatch.setattr(files, "parts_of", lambda *_: None)
    from imgate.adapters import tables

    monkeypatch.setattr(tables, "DEFAULT_LIMITS", tables.TableLimits(size=10))
    done = imported(name)
    assert (done.status, done.report) == (1, None)
    assert "larger than" in done.err


def test_a_line_now_and_then_where_nobody_looks_on(monkeypatch, capsys):
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.0)
    with progress.progress("Taking", 3) as advance:
        for number in range(1, 4):
            advance(number * 500)
    assert capsys.readouterr().err.splitlines() == ["1 of 3 messages, 500 people …", "2 of 3 messages, 1,000 people …"]


def test_a_bar_where_somebody_looks_on(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress.progress("Taking", 2) as advance:
        advance(500)
    assert "500 people" in capsys.readouterr().err


PEAK = """
import sys
from pathlib import Path
from imgate.cli.app import run
status = run(sys.argv[1:])
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(peak, file=sys.stderr)
sys.exit(status)
"""


def peak_of(imgate, name):
    """Give the peak of memory of an import in a process of its own, in MiB; ru_maxrss would tell that of the tests' process."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "messages", "import", "jobkraftwerk", name],
        cwd=imgate.folder,
        env=imgate.environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return int(done.stderr.splitlines()[-1]) / 1024


def clients(path, rows):
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        target.write(f"{CLIENTS}\r\n")
        target.writelines(f"{CLIENT.format(number)}\r\n" for number in range(rows))


def test_few_pages_of_the_database_are_kept_at_hand_while_a_file_is_taken(imgate, imported, monkeypatch):
    sparing = []
    monkeypatch.setattr(SqlStore, "spare_memory", lambda store: sparing.append(store))
    assert imported(written(imgate, many(1))).status == 0
    assert len(sparing) == 1


def test_memory_hardly_grows_with_the_file(imgate):
    """Short form: 4,000 rows against 1,000."""
    compare(imgate, 4_000)


@pytest.mark.long
def test_memory_of_a_hundred_thousand_rows_is_half_as_much_again_at_most(imgate):
    """Short form: the one above."""
    compare(imgate, 100_000)


def compare(imgate, rows):
    imgate.configure()
    imgate.access("auditor")
    clients(imgate.folder / "small.csv", 1_000)
    clients(imgate.folder / "large.csv", rows)
    small, large = peak_of(imgate, "small.csv"), peak_of(imgate, "large.csv")
    assert small > 20
    assert large < 1.5 * small
