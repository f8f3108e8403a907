"""`imgate codelist`: a list is imported once, refused where it differs, listed with who uses it, and shown."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.codelists.made_up import FILE, URI, version

NATIONALITIES = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit"
PERMITS = "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis"
JOBCENTER = """\
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"
"""


@pytest.fixture
def gateway(imgate):
    imgate.configure(JOBCENTER)
    assert imgate("keys", "make").returncode == 0
    return imgate


def importing(gateway, content, *more):
    (gateway.folder / "list.xml").write_bytes(content)
    return gateway("codelist", "import", "list.xml", *more)


def on_record(gateway, event="codelist_imported"):
    """Give the events of imports in the audit log."""
    with closing(sqlite3.connect(gateway.folder / "imgate.db")) as database:
        entries = [json.loads(entry) for (entry,) in database.execute("SELECT entry FROM audit_log ORDER BY position")]
    return [entry["fields"] for entry in entries if entry["event"] == event]


def test_an_import_tells_what_it_read_and_is_on_record(gateway):
    done = importing(gateway, FILE.read_bytes())
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["uri"], said["version"], said["rows"], said["outcome"]) == (URI, "1", 2, "new")
    assert (said["key_column"], said["name_column"], said["codes_with_last_day"]) == ("Schluessel", "Beschreibung", 1)
    assert done.stderr == "Names are taken from column Beschreibung; --name-column names another one: Kurzzeichen, meldbar-bis.\n"
    assert on_record(gateway) == [{"uri": URI, "version": "1", "sha256": said["sha256"], "rows": 2, "replaced": False}]
    assert gateway("audit", "verify").returncode == 0


def test_the_same_file_again_changes_nothing(gateway):
    importing(gateway, FILE.read_bytes())
    again = importing(gateway, FILE.read_bytes())
    assert (again.returncode, json.loads(again.stdout)["outcome"]) == (0, "unchanged")
    assert len(on_record(gateway)) == 1


def test_other_content_of_the_same_version_is_refused_until_it_is_told_to_replace(gateway):
    importing(gateway, version("1"))
    for other in ((version("1", name="anders"),), (version("1"), "--name-column", "c2")):
        done = importing(gateway, other[0].replace(b'<Column Id="n"', b'<Column Id="c2"/><Column Id="n"'), *other[1:])
        assert (done.returncode, done.stdout) == (1, "")
        assert "--replace" in done.stderr
    assert "eins" in gateway("codelist", "show", URI).stdout
    refused = importing(gateway, version("1", name="anders"))
    assert "(this file has 0 codes more, 0 fewer, and says otherwise about 1)" in refused.stderr
    done = importing(gateway, version("1", name="anders"), "--replace")
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (0, "replaced")
    assert [fields["replaced"] for fields in on_record(gateway)] == [False, True]
    shown = gateway("codelist", "show", URI).stdout
    assert "anders" in shown
    assert "eins" not in shown


def test_versions_stand_side_by_side_and_the_newest_is_shown(gateway):
    for number in ("9", "10"):
        importing(gateway, version(number, name=f"aus {number}"))
    assert "aus 10" in gateway("codelist", "show", URI).stdout
    assert "aus 9" in gateway("codelist", "show", URI, "--version", "9").stdout
    shown = json.loads(gateway("codelist", "show", URI, "1", "--version", "9").stdout)
    assert shown == {"code": "1", "name": "aus 9"}


def test_a_version_that_was_imported_by_mistake_can_be_removed(gateway):
    for number in ("9", "10"):
        importing(gateway, version(number, name=f"aus {number}"))
    sha256 = on_record(gateway)[1]["sha256"]
    done = gateway("codelist", "remove", URI, "10")
    assert (done.returncode, done.stdout) == (0, "")
    assert "aus 9" in gateway("codelist", "show", URI).stdout
    assert on_record(gateway, "codelist_removed") == [{"uri": URI, "version": "10", "sha256": sha256, "rows": 1}]
    again = gateway("codelist", "remove", URI, "10")
    assert (again.returncode, len(again.stderr.splitlines())) == (1, 1)
    assert gateway("audit", "verify").returncode == 0


def test_a_code_that_runs_out_is_marked(gateway):
    importing(gateway, version("1", last_column="meldbar-bis", last_day="2025-12-30"))
    importing(gateway, version("2", last_column="meldbar-bis", last_day="2999-12-30"))
    assert "ran out after 2025-12-30" in gateway("codelist", "show", URI, "--version", "1").stdout
    assert "until 2999-12-30" in gateway("codelist", "show", URI, "--version", "2").stdout
    # What is known without the list counts as well.
    importing(gateway, version("17", uri=PERMITS).replace(b"<SimpleValue>1<", b"<SimpleValue>488<"))
    assert "ran out after 2025-12-30" in gateway("codelist", "show", PERMITS).stdout
    assert json.loads(gateway("codelist", "show", PERMITS, "488").stdout)["last_day"] == "2025-12-30"


def test_the_list_names_who_uses_what_and_what_is_imported(gateway):
    def state():
        rows = [line for line in gateway("codelist", "list").stdout.splitlines() if line.startswith(NATIONALITIES)]
        return [(line.split()[1], " ".join(line.split()[3:]).partition("jobcenter")[0].strip(" -")) for line in rows]

    assert state() == [("2024-08-01", "not imported")]
    importing(gateway, version("2023-02-24", uri=NATIONALITIES))
    assert state() == [("2023-02-24", "imported"), ("2024-08-01", "not imported, but 2023-02-24 is")]
    noted = [line for line in gateway("check").stderr.splitlines() if "code list" in line]
    assert noted == [f"Note: code list {NATIONALITIES}: jobcenter uses version 2024-08-01, and only 2023-02-24 is imported."]
    importing(gateway, version("2024-08-01", uri=NATIONALITIES))
    assert ("2024-08-01", "imported") in state()
    assert "code list" not in gateway("check").stderr
    importing(gateway, version("2025-01-01", uri=NATIONALITIES))
    assert ("2024-08-01", "imported; a newer one is too: 2025-01-01") in state()
    used = gateway("codelist", "list").stdout
    assert "person.nationality" in used


def test_check_tells_of_codes_that_run_out_and_fails_for_none_of_it(gateway):
    importing(gateway, version("1", last_column="entfaellt-ab", last_day="2025-12-31"))
    checked = gateway("check")
    assert (checked.returncode, checked.stdout) == (0, "")
    assert f"Note: code list {URI}, version 1: 1 of 1 codes are taken for a time only (last day 2025-12-30)." in checked.stderr


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"<x/>", "root_unknown"), (FILE.read_bytes()[:1000], "not_wellformed")],
    ids=["empty", "root", "cut"],
)
def test_a_file_that_is_no_list_is_refused_in_one_sentence(gateway, content, code):
    done = importing(gateway, content)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"list.xml cannot be imported ({code}): ")
    assert len(done.stderr.splitlines()) == 1


def test_what_is_not_there_is_said_in_one_sentence(gateway):
    importing(gateway, FILE.read_bytes())
    for arguments in (
        ("import", "away.xml"),
        ("import", "."),
        ("show", "urn:x:y"),
        ("show", URI, "--version", "2"),
        ("show", URI, "99"),
        ("import", "list.xml", "--name-column", "x"),
        ("import", "list.xml", "--key", "x"),
    ):
        done = gateway("codelist", *arguments)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), arguments


def test_a_list_cannot_write_on_the_terminal(gateway):
    importing(gateway, version("1", name="\u009b31mrot\u202e"))
    shown = gateway("codelist", "show", URI)
    assert "\u009b" not in shown.stdout + shown.stderr
    assert "31mrot" in shown.stdout
    (code,) = [line.split()[0] for line in shown.stdout.splitlines() if "31mrot" in line]
    one = gateway("codelist", "show", URI, code)
    assert not {"\u009b", "\u202e"} & set(one.stdout)
    assert json.loads(one.stdout)["name"] == "\u009b31mrot\u202e"
