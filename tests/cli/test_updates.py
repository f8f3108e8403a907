"""Updates from a file: the numbers on stdout, problems by line and code, and a file that is taken again sends nothing twice."""

import base64
import csv
import gzip
import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange import boxes
from imgate.exchange.stored import Cursor
from imgate.settings import load_settings
from tests.cli.conftest import CONFIGURATION
from tests.exchange.conftest import World

PARTNER = "jobkraftwerk"
SUBSCRIPTION = 'subscriptions = [{ purpose = "case_documentation", scopes = ["person.name", "language.level"] }]\n'
SECRET = "GEHEIM-Wort"


def line(client="K-1", family="Weiß"):
    return json.dumps({"client": client, "record": {"person": {"name": {"family": family}}}}).encode()


@pytest.fixture
def world(imgate):
    """Two clients who allow their names, K-1 and K-2; gives the gateway opened beside the command."""
    imgate.configure(CONFIGURATION + SUBSCRIPTION)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        world = World(gateway)
        world.now = datetime.now(UTC)
        days = {"valid_from": world.now.date().isoformat(), "valid_until": (world.now.date() + timedelta(days=30)).isoformat()}
        for client in ("K-1", "K-2"):
            world.link(f"JK-{client}", client=client, partner=PARTNER)
            world.declare("person.name", client=client, partner=PARTNER, purposes=["case_documentation"], **days)
        yield world


@pytest.fixture
def taken(imgate, world):
    """Take lines from a file: the process, and what it printed."""

    def take(*lines, name="updates.ndjson", options=()):
        content = b"\n".join(lines)
        (imgate.folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        done = imgate("updates", "import", name, *options)
        return done, json.loads(done.stdout) if done.stdout else None

    return take


def waiting(world):
    world.now = datetime.now(UTC)
    return boxes.outbox(world.corridor, world.call(), PARTNER, Cursor(None, 500))["items"]


@pytest.mark.parametrize("name", ["updates.ndjson", "updates.ndjson.gz"])
def test_a_file_packed_or_not_is_taken_and_a_second_time_sends_nothing(world, taken, name):
    done, counts = taken(line("K-1"), line("K-2"), name=name)
    assert (done.returncode, done.stderr) == (0, "")
    assert counts == {"lines": 2, "exchanges": 2, "unchanged": 0, "problems": 0}
    assert len(waiting(world)) == 2
    assert taken(line("K-1"), line("K-2"), name=name)[1] == {"lines": 2, "exchanges": 0, "unchanged": 2, "problems": 0}
    assert len(waiting(world)) == 2


def test_of_two_lines_about_one_client_the_later_wins(world, taken):
    _, counts = taken(line(family="Alt"), line("K-2"), line(family="Neu"))
    assert counts == {"lines": 3, "exchanges": 3, "unchanged": 0, "problems": 0}
    contents = [base64.b64decode(item["content"]).decode() for item in waiting(world)]
    assert sum("Neu" in content for content in contents) == 1
    assert not any("Alt" in content for content in contents)


def test_problems_are_told_by_line_and_code_and_stop_no_other_line(world, taken):
    bad = json.dumps({"client": "K-1", "record": {"language": {"level": {"cefr": SECRET, "evidence": "dtz"}}}, SECRET: 1}).encode()
    done, counts = taken(b"", b"{", bad, line("K-2"))
    assert done.returncode == 1
    assert counts == {"lines": 3, "exchanges": 1, "unchanged": 0, "problems": 2}
    told = done.stderr.splitlines()
    assert told[0] == "line 2: not_json"
    assert sorted(told[1:]) == ["line 3: not_in_list /record/language/level/cefr", "line 3: unknown_field /?"]
    assert SECRET not in done.stdout + done.stderr
    assert "K-" not in done.stdout + done.stderr


def test_a_report_holds_line_code_and_pointer(imgate, world, taken):
    unknown = json.dumps({"client": "K-1", "record": {}, "provenance": {"person.names": "self"}}).encode()
    done, _ = taken(b"{", unknown, b"{}", options=("--report", "report.csv"))
    assert (done.returncode, done.stderr) == (1, "")
    with (imgate.folder / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[:3] == [["line", "code", "pointer"], ["1", "not_json", ""], ["2", "scope_unknown", "/provenance/?"]]
    assert sorted(rows[3:]) == [["3", "missing", "/client"], ["3", "missing", "/record"]]


def test_a_line_that_is_too_long_is_one_problem(world, taken):
    long = b'{"client": "' + b"K" * (17 * 1024 * 1024) + b'"}'
    done, counts = taken(long, line("K-2"), long)
    assert done.stderr.splitlines() == ["line 1: body_too_large", "line 3: body_too_large"]
    assert counts == {"lines": 3, "exchanges": 1, "unchanged": 0, "problems": 2}


def test_a_file_that_breaks_off_is_told_and_what_stood_before_was_taken(imgate, world):
    noise = [secrets.token_hex(2000).encode() for _ in range(400)]
    packed = gzip.compress(b"\n".join([line("K-1"), *noise]))
    (imgate.folder / "updates.gz").write_bytes(packed[: len(packed) // 2])
    done = imgate("updates", "import", "updates.gz", "--report", "report.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be read beyond line" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(waiting(world)) == 1


@pytest.mark.parametrize(("name", "content"), [("away.ndjson", None), ("none.gz", b"not packed")])
def test_what_cannot_be_read_is_one_sentence(imgate, world, name, content):
    if content is not None:
        (imgate.folder / name).write_bytes(content)
    done = imgate("updates", "import", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_report_that_cannot_be_written_keeps_everything_from_being_taken(world, taken):
    done, _ = taken(line("K-1"), options=("--report", "away/report.csv"))
    assert (done.returncode, done.stdout) == (1, "")
    assert waiting(world) == []


def test_where_nobody_has_a_subscription_that_is_said(imgate):
    imgate.configure()
    imgate.access("auditor")
    (imgate.folder / "updates.ndjson").write_bytes(line())
    done = imgate("updates", "import", "updates.ndjson")
    assert (done.returncode, done.stdout) == (1, "")
    assert "subscriptions" in done.stderr


def test_an_empty_file_is_done_at_once(world, taken):
    done, counts = taken()
    assert done.returncode == 0
    assert counts == {"lines": 0, "exchanges": 0, "unchanged": 0, "problems": 0}


def test_in_a_process_of_its_own_stdout_carries_the_numbers_alone(imgate, world):
    (imgate.folder / "updates.ndjson").write_bytes(line("K-1"))
    done = imgate.process("updates", "import", "updates.ndjson")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"lines": 1, "exchanges": 1, "unchanged": 0, "problems": 0}
