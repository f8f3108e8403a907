"""Being a client is itself secret: whoever a message is about, the partner gets the same answer after the same time."""

import dataclasses
import json
import re
import socket
import time
from itertools import combinations

import pytest

from imgate.exchange import inbound
from imgate.vocabulary.words import Role
from tests.acceptance.chance import chance
from tests.acceptance.inbound_writers import JOBCENTER, PARTNERS, message
from tests.acceptance.process import declare, link
from tests.acceptance.rank_sum import z_of
from tests.exchange.noticing import notice

UNKNOWN, WITHOUT, WITH = "unknown person", "client without a declaration", "client with a declaration"
REFERENCES = {UNKNOWN: "355A000001", WITHOUT: "355A000002", WITH: "355A000003"}
RECORD = {
    "identifiers": {"jobcenter_number": "355A123456"},
    "benefits": {"regime": {"code": "sgb2", "since": "2025-01"}},
    "appointments": {"upcoming": [{"at": "2027-04-01T07:00:00Z", "with": "Fr. Kälberer"}]},
}
SCOPES = ["identifiers.jobcenter_number", "benefits.regime", "appointments.upcoming"]
PROBE = "355A000009"


@pytest.fixture(scope="module")
def token(served):
    """Three kinds of people on one gateway; gives what fetches an access token of the partner."""
    case_system, partner = served.client(Role.CASE_SYSTEM), served.client(Role.PARTNER, JOBCENTER)
    served.start()
    for client, kind in (("K-2", WITHOUT), ("K-3", WITH)):
        link(case_system, client, JOBCENTER, REFERENCES[kind])
    declare(case_system, "K-3", JOBCENTER, SCOPES)
    return partner.token


