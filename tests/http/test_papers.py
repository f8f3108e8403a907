"""Form, annex, client's copy and consent record leave by the door as files, and nothing is stored for it."""

import asyncio
import contextlib
import hashlib
import io
import json
import sqlite3
import threading

import httpx2
import pikepdf
import pytest

from imgate.documents import typesetting
from imgate.documents.papers import Papers
from imgate.documents.typesetting import PapersUnavailable
from imgate.http import examples
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import Role
from tests.http.live import CLIENT, Door, open_live


@pytest.fixture
def door(tmp_path):
    with open_live(tmp_path) as gateway:
        door = Door(gateway)
        door.link()
        yield door


def pdf(door, method, path, body=None, **headers):
    """Fetch a PDF. What JSON answers are documented as is checked by ``ask``."""
    headers |= {"Authorization": f"Bearer {door.token(Role.CASE_SYSTEM)}"}
    return door.http.request(method, path, json=body, headers=headers)


def attached(answer):
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        return {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}


@pytest.mark.parametrize("lang", ["", "?lang=ti", "?lang=fa-AF"])
def test_the_form_is_a_pdf_that_carries_the_declaration(door, lang):
    declaration = door.declare()
    digest = pdf(door, "GET", f"/v1/declarations/{declaration}").json()["digest"]
    answer = pdf(door, "GET", f"/v1/declarations/{declaration}/form{lang}")
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, "application/pdf", "no-store")
    assert hashlib.sha256(attached(answer)["declaration.json"]).hexdigest() == digest
    assert answer.headers["content-disposition"] == f'inline; filename="form-{declaration}.pdf"'
    assert CLIENT not in str(answer.headers)


@pytest.mark.parametrize(
    ("path", "status", "code"), [("?lang=ku", 422, "language_unsupported"), (f"?lang={'x' * 36}", 422, "request_invalid")]
)
def test_another_language_is_refused_with_those_that_there_are(door, path, status, code):
    answer = pdf(door, "GET", f"/v1/declarations/{door.declare()}/form{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_is_not_there_has_no_form(door):
    assert pdf(door, "GET", f"/v1/declarations/{NIL_UUID}/form").json()["code"] == "not_found"


def test_without_the_extra_the_operator_is_named_for_the_form(door, monkeypatch):
    declaration = door.declare()

    def missing():
        raise PapersUnavailable

    monkeypatch.setattr(typesetting, "_compiler", missing)
    answer = pdf(door, "GET", f"/v1/declarations/{declaration}/form")
    assert (answer.status_code, answer.json()["code"]) == (501, "papers_unavailable")


def test_the_annex_is_a_pdf_with_the_message_in_it(door):
    answer = pdf(door, "POST", f"/v1/declarations/{door.declare()}/annex?lang=ti", examples.ANNEX)
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, "application/pdf", "no-store")
    assert b"B1" in attached(answer)["message.xml"]


def test_for_the_annex_nothing_is_stored_and_a_key_is_not_kept(door):
    declaration = door.declare()
    door.token(Role.CASE_SYSTEM)
    with contextlib.closing(sqlite3.connect(door.gateway.settings.database.file)) as connection:
        before = stored(connection)
        for body in (examples.ANNEX, examples.ANNEX | {"record": {}}):
            assert pdf(door, "POST", f"/v1/declarations/{declaration}/annex", body, **{"Idempotency-Key": "once"}).status_code == 200
        assert stored(connection) == before


def stored(connection):
    """Dump everything but who looked."""
    return [line for line in connection.iterdump() if "access_log" not in line]


def test_the_copy_is_a_pdf_with_both_files_in_it(door):
    declaration = door.declare()
    answer = pdf(door, "GET", f"/v1/declarations/{declaration}/copy")
    record = door.ask("GET", f"/v1/declarations/{declaration}/consent-record")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/pdf", "no-store")
    inside = attached(answer)
    assert json.loads(inside["declaration.json"]) == door.ask("GET", f"/v1/declarations/{declaration}").json()["content"]
    assert json.loads(inside["consent-record.jsonld"]).keys() == record.json().keys()


def test_the_consent_record_is_json_ld_for_the_auditor_too(door):
    answer = door.ask("GET", f"/v1/declarations/{door.declare()}/consent-record", role=Role.AUDITOR)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/ld+json", "no-store")
    assert answer.json()["@type"] == "dpv:ConsentRecord"


