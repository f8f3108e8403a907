"""Revocations, answers and the ledger through the door: who may, what is answered, and that no answer says whose it is to the wrong one."""

import pytest

from imgate.http import examples
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import Role
from tests.http.live import CLIENT, PARTNER, Door, open_live

OUTBOX = f"/v1/partners/{PARTNER}/outbox"
OTHER = "jobkraftwerk-winnenden"
TERM = {"valid_from": "2026-01-01", "valid_until": "2028-12-31"}


@pytest.fixture
def door(tmp_path):
    with open_live(tmp_path) as gateway:
        yield Door(gateway)


@pytest.fixture
def told(door):
    """A partner that was told; gives the revocation and the message."""
    door.link()
    declaration = door.declare(**TERM)
    sent = door.ask("POST", "/v1/exchanges", examples.EXCHANGE).json()
    door.as_partner("GET", OUTBOX)
    assert door.as_partner("POST", f"{OUTBOX}/{sent['id']}/ack").status_code == 204
    answer = door.ask("POST", f"/v1/declarations/{declaration}/revocation", {"scopes": None})
    assert answer.status_code == 200
    (item,) = door.as_partner("GET", OUTBOX).json()["items"]
    return answer.json()["revocation"], item["id"]


def state(door, revocation):
    return door.ask("GET", f"/v1/revocations/{revocation}").json()["state"]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PARTNER])
@pytest.mark.parametrize("path", ["/v1/revocations", f"/v1/revocations/{NIL_UUID}", f"/v1/clients/{CLIENT}/ledger"])
def test_partner_and_admin_see_no_revocation_and_no_ledger(door, role, path):
    assert door.ask("GET", path, role=role, partner=PARTNER if role is Role.PARTNER else None).status_code == 403


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.CASE_SYSTEM])
def test_only_the_partner_itself_answers_on_its_path(door, told, role):
    assert door.ask("POST", f"{OUTBOX}/{told[1]}/end-of-use", {"answer": "ended"}, role=role).status_code == 403
    path = f"/v1/partners/{OTHER}/outbox/{told[1]}/end-of-use"
    assert door.ask("POST", path, {"answer": "ended"}, role=Role.PARTNER, partner=OTHER).status_code == 404
    assert door.ask("POST", path, {"answer": "ended"}, role=Role.PARTNER, partner=PARTNER).status_code == 403
    assert state(door, told[0]) == "open"


def test_an_auditor_looks_and_does_not_answer(door, told):
    assert door.ask("GET", "/v1/revocations", role=Role.AUDITOR).status_code == 200
    assert door.ask("POST", f"/v1/revocations/{told[0]}/answer", {"answer": "ended"}, role=Role.AUDITOR).status_code == 403


@pytest.mark.parametrize("body", [{}, {"answer": "yes"}, {"answer": "ended", "why": "x"}, {"answer": "kept_under_statute", "statute": ""}])
def test_an_answer_of_another_shape_is_refused_and_repeated_nowhere(door, told, body):
    refused = door.as_partner("POST", f"{OUTBOX}/{told[1]}/end-of-use", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "request_invalid")
    assert state(door, told[0]) == "open"


@pytest.mark.parametrize(
    ("body", "code"),
    [({"answer": "kept_under_statute"}, "statute_missing"), ({"answer": "ended", "statute": "§ 84 SGB X"}, "statute_unexpected")],
)
def test_a_statute_belongs_to_its_answer(door, told, body, code):
    for refused in (
        door.as_partner("POST", f"{OUTBOX}/{told[1]}/end-of-use", body),
        door.ask("POST", f"/v1/revocations/{told[0]}/answer", body),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert "84" not in refused.text


def test_an_unknown_revocation_or_message_is_not_found(door, told):
    assert door.ask("GET", f"/v1/revocations/{NIL_UUID}").status_code == 404
    assert door.ask("POST", f"/v1/revocations/{NIL_UUID}/answer", {"answer": "ended"}).status_code == 404
    assert door.ask("POST", f"/v1/revocations/{told[0]}/answer", {"answer": "ended", "notice": NIL_UUID}).status_code == 404
    assert door.as_partner("POST", f"{OUTBOX}/{NIL_UUID}/end-of-use", {"answer": "ended"}).status_code == 404


def test_the_partner_answers_and_the_case_system_sees_it(door, told):
    revocation, message = told
    for _ in range(2):
        answered = door.as_partner("POST", f"{OUTBOX}/{message}/end-of-use", examples.END_OF_USE)
        assert (answered.status_code, answered.content) == (204, b"")
    shown = door.ask("GET", f"/v1/revocations/{revocation}").json()
    assert (shown["client"], shown["partner"], shown["state"]) == (CLIENT, PARTNER, "answered")
    (notice,) = shown["notices"]
    assert (notice["answer"], notice["statute"]) == ("kept_under_statute", examples.END_OF_USE["statute"])
    assert door.as_partner("GET", OUTBOX).json()["items"] == []


def test_the_case_system_answers_for_a_partner_that_telephoned(door, told):
    assert door.ask("POST", f"/v1/revocations/{told[0]}/answer", examples.END_OF_USE_BY_TELEPHONE).status_code == 204
    assert state(door, told[0]) == "answered"


def test_the_list_tells_open_ones_from_the_others(door, told):
    assert [item["id"] for item in door.ask("GET", "/v1/revocations?open=true").json()["items"]] == [told[0]]
    assert door.ask("GET", "/v1/revocations?open=false").json() == {"items": []}
    assert [item["id"] for item in door.ask("GET", "/v1/revocations").json()["items"]] == [told[0]]
    assert door.ask("GET", "/v1/revocations?open=perhaps").status_code == 422
    assert door.ask("GET", "/v1/revocations?after=!").status_code == 422


def test_the_ledger_shows_what_is_held_and_nothing_of_somebody_unknown(door, told):
    (holding,) = door.ask("GET", f"/v1/clients/{CLIENT}/ledger").json()["items"]
    assert (holding["partner"], holding["scope"], holding["declarations"]) == (PARTNER, "language.level", [])
    assert holding["end_of_use"]["revocation"] == told[0]
    assert door.ask("GET", "/v1/clients/K-unknown/ledger").json() == {"items": []}
