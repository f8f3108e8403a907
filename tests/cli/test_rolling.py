"""Gateways are restarted one after the other while requests come: none is lost, none is done twice."""

import itertools
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack

import httpx2
import pytest

from imgate.conformance.api_client import ApiClient
from tests.acceptance.process import declare, every, free_port, link
from tests.cli.conftest import ALONE
from tests.exchange.conftest import CLIENT, CONFIG, JOBCENTER, REFERENCE
from tests.storage.conftest import postgres, postgres_server
from tests.storage.wire import wired

__all__ = ["postgres", "postgres_server"]

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "benefits": {"regime": {"code": "sgb2"}}}
CALLERS = 8
# Between two requests of one caller: a gateway that starts meanwhile on the same machine needs some of it.
PAUSE = 0.1


class Machine:
    """One gateway, and how often it was started."""

    def __init__(self, imgate) -> None:
        self.imgate, self.port, self.process = imgate, free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return when a proxy would take it in."""
        self.begin()
        self.arrive()

    def begin(self) -> None:
        with (self.imgate.folder / "stderr").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "imgate", "serve", "--no-worker", "--port", str(self.port)],
                cwd=self.imgate.folder,
                env=self.imgate.environment,
                stdin=subprocess.DEVNULL,
                stderr=log,
            )

    def arrive(self) -> None:
        until = time.monotonic() + 60
        while not self.is_ready():
            assert self.process.poll() is None, (self.imgate.folder / "stderr").read_text()[-3000:]
            assert time.monotonic() < until
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        except httpx2.TransportError:
            return False

    def end(self) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Caller:
    """A case system behind a proxy that goes to the other gateway when one does not answer, and asks again with the same key."""

    def __init__(self, machines, token) -> None:
        self.machines, self.answers, self.again = machines, {}, Counter()
        self._http = [httpx2.Client(base_url=one.url, headers={"authorization": f"Bearer {token}"}, trust_env=False) for one in machines]

    def send(self, number: int) -> None:
        request = {"client": CLIENT, "partner": JOBCENTER, "purpose": "labour_market_integration", "record": RECORD, "by": f"{number}"}
        headers = {"content-type": "application/json", "idempotency-key": f"key-{number}"}
        for at in itertools.islice(itertools.cycle((number % 2, 1 - number % 2)), 200):
            try:
                answer = self._http[at].post("/v1/exchanges", content=json.dumps(request).encode(), headers=headers)
            except httpx2.TransportError as error:
                self.again[type(error).__name__] += 1
                time.sleep(0.01)
                continue
            assert answer.status_code == 201, answer.text
            self.answers[number] = answer.json()["id"]
            time.sleep(PAUSE)
            return
        raise AssertionError("nobody answers")

    def close(self) -> None:
        for one in self._http:
            one.close()


def callers_at_work(stack, machines, token):
    """Let callers send numbered exchanges, one after the other, until told to stop; gives them and the way to stop them."""
    stop, numbers, callers, failures = threading.Event(), itertools.count(), [Caller(machines, token) for _ in range(CALLERS)], []

    def work(caller):
        try:
            while not stop.is_set():
                caller.send(next(numbers))
        except BaseException as error:  # noqa: BLE001  # told to the test, which fails for it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()

    def stopped():
        stop.set()
        for thread in threads:
            thread.join(60)
        for caller in callers:
            caller.close()

    stack.callback(stopped)
    return callers, stopped, failures


class House:
    """Two gateways on one PostgreSQL, with a client who may be written about, and callers who write."""

    def __init__(self, imgate, database, stack) -> None:
        self.imgate, self.stack = imgate, stack
        url = 'url = "https://imgate.example"\n\n[database]'
        imgate.configure(CONFIG.replace("sqlite:///imgate.db", database).replace("[database]", url) + "\n[server]\nmetrics_port = 0\n")
        assert imgate("keys", "make").returncode == 0
        credentials, partner = imgate.access("case-system"), imgate.access("partner", "--partner", JOBCENTER)
        self.machines = [Machine(imgate) for _ in range(2)]
        for machine in self.machines:
            stack.callback(machine.end)
            machine.begin()
        for machine in self.machines:
            machine.arrive()
        self.case_system, self.partner = [ApiClient(self.machines[0].url, *access) for access in (credentials, partner)]
        stack.callback(self.case_system.close)
        stack.callback(self.partner.close)
        link(self.case_system, CLIENT, JOBCENTER, REFERENCE)
        declare(self.case_system, CLIENT, JOBCENTER, ["language.level", "benefits.regime"])
        self.callers, self.stopped, self.failures = callers_at_work(stack, self.machines, self.case_system.token())

    def work(self, answers: int) -> None:
        """Let so many more requests be answered."""
        enough = self.answered() + answers
        while self.answered() < enough:
            assert not self.failures, self.failures
            time.sleep(0.01)

    def answered(self) -> int:
        return sum(len(caller.answers) for caller in self.callers)

    def check(self) -> Counter:
        """See that everything was answered, and what was answered is there once; gives why callers had to ask again."""
        self.stopped()
        assert not self.failures, self.failures
        answers = sorted(answer for caller in self.callers for answer in caller.answers.values())
        again = sum((caller.again for caller in self.callers), Counter())
        print(f"{len(answers)} answered, asked again: {dict(again)}")  # noqa: T201
        made = list(every(self.case_system, "/v1/exchanges", client=CLIENT))
        assert sorted(one["id"] for one in made) == answers
        waiting = sorted(one["id"] for one in made if one["state"] != "overtaken")
        assert sorted(item["id"] for item in every(self.partner, f"/v1/partners/{JOBCENTER}/outbox")) == waiting != []
        assert self.imgate("audit", "verify").returncode == 0
        return again


@pytest.mark.postgres
def test_each_gateway_is_restarted_once_and_every_request_is_answered_and_done_once(imgate, postgres):
    with ExitStack() as stack:
        house = House(imgate, postgres(), stack)
        for machine in house.machines:
            house.work(50)
            assert machine.end() == 0
            machine.start()
        # Refused, or still in the queue of a listener that was closed: nobody who was being answered was cut off.
        assert set(house.check()) <= {"ConnectError", "ReadError"}


@pytest.mark.postgres
def test_a_database_that_goes_away_for_a_moment_is_nothing_that_a_caller_notices(imgate, postgres):
    with ExitStack() as stack:
        wire = stack.enter_context(wired(postgres()))
        house = House(imgate, wire.url, stack)
        for away in (0.0, 1.0):
            house.work(50)
            wire.down()
            time.sleep(away)
            wire.up()
        house.work(50)
        assert not house.check()


def test_told_to_end_it_says_so_before_it_takes_no_more(imgate):
    imgate.configure(ALONE.format(metrics_port=0))
    with imgate.serving("--no-worker", "--drain-seconds", "1") as served, httpx2.Client(base_url=served.url, trust_env=False) as kept:
        assert kept.get("/readyz").status_code == 200
        begun = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        while (ready := kept.get("/readyz")).status_code == 200:
            assert time.monotonic() - begun < 0.5
        assert ready.json() == {"ok": False}
        time.sleep(0.15)  # the server looks ten times a second
        answer = kept.get("/healthz")
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert httpx2.get(f"{served.url}/healthz", trust_env=False).status_code == 200
        assert served.process.wait(10) == 0
        assert time.monotonic() - begun >= 1


def test_told_a_second_time_it_waits_for_no_proxy(imgate):
    imgate.configure(ALONE.format(metrics_port=0))
    with imgate.serving("--no-worker", "--drain-seconds", "60") as served:
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert served.process.poll() is None
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(10) == 0


def test_the_embedded_database_has_nobody_to_wait_for(imgate):
    imgate.configure(ALONE.format(metrics_port=0))
    with imgate.serving("--no-worker") as served:
        begun = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(10) == 0
        assert time.monotonic() - begun < 0.95


def test_a_request_that_has_begun_is_answered_and_then_the_connection_is_closed(imgate):
    imgate.configure(ALONE.format(metrics_port=0))
    body = b"grant_type=client_credentials&client_id=nobody&client_secret=nothing"
    head = (
        f"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with imgate.serving("--no-worker") as served:
        with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), 10) as begun:
            begun.sendall(head.encode() + body[:10])
            time.sleep(0.1)
            served.process.send_signal(signal.SIGTERM)
            time.sleep(0.4)
            begun.sendall(body[10:])
            answer = b"".join(iter(lambda: begun.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert b"\r\nconnection: close\r\n" in answer
        assert served.process.wait(10) == 0
