"""Being a client is itself secret, also on the pages: whoever a liaison seeks, and whatever id is asked for, what may not be had is
answered in the same bytes after the same time.
"""

import json
import re
import socket
import time
from datetime import UTC, datetime, timedelta
from itertools import combinations
from urllib.parse import urlencode

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Role, UserRole
from imgate.web.liaison.search import STEP_SECONDS
from tests.acceptance.chance import chance
from tests.acceptance.inbound_writers import JOBCENTER
from tests.acceptance.process import declare, done, link
from tests.acceptance.rank_sum import z_of

ABH = "abh-winnenden"
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
NOBODY, WITHOUT, REVOKED, ELSEWHERE, ACKNOWLEDGED = "nobody", "no declaration", "revoked", "another partner's", "acknowledged"
REFERENCES = {kind: f"355A00000{place}" for place, kind in enumerate((NOBODY, WITHOUT, REVOKED, ELSEWHERE))}
MAY = "355A000009"
VIEWS = ("", "/print", "/pdf", "/file", "/answer", "/answer/appointments.upcoming")
_IDS = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def house(served):
    """A gateway with people of each kind; gives the session of a liaison, and an id of each kind that may not be had."""
    case_system, partner = served.client(Role.CASE_SYSTEM), served.client(Role.PARTNER, JOBCENTER)
    served.start()
    ids = {NOBODY: new_id()}
    for number, (kind, reference) in enumerate([*REFERENCES.items(), (ACKNOWLEDGED, "355A000008"), (MAY, MAY)]):
        to = ABH if kind == ELSEWHERE else JOBCENTER
        if kind != NOBODY:
            link(case_system, f"K-{number}", to, reference)
        if kind not in {NOBODY, WITHOUT}:
            declaration = declare(case_system, f"K-{number}", to, ["language.level"])
            ids[kind] = sent(case_system, f"K-{number}", to)
        if kind == REVOKED:
            done(case_system.call("POST", f"/v1/declarations/{declaration}/revocation", json={}), 200)
        if kind == ACKNOWLEDGED:
            done(partner.call("GET", f"/v1/partners/{JOBCENTER}/outbox"), 200)
            assert partner.call("POST", f"/v1/partners/{JOBCENTER}/outbox/{ids[kind]}/ack").status_code == 204
    with open_gateway(load_settings(served.config), make_keys=False) as opened:
        now, people = datetime.now(UTC), opened.store.people
        user, _ = people.users.add(UserRole.LIAISON, JOBCENTER, "Lea Leitner", "lea", None, now, "operator")
        token = people.sessions.begin(user.id, None, now, now + timedelta(hours=10), confirmed=True)
    connection = Connection(served, token)
    yield connection, ids
    connection.close()


def sent(case_system, client, partner):
    purpose = "labour_market_integration" if partner == JOBCENTER else "residence_matters"
    request = {"client": client, "partner": partner, "purpose": purpose, "record": RECORD}
    return done(case_system.call("POST", "/v1/exchanges", json=request), 201)["id"]


