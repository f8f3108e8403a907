"""A correction reaches everybody who holds the wrong datum and may still be told; the office is told of the others."""

import asyncio
import base64
import json

import pytest
from pydantic import ValidationError

from imgate.exchange import boxes
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from imgate.exchange.rights.correction import CorrectionRequest, correct
from imgate.storage.audit_pages import audit_page
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.told import by_telephone, run

WRONG = {"language": {"level": {"cefr": "A2", "evidence": "dtz"}}}
RIGHT = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
STATUS = {"residence": {"status": {"code": "1"}}}
LABOUR, LANGUAGE = "labour_market_integration", "language_support"


def corrected(world, record=RIGHT, *, dry_run=False, call=None, client=CLIENT, **more):
    request = CorrectionRequest.model_validate({"client": client, "record": record} | more)
    return asyncio.run(correct(world.corridor, call or world.call(path="client correct"), request, dry_run=dry_run))


def handed_out(world, record=WRONG, partner=JOBCENTER, **more):
    exchange = world.send(record, partner=partner, **more)["id"]
    world.outbox(partner)
    boxes.outbox_ack(world.corridor, world.call(), partner, exchange)
    world.later(minutes=1)
    return exchange


def bytes_for(world, partner=JOBCENTER):
    return [base64.b64decode(item["content"]) for item in world.outbox(partner)]


@pytest.fixture
def linked(world):
    world.link()
    return world


def test_a_partner_that_was_handed_it_is_sent_what_is_right(linked):
    linked.declare("language.level")
    handed_out(linked)
    told = corrected(linked)
    (one,) = told["passed_on"]
    assert (one["partner"], one["purpose"], one["scopes"]) == (JOBCENTER, LABOUR, ["language.level"])
    assert linked.shown(one["exchange"])["released"] == ["language.level"]
    (content,) = bytes_for(linked)
    assert b"B1" in content
    assert b"A2" not in content
    assert (told["tell_otherwise"], told["sources"]) == ([], [])


def test_nobody_is_sent_more_than_they_were_handed(linked):
    linked.declare("language.level", "residence.status")
    handed_out(linked)
    told = corrected(linked, RIGHT | STATUS)
    assert [one["scopes"] for one in told["passed_on"]] == [["language.level"]]
    assert linked.shown(told["passed_on"][0]["exchange"])["released"] == ["language.level"]


def test_whoever_was_handed_nothing_of_it_is_sent_nothing(linked):
    linked.link("A-1", partner=ABH)
    linked.declare("language.level")
    linked.declare("work.status", partner=ABH)
    handed_out(linked)
    handed_out(linked, {"work": {"status": {"kind": "job_seeking"}}}, partner=ABH)
    assert [one["partner"] for one in corrected(linked)["passed_on"]] == [JOBCENTER]
    assert bytes_for(linked, ABH) == []


def test_each_purpose_is_an_exchange_of_its_own(linked):
    linked.declare("language.level", purposes=[LABOUR, LANGUAGE])
    handed_out(linked)
    handed_out(linked, purpose=LANGUAGE)
    told = corrected(linked)
    assert [one["purpose"] for one in told["passed_on"]] == [LABOUR, LANGUAGE]
    assert len({one["exchange"] for one in told["passed_on"]}) == 2


def test_a_purpose_that_is_asked_for_narrows_it(linked):
    linked.declare("language.level", purposes=[LABOUR, LANGUAGE])
    handed_out(linked)
    handed_out(linked, purpose=LANGUAGE)
    assert [one["purpose"] for one in corrected(linked, purposes=[LANGUAGE])["passed_on"]] == [LANGUAGE]


def test_repeating_it_sends_nothing_again(linked):
    linked.declare("language.level")
    handed_out(linked)
    first = corrected(linked)["passed_on"]
    again = corrected(linked)
    assert (len(first), again["passed_on"], [one["scopes"] for one in again["has_it"]]) == (1, [], [["language.level"]])
    assert len(bytes_for(linked)) == 1


def test_repeating_it_after_it_was_fetched_sends_nothing_again(linked):
    linked.declare("language.level")
    handed_out(linked)
    exchange = corrected(linked)["passed_on"][0]["exchange"]
    linked.outbox()
    boxes.outbox_ack(linked.corridor, linked.call(), JOBCENTER, exchange)
    assert corrected(linked)["passed_on"] == []


