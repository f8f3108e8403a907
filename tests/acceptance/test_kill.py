"""kill -9 at any moment: what was answered is there, once; what was not answered can be sent again without doubles."""

import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.inbound import take_due
from imgate.settings import load_settings
from imgate.vocabulary.words import Role
from tests.acceptance.chance import chance
from tests.acceptance.inbound_writers import JOBCENTER, MEDIA_TYPES, message
from tests.acceptance.process import ENDS_WITHIN, declare, done, every, is_running, link
from tests.acceptance.side_by_side import PURPOSES, SCOPES, side_by_side

CLIENT, REFERENCE = "K-2026-1101", "355A000815"
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "benefits": {"regime": {"code": "sgb2"}}}
LONG = bool(os.environ.get("IMGATE_LONG"))
EXCHANGES, MESSAGES, AT_ONCE = (200, 60, 8) if LONG else (120, 40, 8)


class Posts:
    """Requests that are posted until they are answered, each under a key of its own."""

    def __init__(self, caller, path, bodies, status, media_type):
        self.caller, self.path, self.bodies, self.status, self.media_type = caller, path, bodies, status, media_type
        self.answers: dict[str, bytes] = {}

    def post(self, key):
        headers = {"content-type": self.media_type, "idempotency-key": key}
        try:
            answer = self.caller.call("POST", self.path, content=self.bodies[key], headers=headers)
        except httpx2.TransportError:  # killed: not answered
            return
        assert answer.status_code == self.status, answer.text
        assert self.answers.setdefault(key, answer.content) == answer.content


def exchanges(caller, turn):
    bodies = {}
    for number, (record, purpose) in enumerate(side_by_side(EXCHANGES)):
        request = {"client": CLIENT, "partner": JOBCENTER, "purpose": purpose, "record": record, "by": f"v.beispiel {number}"}
        bodies[f"{turn}-{number}"] = json.dumps(request).encode()
    return Posts(caller, "/v1/exchanges", bodies, 201, "application/json")


def messages(caller, turn):
    bodies = {f"{turn}-m{number}": message(JOBCENTER, REFERENCE, RECORD) for number in range(MESSAGES)}
    return Posts(caller, f"/v1/partners/{JOBCENTER}/messages", bodies, 202, MEDIA_TYPES[JOBCENTER])


def kill_in_the_middle(served, rng, *posts):
    """Post everything, kill when some of it is answered, and see that the workers end; give the number that was answered."""
    everything = [(one, key) for one in posts for key in one.bodies]
    rng.shuffle(everything)
    when, pause = rng.randrange(1, len(everything) - AT_ONCE), rng.random() * 0.02
    workers = served.workers()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = [pool.submit(one.post, key) for one, key in everything]
        while sum(len(one.answers) for one in posts) < when:
            time.sleep(0.001)
        time.sleep(pause)
        served.kill()
    for ended in under_way:
        ended.result()
    until = time.monotonic() + ENDS_WITHIN
    while any(is_running(worker) for worker in workers):
        assert time.monotonic() < until, "a worker outlived the gateway that was killed"
        time.sleep(0.05)
    answered = sum(len(one.answers) for one in posts)
    assert answered >= when
    return answered


def entries(served, event):
    """Count what the audit log says of each exchange."""
    with open_gateway(load_settings(served.config), make_keys=False) as gateway, gateway.store.reading() as tx:
        told = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    return Counter(entry["fields"]["exchange"] for entry in told if entry["event"] == event)


class Box:
    """A partner that looks at what waits for it and acknowledges nothing: what it was handed goes on waiting, and is not overtaken."""

    def __init__(self, caller):
        self.caller, self.after, self.seen = caller, {}, set()

    def look(self):
        """Look at what has come since the last time, and at the rest of the page that ended then."""
        while True:
            page = done(self.caller.call("GET", f"/v1/partners/{JOBCENTER}/outbox", params={"limit": 500} | self.after), 200)
            self.seen |= {item["id"] for item in page["items"]}
            if "next" not in page:
                return
            self.after = {"after": page["next"]}


def play(served, rng, kills):
    case_system, partner = served.client(Role.CASE_SYSTEM), served.client(Role.PARTNER, JOBCENTER)
    served.start()
    link(case_system, CLIENT, JOBCENTER, REFERENCE)
    declare(case_system, CLIENT, JOBCENTER, SCOPES, purposes=list(PURPOSES))
    box, made, receipts = Box(partner), set(), set()
    for turn in range(kills):
        outgoing, incoming = exchanges(case_system, turn), messages(partner, turn)
        answered = kill_in_the_middle(served, rng, outgoing, incoming)
        served.start()
        shown = Counter(one["id"] for one in every(case_system, "/v1/exchanges", client=CLIENT) if one["direction"] == "to_partner")
        assert set(shown.values()) == {1}
        for one in (outgoing, incoming):
            for key in one.bodies:  # also those that were answered: the answer stays what it was
                one.post(key)
            assert len(one.answers) == len(one.bodies)
        ids = {json.loads(answer)["id"] for answer in outgoing.answers.values()}
        assert len(ids) == EXCHANGES
        made |= ids
        box.look()
        assert box.seen == made
        receipts |= {json.loads(answer)["receipt"] for answer in incoming.answers.values()}
        print(f"killed after {answered} answers")  # noqa: T201
    return case_system, partner, made, receipts


def check(served, case_system, partner, made, receipts):
    shown = [one["id"] for one in every(case_system, "/v1/exchanges", client=CLIENT) if one["direction"] == "to_partner"]
    waiting = [item["id"] for item in every(partner, f"/v1/partners/{JOBCENTER}/outbox")]
    assert sorted(shown) == sorted(waiting) == sorted(made)
    permitted = entries(served, "exchange_permitted")
    assert {exchange: permitted[exchange] for exchange in made} == dict.fromkeys(made, 1)
    known = [one["receipt"] for one in every(case_system, "/v1/intake")]
    assert sorted(known) == sorted(receipts)
    assert served.imgate("audit", "verify").returncode == 0


def check_that_every_message_is_taken_once(served, receipts):
    """Whatever a killed worker had begun is taken by the next one when the lease has run out."""
    served.stop()
    later = datetime.now(UTC) + timedelta(minutes=6)
    with open_gateway(load_settings(served.config), make_keys=False, clock=lambda: later) as gateway:
        while take_due(gateway.corridor):
            continue
        with gateway.store.reading() as tx:
            told = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    taken = Counter(e["fields"]["receipt"] for e in told if e["event"] == "exchange_permitted" and "receipt" in e["fields"])
    assert taken == dict.fromkeys(receipts, 1)
    assert served.imgate("audit", "verify").returncode == 0


def test_a_kill_loses_and_doubles_nothing_that_was_answered(alone):
    everything = play(alone, chance(), kills=2)
    check(alone, *everything)
    check_that_every_message_is_taken_once(alone, everything[3])


@pytest.mark.long
def test_forty_kills_lose_and_double_nothing_that_was_answered(alone):
    """Short form: two of them, each with fewer requests."""
    everything = play(alone, chance(), kills=40)
    check(alone, *everything)
    check_that_every_message_is_taken_once(alone, everything[3])
