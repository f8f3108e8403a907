"""A notice of the end of use through the door: the same 202 for everybody, told to the case system alone until it acknowledges it."""

import pytest

from imgate.exchange import inbound
from imgate.vocabulary.words import Role
from tests.exchange.conftest import CONTACT, message
from tests.exchange.noticing import RUN, notice
from tests.http.live import CLIENT, PARTNER, Door, open_live

REFERENCE, SCOPE = "617D123456", "contact_persons.jobcenter"
NOTICES = "/v1/inbox/notices"
TERM = {"valid_from": "2026-01-01", "valid_until": "2028-12-31"}


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    with open_live(tmp_path_factory.mktemp("notices")) as gateway:
        door = Door(gateway)
        door.link(REFERENCE)
        door.declare(scopes=[SCOPE], direction="both", **TERM)
        posted(door, message(PARTNER, REFERENCE, CONTACT, purpose="labour_market_integration"))
        (item,) = door.ask("GET", "/v1/inbox").json()["items"]
        assert door.ask("POST", f"/v1/inbox/{item['id']}/ack").status_code == 204
        yield door


def posted(door, body, media_type="application/xml"):
    headers = {"Authorization": f"Bearer {door.token(Role.PARTNER, PARTNER)}", "Content-Type": media_type}
    answer = door.http.post(f"/v1/partners/{PARTNER}/messages", content=body, headers=headers)
    door.check("POST", f"/v1/partners/{PARTNER}/messages", answer)
    inbound.take_due(door.gateway.corridor)
    return answer


def test_a_notice_is_taken_told_and_acknowledged(door):
    receipt = posted(door, notice(SCOPE, reference=REFERENCE, reminder=1)).json()["receipt"]
    (told,) = door.ask("GET", NOTICES).json()["items"]
    shown = {"revocation": RUN, "reminder": 1, "ended_on": "2026-03-01", "scopes": [SCOPE]}
    assert told == shown | {
        "id": told["id"],
        "partner": PARTNER,
        "client": CLIENT,
        "received_at": told["received_at"],
        "receipt": receipt,
    }
    assert door.ask("GET", f"/v1/intake/{receipt}").json()["end_of_use"] == shown
    assert door.ask("GET", "/v1/inbox").json() == {"items": []}
    assert door.ask("POST", f"/v1/inbox/{told['id']}/ack").status_code == 204
    assert door.ask("GET", NOTICES).json()["items"] == []
    assert door.ask("GET", f"/v1/exchanges/{told['id']}").json()["state"] == "acknowledged"


def test_the_answer_is_the_same_byte_for_byte_but_for_the_receipt(door):
    answers = [posted(door, notice(SCOPE, reference=reference)) for reference in (REFERENCE, "999X000001")]
    (known, unknown) = (answer.content.replace(answer.json()["receipt"].encode(), b"-") for answer in answers)
    assert known == unknown == b'{"receipt":"-","problems":[]}'
    assert {answer.status_code for answer in answers} == {202}


def test_what_is_not_valid_is_refused_and_repeated_nowhere(door):
    answer = posted(door, notice("Geheimnis", reference=REFERENCE))
    assert (answer.status_code, answer.json()["code"]) == (422, "message_unreadable")
    assert {problem["column"] for problem in answer.json()["message_problems"]} == {"scopes"}
    assert "Geheimnis" not in answer.text


@pytest.mark.parametrize("role", [Role.PARTNER, Role.ADMIN, Role.AUDITOR])
def test_nobody_but_the_case_system_is_told(door, role):
    assert door.ask("GET", NOTICES, role=role, partner=PARTNER if role is Role.PARTNER else None).status_code == 403


def test_a_list_is_asked_for_as_every_list(door):
    assert door.ask("GET", f"{NOTICES}?limit=0").status_code == 422
    assert door.ask("GET", f"{NOTICES}?after=!").status_code == 422
