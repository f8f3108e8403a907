"""Updates through the door: one client or many lines, each answer as documented, and a bad line stops no other."""

import gzip
import json

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.stored import Cursor
from imgate.http import examples
from imgate.settings import load_settings
from imgate.vocabulary.words import Door as By
from imgate.vocabulary.words import Role
from tests.http.live import CLIENT, CONFIG, PARTNER, Door

SUBSCRIBED = (
    'purpose = "labour_market_integration"\nsubscriptions = [{ purpose = "labour_market_integration", scopes = ["language.level"] }]\n'
)
NDJSON = "application/x-ndjson"
SECRET = "GEHEIM-Hinweis"


def level(cefr, client=CLIENT):
    return {"client": client, "record": {"language": {"level": {"cefr": cefr, "evidence": "dtz"}}}}


@pytest.fixture
def door(tmp_path):
    config = tmp_path / "imgate.toml"
    config.write_text(CONFIG.replace('purpose = "labour_market_integration"\n', SUBSCRIBED), encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield Door(gateway)


@pytest.fixture
def ready(door):
    for client, reference in ((CLIENT, "617D123456"), ("K-2", "617D123457")):
        door.link(reference, client)
        door.declare(client=client, valid_from="2026-01-01", valid_until="2028-12-31")
    return door


def post_lines(door, lines, **headers):
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answer = door._ask("POST", "/v1/updates", body, Role.CASE_SYSTEM, None, {"content-type": NDJSON} | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == NDJSON
    assert answer.headers["cache-control"] == "no-store"
    return [json.loads(line) for line in answer.text.splitlines()]


def outbox(door):
    return door.as_partner("GET", f"/v1/partners/{PARTNER}/outbox").json()["items"]


def test_what_changed_is_created_and_what_did_not_is_not(ready):
    made = ready.ask("POST", "/v1/updates", level("B1"))
    assert made.status_code == 201
    (exchange,) = made.json()["exchanges"]
    assert exchange["released"] == ["language.level"]
    assert [item["id"] for item in outbox(ready)] == [exchange["id"]]
    repeated = ready.ask("POST", "/v1/updates", level("B1"))
    assert repeated.status_code == 200
    assert repeated.json() == {
        "exchanges": [],
        "partners": [{"partner": PARTNER, "purpose": "labour_market_integration", "unchanged": ["language.level"], "withheld": []}],
    }


def test_a_client_without_a_link_is_told_as_documented(door):
    answer = door.ask("POST", "/v1/updates", level("B1"))
    assert answer.json()["partners"] == [{"partner": PARTNER, "purpose": "labour_market_integration", "link": False}]


def test_only_the_case_system_updates(ready):
    for role in (Role.AUDITOR, Role.ADMIN, Role.PARTNER):
        for media_type in ("application/json", NDJSON):
            partner = PARTNER if role is Role.PARTNER else None
            answer = ready.ask("POST", "/v1/updates", level("B1"), role=role, partner=partner, content_type=media_type)
            assert answer.status_code == 403
    assert outbox(ready) == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"client": "K 1"}, 422, "request_invalid"),
        ({"partner": PARTNER}, 422, "request_invalid"),
        ({"record": {"language": {"level": {"cefr": SECRET, "evidence": "dtz"}}}}, 422, "request_invalid"),
        ({"provenance": {"language.levels": "self"}}, 422, "scope_unknown"),
    ],
)
def test_what_cannot_be_taken_is_refused_without_a_word_of_it(ready, change, status, code):
    answer = ready.ask("POST", "/v1/updates", level("B1") | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert SECRET not in answer.text
    assert outbox(ready) == []


def test_the_same_key_is_answered_once_and_for_another_body_refused(ready):
    first = ready.ask("POST", "/v1/updates", level("B1"), idempotency_key="k1")
    assert ready.ask("POST", "/v1/updates", level("B1"), idempotency_key="k1").json() == first.json()
    assert ready.ask("POST", "/v1/updates", level("B2"), idempotency_key="k1").status_code == 409
    assert len(outbox(ready)) == 1


def test_many_lines_are_answered_in_their_order_and_a_bad_one_stops_no_other(ready):
    lines = [
        level("B1"),
        b"{not json",
        b"",
        {"client": "K-2", "record": {"language": {"level": {"cefr": SECRET, "evidence": "dtz"}}}},
        level("B1", "K-2"),
        level("B1", "K-3"),
        level("B1"),
        level("B2"),
        b"\r",
    ]
    told = post_lines(ready, lines)
    assert [one["line"] for one in told] == [1, 2, 4, 5, 6, 7, 8]
    by_line = {one["line"]: one for one in told}
    assert [len(by_line[line]["exchanges"]) for line in (1, 5, 6, 7, 8)] == [1, 1, 0, 0, 1]
    assert by_line[2]["problem"]["code"] == "not_json"
    assert by_line[4]["problem"]["code"] == "request_invalid"
    assert by_line[4]["problem"]["problems"] == [{"code": "not_in_list", "pointer": "/record/language/level/cefr"}]
    assert SECRET not in json.dumps(told)
    assert CLIENT not in json.dumps(told)
    assert {item["id"] for item in outbox(ready)} == {by_line[5]["exchanges"][0], by_line[8]["exchanges"][0]}


def test_lines_that_are_sent_again_send_nothing_twice(ready):
    lines = [level("B1"), level("B1", "K-2")]
    assert all(one["exchanges"] for one in post_lines(ready, lines))
    assert post_lines(ready, lines) == [{"line": 1, "exchanges": []}, {"line": 2, "exchanges": []}]


def test_each_line_that_sends_nothing_is_a_look_of_whoever_asked_at_its_client(ready):
    lines = [level("B1"), level("B1", "K-2"), level("B1", "K-9")]
    post_lines(ready, lines[:2])
    post_lines(ready, lines)
    with ready.gateway.store.reading() as tx:
        looks = tx.looks.page(Cursor()).items
        assert {tx.clients.by_digest(look.client).reference for look in looks} == {CLIENT, "K-2"}
    assert [(look.door, look.what) for look in looks] == [(By.API, "POST /v1/updates")] * 2
    assert {ready.gateway.store.access.get(look.actor).role for look in looks} == {Role.CASE_SYSTEM}


def test_a_key_answers_every_line_as_before_and_refuses_those_that_are_others(ready):
    lines = [level("B1"), level("B1", "K-2")]
    first = post_lines(ready, lines, idempotency_key="k1")
    assert post_lines(ready, lines, idempotency_key="k1") == first
    other = post_lines(ready, [level("B1"), level("B2", "K-2")], idempotency_key="k1")
    assert other[0] == first[0]
    assert other[1]["problem"]["code"] == "idempotency_key_reused"


def test_more_lines_than_go_at_once_are_all_taken(ready):
    lines = [level(cefr, client) for _ in range(40) for cefr in ("B1", "B2") for client in (CLIENT, "K-2")]
    told = post_lines(ready, lines)
    assert [one["line"] for one in told] == list(range(1, 161))
    assert all(len(one["exchanges"]) == 1 for one in told)
    assert len(outbox(ready)) == 2


def test_no_line_at_all_is_no_answer_at_all(ready):
    assert post_lines(ready, []) == []
    assert post_lines(ready, [b"", b" "]) == []


def test_lines_that_are_packed_or_too_large_are_refused_as_a_whole(ready):
    packed = gzip.compress(json.dumps(level("B1")).encode())
    answer = ready.ask("POST", "/v1/updates", packed, content_type=NDJSON, content_encoding="gzip")
    assert answer.status_code == 415
    assert ready.ask("POST", "/v1/updates", b" " * (16 * 1024 * 1024 + 1), content_type=NDJSON).status_code == 413


def test_a_fault_of_one_line_is_told_at_that_line_and_logged_without_a_value(ready, monkeypatch, capsys):
    adapter = ready.gateway.corridor.partners[PARTNER].adapter

    def fails(released, envelope):
        if envelope.reference == "617D123456":
            raise RuntimeError(SECRET)
        return real(released, envelope)

    real = type(adapter).translate.__get__(adapter)
    monkeypatch.setattr(type(adapter), "translate", lambda _, *given: fails(*given))
    told = post_lines(ready, [level("B1"), level("B1", "K-2")])
    assert told[0]["problem"]["code"] == "internal_error"
    assert len(told[1]["exchanges"]) == 1
    assert SECRET not in capsys.readouterr().out
    assert len(outbox(ready)) == 1


def test_the_documented_example_is_the_form_of_the_answer(ready):
    told = post_lines(ready, [examples.UPDATE, level("B1", "K-9"), {"record": {}}])
    assert [one.keys() for one in told] == [one.keys() for one in examples.UPDATED_LINES]
    assert told[2]["problem"] == examples.UPDATED_LINES[2]["problem"]