class Connection:
    """One keep-alive connection of a browser, as bare as can be, so that its own time is small and always the same."""

    def __init__(self, served, token):
        self._socket = socket.create_connection(("127.0.0.1", served.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            f"host: 127.0.0.1:{served.port}\r\ncookie: imgate={token}\r\nsec-fetch-site: same-origin\r\nsec-fetch-mode: navigate\r\n"
        )

    def ask(self, method, path, fields=None):
        """Give the answer's bytes and the seconds it took."""
        body = urlencode(fields or {}).encode()
        kind = "content-type: application/x-www-form-urlencoded\r\n" if method == "POST" else ""
        request = f"{method} {path} HTTP/1.1\r\n{self._head}{kind}content-length: {len(body)}\r\n\r\n".encode() + body
        begun = time.perf_counter()
        self._socket.sendall(request)
        answer = self._socket.recv(65536)
        while not _is_whole(answer):
            answer += self._socket.recv(65536)
        return answer, time.perf_counter() - begun

    def search(self, reference):
        return self.ask("POST", "/pages/search", {"reference": reference})

    def close(self):
        self._socket.close()


def _is_whole(answer):
    head, _, content = answer.partition(b"\r\n\r\n")
    said = re.search(rb"(?i)content-length: (\d+)", head)
    return said is not None and len(content) == int(said.group(1))


def told(answer, *typed):
    """Give an answer without its date, and without what was asked for."""
    answer = _IDS.sub(b"-", re.sub(rb"(?m)^date: .*\r$", b"date: -", answer))
    for text in typed:
        answer = answer.replace(text.encode(), b"-")
    return answer


def test_a_search_for_whom_nobody_may_read_about_is_answered_byte_for_byte_like_one_for_nobody(house):
    connection, _ = house
    answers = {kind: told(connection.search(reference)[0], reference) for kind, reference in REFERENCES.items()}
    assert len(set(answers.values())) == 1
    assert answers[NOBODY].startswith(b"HTTP/1.1 200 ")
    assert told(connection.search(MAY)[0], MAY) not in answers.values()


@pytest.mark.parametrize("view", VIEWS)
def test_a_message_that_may_not_be_had_is_answered_byte_for_byte_like_none(house, view):
    connection, ids = house
    answers = {kind: told(connection.ask("GET", f"/pages/inbox/{one}{view}")[0]) for kind, one in ids.items()}
    may = answers.pop(MAY)
    assert set(answers) == {NOBODY, REVOKED, ELSEWHERE, ACKNOWLEDGED}
    assert len(set(answers.values())) == 1
    assert answers[NOBODY].startswith(b"HTTP/1.1 404 ")
    assert may.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(("act", "fields"), [("reject", {"why": "not_for_me"}), ("ask", {"scopes": "work.status"}), ("ask", {})])
def test_nor_does_a_form_tell_them_apart(house, act, fields):
    connection, ids = house
    kinds = (NOBODY, REVOKED, ELSEWHERE)
    answers = {told(connection.ask("POST", f"/pages/inbox/{ids[kind]}/{act}", fields)[0]) for kind in kinds}
    assert len(answers) == 1


def test_no_answer_names_the_server(house):
    connection, ids = house
    for path in ("/pages/inbox", f"/pages/inbox/{ids[NOBODY]}", "/pages/nirgends", "/pages/sign-in"):
        head = connection.ask("GET", path)[0].partition(b"\r\n\r\n")[0].lower()
        assert not re.search(rb"(?m)^(server|via|x-powered-by):", head)
        assert not re.search(rb"uvicorn|python|fastapi|starlette", head)


def test_no_search_is_answered_before_its_time(house):
    connection, _ = house
    for reference in (*REFERENCES.values(), MAY):
        assert connection.search(reference)[1] >= STEP_SECONDS


def z_values(ask, kinds, times):
    """Ask about each kind in a random order, and compare each with each."""
    rng, taken = chance(), {kind: [] for kind in kinds}
    order = [kind for kind in kinds for _ in range(times)]
    rng.shuffle(order)
    for _ in range(20):
        ask(order[0])
    for kind in order:
        taken[kind].append(ask(kind))
    return {f"{a} / {b}": z_of(taken[a], taken[b]) for a, b in combinations(kinds, 2)}


def assert_alike(runs):
    print(json.dumps([{pair: round(z, 2) for pair, z in run.items()} for run in runs], indent=1))  # noqa: T201
    assert sum(all(abs(z) < 3 for z in run.values()) for run in runs) >= 2


@pytest.mark.long
def test_the_time_of_a_search_tells_nothing(house):
    """Short form: the bytes, the least time, and that the database is asked the same (tests/web/liaison/test_search.py)."""
    connection, _ = house
    assert_alike([z_values(lambda kind: connection.search(REFERENCES[kind])[1], tuple(REFERENCES), 100) for _ in range(3)])


@pytest.mark.long
@pytest.mark.parametrize("view", ["", "/print", "/answer"])
def test_the_time_of_a_message_tells_nothing(house, view):
    """Short form: the bytes, and that the database is asked the same (tests/web/liaison/test_not_there.py)."""
    connection, ids = house
    kinds = (NOBODY, REVOKED, ELSEWHERE, ACKNOWLEDGED)
    assert_alike([z_values(lambda kind: connection.ask("GET", f"/pages/inbox/{ids[kind]}{view}")[1], kinds, 500) for _ in range(3)])
