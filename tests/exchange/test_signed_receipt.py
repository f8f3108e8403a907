"""No message leaves without a receipt of exactly these bytes, and without what signs nothing leaves, nor is on record as if it had."""

import asyncio
import base64
import dataclasses
import json
from datetime import timedelta

import pytest

from imgate.consent.receipt import KIND, RECEIPT_MAX
from imgate.exchange import delivery, signed_receipt
from imgate.exchange.ports import Unavailable, Unsigned
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.keys import TokenUnavailable
from imgate.plugin_api import NotDelivered
from tests.consent.receipted import failures, verified
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, REFERENCE
from tests.exchange.declarations.test_bundles import entries
from tests.exchange.told import notice, notices
from tests.exchange.updating import B1, JOBKRAFTWERK, SUBSCRIPTIONS, Updating

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "residence": {"status": {"code": "1", "since": "2024-05-02"}},
}


def receipt_of(world, token, content):
    """Check a receipt against the gateway's own published keys and the bytes that left; give what it says."""
    own = frozenset(world.gateway.keyring.statement_keys)
    checked = verified(token, world.now, trusted=own, message=content)
    assert failures(checked.report) == []
    return checked.receipt


def receipts(world, partner=JOBCENTER):
    return [receipt_of(world, item["receipt"], base64.b64decode(item["content"])) for item in world.outbox(partner)]


def deliver(world):
    return asyncio.run(delivery.deliver_due(world.corridor))


class Absent:
    """A signature whose hardware token is away; ``from_now``: it answers when it is asked first, and not when it is to sign."""

    profile = "imgate-statement-es256-2026"

    def __init__(self, *, from_now=True):
        self.from_now = from_now

    def check(self):
        if self.from_now:
            raise TokenUnavailable("away")

    def sign(self, payload, kind):
        raise TokenUnavailable("away")


def signing_by(world, signature):
    before = world.corridor.signature
    world.corridor = dataclasses.replace(world.corridor, signature=signature)
    return before


@pytest.fixture
def linked(world):
    world.link()
    return world


def test_a_receipt_names_what_was_released_under_which_declarations_and_nothing_more(linked):
    level, status = linked.declare("language.level"), linked.declare("residence.status")
    linked.declare("plan.goals")
    exchange = linked.send(RECORD)["id"]
    linked.later(minutes=3)
    (said,) = receipts(linked)
    manifest = linked.corridor.partners[JOBCENTER].adapter.manifest.to_partner
    message = said.pop("message")
    assert said == {
        "iss": "im-winnenden",
        "iat": int(linked.now.timestamp()),
        "exchange": exchange,
        "partner": JOBCENTER,
        "purpose": "labour_market_integration",
        "released": {level: ["language.level"], status: ["residence.status"]},
        "decided_at": "2026-03-02T09:03:00.000000Z",  # of the hand-out, not of the acceptance
        "adapter": {"id": "jobcenter", "version": linked.corridor.partners[JOBCENTER].adapter.version},
        "schema": {"name": "schemas/jobcenter.xsd", "sha256": manifest.sha256},
        "log": {"origin": "imgate/im-winnenden"},
    }
    assert message["media_type"] == "application/xml"


def test_the_log_has_the_hand_out_with_the_same_scopes_bytes_and_moment(linked):
    linked.declare("language.level")
    linked.send(RECORD)
    (said,) = receipts(linked)
    (entry,) = entries(linked, "handed_out")
    assert (entry["fields"]["exchange"], entry["fields"]["sha256"]) == (said["exchange"], said["message"]["sha256"])
    assert entry["fields"]["released"] == ["language.level"]
    assert entry["at"].replace("+00:00", "Z") == said["decided_at"]


def test_a_message_that_became_narrower_has_a_receipt_of_the_narrower_bytes(linked):
    level, status = linked.declare("language.level"), linked.declare("residence.status")
    linked.send(RECORD)
    (before,) = receipts(linked)
    linked.revoke(status)
    item, *_ = linked.outbox()
    after = receipt_of(linked, item["receipt"], base64.b64decode(item["content"]))
    assert after["released"] == {level: ["language.level"]}
    assert b"2024-05-02" not in base64.b64decode(item["content"])
    assert after["message"]["sha256"] != before["message"]["sha256"]


def test_where_another_declaration_took_over_the_receipt_names_that_one(linked):
    first = linked.declare("language.level", valid_until="2026-06-30")
    second = linked.declare("language.level", valid_until="2026-12-31")
    linked.send(RECORD)
    assert receipts(linked)[0]["released"] == {first: ["language.level"]}
    linked.revoke(first)
    assert receipts(linked)[0]["released"] == {second: ["language.level"]}


