"""Whatever is thrown at the door: a clear refusal, nothing lost, nothing repeated, and the gateway goes on."""

import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import httpx2
import pytest
import xlsxwriter

from imgate.adapters.tables import DEFAULT_LIMITS
from imgate.bootstrap import open_gateway
from imgate.conformance.hostile import CANARY, too_large
from imgate.http.access_tokens import AccessTokens
from imgate.settings import load_settings
from imgate.vocabulary.words import Role
from tests.acceptance.bad_bodies import GOOD, MARK, MESSAGES, NOT_READ, REQUEST, WRONG
from tests.acceptance.inbound_writers import ABH, JOBCENTER, JOBKRAFTWERK, MEDIA_TYPES, message
from tests.acceptance.process import declare, done, every, link
from tests.acceptance.search import found_in
from tests.acceptance.side_by_side import SCOPES, side_by_side

MIB = 1024 * 1024
# Well above what a gateway needs for bodies of 16 MiB, far below what the bombs would unfold to.
MEMORY = 700 * MIB
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


class House:
    """A gateway with something to lose: a message that waits from before all of this."""

    def __init__(self, served):
        self.served = served
        self.case_system = served.client(Role.CASE_SYSTEM)
        self.partners = {partner: served.client(Role.PARTNER, partner) for partner in MEDIA_TYPES}
        served.start("--no-worker")
        link(self.case_system, "K-2026-1101", JOBCENTER, "355A000815")
        declare(self.case_system, "K-2026-1101", JOBCENTER, SCOPES)
        self.waiting = self.outbox()[0]["id"] if self.outbox() else done(self.send(RECORD), 201)["id"]
        self.before = self.outbox()

    def send(self, record):
        return self.case_system.call("POST", "/v1/exchanges", json=REQUEST | {"record": record})

    def outbox(self):
        """Fetch what waits; its receipts, which are of one fetch each, are left aside."""
        items = every(self.partners[JOBCENTER], f"/v1/partners/{JOBCENTER}/outbox")
        return [item | {"receipt": None} for item in items]

    def counts(self):
        """Count the rows of every table."""
        with sqlite3.connect(self.served.folder / "imgate.db") as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counted = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608  # names of tables
        database.close()
        return counted


@pytest.fixture(scope="module")
def house(served):
    house = House(served)
    yield house
    assert served.process.poll() is None
    assert house.outbox() == house.before
    done(house.send(RECORD), 201)
    assert len(house.outbox()) == len(house.before) + 1
    assert found_in(served.stderr) == set()
    assert CANARY.encode() not in served.stderr
    assert b"Traceback" not in served.stderr
    assert served.memory() < MEMORY
    assert served.imgate("audit", "verify").returncode == 0


@pytest.fixture
def unchanged(house):
    """Nothing is stored by what this test sends, and nothing lost."""
    before = house.counts()
    yield house
    assert house.counts() == before


