"""A bundle leaves by the door byte for byte, and the evidence itself only to the case system."""

import json

import pytest

from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import Role
from tests.consent.bundled import failures, verify
from tests.http.live import CLIENT, Door, open_live


@pytest.fixture
def door(tmp_path):
    with open_live(tmp_path) as gateway:
        yield Door(gateway)


def test_the_case_system_gets_the_evidence_too(door):
    declaration = door.declare()
    answer = door.ask("GET", f"/v1/declarations/{declaration}/bundle?evidence=true")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert failures(verify(answer.content, trusted={json.loads(door.http.get("/.well-known/jwks.json").content)["keys"][-1]["kid"]})) == []
    assert "content" in answer.json()["evidence"][0]


def test_an_auditor_gets_the_digests_and_never_the_evidence(door):
    declaration = door.declare()
    answer = door.ask("GET", f"/v1/declarations/{declaration}/bundle", role=Role.AUDITOR)
    assert answer.status_code == 200
    assert "content" not in answer.json()["evidence"][0]
    assert failures(verify(answer.content, trusted=None)) == []
    assert door.ask("GET", f"/v1/declarations/{declaration}/bundle?evidence=true", role=Role.AUDITOR).json()["code"] == "forbidden"


@pytest.mark.parametrize("evidence", ["maybe", "", "2"])
def test_what_is_neither_yes_nor_no_is_refused(door, evidence):
    answer = door.ask("GET", f"/v1/declarations/{door.declare()}/bundle?evidence={evidence}")
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


def test_what_is_unknown_or_erased_is_not_found(door):
    declaration = door.declare()
    erase_client(door.gateway.store, CLIENT, door.gateway.corridor.clock(), "operator")
    answers = [door.ask("GET", f"/v1/declarations/{which}/bundle") for which in (NIL_UUID, declaration)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_what_was_tampered_with_is_not_signed(door):
    declaration = door.declare()
    with door.gateway.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE declaration_events SET event = 'paused' WHERE event = 'activated'")
    answer = door.ask("GET", f"/v1/declarations/{declaration}/bundle")
    assert (answer.status_code, answer.json()["code"]) == (409, "declaration_unreadable")