class Connection:
    """One keep-alive connection, as bare as can be, so that its own time is small and always the same."""

    def __init__(self, served, token):
        self._socket = socket.create_connection(("127.0.0.1", served.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f"POST /v1/partners/{JOBCENTER}/messages HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {token}\r\n"

    def post(self, reference):
        """Post one message about this person; give the answer's bytes and the seconds it took."""
        body = message(JOBCENTER, reference, RECORD, "labour_market_integration")
        request = f"{self._head}content-type: application/xml\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        begun = time.perf_counter()
        self._socket.sendall(request)
        answer = self._socket.recv(65536)
        while not _is_whole(answer):
            answer += self._socket.recv(65536)
        return answer, time.perf_counter() - begun

    def close(self):
        self._socket.close()


def _is_whole(answer):
    head, _, content = answer.partition(b"\r\n\r\n")
    said = re.search(rb"content-length: (\d+)", head)
    return said is not None and len(content) == int(said.group(1))


def without_receipt_and_date(answer):
    answer = re.sub(rb'"receipt":"[0-9a-f-]{36}"', b'"receipt":"-"', answer)
    return re.sub(rb"(?m)^date: .*\r$", b"date: -", answer)


def shuffled(rng, posts):
    kinds = [kind for kind in REFERENCES for _ in range(posts)]
    rng.shuffle(kinds)
    return kinds


def test_the_answers_are_the_same_byte_for_byte(served, token):
    connection = Connection(served, token())
    answers = {kind: set() for kind in REFERENCES}
    for kind in shuffled(chance(), 20):
        answers[kind].add(without_receipt_and_date(connection.post(REFERENCES[kind])[0]))
    connection.close()
    assert answers[UNKNOWN] == answers[WITHOUT] == answers[WITH]
    (answer,) = answers[WITH]
    assert answer.startswith(b"HTTP/1.1 202 ")


def test_a_refused_message_is_refused_in_the_same_words(served, token):
    connection = Connection(served, token())
    broken = {kind: message(JOBCENTER, REFERENCES[kind], RECORD)[:-20] for kind in REFERENCES}
    connection.close()
    partner = served.client(Role.PARTNER, JOBCENTER)
    path = f"/v1/partners/{JOBCENTER}/messages"
    answers = {kind: partner.call("POST", path, content=body, headers={"content-type": "application/xml"}) for kind, body in broken.items()}
    assert {answer.status_code for answer in answers.values()} == {422}
    assert len({answer.content for answer in answers.values()}) == 1


class BlindStore:
    """A store in which nothing can be read or written that depends on a person."""

    def __init__(self, store):
        self._store = store

    def reading(self):
        return Blind(self._store.reading())

    def commit(self, job):
        return self._store.commit(lambda tx: job(BlindTransaction(tx)))

    def transaction(self):
        raise AssertionError("taking a message in needs no transaction but the one that makes it durable")


class Blind:
    def __init__(self, lent):
        self._lent = lent

    def __enter__(self):
        return BlindTransaction(self._lent.__enter__())

    def __exit__(self, *error):
        return self._lent.__exit__(*error)


class BlindTransaction:
    """What the way to the 202 may touch, and nothing else."""

    def __init__(self, tx):
        self.intake, self.idempotency, self.audit = tx.intake, tx.idempotency, tx.audit


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("key", [None, "k-1"])
def test_nothing_that_depends_on_a_person_is_read_before_the_answer(world, partner, key):
    world.link("355A000002", partner=partner)
    see_nothing(world)
    for reference in ("355A000001", "355A000002"):
        assert world.post(message(partner, reference, RECORD), partner=partner, call=world.call(key=key and key + reference))


@pytest.mark.parametrize("partner", PARTNERS)
def test_nothing_that_depends_on_a_person_is_read_before_a_notice_is_answered_either(world, partner):
    world.link("355A000002", partner=partner)
    see_nothing(world)
    for reference in ("355A000001", "355A000002"):
        assert world.post(notice("language.level", reference=reference), partner=partner)


def see_nothing(world):
    world.corridor = dataclasses.replace(world.corridor, store=BlindStore(world.corridor.store))


def test_no_worker_is_woken_by_a_post(world, monkeypatch):
    """What was posted waits until the worker's own clock comes round."""
    monkeypatch.setattr(inbound, "take", lambda *_: pytest.fail("taken at once"))
    world.link()
    receipt = world.post(message(JOBCENTER, "355A000815", RECORD))
    time.sleep(0.2)
    assert world.report(receipt)["outcome"] == "waiting"


def measured(served, token, rng, posts):
    """Post about everybody in turn, and after each a probe; give both times by the kind of the first."""
    connection = Connection(served, token)
    for _ in range(200):
        connection.post(PROBE)
    first, probe = {kind: [] for kind in REFERENCES}, {kind: [] for kind in REFERENCES}
    for kind in shuffled(rng, posts):
        first[kind].append(connection.post(REFERENCES[kind])[1])
        probe[kind].append(connection.post(PROBE)[1])
    connection.close()
    return first, probe


def z_values(served, token, posts):
    first, probe = measured(served, token, chance(), posts)
    return {
        (post, a, b): z_of(times[a], times[b])
        for post, times in (("post", first), ("probe", probe))
        for a, b in combinations(REFERENCES, 2)
    }


@pytest.mark.long
def test_the_time_tells_nothing_about_the_person(served, token):
    """Short form: the answers' bytes, and that nothing is read which depends on a person; CI's machines are too restless for times."""
    runs = [z_values(served, token(), 2_000) for _ in range(3)]
    print(json.dumps([{" / ".join(pair): round(z, 2) for pair, z in run.items()} for run in runs], indent=1))  # noqa: T201
    assert sum(all(abs(z) < 3 for z in run.values()) for run in runs) >= 2


def test_the_rank_sum_sees_a_shift_that_is_there():
    rng = chance(7)
    still = [rng.gauss(3.0, 0.5) for _ in range(2_000)]
    shifted = [rng.gauss(3.1, 0.5) for _ in range(2_000)]
    assert abs(z_of(still, [rng.gauss(3.0, 0.5) for _ in range(2_000)])) < 3
    assert z_of(shifted, still) > 3
    assert z_of([1.0, 1.0, 2.0], [1.0, 1.0, 2.0]) == 0
