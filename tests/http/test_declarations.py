"""Evidence, renewal and the worklist as callers see them: the shapes that are documented, and refusals that store nothing."""

import asyncio
import base64
import contextlib
import dataclasses
import json
import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.declarations import signing
from imgate.exchange.ports import Examination
from imgate.http import examples
from imgate.settings import load_settings
from imgate.vocabulary.words import EvidenceLevel, Role
from tests.documents.asserting import ISSUER, KEYS, assertion, public
from tests.http.live import CONFIG, PARTNER, Door

EID = '[eid.bund]\nissuer = "https://eid.example.org"\njwks_file = "bund.jwks"\n'
PDF = base64.b64encode(b"%PDF-1.7 x").decode()
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
SCAN = {"kind": "paper_scan", "media_type": "image/png", "content": PNG}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    folder = tmp_path_factory.mktemp("declarations")
    (folder / "imgate.toml").write_text(CONFIG + EID, encoding="utf-8")
    (folder / "bund.jwks").write_text(json.dumps({"keys": [public(KEYS["ES256"])]}))
    with open_gateway(load_settings(folder / "imgate.toml"), make_keys=True) as gateway:
        yield Door(gateway)


def draft(door, **changes):
    return door.declare(signed=False, valid_from="2026-01-15", valid_until="2028-12-31", **changes)


def sign(door, declaration, evidence, **more):
    body = {"role": "client", "signed_on": "2026-01-15", "evidence": evidence, "attested_by": "Vera Beispiel"} | more
    return door.ask("POST", f"/v1/declarations/{declaration}/signatures", body)


def shown(door, declaration):
    return door.ask("GET", f"/v1/declarations/{declaration}").json()


def asserted(door, declaration, **changes):
    digest = shown(door, declaration)["digest"]
    content = assertion(at=datetime.now(UTC), declaration=digest, **({"aud": "im-winnenden", "iss": ISSUER} | changes))
    return {"kind": "eid", "media_type": "application/jwt", "content": base64.b64encode(content).decode()}


def code_of(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["code"]


def test_an_assertion_makes_a_declaration_qualified_and_its_report_is_shown(door):
    declaration = draft(door)
    assert sign(door, declaration, asserted(door, declaration), signer="Amina Muster").json() == {"state": "active"}
    (piece,) = shown(door, declaration)["evidence"]
    assert (piece["kind"], piece["level"], piece["report"]["service"]) == ("eid", "qualified", "bund")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://eid.example.net"}, "eid_untrusted"),
        ({"acr": "low"}, "eid_invalid"),
        ({"aud": "another"}, "eid_declaration_differs"),
        ({"iat": 1}, "eid_expired"),
    ],
)
def test_an_assertion_that_does_not_hold_is_refused_and_nothing_is_stored(door, changes, code):
    declaration = draft(door)
    before = shown(door, declaration)
    answer = sign(door, declaration, asserted(door, declaration, **changes))
    assert code_of(answer) == (422, code)
    assert answer.json()["problems"] == [{"code": code, "pointer": "/evidence/content"}]
    assert shown(door, declaration) == before


def test_somebody_elses_assertion_is_refused(door):
    declaration = draft(door)
    assert code_of(sign(door, declaration, asserted(door, declaration), signer="Bertha Muster")) == (422, "signature_signer_differs")


def test_an_assertion_does_not_count_for_another_declaration(door):
    one, other = draft(door), draft(door)
    assert code_of(sign(door, other, asserted(door, one))) == (422, "eid_declaration_differs")


def test_one_assertion_does_not_count_twice(door):
    declaration = draft(door, signers_required=["client", "client"])
    evidence = asserted(door, declaration)
    assert sign(door, declaration, evidence).json() == {"state": "draft"}
    assert code_of(sign(door, declaration, evidence)) == (422, "signature_reused")


