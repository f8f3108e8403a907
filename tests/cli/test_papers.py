"""`imgate papers`: German papers on stdout or as files, when they changed, and what did."""

import hashlib
import json
import shlex
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from imgate.bootstrap import open_gateway, record_start
from imgate.settings import load_settings
from tests.cli.conftest import CONFIGURATION, Imgate
from tests.conftest import ROOT

FIRST, SECOND = datetime(2026, 10, 1, 8, 0, tzinfo=UTC), datetime(2026, 10, 3, 8, 0, tzinfo=UTC)
MORE = '\n[partners.jobcenter-rems-murr]\nadapter = "jobcenter"\nname = "Jobcenter Rems-Murr, Team 412"\nceiling = ["language.level"]\n'


def started(imgate, at, configuration=CONFIGURATION):
    """Start and end a gateway at this time; give the digest of what was kept last."""
    imgate.configure(configuration)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True, clock=lambda: at) as gateway:
        record_start(gateway, "serve")
    return json.loads(imgate("papers", "list", "--json").stdout.splitlines()[-1])["sha256"]


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """A gateway that was started with one partner, and two days later with another one beside it. Nobody starts it again."""
    imgate = Imgate(tmp_path_factory.mktemp("papers"))
    started(imgate, FIRST)
    started(imgate, SECOND, CONFIGURATION + MORE)
    return imgate


@pytest.mark.parametrize(("paper", "title"), [("processing", "# Verzeichnis von"), ("assessment", "# Datenschutz-Folgenabschätzung")])
def test_a_paper_goes_to_stdout_or_into_a_new_file(twice, paper, title):
    said = twice("papers", paper)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(title)
    assert "Jobcenter Rems-Murr, Team 412" in said.stdout
    written = twice("papers", paper, "--output", f"{paper}.md")
    assert (written.returncode, written.stdout) == (0, "")
    assert (twice.folder / f"{paper}.md").read_text(encoding="utf-8") == said.stdout
    again = twice("papers", paper, "--output", f"{paper}.md")
    assert (again.returncode, again.stderr) == (1, f"{paper}.md is there already, and is not overwritten.\n")


def test_a_paper_is_written_as_pdf(twice):
    written = twice("papers", "assessment", "--pdf", "paper.pdf")
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "Written to paper.pdf.\n")
    assert (twice.folder / "paper.pdf").read_bytes().startswith(b"%PDF-")


def test_what_changed_is_written_as_pdf_with_both_sets_of_facts_inside(twice):
    kept = [json.loads(line)["sha256"] for line in twice("papers", "list", "--json").stdout.splitlines()]
    written = twice("papers", "diff", "2026-10-01", "2026-10-03", "--pdf", "changes.pdf")
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "Written to changes.pdf.\n")
    with pikepdf.open(twice.folder / "changes.pdf") as document:
        attached = {name: document.attachments[name].get_file().read_bytes() for name in document.attachments}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in attached.items()} == {
        "tatsachen-vorher.json": kept[0],
        "tatsachen.json": kept[-1],
    }
    with pypdfium2.PdfDocument(twice.folder / "changes.pdf") as document:
        said = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    assert "Was sich an den Papieren geändert hat" in said
    assert "Jobcenter Rems-Murr, Team 412" in said
    assert "hinzugekommen" in said
    assert "01.10.2026 23:59:59 – 03.10.2026 23:59:59" in said, "at the foot of each page"


def test_changes_as_pdf_overwrite_nothing_and_are_no_json(twice):
    (twice.folder / "mine.pdf").write_bytes(b"mine")
    assert twice("papers", "diff", "2026-10-01", "2026-10-03", "--pdf", "mine.pdf").returncode == 1
    assert (twice.folder / "mine.pdf").read_bytes() == b"mine"
    assert twice("papers", "diff", "2026-10-01", "2026-10-03", "--pdf", "other.pdf", "--json").returncode == 2
    assert twice("papers", "diff", "2026-09-01", "2026-10-03", "--pdf", "other.pdf").returncode == 1
    assert not (twice.folder / "other.pdf").exists()


def test_that_nothing_changed_is_a_pdf_too(twice):
    written = twice("papers", "diff", "2026-10-03", "2026-10-03", "--pdf", "nothing.pdf")
    assert written.returncode == 0, written.stderr
    with pypdfium2.PdfDocument(twice.folder / "nothing.pdf") as document:
        assert "Es hat sich nichts geändert." in document[0].get_textpage().get_text_range()