def problem(answer, status, code):
    """See that this is the problem document that is documented, without a word of what was sent."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    document = answer.json()
    assert document["code"] == code, document
    assert found_in(answer.content + repr(answer.headers).encode()) == set()
    assert CANARY not in answer.text
    return document


def as_json(house, path, body, **headers):
    return house.case_system.call("POST", path, content=body, headers={"content-type": "application/json", **headers})


@pytest.mark.parametrize("path", ["/v1/exchanges", "/v1/exchanges/preview", "/v1/declarations"])
@pytest.mark.parametrize("name", NOT_READ)
def test_a_body_that_is_no_json_is_refused(unchanged, path, name):
    body, code = NOT_READ[name]
    problem(as_json(unchanged, path, body), 400, code)


@pytest.mark.parametrize("name", WRONG)
def test_a_body_of_the_wrong_shape_is_refused_with_its_place(unchanged, name):
    body, code, pointer = WRONG[name]
    problems = problem(as_json(unchanged, "/v1/exchanges", body), 422, "request_invalid")["problems"]
    assert (code, pointer) in {(one["code"], one["pointer"]) for one in problems}


@pytest.mark.parametrize(
    ("name", "value"), [("content-type", "text/plain"), ("content-type", "application/xml"), ("content-encoding", "gzip")]
)
def test_a_body_that_says_it_is_something_else_is_refused(unchanged, name, value):
    problem(as_json(unchanged, "/v1/exchanges", GOOD.encode(), **{name: value}), 415, "media_type_unsupported")


@pytest.mark.parametrize("role", ["case-system", "partner"])
@pytest.mark.parametrize("announced", [True, False])
def test_fifty_megabytes_are_refused(unchanged, role, announced):
    body = b"<" + b"x" * 50 * MIB
    content = body if announced else iter([body[start : start + MIB] for start in range(0, len(body), MIB)])
    if role == "partner":
        answer = unchanged.partners[ABH].call("POST", f"/v1/partners/{ABH}/messages", content=content)
    else:
        answer = unchanged.case_system.call("POST", "/v1/exchanges", content=content)
    problem(answer, 413, "body_too_large")


def hand_in(house, partner, body, **headers):
    types = {
        "content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" if body[:2] == b"PK" else MEDIA_TYPES[partner]
    }
    return house.partners[partner].call("POST", f"/v1/partners/{partner}/messages", content=body, headers={**types, **headers})


@pytest.mark.parametrize(("partner", "name"), MESSAGES)
def test_a_message_that_cannot_be_read_is_refused(unchanged, partner, name):
    begun = time.monotonic()
    document = problem(hand_in(unchanged, partner, MESSAGES[partner, name]()), 422, "message_unreadable")
    assert document["message_problems"]
    assert all(re.fullmatch("[a-z0-9_]+", one["code"]) for one in document["message_problems"])
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("partner", MEDIA_TYPES)
def test_a_message_over_the_limit_is_refused(unchanged, partner):
    problem(hand_in(unchanged, partner, too_large() + bytes(8 * MIB)), 413, "body_too_large")


@pytest.mark.parametrize("partner", MEDIA_TYPES)
def test_the_same_message_twice_is_one(house, partner):
    body = message(partner, "355A000815", RECORD)
    receipt = done(hand_in(house, partner, body), 202)["receipt"]
    before = house.counts()["intake"]
    assert done(hand_in(house, partner, body), 202)["receipt"] == receipt
    assert house.counts()["intake"] == before


@pytest.mark.parametrize("partner", [JOBCENTER, ABH])
def test_another_message_under_a_used_id_is_answered_and_not_taken(house, partner):
    first = message(partner, "355A000815", {}, message_id="11111111-2222-4333-8444-555555555555")
    other = message(partner, "355A000816", {}, message_id="11111111-2222-4333-8444-555555555555")
    receipts = [done(hand_in(house, partner, body), 202)["receipt"] for body in (first, other)]
    assert len(set(receipts)) == 2
    reports = [done(house.case_system.call("GET", f"/v1/intake/{receipt}"), 200)["outcome"] for receipt in receipts]
    assert reports == ["waiting", "message_id_reused"]


@pytest.mark.parametrize("other", [ABH, JOBKRAFTWERK, "nobody-at-all"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "messages"), ("GET", "outbox"), ("POST", f"outbox/{'0' * 8}-0000-4000-8000-{'0' * 12}/ack")]
)
def test_a_partner_is_refused_under_another_name_whether_or_not_it_exists(unchanged, other, method, path):
    answer = unchanged.partners[JOBCENTER].call(method, f"/v1/partners/{other}/{path}", content=MARK.encode() if method == "POST" else None)
    problem(answer, 403, "forbidden")


def test_a_partner_is_refused_what_the_case_system_may(unchanged):
    problem(unchanged.partners[JOBCENTER].call("POST", "/v1/exchanges", content=GOOD.encode()), 403, "forbidden")
    problem(unchanged.partners[JOBCENTER].call("GET", "/v1/inbox"), 403, "forbidden")
    problem(unchanged.case_system.call("POST", f"/v1/partners/{JOBCENTER}/messages", content=b"<a/>"), 403, "forbidden")


def tokens_of_the_gateway(house):
    with open_gateway(load_settings(house.served.config), make_keys=False) as gateway:
        (access,) = [one for one in gateway.store.access.list() if one.role is Role.CASE_SYSTEM]
        return (
            access.client_id,
            AccessTokens(house.served.url, gateway.token_keys),
            AccessTokens("https://elsewhere.example", gateway.token_keys),
        )


def forged(house):
    client_id, tokens, elsewhere = tokens_of_the_gateway(house)
    now = int(time.time())
    good = tokens.issue(client_id, Role.CASE_SYSTEM, None, now)
    head, claims, signature = good.split(".")
    return good, {
        "expired": tokens.issue(client_id, Role.CASE_SYSTEM, None, now - 301),
        "of tomorrow": tokens.issue(client_id, Role.CASE_SYSTEM, None, now + 86_400),
        "for another gateway": elsewhere.issue(client_id, Role.CASE_SYSTEM, None, now),
        "of nobody": tokens.issue("nobody", Role.CASE_SYSTEM, None, now),
        "with another role": tokens.issue(client_id, Role.ADMIN, None, now),
        "without signature": f"{head}.{claims}.",
        "signed for other claims": f"{head}.{tokens.issue(client_id, Role.AUDITOR, None, now).split('.')[1]}.{signature}",
        "alg none": f"eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}.",
        "no token": MARK,
    }


def test_a_forged_or_expired_token_opens_nothing(unchanged):
    good, bad = forged(unchanged)
    http = unchanged.case_system._http  # the same connection, without the token that it would add
    for authorization in bad.values():
        answer = http.post("/v1/exchanges", content=GOOD.encode(), headers={"authorization": f"Bearer {authorization}"})
        problem(answer, 401, "token_invalid")
    problem(http.post("/v1/exchanges", content=GOOD.encode()), 401, "token_missing")
    problem(http.post(f"/v1/exchanges?access_token={good}", content=GOOD.encode()), 401, "token_missing")
    assert http.get("/v1/inbox", headers={"authorization": f"Bearer {good}"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"/v1/{MARK}", 404, "not_found"),
        ("GET", f"/v1/exchanges/{MARK}", 404, "not_found"),
        ("GET", f"/v1/intake/{MARK}", 404, "not_found"),
        ("DELETE", "/v1/exchanges", 405, "method_not_allowed"),
        ("GET", f"/v1/exchanges?client=K-1&after={MARK}", 422, "cursor_invalid"),
        ("GET", f"/v1/exchanges?client=K-1&limit={MARK}", 422, "request_invalid"),
    ],
)
def test_an_address_that_leads_nowhere_is_not_repeated(unchanged, method, path, status, code):
    problem(unchanged.case_system.call(method, path), status, code)


def roomy_workbook():
    """Make five kilobytes that unfold to a million empty cells, just within what is allowed."""
    packed = BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Klient-Nr.", "Nachname"])
        sheet.write(DEFAULT_LIMITS.cells // 16 - 1, 15, "x")
    return packed.getvalue()


def test_a_small_file_that_makes_much_work_holds_up_nobody_else(house):
    body, longest = roomy_workbook(), 0.0
    assert len(body) < 10_000
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(hand_in, house, JOBKRAFTWERK, body)
        while not answer.done():
            begun = time.monotonic()
            assert httpx2.get(f"{house.served.url}/healthz", trust_env=False).status_code == 200
            longest = max(longest, time.monotonic() - begun)
    done(answer.result(), 202)
    assert longest < 5


def test_what_is_wrong_never_costs_the_message_before_or_after_it(house):
    """One connection, good and bad in turn: the good ones all arrive."""
    made = []
    for name, (record, _) in zip(list(NOT_READ)[:12], side_by_side(12), strict=True):
        made.append(done(house.send(record), 201)["id"])
        assert as_json(house, "/v1/exchanges", NOT_READ[name][0]).status_code == 400
    assert set(made) <= {item["id"] for item in house.outbox()}
    for exchange in made:
        assert house.partners[JOBCENTER].call("POST", f"/v1/partners/{JOBCENTER}/outbox/{exchange}/ack").status_code == 204
    assert house.outbox() == house.before