def test_a_signed_pdf_is_unsupported_where_nobody_is_trusted(door):
    declaration = draft(door)
    assert code_of(sign(door, declaration, {"kind": "pades", "media_type": "application/pdf", "content": PDF})) == (
        422,
        "evidence_kind_unsupported",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"evidence": SCAN | {"digest": "0" * 64}}, "evidence_digest_differs"),
        ({"evidence": SCAN | {"reason": "x"}}, "evidence_reason_unexpected"),
        ({"evidence": SCAN, "authority": {"areas": ["x"], "order": "x"}}, "authority_unexpected"),
        ({"evidence": SCAN, "role": "betreuer"}, "role_not_required"),
        ({"evidence": SCAN | {"digest": "ABC"}}, "request_invalid"),
        ({"evidence": SCAN | {"reason": ""}}, "request_invalid"),
        ({"evidence": SCAN, "authority": {"areas": [], "order": "x"}}, "request_invalid"),
        ({"evidence": SCAN, "authority": {"areas": ["x"], "order": "x", "until": "2026-02-30"}}, "request_invalid"),
        ({"evidence": SCAN, "interpreter": "a\nb"}, "request_invalid"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_of_it_is_repeated(door, body, code):
    declaration = draft(door)
    answer = sign(door, declaration, **body)
    assert code_of(answer) == (422, code)
    assert shown(door, declaration)["evidence"] == []


def test_an_authority_that_had_ended_is_refused(door):
    declaration = draft(door, signers_required=["guardian"])
    authority = {"areas": ["Canary-Bereich"], "order": "Canary-Beschluss", "until": "2026-01-14"}
    answer = sign(door, declaration, SCAN, role="guardian", authority=authority)
    assert code_of(answer) == (422, "authority_ended")
    assert "Canary" not in answer.text


def test_everything_about_a_signer_is_shown_as_it_was_said(door):
    declaration = draft(door, signers_required=["guardian"])
    authority = {"areas": ["Gesundheitssorge"], "order": "AG Waiblingen, 3 XVII 12/24", "until": "2027-01-01"}
    evidence = {"kind": "oral_record", "reason": "Arm gebrochen", "digest": shown(door, declaration)["digest"]}
    answer = sign(door, declaration, evidence, role="guardian", authority=authority, interpreter="Samir Beispiel")
    assert answer.json() == {"state": "active"}
    (piece,) = shown(door, declaration)["evidence"]
    assert (piece["authority"], piece["interpreter"], piece["reason"]) == (authority, "Samir Beispiel", "Arm gebrochen")
    assert piece["report"] == {"shown_digest": True}


def test_evidence_is_checked_again_by_its_id(door):
    declaration = draft(door)
    sign(door, declaration, asserted(door, declaration))
    piece = shown(door, declaration)["evidence"][0]["id"]
    answer = door.ask("POST", f"/v1/declarations/{declaration}/evidence/{piece}/check")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (answer.json()["failed"], answer.json()["evidence"][0]["level_today"]) == (0, "qualified")
    for path in (f"{NOBODY}/evidence/{piece}", f"{declaration}/evidence/{NOBODY}"):
        assert code_of(door.ask("POST", f"/v1/declarations/{path}/check")) == (404, "not_found")


def damage(door, declaration, *statements):
    """Write to the database past the gateway, and past its foreign keys."""
    with contextlib.closing(sqlite3.connect(door.gateway.store.engine.url.database, isolation_level=None)) as file:
        for statement in statements:
            assert file.execute(statement, {"id": declaration}).rowcount


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("UPDATE evidence SET detail = x'00' WHERE declaration = :id", {"digest", "content"}),
        ("UPDATE declarations SET content = x'00' WHERE id = :id", {"digest"}),
        ("UPDATE declaration_heads SET mac = x'00' WHERE id = :id", {"content"}),
        ("DELETE FROM declaration_heads WHERE id = :id", set()),
    ],
)
def test_what_is_unreadable_is_shown_by_itself_and_in_a_list_as_it_is_documented(door, spoil, says):
    client = f"K-{len(spoil)}"
    bad, good = door.declare(client=client), door.declare(client=client)
    damage(door, bad, spoil)
    items = door.ask("GET", f"/v1/declarations?client={client}").json()["items"]
    assert [(item["id"], item["state"]) for item in items] == [(bad, "unreadable"), (good, "active")]
    assert items == [shown(door, bad), shown(door, good)]
    assert items[0].keys() == {"id", "state", "revoked_scopes", "evidence", "history"} | says
    assert items[1].keys() == {"id", "state", "revoked_scopes", "evidence", "history", "digest", "content"}