@pytest.mark.parametrize("lang", ["tlh", "", "so-Arab", "not a tag"])
def test_a_language_that_there_are_no_papers_in_is_refused(door, lang):
    declaration = door.declare()
    for answer in (
        door.ask("GET", f"/v1/declarations/{declaration}/copy?lang={lang}"),
        door.ask("POST", f"/v1/declarations/{declaration}/annex?lang={lang}", examples.ANNEX),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "language_unsupported")


def test_a_declaration_in_another_language_is_printed_in_german(door):
    answer = pdf(door, "GET", f"/v1/declarations/{door.declare(language='ku')}/copy")
    assert answer.status_code == 200


def test_what_is_unknown_or_erased_is_not_found(door):
    declaration = door.declare()
    erase_client(door.gateway.store, CLIENT, door.gateway.corridor.clock(), "operator")
    for which in (NIL_UUID, declaration):
        answers = [
            door.ask("GET", f"/v1/declarations/{which}/copy"),
            door.ask("GET", f"/v1/declarations/{which}/consent-record"),
            door.ask("POST", f"/v1/declarations/{which}/annex", examples.ANNEX),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}


@pytest.mark.parametrize(
    ("change", "code"),
    [({"purpose": "fun"}, "purpose_unknown"), ({"provenance": {"x": "self"}}, "scope_unknown"), ({"client": "K-1"}, "request_invalid")],
)
def test_what_is_wrong_with_the_question_is_refused(door, change, code):
    answer = door.ask("POST", f"/v1/declarations/{door.declare()}/annex", examples.ANNEX | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_wrong_record_is_refused_without_its_values(door):
    body = examples.ANNEX | {"record": {"language": {"level": {"cefr": "GEHEIM", "evidence": "dtz"}}}}
    answer = door.ask("POST", f"/v1/declarations/{door.declare()}/annex", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert "GEHEIM" not in answer.text


def test_without_the_extra_it_says_who_must_act_and_the_record_is_there_all_the_same(door, monkeypatch):
    def missing(*_):
        raise PapersUnavailable

    monkeypatch.setattr(typesetting, "_compiler", missing)
    declaration = door.declare()
    answer = door.ask("GET", f"/v1/declarations/{declaration}/copy")
    assert (answer.status_code, answer.json()["code"]) == (501, "papers_unavailable")
    assert door.ask("GET", f"/v1/declarations/{declaration}/consent-record").status_code == 200


def test_papers_are_few_at_once_and_keep_nobody_else_waiting(door, monkeypatch):
    """Fifty papers wait for one that is not done yet; whoever asks for something else is answered all the same."""
    begun, go_on, at_once = threading.Semaphore(0), threading.Event(), []

    def slow(*_):
        at_once.append(threading.current_thread().name)
        begun.release()
        assert go_on.wait(30)
        return b"%PDF-"

    for paper in ("form", "annex", "copy"):
        monkeypatch.setattr(Papers, paper, slow)
    path, token = f"/v1/declarations/{door.declare()}", door.token(Role.CASE_SYSTEM)

    async def play():
        headers = {"Authorization": f"Bearer {token}"}
        transport = httpx2.ASGITransport(door.app)
        async with httpx2.AsyncClient(transport=transport, base_url=door.gateway.url, headers=headers) as client:
            waiting = [asyncio.create_task(client.get(f"{path}/{paper}")) for paper in ("form", "copy") for _ in range(20)]
            waiting += [asyncio.create_task(client.post(f"{path}/annex", json=examples.ANNEX)) for _ in range(10)]
            for _ in range(2):
                assert await asyncio.to_thread(begun.acquire, timeout=30)
            assert (await asyncio.wait_for(client.get(path), 30)).status_code == 200
            assert len(at_once) == 2
            go_on.set()
            return [answer.status_code for answer in await asyncio.gather(*waiting)]

    assert asyncio.run(play()) == [200] * 50


def test_a_paper_is_named_after_its_declaration_and_never_after_a_person(door):
    declaration = door.declare()
    for paper in ("form", "copy"):
        answer = pdf(door, "GET", f"/v1/declarations/{declaration}/{paper}")
        assert answer.headers["content-disposition"] == f'inline; filename="{paper}-{declaration}.pdf"'
    answer = pdf(door, "POST", f"/v1/declarations/{declaration}/annex", examples.ANNEX)
    assert answer.headers["content-disposition"] == f'inline; filename="annex-{declaration}.pdf"'
