"""Through the door, with a real gateway behind it: the story of one declaration, and what may never happen on the way."""

import base64
from datetime import UTC, datetime

import pytest

from imgate.exchange.inbound import take_due
from imgate.http import callers, examples
from imgate.keys import TokenUnavailable
from imgate.keys.signatures import StatementSignature
from imgate.vocabulary.words import Role
from tests.consent.receipted import failures, verified
from tests.exchange.conftest import message
from tests.http.live import CLIENT, PARTNER, Door, open_live

EXCHANGE = examples.EXCHANGE | {
    "record": {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "notes": {"counselling": [{"on": "2026-01-10", "text": "GEHEIM"}]}}
}

CONTACT = {
    "contact_persons": {
        "jobcenter": {
            "unit": "Jobcenter Rems-Murr, Team 412",
            "name": {"family": "Müßig"},
            "channels": [{"kind": "phone", "value": "+4971519500"}],
        }
    }
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
        {"code": "occasion_too_short", "pointer": "/occasion", "hint": "at least 20 characters"},
        {"code": "occasion_blanket", "pointer": "/occasion"},
    ]


def test_a_name_in_another_script_is_refused_with_what_to_do_and_not_repeated(ready):
    answer = ready.ask("POST", "/v1/exchanges", EXCHANGE | {"record": {"person": {"name": {"family": "صالحی"}}}})
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert (problem["code"], problem["pointer"]) == ("not_din91379", "/record/person/name/family")
    assert "letters of the Arabic script. Give the Latin transliteration, as in the passport." in problem["hint"]
    assert "صالحی" not in answer.text


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


def test_each_item_comes_with_a_receipt_that_the_published_keys_verify(ready):
    ready.ask("POST", "/v1/exchanges", EXCHANGE)
    (item,) = ready.as_partner("GET", f"/v1/partners/{PARTNER}/outbox").json()["items"]
    published = {key["kid"] for key in ready.http.get("/.well-known/jwks.json").json()["keys"] if key["imgate_use"] == "statements"}
    checked = verified(item["receipt"], datetime.now(UTC), trusted=published, message=base64.b64decode(item["content"]))
    assert failures(checked.report) == []
    assert checked.receipt["exchange"] == item["id"]


def test_while_receipts_cannot_be_signed_the_outbox_is_503_and_hands_out_nothing(ready, monkeypatch):
    made = ready.ask("POST", "/v1/exchanges", EXCHANGE).json()["id"]

    def away(_):
        raise TokenUnavailable("the token imgate is not there")

    with monkeypatch.context() as without_token:
        without_token.setattr(StatementSignature, "check", away)
        answer = ready.as_partner("GET", f"/v1/partners/{PARTNER}/outbox")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "token" not in answer.text
    assert ready.ask("GET", f"/v1/exchanges/{made}").json()["state"] == "queued"
    assert [item["id"] for item in ready.as_partner("GET", f"/v1/partners/{PARTNER}/outbox").json()["items"]] == [made]


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


def test_a_message_is_answered_alike_whoever_it_is_about(ready):
    known = message(PARTNER, "617D123456", CONTACT)
    unknown = message(PARTNER, "999Z999999", CONTACT)
    answers = [ready.as_partner("POST", f"/v1/partners/{PARTNER}/messages", body) for body in (known, unknown)]
    for answer in answers:
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"receipt": answer.json()["receipt"], "problems": []}
    assert {tuple(answer.headers.items()) for answer in answers} == {tuple(answers[0].headers.items())}


def test_what_a_partner_sent_and_the_client_allowed_stands_in_the_inbox(ready):
    body = message(PARTNER, "617D123456", CONTACT | {"work": {"proposals": [{"employer": "Seniorenzentrum Backnang"}]}})
    receipt = ready.as_partner("POST", f"/v1/partners/{PARTNER}/messages", body).json()["receipt"]
    assert ready.ask("GET", f"/v1/intake/{receipt}").json()["outcome"] == "waiting"
    take_due(ready.gateway.corridor)
    report = ready.ask("GET", f"/v1/intake/{receipt}").json()
    assert [(person["client"], person["taken"]) for person in report["people"]] == [(CLIENT, ["contact_persons.jobcenter"])]
    assert ready.ask("GET", f"/v1/intake?partner={PARTNER}").json()["items"] == [report]
    (item,) = ready.ask("GET", "/v1/inbox").json()["items"]
    assert item["record"] == CONTACT
    assert item["provenance"] == {"contact_persons.jobcenter": PARTNER}
    assert ready.ask("POST", f"/v1/inbox/{item['id']}/ack").status_code == 204
    assert ready.ask("GET", "/v1/inbox").json() == {"items": []}


def test_what_only_the_bytes_show_is_told(ready):
    answer = ready.as_partner("POST", f"/v1/partners/{PARTNER}/messages", b"<kanarienvogel>4711</kanarienvogel>")
    assert (answer.status_code, answer.json()["code"]) == (422, "message_unreadable")
    assert "4711" not in answer.text


def test_a_message_that_is_rejected_is_not_acknowledged(ready):
    made = ready.ask("POST", "/v1/exchanges", EXCHANGE).json()["id"]
    path = f"/v1/partners/{PARTNER}/outbox"
    assert ready.as_partner("POST", f"{path}/{made}/reject", examples.REJECTION).status_code == 404  # never handed out
    ready.as_partner("GET", path)
    assert ready.as_partner("POST", f"{path}/{made}/reject", examples.REJECTION).status_code == 204
    assert ready.as_partner("POST", f"{path}/{made}/ack").json()["code"] == "already_rejected"


def test_provenance_is_asked_for_by_scope(ready):
    body = message(PARTNER, "617D123456", CONTACT)
    ready.as_partner("POST", f"/v1/partners/{PARTNER}/messages", body)
    take_due(ready.gateway.corridor)
    ready.ask("GET", "/v1/inbox")
    request = EXCHANGE | {"record": CONTACT, "provenance": {}}
    answer = ready.ask("POST", "/v1/exchanges", request)
    assert (answer.status_code, answer.json()["code"], answer.json()["scopes"]) == (
        422,
        "provenance_required",
        ["contact_persons.jobcenter"],
    )
    resource = examples.EVALUATION["resource"] | {"id": "contact_persons.jobcenter"}
    answer = ready.ask("POST", "/access/v1/evaluation", examples.EVALUATION | {"resource": resource})
    assert answer.json() == {"decision": False, "context": {"reason": "provenance_required"}}


def test_an_access_that_is_revoked_in_the_store_ends(door, monkeypatch):
    token = door.token(Role.AUDITOR)
    assert door.ask("GET", f"/v1/exchanges?client={CLIENT}", role=Role.AUDITOR).status_code == 200
    (access,) = (one for one in door.gateway.store.access.list() if one.role is Role.AUDITOR)
    door.gateway.store.access.revoke(access.client_id, datetime.now(UTC), "operator")
    monkeypatch.setattr(callers, "LOOK_AGAIN_AFTER", 0.0)
    answer = door.http.get(f"/v1/exchanges?client={CLIENT}", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
