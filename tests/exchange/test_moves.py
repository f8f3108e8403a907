"""A move between two gateways: the old office's sends what its client released, the new office's takes what its client allowed."""

import base64
import json

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.declarations import register
from imgate.settings import load_settings
from tests.exchange.conftest import World

RECORD = {
    "person": {"name": {"family": "Öztürk", "given": "Ǧamīla"}},
    "identifiers": {"azr_number": "120304050607"},
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "plan": {"goals": [{"id": "z1", "field": "work", "title": "Ausbildung zur Pflegefachkraft", "state": "open"}]},
    "health": {"constraints": {"text": "Geheimnis-4711"}},
    "notes": {"counselling": [{"on": "2026-01-10", "by": "m.muster", "text": "Vertraulich-0815"}]},
}
OLD, NEW = "Integrationsmanagement Waiblingen", "Integrationsmanagement Freiburg"
THERE, HERE = "K-2024-0007", "K-2026-1101"
CODE = "UMZUG-7K3F-9Q2M"


def an_office(folder, name, partner, *, more=""):
    folder.mkdir()
    config = folder / "imgate.toml"
    config.write_text(
        f'[gateway]\nid = "im"\nname = "{name}"\n[database]\nurl = "sqlite:///imgate.db"\n'
        f'[partners.neighbour]\nadapter = "nachbar"\nname = "{partner}"\n{more}',
        encoding="utf-8",
    )
    return open_gateway(load_settings(config), make_keys=True)


@pytest.fixture
def old(tmp_path):
    with an_office(tmp_path / "old", OLD, NEW, more='attach = ["declaration_bundle"]\n') as gateway:
        yield World(gateway)


@pytest.fixture
def new(tmp_path):
    with an_office(tmp_path / "new", NEW, OLD) as gateway:
        yield World(gateway)


@pytest.fixture
def asking_for_proof(tmp_path, old):
    published = tmp_path / "jwks.json"
    published.write_text(json.dumps(old.gateway.jwks), encoding="utf-8")
    with an_office(tmp_path / "asking", NEW, OLD, more=f'requires_bundle = true\nbundle_keys_file = "{published}"\n') as gateway:
        yield World(gateway)


def declare(world, client, unit, direction, *scopes):
    return world.declare(
        *scopes,
        client=client,
        partner="neighbour",
        direction=direction,
        purposes=["case_handover"],
        discloser={"unit": unit, "persons": ["Vera Beispiel"]},
        occasion="Umzug nach Freiburg zum 1. März 2026, Übergabe der Beratung",
    )


def hand_over(old, code=CODE):
    """Send, and give what stands in the outbox."""
    old.link(code, client=THERE, partner="neighbour")
    sent = old.send(RECORD, client=THERE, partner="neighbour", purpose="case_handover")
    (item,) = old.outbox("neighbour")
    return sent, item


def arrives(new, item):
    assert item["media_type"] == "application/json"
    receipt = new.post(base64.b64decode(item["content"]), partner="neighbour")
    new.work()
    return new.report(receipt)


def test_what_the_client_released_there_and_allowed_here_is_in_the_new_offices_inbox(old, new):
    declare(old, THERE, OLD, "to_partner", "person.name", "language.level", "plan.goals")
    declare(new, HERE, OLD, "from_partner", "language.level", "plan.goals", "notes.counselling")
    new.link(CODE, client=HERE, partner="neighbour")
    sent, item = hand_over(old)
    assert sent["released"] == ["person.name", "language.level", "plan.goals"]
    report = arrives(new, item)
    (person,) = report["people"]
    assert person["taken"] == ["language.level", "plan.goals"]
    assert person["withheld"] == [{"scope": "person.name", "reason": "scope_not_covered"}]
    (arrived,) = new.inbox()
    assert arrived["client"] == HERE
    assert arrived["record"] == {"language": RECORD["language"], "plan": RECORD["plan"]}
    assert arrived["provenance"] == {"language.level": "neighbour", "plan.goals": "neighbour"}


def test_what_was_not_released_never_left(old):
    declare(old, THERE, OLD, "to_partner", "language.level")
    sent, item = hand_over(old)
    message = json.loads(base64.b64decode(item["content"]))
    (bundle,) = message["envelope"].pop("attachments")
    said, proof = json.dumps(message, ensure_ascii=False), base64.b64decode(bundle["content"]).decode()
    for secret in ("Geheimnis-4711", "Vertraulich-0815", "120304050607", "Öztürk", "Pflegefachkraft"):
        assert secret not in said + proof
    assert THERE not in said  # only the bundle names the client as the old office does
    assert {entry["scope"]: entry["reason"] for entry in sent["withheld"]} == {
        "person.name": "scope_not_covered",
        "identifiers.azr_number": "scope_closed",
        "plan.goals": "scope_not_covered",
        "health.constraints": "scope_closed",
        "notes.counselling": "scope_not_covered",
    }


def test_before_the_new_office_has_opened_the_case_nothing_is_taken(old, new):
    declare(old, THERE, OLD, "to_partner", "language.level")
    _, item = hand_over(old)
    report = arrives(new, item)
    assert report["people"] == [{"unknown_reference": CODE, "taken": [], "withheld": []}]
    assert new.inbox() == []


def test_a_link_to_the_new_offices_own_number_does_not_find_the_client(old, new):
    """The reference is the word that both offices link; the number that either has for the client is not it."""
    declare(old, THERE, OLD, "to_partner", "language.level")
    declare(new, HERE, OLD, "from_partner", "language.level")
    new.link(HERE, client=HERE, partner="neighbour")
    _, item = hand_over(old)
    assert arrives(new, item)["people"][0]["taken"] == []
    assert new.inbox() == []


def test_a_declaration_towards_the_old_office_lets_nothing_in(old, new):
    declare(old, THERE, OLD, "to_partner", "language.level")
    declare(new, HERE, NEW, "to_partner", "language.level")
    new.link(CODE, client=HERE, partner="neighbour")
    _, item = hand_over(old)
    assert arrives(new, item)["people"][0]["withheld"] == [{"scope": "language.level", "reason": "direction_not_covered"}]


def test_with_the_bundle_the_new_office_checks_offline_what_the_client_signed_there(old, asking_for_proof):
    new = asking_for_proof
    declaration = declare(old, THERE, OLD, "to_partner", "language.level", "plan.goals")
    declare(new, HERE, OLD, "from_partner", "language.level", "plan.goals")
    code = register.show(old.corridor, declaration)["digest"]
    new.link(code, client=HERE, partner="neighbour")
    _, item = hand_over(old, code)
    report = arrives(new, item)
    assert report["people"][0]["taken"] == ["language.level", "plan.goals"]
    (bundle,) = report["attachments"]
    assert bundle["holds"] is True


def test_without_the_declarations_digest_as_the_code_a_bundle_proves_nothing_about_anybody(old, asking_for_proof):
    new = asking_for_proof
    declare(old, THERE, OLD, "to_partner", "language.level")
    declare(new, HERE, OLD, "from_partner", "language.level")
    new.link(CODE, client=HERE, partner="neighbour")
    _, item = hand_over(old)
    assert arrives(new, item)["people"][0]["taken"] == []