def test_a_correction_back_to_the_earlier_value_is_sent(linked):
    linked.declare("language.level")
    handed_out(linked)
    assert all(len(corrected(linked, record)["passed_on"]) == 1 for record in (RIGHT, WRONG, RIGHT))


def test_after_something_else_was_sent_it_is_sent_again(linked):
    linked.declare("language.level")
    handed_out(linked)
    corrected(linked)
    handed_out(linked)
    assert len(corrected(linked)["passed_on"]) == 1


def test_what_the_partner_refused_is_sent_again(linked):
    linked.declare("language.level")
    handed_out(linked)
    exchange = corrected(linked)["passed_on"][0]["exchange"]
    linked.outbox()
    boxes.outbox_reject(linked.corridor, linked.call(), JOBCENTER, exchange, RejectRequest(code="broken"))
    assert len(corrected(linked)["passed_on"]) == 1


def test_the_same_key_gives_the_same_exchange(linked):
    linked.declare("language.level")
    handed_out(linked)
    call = linked.call(key="k-1", body=b"same", path="/v1/corrections")
    (one,) = corrected(linked, call=call)["passed_on"]
    handed_out(linked)
    (again,) = corrected(linked, call=call)["passed_on"]
    assert one["exchange"] == again["exchange"]


def test_a_wrong_datum_that_waits_is_overtaken_before_anybody_sees_it(linked):
    linked.declare("language.level")
    waiting = linked.send(WRONG)["id"]
    assert len(corrected(linked)["passed_on"]) == 1
    assert linked.shown(waiting)["state"] == "overtaken"
    assert [b"A2" in content for content in bytes_for(linked)] == [False]


# ---- Whom the office must tell ----


@pytest.mark.parametrize(("how", "reason"), [("revoke", "revoked"), ("pause", "paused"), ("wait", "expired"), ("unlink", "link_missing")])
def test_where_no_permission_reaches_it_nothing_leaves_and_the_office_is_told(linked, how, reason):
    declaration = linked.declare("language.level")
    handed_out(linked)
    if how == "wait":
        linked.later(days=400)
    elif how == "unlink":
        linked.unlink()
    else:
        getattr(linked, how)(declaration)
    told = corrected(linked)
    assert told["passed_on"] == []
    (one,) = told["tell_otherwise"]
    assert (one["partner"], one["name"], one["purpose"]) == (JOBCENTER, "Jobcenter Rems-Murr, Team 412", LABOUR)
    (scope,) = one["scopes"]
    assert (scope["scope"], scope["reason"], scope["last_at"][:10]) == ("language.level", reason, "2026-03-02")
    assert not [content for content in bytes_for(linked) if b"B1" in content]


def test_a_partner_that_is_configured_no_more_is_named_as_it_was_signed_for(linked):
    linked.declare("language.level")
    handed_out(linked)
    partners = {name: one for name, one in linked.corridor.partners.items() if name != JOBCENTER}
    policies = {name: one for name, one in linked.corridor.policy.partners.items() if name != JOBCENTER}
    policy = type(linked.corridor.policy)(**_fields(linked.corridor.policy) | {"partners": policies})
    linked.corridor = type(linked.corridor)(**_fields(linked.corridor) | {"partners": partners, "policy": policy})
    (one,) = corrected(linked)["tell_otherwise"]
    assert (one["name"], one["scopes"][0]["reason"]) == ("Jobcenter Rems-Murr, Team 412", "partner_unknown")


def _fields(one):
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_one_scope_passes_and_the_other_has_to_be_told(linked):
    declaration = linked.declare("language.level", "residence.status")
    handed_out(linked, WRONG | STATUS)
    linked.revoke(declaration, ["residence.status"])
    told = corrected(linked, RIGHT | {"residence": {"status": {"code": "2"}}})
    assert [one["scopes"] for one in told["passed_on"]] == [["language.level"]]
    assert [scope["scope"] for scope in told["tell_otherwise"][0]["scopes"]] == ["residence.status"]


def test_what_the_partner_refused_then_needs_no_correction(linked):
    linked.declare("language.level")
    exchange = linked.send(WRONG)["id"]
    linked.outbox()
    boxes.outbox_reject(linked.corridor, linked.call(), JOBCENTER, exchange, RejectRequest(code="not_ours"))
    told = corrected(linked)
    assert (told["passed_on"], told["tell_otherwise"]) == ([], [])


