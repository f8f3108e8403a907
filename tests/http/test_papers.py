"""The form of a declaration leaves by the door as a PDF, and nothing about a person stands in a header."""

import hashlib
import io

import pikepdf
import pytest

from imgate.documents import typesetting
from imgate.documents.typesetting import PapersUnavailable
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import Role
from tests.http.live import CLIENT, Door, open_live


@pytest.fixture
def door(tmp_path):
    with open_live(tmp_path) as gateway:
        yield Door(gateway)


def get(door, path):
    return door.http.get(path, headers={"Authorization": f"Bearer {door.token(Role.CASE_SYSTEM)}"})


@pytest.mark.parametrize("lang", ["", "?lang=ti", "?lang=fa-AF"])
def test_the_form_is_a_pdf_that_carries_the_declaration(door, lang):
    declaration = door.declare()
    digest = get(door, f"/v1/declarations/{declaration}").json()["digest"]
    answer = get(door, f"/v1/declarations/{declaration}/form{lang}")
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, "application/pdf", "no-store")
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        inside = bytes(document.attachments["declaration.json"].get_file().read_bytes())
    assert hashlib.sha256(inside).hexdigest() == digest
    assert answer.headers["content-disposition"] == f'inline; filename="form-{declaration}.pdf"'
    assert CLIENT not in str(answer.headers)


@pytest.mark.parametrize(
    ("path", "status", "code"), [("?lang=ku", 422, "language_unsupported"), (f"?lang={'x' * 36}", 422, "request_invalid")]
)
def test_another_language_is_refused_with_those_that_there_are(door, path, status, code):
    answer = get(door, f"/v1/declarations/{door.declare()}/form{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_is_not_there_has_no_form(door):
    assert get(door, f"/v1/declarations/{NIL_UUID}/form").json()["code"] == "not_found"


def test_without_the_extra_the_operator_is_named(door, monkeypatch):
    declaration = door.declare()

    def missing():
        raise PapersUnavailable

    monkeypatch.setattr(typesetting, "_compiler", missing)
    answer = get(door, f"/v1/declarations/{declaration}/form")
    assert (answer.status_code, answer.json()["code"]) == (501, "papers_unavailable")