def test_each_attempt_has_a_receipt_of_its_own_decision(world, scripted):
    scripted.outcomes = [NotDelivered("http_503")]
    world.link()
    level, status = world.declare("language.level"), world.declare("residence.status")
    world.send(RECORD)
    deliver(world)
    world.revoke(status)
    world.later(hours=1)
    deliver(world)
    first, second, _ = scripted.parcels
    assert receipt_of(world, first.receipt, first.content)["released"] == {level: ["language.level"], status: ["residence.status"]}
    said = receipt_of(world, second.receipt, second.content)
    assert (said["released"], said["decided_at"]) == ({level: ["language.level"]}, "2026-03-02T10:00:00.000000Z")


def test_a_notice_of_the_end_of_use_has_one_too_and_it_releases_nothing(linked):
    declaration = linked.declare("language.level")
    linked.send(RECORD)
    linked.outbox()
    linked.revoke(declaration)
    (item,) = linked.outbox()
    assert notice(base64.b64decode(item["content"])) is not None
    said = receipt_of(linked, item["receipt"], base64.b64decode(item["content"]))
    assert (said["released"], said["exchange"]) == ({}, item["id"])
    assert not {"purpose", "adapter", "schema"} & said.keys()


def test_a_table_names_its_adapter_and_no_schema(world):
    world.link("JK-1", partner=JOBKRAFTWERK)
    world.declare("person.name", partner=JOBKRAFTWERK, purposes=["case_documentation"])
    world.send({"person": {"name": {"family": "Weiß"}}}, partner=JOBKRAFTWERK, purpose="case_documentation")
    (said,) = receipts(world, JOBKRAFTWERK)
    assert (said["adapter"]["id"], said["message"]["media_type"], "schema" in said) == ("jobkraftwerk", "text/csv", False)


def test_a_weekly_digest_has_the_receipt_of_the_moment_when_it_leaves(world):
    update = Updating(world)
    update.subscribe(SUBSCRIPTIONS, digest=WeeklyDigest.of("monday 06:00"))
    world.link()
    declaration = world.declare("language.level")
    update({"language": {"level": B1}})
    world.later(days=7)
    (said,) = receipts(world)
    assert said["released"] == {declaration: ["language.level"]}
    assert said["decided_at"].startswith("2026-03-09")


def test_no_receipt_holds_a_reference_a_name_or_a_value(linked):
    linked.declare("language.level", "residence.status")
    linked.send(RECORD)
    token = linked.outbox()[0]["receipt"]
    said = base64.urlsafe_b64decode(token.split(".")[1] + "==").decode()
    for secret in (CLIENT, REFERENCE, "Vera", "B1", "dtz", "2024-05-02", "Winnenden", "Pflegefachkraft"):
        assert secret not in said


@pytest.mark.parametrize("secret", [CLIENT, REFERENCE])
def test_a_receipt_too_long_for_anybody_is_not_signed_and_the_operator_is_told(linked, monkeypatch, secret, caplog, capsys):
    linked.declare("language.level")
    linked.send(RECORD)
    monkeypatch.setattr(signed_receipt, "RECEIPT_MAX", 100)
    with pytest.raises(Unsigned):
        linked.outbox()
    captured = capsys.readouterr()
    assert secret not in caplog.text + captured.out + captured.err


def test_a_receipt_of_every_scope_under_a_declaration_of_its_own_is_within_the_limit(linked):
    scopes = sorted(linked.corridor.policy.catalogue.scopes)
    named = {scope: f"{number:08x}-0000-4000-8000-000000000000" for number, scope in enumerate(scopes)}
    linked.declare("language.level")
    linked.send(RECORD)
    with linked.gateway.store.reading() as tx:
        (item,) = tx.outbox.waiting(tx.clients.find(CLIENT).digest, JOBCENTER)
    longest = dataclasses.replace(linked.corridor.issuer, id="i" * 64, origin="imgate/" + "i" * 64)
    corridor = dataclasses.replace(linked.corridor, issuer=longest)
    leaving = signed_receipt.Leaving("a" * 64, tuple(scopes), tuple(named.values()), {}, REFERENCE, b"", named)
    token = signed_receipt.sign_receipt(corridor, corridor.partners[JOBCENTER], item, leaving, linked.now).token
    assert len(token) <= RECEIPT_MAX - 200  # what the longest names of an adapter and its schema may add


