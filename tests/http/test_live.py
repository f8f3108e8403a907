"""Through the door, with a real gateway behind it: the story of one declaration, and what may never happen on the way."""

import base64

import pytest
from tests.http.live import CLIENT, PARTNER, Door, open_live

from imgate.http import examples
from imgate.vocabulary.words import Role

EXCHANGE = examples.EXCHANGE | {
    "record": {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "notes": {"counselling": [{"on": "2026-01-10", "text": "GEHEIM"}]}}
}


@pytest.fixture
def door(tmp_path):
    with open_live(tmp_path) as gateway:
        yield Door(gateway)


@pytest.fixture
def ready(door):
    door.link()
    door.declare(valid_from="2026-01-01", valid_until="2028-12-31")
    return door


def test_a_declaration_is_made_signed_shown_and_revoked(door):
    declaration = door.declare(signed=False)
    shown = door.ask("GET", f"/v1/declarations/{declaration}").json()
    assert shown["state"] == "draft"
    assert shown["content"]["recipient"] == "Jobcenter Rems-Murr, Team 412"
    assert door.ask("GET", f"/v1/declarations?client={CLIENT}", role=Role.AUDITOR).json() == {"items": [shown]}
    revoked = door.ask("POST", f"/v1/declarations/{declaration}/revocation", {"scopes": None})
    assert revoked.json() == {"state": "revoked", "cancelled": 0, "already_sent": [], "in_flight": []}


def test_a_declaration_that_cannot_be_names_every_problem_at_once(door):
    answer = door.ask(
        "POST", "/v1/declarations", examples.DECLARATION | {"scopes": [], "purposes": ["spass"], "occasion": "Für die Beratung."}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["code"] == "declaration_invalid"
    assert document["problems"] == [
        {"code": "scopes_empty", "pointer": "/scopes"},
        {"code": "purpose_unknown", "pointer": "/purposes/0"},
        {"code": "occasion_too_short", "pointer": "/occasion"},
        {"code": "occasion_blanket", "pointer": "/occasion"},
    ]


def test_an_exchange_reaches_its_partner_and_nobody_else(ready):
    made = ready.ask("POST", "/v1/exchanges", EXCHANGE)
    assert made.status_code == 201, made.text
    assert made.json()["released"] == ["language.level"]
    (item,) = ready.as_partner("GET", f"/v1/partners/{PARTNER}/outbox").json()["items"]
    assert item["id"] == made.json()["id"]
    content = base64.b64decode(item["content"])
    assert b"B1" in content
    assert b"GEHEIM" not in content
    other = "jobkraftwerk-winnenden"
    assert ready.as_partner("GET", f"/v1/partners/{other}/outbox", partner=other).json() == {"items": []}
    assert ready.as_partner("POST", f"/v1/partners/{other}/outbox/{item['id']}/ack", partner=other).status_code == 404
    for _ in range(2):
        assert ready.as_partner("POST", f"/v1/partners/{PARTNER}/outbox/{item['id']}/ack").status_code == 204
    assert ready.ask("GET", f"/v1/exchanges/{item['id']}").json()["state"] == "acknowledged"
    (disclosure,) = ready.ask("GET", f"/v1/clients/{CLIENT}/disclosures").json()["items"]
    assert disclosure["scopes"] == ["language.level"]


def test_a_preview_stores_nothing(ready):
    preview = ready.ask("POST", "/v1/exchanges/preview", EXCHANGE).json()
    assert b"B1" in base64.b64decode(preview["message"]["content"])
    assert ready.ask("GET", f"/v1/exchanges?client={CLIENT}").json() == {"items": []}


def test_the_same_key_is_the_same_answer(ready):
    first = ready.ask("POST", "/v1/exchanges", EXCHANGE, Idempotency_Key="k1")
    again = ready.ask("POST", "/v1/exchanges", EXCHANGE, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    other = ready.ask("POST", "/v1/exchanges", EXCHANGE | {"by": "Andere"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_a_revoked_declaration_permits_nothing(ready):
    (declaration,) = (one["id"] for one in ready.ask("GET", f"/v1/declarations?client={CLIENT}").json()["items"])
    ready.ask("POST", "/v1/exchanges", EXCHANGE)
    assert ready.ask("POST", f"/v1/declarations/{declaration}/revocation").json()["cancelled"] == 1
    assert ready.as_partner("GET", f"/v1/partners/{PARTNER}/outbox").json() == {"items": []}
    assert ready.ask("POST", "/v1/exchanges", EXCHANGE).json()["state"] == "withheld"


def test_authzen_asks_the_same_judge(ready):
    assert ready.ask("POST", "/access/v1/evaluation", examples.EVALUATION, role=Role.AUDITOR).json()["decision"] is True
    answer = ready.ask("POST", "/access/v1/evaluations", examples.EVALUATIONS).json()
    assert [one["context"]["reason"] for one in answer["evaluations"]] == ["permitted", "scope_not_covered"]


def test_lists_go_on_where_they_ended(ready):
    made = [ready.ask("POST", "/v1/exchanges", EXCHANGE).json()["id"] for _ in range(5)]
    path, seen = f"/v1/exchanges?client={CLIENT}&limit=2", []
    page = ready.ask("GET", path).json()
    while True:
        seen += [item["id"] for item in page["items"]]
        if "next" not in page:
            break
        page = ready.ask("GET", f"{path}&after={page['next']}").json()
    assert seen == made


@pytest.mark.parametrize("after", ["", "x", "%00", "..", "A" * 500, "_" * 22, "ä", "AAAAAAAAAAAAAAAAAAAAAA", "_____________________w"])
def test_a_cursor_that_nobody_gave_is_422_or_a_page(ready, after):
    answer = ready.ask("GET", f"/v1/exchanges?client={CLIENT}&after={after}")
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert answer.json()["code"] == "cursor_invalid"


def test_ready(door):
    assert door.http.get("/readyz").json() == {"ok": True}


def test_the_reference_of_a_link_is_not_repeated(door):
    door.link("617D123456")
    taken = door.ask("PUT", f"/v1/clients/K-2/links/{PARTNER}", {"reference": "617D123456"})
    assert (taken.status_code, taken.json()["code"]) == (409, "reference_taken")
    assert "617D" not in taken.text
