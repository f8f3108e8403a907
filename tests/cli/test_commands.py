"""What an operator does: configure, check, give access, look, back up, restore."""

import json
import sqlite3

import pytest
from joserfc.jwk import ECKey, OKPKey

FAULTY = """\
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"
regime = "dsgvo"

[partners.jobcenter]
adapter = "jobcentre"
name = "Jobcenter"
transport = { kind = "pigeon" }
"""
FOLDER = """\
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[partners.jobkraftwerk]
adapter = "jobkraftwerk"
name = "Landratsamt"
transport = { kind = "folder", folder = "away" }
"""


def test_init_writes_a_configuration_that_check_finds_nothing_wrong_with(imgate):
    assert imgate("init").returncode == 0
    checked = imgate("check")
    assert (checked.returncode, checked.stdout) == (0, "")
    assert not (imgate.folder / "imgate.db").exists()


def test_init_leaves_an_existing_configuration_alone(imgate):
    imgate.configure("# mine")
    done = imgate("init")
    assert done.returncode == 1
    assert (imgate.folder / "imgate.toml").read_text() == "# mine"


def test_check_tells_every_problem_at_once_with_its_line(imgate):
    imgate.configure(FAULTY)
    done = imgate("check")
    assert done.returncode == 1
    assert [line.partition(": ")[2].partition(":")[0] for line in done.stdout.splitlines()] == ["line 4", "line 7", "line 9"]


def test_check_finds_keys_that_are_lost_or_open_to_others(imgate):
    imgate.configure()
    imgate.access("auditor")
    assert imgate("check").returncode == 0
    (imgate.folder / "imgate.keys").chmod(0o755)
    assert "0700" in imgate("check").stdout
    (imgate.folder / "imgate.keys").rename(imgate.folder / "elsewhere")
    assert "keys.folder" in imgate("check").stdout


def test_check_finds_a_database_that_is_none(imgate):
    imgate.configure()
    imgate.access("auditor")
    for path in imgate.folder.glob("imgate.db*"):
        path.unlink()
    (imgate.folder / "imgate.db").write_bytes(b"this is no database, but long enough to be looked at" * 100)
    checked = imgate("check")
    assert checked.returncode == 1
    assert "database.url" in checked.stdout
    listed = imgate("access", "list")
    assert listed.returncode == 1
    assert "Traceback" not in listed.stderr


def test_access_is_added_listed_and_revoked(imgate):
    imgate.configure()
    client_id, secret = imgate.access("partner", "--partner", "jobkraftwerk")
    listed = imgate("access", "list")
    assert client_id in listed.stdout
    assert "holds" in listed.stdout
    assert secret not in listed.stdout + listed.stderr
    assert imgate("access", "revoke", client_id).returncode == 0
    assert "revoked" in imgate("access", "list").stdout
    assert imgate("access", "revoke", client_id).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--role", "partner", "--name", "x"), 2),
        (("--role", "auditor", "--partner", "jobkraftwerk", "--name", "x"), 2),
        (("--role", "auditor", "--name", " "), 2),
        (("--role", "partner", "--partner", "nobody", "--name", "x"), 1),
        (("--role", "auditor", "--name", "x", "--public-key", "away.pem"), 1),
    ],
)
def test_an_access_that_makes_no_sense_is_not_added(imgate, arguments, status):
    imgate.configure()
    done = imgate("access", "add", *arguments)
    assert (done.returncode, done.stdout) == (status, "")


