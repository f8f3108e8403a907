"""`imgate keys` as operators call it."""

import contextlib
import os
import pty
import re
import select
import sys

import pytest

from tests.cli.conftest import CONFIGURATION

WORDS, OTHER = "drei Apfel im Schnee", "vier Birnen im Regen"


@pytest.fixture
def folder(imgate):
    imgate.configure()
    imgate.access("auditor")
    return imgate.folder / "imgate.keys"


def rows(imgate) -> list[list[str]]:
    done = imgate("keys", "list")
    assert done.returncode == 0, done.stderr
    return [re.split(r"  +", line) for line in done.stdout.splitlines()]


def test_the_list_says_use_algorithm_age_state_and_place(imgate, folder):
    head, *keys = rows(imgate)
    assert head == ["key", "use", "algorithm", "since", "state", "where"]
    assert [(use, algorithm, state, where) for _, use, algorithm, _, state, where in keys] == [
        ("wrapping", "AES-256-GCM", "current", "file"),
        ("index", "HKDF-SHA-256", "current", "file"),
        ("audit", "HKDF-SHA-256", "current", "file"),
        ("intake", "HKDF-SHA-256", "current", "file"),
        ("tokens", "ES256", "current", "file"),
        ("signing", "ES256", "current", "file"),
    ]


def test_another_algorithm_counts_from_the_next_rotation(imgate, folder):
    imgate.configure(CONFIGURATION + '\n[keys]\nsignature = "Ed25519"\n')
    assert rows(imgate)[-1][2] == "ES256"
    assert imgate("keys", "rotate", "signing").returncode == 0
    assert [(row[1], row[2], row[4]) for row in rows(imgate)[-2:]] == [
        ("signing", "ES256", "for what it made"),
        ("signing", "Ed25519", "current"),
    ]
    assert imgate("audit", "verify").returncode == 0


def test_a_folder_from_before_gets_its_signing_key_at_the_next_start_and_that_is_on_record(imgate, folder):
    (folder / "signing.json").unlink()
    refused = imgate("keys", "list")
    assert refused.returncode == 1
    assert "signing.json" in refused.stderr
    assert "`imgate keys make`" in refused.stderr
    imgate.access("admin")
    assert rows(imgate)[-1][1] == "signing"
    assert imgate("audit", "verify").returncode == 0


def test_make_completes_a_folder_from_before(imgate, folder):
    (folder / "signing.json").unlink()
    assert imgate("keys", "make").returncode == 0
    assert (folder / "signing.json").exists()
    again = imgate("keys", "make")
    assert again.returncode == 1
    assert "stays as it is" in again.stderr


def test_new_keys_are_encrypted_where_there_is_a_passphrase(imgate):
    imgate.configure()
    imgate.environment["IMGATE_KEYS__PASSPHRASE"] = WORDS
    imgate.access("auditor")
    assert {row[5] for row in rows(imgate)[1:]} == {"encrypted file"}
    assert "not encrypted" not in imgate("check").stderr


def test_protecting_changing_and_unprotecting(imgate, folder):
    imgate.environment["IMGATE_KEYS__PASSPHRASE"] = WORDS
    assert "although there is a passphrase" in imgate("check").stderr
    assert imgate("keys", "protect").returncode == 0
    assert {row[5] for row in rows(imgate)[1:]} == {"encrypted file"}

    imgate.environment["IMGATE_NEW_PASSPHRASE"] = OTHER
    assert imgate("keys", "protect").returncode == 0
    wrong = imgate("keys", "list")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.strip()) == (1, "", "The keys cannot be used: the passphrase is wrong.")
    imgate.environment["IMGATE_KEYS__PASSPHRASE"] = OTHER
    assert imgate("audit", "verify").returncode == 0

    assert imgate("keys", "unprotect").returncode == 0
    assert {row[5] for row in rows(imgate)[1:]} == {"file"}
    assert imgate("keys", "unprotect").returncode == 1


def test_a_missing_passphrase_is_one_clear_sentence(imgate, folder):
    imgate.environment["IMGATE_KEYS__PASSPHRASE"] = WORDS
    imgate("keys", "protect")
    del imgate.environment["IMGATE_KEYS__PASSPHRASE"]
    for command in (("keys", "list"), ("access", "list"), ("keys", "rotate", "tokens")):
        done = imgate(*command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.strip() == (
            "The keys cannot be used: they are encrypted and there is no passphrase: set IMGATE_KEYS__PASSPHRASE, "
            "or name a file that holds it by `[keys] passphrase_file`."
        )
    assert "there is no passphrase" in imgate("check").stdout


def typed(imgate, command: str, *lines: str) -> tuple[int, str]:
    """Run it at a terminal of its own, and answer what it asks."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(imgate.folder)
        os.execvpe(sys.executable, [sys.executable, "-m", "imgate", "keys", command], imgate.environment)  # noqa: S606 - no shell is the point
    said = b""
    answers = list(lines)
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while select.select([terminal], [], [], 20)[0] and (block := os.read(terminal, 4096)):
            said += block
            if answers and said.endswith(b": "):
                os.write(terminal, f"{answers.pop(0)}\n".encode())
    os.close(terminal)  # hangs up on who still waits for an answer
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_passphrase_can_be_typed_and_is_not_shown(imgate, folder):
    status, said = typed(imgate, "protect", WORDS, WORDS)
    assert status == 0, said
    assert "IMGATE_KEYS__PASSPHRASE" in said
    assert WORDS not in said
    status, said = typed(imgate, "unprotect", OTHER)
    assert (status, said.splitlines()[-1]) == (1, "The keys cannot be used: the passphrase is wrong.")
    status, said = typed(imgate, "unprotect", WORDS)
    assert status == 0, said
    assert WORDS not in said


def test_nothing_changes_where_no_passphrase_comes_or_a_short_one(imgate, folder):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    asked = imgate("keys", "protect")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "there is no terminal to ask for the passphrase. Set IMGATE_NEW_PASSPHRASE." in asked.stderr
    imgate.environment["IMGATE_NEW_PASSPHRASE"] = "kurz"
    short = imgate("keys", "protect")
    assert (short.returncode, short.stderr.strip()) == (1, "Nothing was changed: the passphrase has fewer than 12 characters.")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_check_notes_that_keys_are_readable_and_that_is_no_problem(imgate, folder):
    done = imgate("check")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "Note: " in done.stderr
    assert "is not encrypted: whoever reads it can read everything" in done.stderr


def test_no_command_shows_a_secret(imgate, folder):
    said = ""
    readable = "".join(file.read_text() for file in folder.iterdir())
    imgate.environment["IMGATE_NEW_PASSPHRASE"] = WORDS
    for command in (("list",), ("rotate", "signing"), ("protect",), ("list",), ("rotate", "index"), ("make",)):
        done = imgate("keys", *command)
        said += done.stdout + done.stderr
    secrets = re.findall(r'"(?:secret|d)": "([^"]+)"', readable)
    assert len(secrets) == 6
    assert not any(secret in said for secret in secrets)
    assert WORDS not in said
