"""Attaching: what travels beside the released part is what the operator said, of what was released, and nothing else."""

import asyncio
import base64
import dataclasses
import json

import pytest
from lxml import etree
from sqlalchemy import text

from imgate.adapters.errors import AdapterFault
from imgate.exchange import outbound, updates
from imgate.exchange.ports import Unavailable, Unreadable
from imgate.exchange.requests import UpdateRequest
from imgate.keys import TokenUnavailable
from imgate.storage.declarations import SqlDeclarations
from imgate.vocabulary.words import AttachmentKind
from tests.consent.bundled import failures, verify
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, REFERENCE
from tests.exchange.declarations.test_bundles import entries

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "residence": {"status": {"code": "1", "since": "2024-05-02"}},
}
_FILES = "{*}envelope/{*}attachment"


def attaching(world, *kinds, partner=JOBCENTER):
    partners = dict(world.corridor.partners)
    partners[partner] = dataclasses.replace(partners[partner], attach=tuple(AttachmentKind(kind) for kind in kinds))
    world.corridor = dataclasses.replace(world.corridor, partners=partners)


def files(content):
    """Give what is attached to a message by name."""
    return {one.get("name"): base64.b64decode(one.text) for one in etree.fromstring(content).findall(_FILES)}


def left(world, partner=JOBCENTER):
    item, *_ = world.outbox(partner)  # notices of the end of use come after it
    return base64.b64decode(item["content"])


def own_keys(world):
    return frozenset(world.gateway.keyring.statement_keys)


@pytest.fixture
def proving(world):
    attaching(world, "declaration_bundle")
    world.link()
    return world


def test_without_attach_nothing_is_attached_and_nothing_is_read_for_it(world, monkeypatch):
    world.link()
    world.declare("language.level")
    monkeypatch.setattr(SqlDeclarations, "get", None)
    world.send(RECORD)
    assert b"attachment" not in left(world)


def test_the_bundle_of_the_named_declaration_is_in_the_bytes_and_holds_offline(proving):
    declaration = proving.declare("language.level")
    proving.send(RECORD)
    attached = files(left(proving))
    assert list(attached) == [f"declaration-{declaration}.json"]
    (bundle,) = attached.values()
    assert failures(verify(bundle, trusted=own_keys(proving))) == []
    assert json.loads(bundle)["declaration"]["id"] == declaration
    assert json.loads(bundle)["life"]["state"] == "active"


def test_no_evidence_travels_with_it(proving):
    proving.declare("language.level")
    proving.send(RECORD)
    (bundle,) = files(left(proving)).values()
    assert all("content" not in piece for piece in json.loads(bundle)["evidence"])
    assert base64.b64encode(b"%PDF-1.7 scan") not in bundle


def test_each_named_declaration_is_proved_once_and_no_other(proving):
    level = proving.declare("language.level")
    status = proving.declare("residence.status")
    proving.declare("plan.goals")  # permits nothing that is in the record
    proving.declare("language.level", valid_until="2026-12-30", signed=False)
    proving.declare("language.level", partner=ABH)
    proving.send(RECORD)
    assert sorted(files(left(proving))) == sorted(f"declaration-{one}.json" for one in (level, status))


def test_where_nothing_is_released_nothing_is_attached(proving):
    proving.declare("plan.goals")
    assert proving.send(RECORD)["state"] == "withheld"
    assert proving.outbox() == []


def test_another_partners_messages_stay_as_they_are(proving):
    proving.link("ABH-1", partner=ABH)
    proving.declare("language.level", partner=ABH)
    proving.send(RECORD, partner=ABH)
    assert files(left(proving, ABH)) == {}


def test_the_bundle_of_a_declaration_that_is_no_longer_named_is_gone_from_the_bytes(proving):
    level, status = proving.declare("language.level"), proving.declare("residence.status")
    proving.send(RECORD)
    proving.revoke(status)
    assert list(files(left(proving))) == [f"declaration-{level}.json"]
    assert b"2024-05-02" not in left(proving)


def test_another_declaration_that_takes_over_is_the_one_that_is_proved(proving):
    first = proving.declare("language.level", valid_until="2026-06-30")
    second = proving.declare("language.level", valid_until="2026-12-31")
    proving.send(RECORD)
    proving.revoke(first)
    attached = files(left(proving))
    assert list(attached) == [f"declaration-{second}.json"]
    assert failures(verify(*attached.values(), trusted=own_keys(proving))) == []


def test_what_was_partly_revoked_says_so_in_the_bundle_that_is_made_anew(proving):
    declaration = proving.declare("language.level", "residence.status")
    proving.send(RECORD)
    proving.revoke(declaration, ["residence.status"])
    (bundle,) = files(left(proving)).values()
    assert [line["scope"] for line in json.loads(bundle)["life"]["revocations"]] == ["residence.status"]