@pytest.mark.parametrize("key", [ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")])
def test_a_caller_that_signs_needs_no_secret(imgate, key):
    imgate.configure()
    file = imgate.folder / "public"
    for content in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
        file.write_bytes(content)
        done = imgate("access", "add", "--role", "case-system", "--name", "x", "--public-key", "public")
        assert done.returncode == 0, done.stderr
        assert list(json.loads(done.stdout)) == ["client_id"]


def test_a_private_key_is_not_taken_and_not_shown(imgate):
    imgate.configure()
    (imgate.folder / "private").write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    done = imgate("access", "add", "--role", "case-system", "--name", "x", "--public-key", "private")
    assert done.returncode == 1
    assert "PRIVATE" not in done.stderr
    assert done.stdout == ""


def test_keys_are_listed_by_id_and_rotated(imgate):
    imgate.configure()
    imgate.access("auditor")
    before = imgate("keys", "list").stdout
    assert imgate("keys", "rotate", "tokens").returncode == 0
    after = imgate("keys", "list").stdout
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert imgate("audit", "verify").returncode == 0
    secrets = [key["secret"] for file in (imgate.folder / "imgate.keys").iterdir() for key in json.loads(file.read_text())["keys"]]
    assert all(str(secret) not in before + after for secret in secrets)


def test_plugins_are_listed(imgate):
    done = imgate("plugin", "list")
    assert done.returncode == 0
    assert {line.split()[1] for line in done.stdout.splitlines()[1:]} >= {
        "jobcenter",
        "auslaenderbehoerde",
        "jobkraftwerk",
        "push",
        "folder",
    }


def test_a_backup_is_restored_with_everything_in_it(imgate):
    imgate.configure()
    client_id, _ = imgate.access("auditor")
    assert imgate("database", "backup", "copy").returncode == 0
    for path in imgate.folder.glob("imgate.db*"):
        path.unlink()
    restored = imgate("database", "restore", "copy")
    assert restored.returncode == 0, restored.stderr
    assert client_id in imgate("access", "list").stdout
    assert imgate("audit", "verify").returncode == 0


def test_a_restore_without_the_erasures_is_the_operators_decision(imgate):
    imgate.configure()
    imgate.access("auditor")
    imgate("database", "backup", "copy")
    for path in [*imgate.folder.glob("imgate.db*"), imgate.folder / "imgate.erasures"]:
        path.unlink()
    refused = imgate("database", "restore", "copy")
    assert refused.returncode == 1
    assert "--accept-lost-erasures" in refused.stderr
    assert imgate("database", "restore", "copy", "--accept-lost-erasures").returncode == 0


def test_a_changed_log_is_found(imgate):
    imgate.configure()
    imgate.access("auditor")
    checkpoint = imgate("audit", "checkpoint")
    (imgate.folder / "checkpoint").write_text(checkpoint.stdout)
    assert imgate("audit", "verify", "--checkpoint", "checkpoint").returncode == 0
    with sqlite3.connect(imgate.folder / "imgate.db") as database:
        database.execute("DELETE FROM audit_log WHERE place = (SELECT max(place) FROM audit_log)")
    database.close()
    done = imgate("audit", "verify", "--checkpoint", "checkpoint")
    assert done.returncode == 1
    assert json.loads(done.stdout)["sound"] is False


def test_nobody_is_erased_by_accident(imgate):
    imgate.configure()
    imgate.access("auditor")
    assert imgate("client", "erase", "K-1", stdin="n\n").returncode == 1
    assert imgate("client", "erase", "K-1", "--yes").returncode == 1


def test_what_is_not_there_is_said_so(imgate):
    imgate.configure()
    imgate.access("auditor")
    for arguments in (
        ("exchange", "show", "x"),
        ("exchange", "retry", "x"),
        ("messages", "export", "nobody", "."),
        ("messages", "export", "jobkraftwerk", "away"),
    ):
        done = imgate(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
    assert imgate("exchange", "list", "--client", "K-1").returncode == 0


def test_check_names_the_file_as_it_was_given(imgate):
    imgate.environment["IMGATE_CONFIG"] = "/nope/imgate.toml"
    assert imgate("check").stdout.startswith("/nope/imgate.toml: there is no such file")


def test_check_complains_of_a_folder_that_nothing_can_be_laid_into(imgate):
    imgate.configure(FOLDER)
    assert "partners.jobkraftwerk.transport.folder" in imgate("check").stdout
    (imgate.folder / "away").mkdir()
    assert imgate("check").returncode == 0
    (imgate.folder / "away").rename(imgate.folder / "here")
    (imgate.folder / "away").symlink_to("here")
    assert "a link" in imgate("check").stdout


def test_dates_are_those_of_the_gateways_zone(imgate):
    imgate.configure('[gateway]\nid = "im"\nname = "IM"\ntimezone = "Pacific/Kiritimati"\n')
    client_id, _ = imgate.access("auditor")
    with sqlite3.connect(imgate.folder / "imgate.db") as database:
        database.execute("UPDATE accesses SET created_at = '2026-03-01T23:00:00.000000+00:00'")
    database.close()
    assert "2026-03-02" in imgate("access", "list").stdout
    assert client_id in imgate("access", "list").stdout