def test_what_is_unreadable_is_a_conflict_for_whoever_wants_more_of_it_and_no_fault(door):
    declaration = door.declare(client="K-DAMAGED")
    damage(door, declaration, "UPDATE evidence SET detail = x'00' WHERE declaration = :id")
    path, unreadable = f"/v1/declarations/{declaration}", (409, "declaration_unreadable")
    for what in ("form", "copy", "consent-record", "bundle"):
        assert code_of(door.ask("GET", f"{path}/{what}")) == unreadable
    assert code_of(sign(door, declaration, SCAN)) == unreadable
    assert code_of(door.ask("POST", f"{path}/renewal", examples.RENEWAL)) == unreadable


def test_what_is_unreadable_is_revoked_and_paused_like_everything_else(door):
    declaration = door.declare(client="K-GONE")
    damage(door, declaration, "DELETE FROM declarations WHERE id = :id")
    path = f"/v1/declarations/{declaration}"
    assert shown(door, declaration)["state"] == "unreadable"
    assert door.ask("POST", f"{path}/pause").json()["state"] == "paused"
    assert door.ask("POST", f"{path}/resume").json()["state"] == "active"
    assert door.ask("POST", f"{path}/revocation", {"reason": "Streit"}).json()["state"] == "revoked"
    assert shown(door, declaration)["revoked_scopes"] == examples.DECLARATION["scopes"]


def test_evidence_that_is_gone_is_reported_by_its_id_alone(door):
    declaration = door.declare(client="K-CHECKED")
    piece = shown(door, declaration)["evidence"][0]["id"]
    damage(door, declaration, "DELETE FROM evidence WHERE declaration = :id")
    answer = door.ask("POST", f"/v1/declarations/{declaration}/evidence/{piece}/check").json()
    assert (answer["failed"], answer["evidence"]) == (1, [{"id": piece, "refused": "evidence_changed"}])


def test_evidence_beyond_what_a_declaration_holds_is_refused(door, monkeypatch):
    monkeypatch.setattr(signing, "PIECES_MAX", 1)
    declaration = draft(door)
    assert sign(door, declaration, SCAN).json() == {"state": "active"}
    answer = sign(door, declaration, SCAN)
    assert code_of(answer) == (422, "evidence_too_many")
    assert answer.json()["problems"] == [{"code": "evidence_too_many", "pointer": "/evidence"}]


def test_a_renewal_is_a_new_declaration_with_all_its_problems(door):
    declaration = draft(door)
    path = f"/v1/declarations/{declaration}/renewal"
    answer = door.ask("POST", path, examples.RENEWAL | {"valid_until": "2020-01-01", "informed_of": []})
    assert code_of(answer) == (422, "declaration_invalid")
    assert {problem["code"] for problem in answer.json()["problems"]} == {"term_reversed", "information_missing"}
    made = door.ask("POST", path, examples.RENEWAL)
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    assert shown(door, made.json()["id"])["content"]["supersedes"] == declaration
    assert code_of(door.ask("POST", path, examples.RENEWAL | {"scopes": []})) == (422, "request_invalid")
    assert code_of(door.ask("POST", f"/v1/declarations/{NOBODY}/renewal", examples.RENEWAL)) == (404, "not_found")


def test_a_renewal_under_one_key_is_made_once(door):
    path = f"/v1/declarations/{draft(door)}/renewal"
    first = door.ask("POST", path, examples.RENEWAL, Idempotency_Key="once")
    assert door.ask("POST", path, examples.RENEWAL, Idempotency_Key="once").json() == first.json()
    other = examples.RENEWAL | {"valid_until": "2027-11-30"}
    assert code_of(door.ask("POST", path, other, Idempotency_Key="once")) == (409, "idempotency_key_reused")