def test_a_preview_shows_the_bundle_and_is_no_proof_because_of_its_date(proving):
    declaration = proving.declare("language.level")
    message = base64.b64decode(proving.preview(RECORD)["message"]["content"])
    (bundle,) = files(message).values()
    assert json.loads(bundle)["declaration"]["id"] == declaration
    assert json.loads(bundle)["made_at"] == "1970-01-01T00:00:00.000000Z"
    assert entries(proving, "exchange_permitted") == []


def test_a_preview_differs_from_what_leaves_in_ids_and_times_only(proving):
    proving.declare("language.level")
    message = etree.fromstring(base64.b64decode(proving.preview(RECORD)["message"]["content"]))
    proving.send(RECORD)
    sent = etree.fromstring(left(proving))
    for tree in (message, sent):
        for one in tree.findall(_FILES):
            shown = json.loads(base64.b64decode(one.text))
            one.text = json.dumps(shown | {"made_at": "", "signature": ""})
        for name in ("messageId", "createdAt"):
            tree.find(f"{{*}}envelope/{{*}}{name}").text = ""
    assert etree.tostring(message) == etree.tostring(sent)


def test_the_audit_log_names_what_was_attached(proving):
    level, status = proving.declare("language.level"), proving.declare("residence.status")
    proving.send(RECORD)
    proving.revoke(status)
    (permitted,) = entries(proving, "exchange_permitted")
    (narrowed,) = entries(proving, "exchange_narrowed")
    assert sorted(permitted["fields"]["attached"]) == sorted(f"declaration-{one}.json" for one in (level, status))
    assert narrowed["fields"]["attached"] == [f"declaration-{level}.json"]


def test_without_attach_the_audit_entry_is_as_it_was(world):
    world.link()
    world.declare("language.level")
    world.send(RECORD)
    (permitted,) = entries(world, "exchange_permitted")
    assert "attached" not in permitted["fields"]


def test_an_update_attaches_as_an_exchange_does(proving):
    declaration = proving.declare("language.level")
    partners = dict(proving.corridor.partners)
    subscribed = {"labour_market_integration": frozenset({"language.level"})}
    partners[JOBCENTER] = dataclasses.replace(partners[JOBCENTER], subscriptions=subscribed)
    proving.corridor = dataclasses.replace(proving.corridor, partners=partners)
    asyncio.run(updates.update(proving.corridor, proving.call(), UpdateRequest.model_validate({"client": CLIENT, "record": RECORD})))
    assert list(files(left(proving))) == [f"declaration-{declaration}.json"]


def _spoil(world, declaration):
    with world.gateway.store.engine.begin() as connection:
        assert connection.execute(text("UPDATE declarations SET content = x'00' WHERE id = :id"), {"id": declaration}).rowcount


def test_what_cannot_be_proved_does_not_leave(proving):
    declaration = proving.declare("language.level")
    _spoil(proving, declaration)
    with pytest.raises(Unreadable):
        proving.send(RECORD)
    with pytest.raises(Unreadable):
        proving.preview(RECORD)
    assert proving.outbox() == []
    assert proving.disclosures() == []


def test_damage_to_a_declaration_that_is_not_needed_is_in_nobodys_way(proving):
    declaration = proving.declare("language.level")
    _spoil(proving, proving.declare("plan.goals"))
    proving.send(RECORD)
    assert list(files(left(proving))) == [f"declaration-{declaration}.json"]


def test_what_cannot_be_proved_when_it_is_built_anew_is_cancelled_and_holds_up_no_revocation(proving):
    level, status = proving.declare("language.level"), proving.declare("residence.status")
    exchange = proving.send(RECORD)["id"]
    _spoil(proving, level)
    assert proving.revoke(status)["cancelled"] == 1
    assert proving.outbox() == []
    assert proving.shown(exchange)["state"] == "cancelled"


def test_what_cannot_be_proved_when_its_turn_comes_has_failed_and_holds_up_no_other(proving):
    proving.declare("language.level", valid_until="2026-03-02")
    other = proving.declare("language.level", "residence.status")
    proving.declare("plan.goals")
    broken = proving.send({"language": RECORD["language"]})["id"]
    _spoil(proving, other)
    proving.later(days=1)  # the other declaration takes over
    whole = proving.send({"plan": {"goals": []}})["id"]
    assert [item["id"] for item in proving.outbox()] == [whole]
    assert proving.shown(broken)["state"] == "failed"


