"""The tutorial is true: its commands run as they stand, one after the other, and print what the page shows.

They run in one shell, in a folder that looks like a clone in which `make install` was run a moment ago: the files are this checkout's,
the installation is an environment of its own that has everything this one has. So nothing is fetched, and nothing is installed into
the environment of whoever runs the tests.
"""

import ast
import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from functools import cache

import pytest

from imgate.record import CATALOGUE
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "writing-a-plugin.md").read_text(encoding="utf-8")
MOST_COMMANDS = 59
# For one command; none waits for something that a slow machine does not bring in this time.
SECONDS = 90
# The page's ports of gateway and office, and the gateway's metrics; each has to be a free one here.
GATEWAY, METRICS, OFFICE = "8400", "8401", "8410"


@dataclass(frozen=True, slots=True)
class Block:
    """Some commands, whether the page says that they fail, and what it shows below them."""

    commands: tuple[str, ...]
    fails: bool
    shown: str | None


@cache
def blocks():
    found = re.findall(r"^```([^\n]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert {kind for kind, _ in found} == {"sh", "sh fails", "text"}
    return [
        Block(tuple(commands_of(text)), kind == "sh fails", below if kind_below == "text" else None)
        for (kind, text), (kind_below, below) in zip(found, [*found[1:], ("", "")], strict=True)
        if kind != "text"
    ]


def commands_of(text):
    begun = ""
    for line in text.splitlines(keepends=True):
        begun += line
        if is_whole(begun):
            yield begun
            begun = ""
    assert not begun, f"a block ends in the middle of a command: {begun}"


def is_whole(text):
    """Ask the shell, which complains where quotes, brackets or a here-document are still open."""
    asked = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    return not asked.stderr and not text.endswith("\\\n")


def looks_like(shown):
    """Make the expression for what the page shows: `…` stands for the rest of a line, alone for any lines."""
    lines = ("(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + "\n" for line in shown.splitlines())
    return re.compile("^" + "".join(lines), re.MULTILINE)


class Shell:
    """A shell that is fed one command after the other, as by a reader; what it started ends with it."""

    def __init__(self, folder, environment):
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError):  # all of it has ended
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(SECONDS)
        self._process.stdout.close()

    def __call__(self, command):
        """Give the exit status, and what was printed by this command and by what runs beside it."""
        self._process.stdin.write(f"{command}printf '\\n<%s>\\n' $?\n".encode())
        self._process.stdin.flush()
        printed, ends_at = b"", time.monotonic() + SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while (ended := re.search(rb"\n<(\d+)>\n\Z", printed)) is None:
                assert selector.select(max(0.0, ends_at - time.monotonic())), f"takes too long:\n{command}{printed.decode()}"
                more = os.read(self._process.stdout.fileno(), 65536)
                assert more, f"the shell ended:\n{command}{printed.decode()}"
                printed += more
        return int(ended[1]), printed[: ended.start()].decode()


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "imgate"
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in {".git", ".venv"}:
            (folder / entry.name).symlink_to(entry)
    venv = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "as-here.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for program in ("imgate", "pip", "pytest"):
        (venv / "bin" / program).write_text(f'#!/bin/sh\nexec "{venv}/bin/python" -m {program} "$@"\n')
        (venv / "bin" / program).chmod(0o755)
    (venv / ".imgate-installed").touch()
    return folder


@pytest.fixture
def ports():
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    numbers = [str(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return dict(zip((GATEWAY, METRICS, OFFICE), numbers, strict=True))


@pytest.fixture
def environment(ports):
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(("IMGATE_", "PYTEST_", "PYTHON"))}
    for told in ("CI", "BUILD_NUMBER"):  # by these pytest writes longer lines, which no reader at a terminal sees
        kept.pop(told, None)
    return kept | {
        "IMGATE_SERVER__PORT": ports[GATEWAY],
        "IMGATE_SERVER__METRICS_PORT": ports[METRICS],
        "NO_PROXY": "127.0.0.1",
        "PIP_NO_INDEX": "1",
        # Both ways out in the order in which a terminal shows them.
        "PYTHONUNBUFFERED": "1",
    }


def follow(block, shell, ports):
    """Run the commands of one block, compare, and give what they printed."""
    printed = []
    for command in block.commands:
        status, said = shell(re.sub(r"\b84\d\d\b", lambda port: ports[port[0]], command))
        assert (status != 0) == block.fails, f"ends with {status}:\n{command}{said}"
        printed.append(said)
    said = "".join(one if one.endswith("\n") else f"{one}\n" for one in printed)
    as_shown = block.shown is None or looks_like(block.shown).search(said) is not None
    assert as_shown, f"prints something else than the page shows:\n{said}"
    return printed


def imported(folder):
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                yield node.module
            elif isinstance(node, ast.Import):
                yield from (name.name for name in node.names)


@pytest.mark.skipif(None in map(shutil.which, ("bash", "curl", "make")), reason="the tutorial needs bash, curl and make")
def test_followed_word_by_word_it_ends_with_a_message_delivered_and_nothing_more_after_the_revocation(clone, ports, environment):
    printed = {}
    with Shell(clone, environment) as shell:
        for block in blocks():
            printed |= zip(block.commands, follow(block, shell, ports), strict=True)
        assert shell("wait\n")[0] == 0  # both programs have ended, as they were told
        status, installed = shell("imgate plugin list\n")
    assert (status, "nachbar" in installed, "wohnungsamt" in installed) == (0, True, False)

    (delivered,) = [said for command, said in printed.items() if "$OFFICE/messages" in command and "content" in command]
    message = json.loads(delivered)
    assert message["content"].keys() == {"wohnung", "haushalt"}
    (under,) = message["envelope"]["releases"]
    assert under["scopes"] == ["housing.situation", "family.household"]
    assert not any(withheld in delivered for withheld in ("telefon", "+4971951234567", "Amira", "Sami", "1994"))

    ours = {module for module in imported(clone.parent / "afternoon" / "wohnungsamt") if module.split(".")[0] == "imgate"}
    kit = {f"imgate.conformance.{name}" for name in ("adapter", "json_partner", "record_files")}
    assert ours == {"imgate.plugin_api", "imgate.plugin_api.json", *kit}


def test_a_problem_that_was_answered_is_shown_and_not_lost():
    (member,) = re.findall(r"^member\(\) .*$", PAGE, re.MULTILINE)
    asked = subprocess.run(
        ["bash", "-c", f"{member}\nmember id"], input='{"code": "partner_unknown"}', capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stdout, asked.stderr) == (1, "", '{"code": "partner_unknown"}\n')


def test_it_takes_fewer_than_sixty_commands():
    commands = [command for block in blocks() for command in block.commands]
    assert len(commands) <= MOST_COMMANDS
    assert not any(command.startswith("#") for command in commands)


def test_it_counts_the_scopes_as_the_catalogue_does():
    page = " ".join(PAGE.split())
    assert f"there are {len(CATALOGUE.scopes)}, in the [case record]" in page
    assert f"the same one {len(CATALOGUE.scopes) - 1} times" in page


def test_it_says_that_a_plugin_is_trusted_code():
    assert "An in-process plugin is trusted code all the same." in PAGE