def test_the_worklist_is_a_list_like_every_other(door):
    soon = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    made = [door.declare(valid_until=soon, client=f"K-SOON-{number}") for number in range(3)]
    door.ask("POST", f"/v1/declarations/{made[0]}/renewal", examples.RENEWAL)
    found, path = [], "/v1/declarations/expiring?days=11&limit=1"
    while path is not None:
        answer = door.ask("GET", path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        found += answer.json()["items"]
        following = answer.json().get("next")
        path = following and f"/v1/declarations/expiring?days=11&limit=1&after={following}"
    assert [item["id"] for item in found] == made
    assert [("renewed_by" in item, item["state"], item["scopes"]) for item in found] == [
        (True, "active", 2),
        (False, "active", 2),
        (False, "active", 2),
    ]
    assert door.ask("GET", "/v1/declarations/expiring?days=1").json() == {"items": []}


@pytest.mark.parametrize(
    ("query", "code"),
    [("days=0", "request_invalid"), ("days=401", "request_invalid"), ("days=x", "request_invalid"), ("after=x", "cursor_invalid")],
)
def test_the_worklist_takes_1_to_400_days_and_its_own_cursors(door, query, code):
    assert code_of(door.ask("GET", f"/v1/declarations/expiring?{query}")) == (422, code)


def test_the_worklist_is_the_case_systems_alone(door):
    assert code_of(door.ask("GET", "/v1/declarations/expiring", role=Role.AUDITOR)) == (403, "forbidden")


def test_a_preview_for_a_minor_suggests_a_guardian(door):
    door.link(client="K-MINOR", reference="617D999999")
    declaration = draft(door, client="K-MINOR")
    request = {"client": "K-MINOR", "partner": PARTNER, "purpose": "labour_market_integration"}
    record = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "person": {"birth": {"date": str(datetime.now(UTC).year - 12)}}}
    answer = door.ask("POST", "/v1/exchanges/preview", request | {"record": record})
    assert answer.json()["hints"] == [{"code": "guardian_suggested", "declarations": [declaration]}]
    assert "hints" not in door.ask("POST", "/v1/exchanges/preview", request | {"record": {"language": record["language"]}}).json()


def test_examinations_are_few_at_once_and_keep_nobody_else_waiting(tmp_path):
    """Forty requests wait for an examiner that does not answer yet; whoever asks for something else is answered all the same."""
    begun, go_on, at_once = threading.Semaphore(0), threading.Event(), []

    class Slow:
        def examine(self, kind, media_type, content, about, at):
            at_once.append(threading.current_thread().name)
            begun.release()
            assert go_on.wait(30)
            return Examination(EvidenceLevel.WRITTEN)

    (tmp_path / "imgate.toml").write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(tmp_path / "imgate.toml"), make_keys=True) as gateway:
        slow = dataclasses.replace(gateway, corridor=dataclasses.replace(gateway.corridor, examiner=Slow()))
        door = Door(slow)
        declaration, token = draft(door), door.token(Role.CASE_SYSTEM)
        body = examples.SIGNATURE | {"evidence": SCAN}

        async def play():
            headers = {"Authorization": f"Bearer {token}"}
            transport = httpx2.ASGITransport(door.app)
            async with httpx2.AsyncClient(transport=transport, base_url=gateway.url, headers=headers) as client:
                path = f"/v1/declarations/{declaration}"
                waiting = [asyncio.create_task(client.post(f"{path}/signatures", json=body)) for _ in range(40)]
                for _ in range(4):
                    assert await asyncio.to_thread(begun.acquire, timeout=30)
                assert (await asyncio.wait_for(client.get(path), 30)).status_code == 200
                assert len(at_once) == 4
                go_on.set()
                return [answer.status_code for answer in await asyncio.gather(*waiting)]

        assert asyncio.run(play()) == [201] * 40