def test_markdown_and_pdf_at_once_are_a_mistake_in_the_command(twice):
    assert twice("papers", "processing", "--pdf", "a.pdf", "--output", "a.md").returncode == 2
    assert not (twice.folder / "a.pdf").exists()


def test_without_keys_no_paper_is_made_up(imgate):
    imgate.configure()
    refused = imgate("papers", "processing")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Keys are missing")


def test_when_the_facts_changed_is_listed(twice):
    lines = twice("papers", "list").stdout.splitlines()
    assert lines[0].split() == ["at", "sha256"]
    assert [line.split()[0] for line in lines[1:]] == ["2026-10-01T10:00:00+02:00", "2026-10-03T10:00:00+02:00"]
    assert [json.loads(line)["sha256"] for line in twice("papers", "list", "--json").stdout.splitlines()] == [
        line.split()[1] for line in lines[1:]
    ]


def test_what_changed_between_two_days_is_said_in_german(twice):
    said = twice("papers", "diff", "2026-10-01", "2026-10-03")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("# Was sich an den Papieren geändert hat\n\nVon 01.10.2026 23:59:59 bis 03.10.2026 23:59:59.")
    assert "## Partner: Jobcenter Rems-Murr, Team 412 (jobcenter-rems-murr)" in said.stdout
    assert "| hinzugekommen | Darf höchstens erhalten | – | Sprachniveau (language.level) |" in said.stdout
    lines = [json.loads(line) for line in twice("papers", "diff", "2026-10-01", "2026-10-03", "--json").stdout.splitlines()]
    assert {line["change"] for line in lines} == {"added"}
    assert {"/partners/jobcenter-rems-murr/to_partner/language.level", "/plugins/adapter/jobcenter/version"} <= {
        line["path"] for line in lines
    }
    assert said.stdout.count("| hinzugekommen |") == len(lines)


def test_a_day_means_its_end_and_a_time_itself(twice):
    same = twice("papers", "diff", "2026-10-03T09:59:59+02:00", "2026-10-02")
    assert (same.returncode, same.stderr) == (1, "FROM is later than TO.\n")
    assert "Es hat sich nichts geändert." in twice("papers", "diff", "2026-10-01", "2026-10-03T07:59:59+00:00").stdout
    assert "hinzugekommen" in twice("papers", "diff", "2026-10-02", "2026-10-03T08:00:00Z").stdout


def test_without_an_end_it_is_compared_with_what_holds_now(twice):
    assert "Es hat sich nichts geändert." in twice("papers", "diff", "2026-10-03").stdout
    twice.configure()
    now = twice("papers", "diff", "2026-10-03")
    twice.configure(CONFIGURATION + MORE)
    assert "bis jetzt (" in now.stdout
    assert "| weggefallen | Darf höchstens erhalten | Sprachniveau (language.level) | – |" in now.stdout
    assert len(twice("papers", "list").stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("2026-09-30", "No facts had been kept by 2026-09-30 23:59:59+02:00: the first 2026-10-01 10:00:00+02:00.\n"),
        ("0001-01-01", "No facts had been kept by 0001-01-01 23:59:59+00:53:28: the first 2026-10-01 10:00:00+02:00.\n"),
        ("9999-12-31", "9999-12-31 is in the future.\n"),
        ("9999-12-31T23:59:59-10:00", "9999-12-31T23:59:59-10:00 is no day such as"),
        ("2026-13-01", "2026-13-01 is no day such as"),
        ("2026-10-01T10:00:00", "2026-10-01T10:00:00 is no day such as"),
        ("gestern", "gestern is no day such as"),
        ("", " is no day such as"),
    ],
)
def test_a_time_of_which_nothing_is_known_is_refused_with_a_sentence(twice, said, sentence):
    refused = twice("papers", "diff", said)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(sentence)


def test_before_the_first_start_there_is_nothing_to_compare(imgate):
    imgate.configure()
    open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True).close()
    refused = imgate("papers", "diff", "2026-10-01")
    assert refused.returncode == 1
    assert refused.stderr == "No facts had been kept by 2026-10-01 23:59:59+02:00: none yet, they are kept at each start.\n"


def test_the_commands_of_the_page_run(twice):
    page = (ROOT / "docs/office-papers.md").read_text(encoding="utf-8")
    commands = [shlex.split(line, comments=True)[1:] for line in page.split("```")[1].splitlines() if line]
    assert len(commands) == 7
    assert [command for command in commands if twice(*command).returncode != 0] == []
    assert {command[1] for command in commands} == {"processing", "assessment", "list", "diff"}
