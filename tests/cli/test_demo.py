"""The demo tells a story that is true."""

import json
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import lxml.html
import pytest

from tests.cli.conftest import Imgate
from tests.web.browsing import Browser

WAYS = ("Ausländerbehörde: a signed webhook, encrypted", "Jobkraftwerk: tables, out as a file in a folder", "fit-connect", "xta")


@dataclass(frozen=True)
class Demos:
    """One demo that told its story and ended, and one that told it and runs on, both begun at the same time in the same folder."""

    stage: Imgate
    ended: subprocess.CompletedProcess[str]
    running: subprocess.Popen[str]
    said: str


@pytest.fixture(scope="module")
def demos(tmp_path_factory):
    stage = Imgate(tmp_path_factory.mktemp("demos"))
    stage.environment["TMPDIR"] = str(stage.folder)
    stage.environment["IMGATE_GATEWAY__URL"] = "https://elsewhere.example.org"  # set for another gateway on this machine
    stage.environment["COLUMNS"] = "100"
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(stage, "demo")
        with left_running(stage) as (process, said):
            yield Demos(stage, other.result(), process, said)


def left_behind(folder):
    """What is left of a demo: its files, and the processes that it started."""
    processes = [
        entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal() and f"TMPDIR={folder}\0" in environment_of(entry)
    ]
    return [*folder.iterdir(), *processes]


def environment_of(process):
    try:
        return (process / "environ").read_bytes().decode(errors="replace") + "\0"
    except OSError:
        return ""


def test_two_demos_at_the_same_time_go_as_told(demos):
    done = demos.ended
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    for said in (done.stdout, demos.said):
        assert "Everything went as told" in said
        assert max(len(line) for line in told_in(said) if not line.startswith("{")) <= 100
    assert done.stdout.splitlines()[-1] == "To look at the pages in a browser, as everybody who uses them: imgate demo --serve"
    assert "Password" not in done.stdout
    assert done.stderr == ""


def told_in(said):
    """Give the lines of the story: what follows it is copied from the terminal, however long it is."""
    return said.partition("Everything went as told")[0].splitlines()


@contextmanager
def left_running(stage):
    """Run the demo, and give what it printed up to where it goes on running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "imgate", "demo", "--serve"],
        cwd=stage.folder,
        env=stage.environment | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.strip().endswith("'") and "/v1/exchanges -d" in line:
                break
        yield process, "".join(said)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the calls that are printed are calls of curl")
def test_what_it_leaves_running_can_be_called_as_printed(demos):
    said = demos.said
    assert all(way in said for way in WAYS)
    assert "not the real services" in said
    declarations, disclosures, ledger, exchange = answers_to(said, demos.stage)
    assert len(declarations["items"]) == 7
    assert {one["partner"] for one in disclosures["items"]} == {one["partner"] for one in ledger["items"]} | {"jobcenter-tuebingen"}
    assert (exchange["state"], exchange["released"]) == ("queued", ["language.level"])
    page = httpx2.get(re.search(r"What has arrived at each partner\s+(\S+)", said)[1], trust_env=False).text
    assert page.count("<h2>") == 5
    assert ", verschlüsselt gekommen" in page


class OverTheWire(Browser):
    """A browser of a gateway that runs as a process of its own."""

    def __init__(self, http):
        self.url = str(http.base_url).removesuffix("/")
        self.http = http


@pytest.fixture
def browse():
    """``browse(said)`` opens a browser on what was printed."""
    with ExitStack() as opened:

        def browse(said):
            url = printed(said, "The pages, in a browser").removesuffix("/pages")
            return OverTheWire(opened.enter_context(httpx2.Client(base_url=url, follow_redirects=False, trust_env=False)))

        yield browse


def printed(said, label):
    return re.search(rf"(?m)^.*{re.escape(label)}:?\s+(\S.*)$", said)[1]


def signed_in(browser, said, login):
    """Sign in with what was printed, and a code from the page of codes."""
    codes = lxml.html.fromstring(httpx2.get(printed(said, "Their one-time codes"), trust_env=False).text)
    code, password = codes.xpath(f"string(//tr[th='{login}']//code)"), printed(said, "Password of all of them")
    return browser, browser.get("/pages/sign-in").send("Anmelden", login=login, password=password, code=code)


def test_everybody_looks_at_the_pages_with_what_was_printed(demos, browse):
    said = demos.said
    lea, inbox = signed_in(browse(said), said, "lea")
    assert [inbox.text.count(reference) for reference in ("624D700404", "624D700512", "624D700318")] == [2, 1, 0]
    assert "Nutzung beenden" in inbox.text
    assert lea.get("/pages/desk", follow=False).status == 403

    ines, desk = signed_in(browse(said), said, "ines")
    assert all(
        text in desk.text
        for text in ("Nicht zugestellt", "Erklärungen, die bald ablaufen", "Antwort fehlt", "Partner haben etwas mitgeteilt")
    )
    assert "K-2026-1102" in ines.get("/pages/requests").text
    assert "K-2026-1103" not in ines.get("/pages/requests").text

    olga, _ = signed_in(browse(said), said, "olga")
    assert "wartet auf die zweite Bestätigung" in olga.get("/pages/office/openings").text
    assert "fehlgeschlagen" in olga.get("/pages/office/deliveries").text
    otto, _ = signed_in(browse(said), said, "otto")
    assert "Die Öffnung gilt jetzt" in otto.get("/pages/office/openings").send("Öffnung bestätigen").text

    entrance = printed(said, "The client's own page")
    own = browse(said).post(entrance, {"code": printed(said, "The code on her copy"), "number": printed(said, "The number")})
    assert (own.status, own.path) == (200, "/pages/client/mine")
    assert "Jobcenter Landkreis Tübingen, Team U25" in own.text


def test_told_to_end_nothing_listens_any_more_and_neither_demo_leaves_a_trace(demos):
    """The last one here: afterwards the demo that ran on is over."""
    addresses = [printed(demos.said, "Their one-time codes"), printed(demos.said, "The pages, in a browser")]
    for address in addresses:
        assert httpx2.get(address, trust_env=False).status_code < 500
    demos.running.send_signal(signal.SIGINT)
    assert demos.running.stdout.read().endswith("nothing is left behind.\n")
    assert demos.running.wait(60) == 0
    for address in addresses:
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(address, trust_env=False)
    assert left_behind(demos.stage.folder) == []


def answers_to(said, stage):
    """Copy the calls into a shell, word by word."""
    calls = said[said.index("  export TOKEN=") :]
    environment = {name: value for name, value in stage.environment.items() if name in {"PATH", "HOME"}}
    shell = subprocess.run(
        ["sh", "-e"], input=re.sub(r"(?m)^(  curl .*)$", r"\1; echo", calls), env=environment, capture_output=True, text=True, check=False
    )
    assert shell.returncode == 0, shell.stderr
    return [json.loads(line) for line in shell.stdout.splitlines()]