def test_while_nothing_signs_nothing_is_handed_out_and_nothing_is_on_record_as_if_it_were(linked):
    declaration = linked.declare("language.level")
    exchange = linked.send(RECORD)["id"]
    before = signing_by(linked, Absent())
    with pytest.raises(Unsigned):
        linked.outbox()
    assert linked.shown(exchange)["state"] == "queued"
    assert (linked.disclosures(), entries(linked, "handed_out")) == ([], [])
    linked.revoke(declaration)
    signing_by(linked, before)
    assert notices(linked) == []  # which would have been the first to tell of the person
    assert linked.shown(exchange)["state"] == "cancelled"


def test_what_went_away_between_the_question_and_the_signature_leaves_an_item_that_is_fetched_again(linked):
    linked.declare("language.level")
    exchange = linked.send(RECORD)["id"]
    before = signing_by(linked, Absent(from_now=False))
    with pytest.raises(Unavailable):
        linked.outbox()
    assert linked.shown(exchange)["state"] == "delivered"  # on record before anything leaves, so it says too much and never too little
    signing_by(linked, before)
    assert [said["exchange"] for said in receipts(linked)] == [exchange]


def test_while_nothing_signs_no_transport_is_called_and_the_message_is_tried_again(world, scripted):
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    before = signing_by(world, Absent())
    for _ in range(7):  # more than would open a breaker
        deliver(world)
        world.later(hours=2)
    assert (scripted.parcels, world.disclosures(), world.shown(exchange)["state"]) == ([], [], "queued")
    assert {entry["fields"]["outcome"] for entry in entries(world, "delivery_ended")} == {"not_delivered:unsigned"}
    signing_by(world, before)
    assert deliver(world) == 1
    assert world.shown(exchange)["state"] == "delivered"


def test_what_never_signs_again_is_given_up_and_says_why(world, scripted):
    world.corridor = dataclasses.replace(world.corridor, give_up_after=timedelta(hours=3))
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    signing_by(world, Absent())
    for _ in range(4):
        deliver(world)
        world.later(hours=2)
    assert world.shown(exchange)["state"] == "failed"
    assert world.shown(exchange)["history"][-1]["detail"] == "unsigned"
    assert scripted.parcels == []


def test_a_signature_that_takes_too_long_keeps_the_message_here(world, scripted, monkeypatch):
    monkeypatch.setattr(delivery, "_SIGN_SECONDS", 0.05)
    inner = world.corridor.signature

    class Slow:
        profile = inner.profile

        def sign(self, payload, kind):
            import time

            time.sleep(0.2)
            return inner.sign(payload, kind)

    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    signing_by(world, Slow())
    deliver(world)
    assert (scripted.parcels, world.disclosures(), world.shown(exchange)["state"]) == ([], [], "queued")


def test_a_bug_in_making_receipts_holds_up_its_message_and_no_other(world, scripted, monkeypatch):
    sent = []
    for client, reference in ((CLIENT, REFERENCE), ("K-2", "355A000002")):
        world.link(reference, client=client)
        world.declare("language.level", client=client)
        sent.append(world.send(RECORD, client=client)["id"])
    broken, whole = sent
    make = delivery.sign_receipt

    def fails_for_one(corridor, partner, item, *rest):
        if item.exchange.id == broken:
            raise KeyError(REFERENCE)
        return make(corridor, partner, item, *rest)

    monkeypatch.setattr(delivery, "sign_receipt", fails_for_one)
    deliver(world)
    assert [parcel.message_id for parcel in scripted.parcels] == [whole]


def test_another_partners_item_has_a_receipt_that_names_the_other_partner(world):
    world.link("ABH-1", partner=ABH)
    world.declare("language.level", partner=ABH)
    world.send(RECORD, partner=ABH)
    (said,) = receipts(world, ABH)
    assert (said["partner"], said["adapter"]["id"]) == (ABH, "auslaenderbehoerde")


def test_the_kind_stands_in_the_header_and_the_key_is_the_one_for_statements(linked):
    linked.declare("language.level")
    linked.send(RECORD)
    header = json.loads(base64.urlsafe_b64decode(linked.outbox()[0]["receipt"].split(".")[0] + "=="))
    assert (header["typ"], header["alg"]) == (KIND, "ES256")
    (key,) = [key for key in linked.gateway.keyring.jwks()["keys"] if key["kid"] == header["kid"]]
    assert key["imgate_use"] == "statements"