def test_from_whom_the_wrong_datum_came_is_told(linked):
    linked.declare("contact_persons.jobcenter")
    linked.post(message(JOBCENTER, REFERENCE, CONTACT))
    linked.work()
    linked.inbox()
    told = corrected(linked, CONTACT, provenance={"contact_persons.jobcenter": "self"})
    assert told["passed_on"] == []
    (source,) = told["sources"]
    assert (source["partner"], [scope["scope"] for scope in source["scopes"]]) == (JOBCENTER, ["contact_persons.jobcenter"])
    assert source["scopes"][0]["last_at"].startswith("2026-03-02")


# ---- Refusals, and what is put on record ----


def test_where_a_partner_delivered_it_before_its_origin_has_to_be_said_before_anything_is_sent(linked):
    linked.link("A-1", partner=ABH)
    linked.declare("residence.status", direction="from_partner", partner=ABH)
    linked.declare("residence.status", "language.level", onward_from=[ABH])
    handed_out(linked, STATUS)
    linked.post(message(ABH, "A-1", STATUS), partner=ABH)
    linked.work()
    linked.inbox()
    with pytest.raises(Refused) as refused:
        corrected(linked, {"residence": {"status": {"code": "2"}}})
    assert (refused.value.code, refused.value.details) == ("provenance_required", {"scopes": ["residence.status"]})
    assert bytes_for(linked) == []
    assert len(corrected(linked, {"residence": {"status": {"code": "2"}}}, provenance={"residence.status": ABH})["passed_on"]) == 1


def test_nobody_is_found_for_an_unknown_client(world):
    with pytest.raises(Refused) as refused:
        corrected(world, client="K-nobody")
    assert refused.value.status == 404


def test_another_clients_partners_are_not_told(linked):
    linked.link("355A000999", client="K-2026-2202")
    linked.declare("language.level", client="K-2026-2202")
    linked.declare("language.level")
    handed_out(linked, client="K-2026-2202")
    told = corrected(linked)
    assert not any(told[part] for part in ("passed_on", "has_it", "tell_otherwise", "sources"))


def test_a_dry_run_says_the_same_and_does_nothing(linked):
    linked.declare("language.level")
    handed_out(linked)
    before = last_entry(linked).id
    told = corrected(linked, dry_run=True)
    assert ([one["scopes"] for one in told["passed_on"]], told["dry_run"]) == ([["language.level"]], True)
    assert "exchange" not in told["passed_on"][0]
    assert (bytes_for(linked), last_entry(linked).id) == ([], before)


def test_it_is_on_record_with_exchanges_and_partners_and_no_value(linked):
    linked.link("A-1", partner=ABH)
    linked.declare("language.level")
    over = linked.declare("language.level", partner=ABH)
    handed_out(linked)
    handed_out(linked, partner=ABH)
    linked.revoke(over)
    told = corrected(linked)
    entry = last_entry(linked)
    assert (entry.event, entry.actor) == ("correction_passed_on", "case-system-1")
    assert dict(entry.fields) == {
        "scopes": ["language.level"],
        "exchanges": [told["passed_on"][0]["exchange"]],
        "partners": [JOBCENTER],
        "otherwise": [ABH],
    }


def test_where_nobody_holds_it_nothing_is_put_on_record(linked):
    linked.declare("language.level")
    before = last_entry(linked).id
    corrected(linked)
    assert last_entry(linked).id == before


def last_entry(world):
    return audit_page(world.gateway.store, limit=1).entries[0]


@pytest.mark.parametrize("purposes", [[], ["fun"]])
def test_a_purpose_that_is_none_is_refused(purposes):
    with pytest.raises(ValidationError):
        CorrectionRequest.model_validate({"client": CLIENT, "record": RIGHT, "purposes": purposes})


def test_the_report_holds_no_value(linked):
    linked.declare("language.level")
    handed_out(linked)
    assert not [value for value in ("A2", "B1", REFERENCE) if value in json.dumps(corrected(linked))]


def test_a_partner_that_ended_its_use_is_not_sent_it_again(linked):
    declaration = linked.declare("language.level")
    handed_out(linked)
    linked.revoke(declaration)
    by_telephone(linked, run(linked)["id"], "ended")
    linked.later(days=1)
    linked.declare("language.level")
    told = corrected(linked)
    assert (told["passed_on"], told["tell_otherwise"]) == ([], [])