class AbsentToken:
    """A signature whose hardware token is away."""

    profile = "imgate-statement-es256-2026"

    def check(self):
        raise TokenUnavailable("away")

    def sign(self, payload, kind):
        raise TokenUnavailable("away")


def test_while_the_token_is_away_nothing_leaves_unproved_and_a_revocation_holds_all_the_same(proving):
    declaration = proving.declare("language.level", "residence.status")
    exchange = proving.send(RECORD)["id"]
    proving.corridor = dataclasses.replace(proving.corridor, signature=AbsentToken())
    with pytest.raises(Unavailable):
        proving.send(RECORD)
    assert proving.revoke(declaration, ["residence.status"])["state"] == "active"
    assert proving.shown(exchange)["state"] == "cancelled"


def test_while_the_token_is_away_nothing_is_handed_out_and_what_would_be_built_anew_waits_too(proving):
    proving.declare("language.level", valid_until="2026-03-02")
    proving.declare("language.level")
    proving.declare("plan.goals")
    waits = proving.send({"language": RECORD["language"]})["id"]
    goes = proving.send({"plan": {"goals": []}})["id"]
    signature = proving.corridor.signature
    proving.later(days=1)
    proving.corridor = dataclasses.replace(proving.corridor, signature=AbsentToken())
    with pytest.raises(Unavailable):
        proving.outbox()
    assert [proving.shown(one)["state"] for one in (waits, goes)] == ["queued", "queued"]
    proving.corridor = dataclasses.replace(proving.corridor, signature=signature)
    assert [item["id"] for item in proving.outbox()] == [waits, goes]


def test_without_attach_such_damage_keeps_nothing_back(world):
    world.link()
    _spoil(world, world.declare("language.level"))
    assert world.send(RECORD)["state"] == "queued"


class ForgetfulAdapter:
    """An adapter that writes everything but what it was given to attach."""

    def __init__(self, translator):
        self._translator = translator
        self.fields = translator.fields

    def to_partner(self, released, envelope):
        return self._translator.to_partner(released, dataclasses.replace(envelope, attachments=()))


def test_a_message_that_an_adapter_wrote_without_its_attachment_is_a_fault_and_nothing_is_stored(proving):
    proving.declare("language.level")
    partners = dict(proving.corridor.partners)
    adapter = partners[JOBCENTER].adapter
    partners[JOBCENTER] = dataclasses.replace(
        partners[JOBCENTER], adapter=dataclasses.replace(adapter, translator=ForgetfulAdapter(adapter.translator))
    )
    proving.corridor = dataclasses.replace(proving.corridor, partners=partners)
    with pytest.raises(AdapterFault) as fault:
        proving.send(RECORD)
    assert fault.value.kind == "attachment_missing"
    assert proving.outbox() == []


APPOINTMENT = {"appointments": {"upcoming": [{"at": "2026-03-10T09:00:00+01:00", "with": "Vera Beispiel", "subject": "Beratung"}]}}


def test_a_calendar_is_attached_where_appointments_were_released(world):
    attaching(world, "calendar", "declaration_bundle")
    world.link()
    declaration = world.declare("appointments.upcoming")
    world.send(APPOINTMENT)
    attached = files(left(world))
    assert list(attached) == ["appointments.ics", f"declaration-{declaration}.json"]
    assert attached["appointments.ics"].startswith(b"BEGIN:VCALENDAR")


def test_no_calendar_is_attached_where_none_were(world):
    attaching(world, "calendar", "declaration_bundle")
    world.link()
    declaration = world.declare("language.level")
    world.send(RECORD | APPOINTMENT)
    assert list(files(left(world))) == [f"declaration-{declaration}.json"]
    assert b"2026-03-10" not in left(world)


def test_a_calendar_goes_with_the_scope_that_it_was_made_of(world):
    attaching(world, "calendar")
    world.link()
    declaration = world.declare("language.level", "appointments.upcoming")
    world.send(RECORD | APPOINTMENT)
    assert list(files(left(world))) == ["appointments.ics"]
    world.revoke(declaration, ["appointments.upcoming"])
    assert files(left(world)) == {}


@pytest.mark.parametrize("secret", [CLIENT, REFERENCE, "Vera Beispiel"])
def test_nothing_of_it_is_in_a_log_or_a_repr(proving, secret, caplog, capsys):
    proving.declare("language.level")
    proving.send(RECORD)
    captured = capsys.readouterr()
    with proving.gateway.store.reading() as tx:
        client = tx.clients.find(CLIENT)
        case = outbound.load(tx, proving.corridor.partners[JOBCENTER], proving.request(RECORD))
        assert client is not None
    assert secret not in caplog.text + captured.out + captured.err + repr(case.proved) + repr(case)
