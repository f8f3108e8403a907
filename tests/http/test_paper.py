"""A partner that takes paper fetches PDFs by the door; a preview shows one, and what does not fit on one is refused."""

import base64
import dataclasses

import pytest

from imgate.http import examples
from tests.http.live import PARTNER, Door, open_live

SUPPORT = {"needs": {"support": [{"field": "language", "text": "Kurs"}]}}


@pytest.fixture
def door(tmp_path):
    with open_live(tmp_path) as gateway:
        corridor = gateway.corridor
        partners = dict(corridor.partners) | {PARTNER: dataclasses.replace(corridor.partners[PARTNER], paper=True)}
        door = Door(dataclasses.replace(gateway, corridor=dataclasses.replace(corridor, partners=partners)))
        door.link()
        door.declare(scopes=["needs.support"])
        yield door


def exchange(record):
    return examples.EXCHANGE | {"record": record, "provenance": {}}


def test_what_is_fetched_is_a_pdf(door):
    made = door.ask("POST", "/v1/exchanges", exchange(SUPPORT))
    assert (made.status_code, made.json()["state"]) == (201, "queued")
    (item,) = door.as_partner("GET", f"/v1/partners/{PARTNER}/outbox").json()["items"]
    assert (item["id"], item["media_type"]) == (made.json()["id"], "application/pdf")
    assert base64.b64decode(item["content"]).startswith(b"%PDF-")


def test_a_preview_is_a_pdf(door):
    message = door.ask("POST", "/v1/exchanges/preview", exchange(SUPPORT)).json()["message"]
    assert message["media_type"] == "application/pdf"
    assert base64.b64decode(message["content"]).startswith(b"%PDF-")


@pytest.mark.parametrize("path", ["/v1/exchanges", "/v1/exchanges/preview"])
def test_what_does_not_fit_is_refused_by_its_place_and_never_by_its_value(door, path):
    long = {"needs": {"support": [{"field": "language", "text": "GEHEIM " * 200}] * 100}}
    answer = door.ask("POST", path, exchange(long))
    assert (answer.status_code, answer.json()["code"]) == (422, "paper_too_long")
    assert answer.json()["problems"] == [{"code": "paper_too_long", "pointer": "/record"}]
    assert "GEHEIM" not in answer.text


def test_the_annex_carries_the_paper(door):
    declaration = door.declare(scopes=["needs.support"], signed=False)
    body = {"purpose": "labour_market_integration", "record": SUPPORT}
    headers = {"Authorization": f"Bearer {next(iter(door._tokens.values()))}"}
    answer = door.http.post(f"/v1/declarations/{declaration}/annex", json=body, headers=headers)
    assert answer.status_code == 200
    assert b"message.pdf" in answer.content
