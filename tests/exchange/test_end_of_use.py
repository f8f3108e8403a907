"""Whoever was handed something is told when consent and release end, and nobody else; what leaves then says no value."""

import base64
import json
from pathlib import Path

import pytest
from lxml import etree

from imgate.adapters.xml_format import compile_schema
from imgate.exchange import boxes, end_of_use_lists, history
from imgate.exchange.notice import NAMESPACE
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from imgate.exchange.stored import Cursor
from imgate.plugin_api import Delivered, NotDelivered
from imgate.storage.erase import erase_client
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, REFERENCE
from tests.exchange.told import BOTH, LEVEL, STATUS, answer, by_telephone, deliver, notice, notices, remind, run, runs, scopes

SCHEMA = compile_schema((Path(__file__).parents[2] / "schemas" / "imgate-notice.xsd").read_bytes())


def handed_out(world, record=BOTH, *covered, **declared):
    """Have a partner handed something; give the declaration under which it was."""
    world.link()
    declaration = world.declare(*(covered or ("language.level", "residence.status")), **declared)
    world.send(record)
    for item in world.outbox():
        boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, item["id"])
    world.later(minutes=1)
    return declaration


# Nobody is told without need


def test_who_was_handed_nothing_is_told_nothing(world):
    world.link()
    declaration = world.declare("language.level")
    assert "revocation" not in world.revoke(declaration)
    assert world.outbox() == []
    assert runs(world) == []


def test_what_only_waited_is_cancelled_and_nobody_is_told(world):
    world.link()
    declaration = world.declare("language.level")
    exchange = world.send(LEVEL)["id"]
    assert world.revoke(declaration) == {"state": "revoked", "cancelled": 1, "already_sent": [], "in_flight": []}
    assert world.outbox() == []
    assert world.shown(exchange)["state"] == "cancelled"


def test_another_partner_is_told_nothing(world):
    declaration = handed_out(world)
    world.link(partner=ABH)
    world.declare("residence.status", partner=ABH)
    world.revoke(declaration)
    assert world.outbox(ABH) == []


def test_a_draft_that_is_revoked_concerns_nobody(world):
    handed_out(world, LEVEL, "language.level")
    draft = world.declare("language.level", signed=False)
    assert "revocation" not in world.revoke(draft)
    assert notices(world) == []


def test_a_declaration_the_other_way_round_concerns_nothing_that_was_handed_out(world):
    handed_out(world, LEVEL, "language.level")
    other = world.declare("language.level", direction="from_partner")
    world.later(minutes=1)
    assert "revocation" not in world.revoke(other)


def test_a_declaration_for_another_purpose_concerns_nothing_that_was_handed_out(world):
    handed_out(world, LEVEL, "language.level")
    other = world.declare("language.level", purposes=["housing"])
    assert "revocation" not in world.revoke(other)


def test_a_declaration_signed_later_concerns_nothing_handed_out_before_while_the_first_one_stands(world):
    handed_out(world, LEVEL, "language.level")
    later = world.declare("language.level")
    assert "revocation" not in world.revoke(later)


def test_the_last_declaration_that_carried_further_use_is_told_however_young_it_is(world):
    first = handed_out(world, LEVEL, "language.level", "residence.status")
    successor = world.declare("language.level", supersedes=first)
    world.later(minutes=1)
    assert notices(world) == []  # covered
    world.revoke(successor)
    assert scopes(world) == [["language.level"]]


def test_what_a_younger_declaration_covered_after_a_partial_revocation_is_told_when_that_one_goes(world):
    first = handed_out(world, LEVEL, "language.level", "residence.status")
    younger = world.declare("language.level")
    world.later(minutes=1)
    assert "revocation" not in world.revoke(first, ["language.level"])
    world.revoke(younger)
    assert scopes(world) == [["language.level"]]


def test_a_pause_is_no_end(world):
    declaration = handed_out(world)
    world.pause(declaration)
    assert world.outbox() == []
    assert runs(world) == []


def test_a_partial_revocation_says_nothing_of_what_another_declaration_covers(world):
    declaration = handed_out(world)
    world.declare("residence.status")
    assert "revocation" not in world.revoke(declaration, ["residence.status"])
    assert notices(world) == []


def test_a_paused_declaration_covers_nothing(world):
    declaration = handed_out(world)
    world.pause(world.declare("residence.status"))
    world.revoke(declaration, ["residence.status"])
    assert scopes(world) == [["residence.status"]]


def test_a_declaration_for_another_purpose_covers_nothing(world):
    declaration = handed_out(world)
    world.declare("residence.status", purposes=["housing"])
    world.revoke(declaration, ["residence.status"])
    assert scopes(world) == [["residence.status"]]


def test_a_declaration_that_names_no_onward_origin_covers_nothing_of_that_origin(world):
    world.link()
    declaration = world.declare("language.level", "residence.status", onward_from=[ABH])
    world.send(STATUS, provenance={"residence.status": ABH})
    world.outbox()
    world.declare("residence.status")
    world.later(minutes=1)
    world.revoke(declaration, ["residence.status"])
    assert scopes(world) == [["residence.status"]]


def test_a_scope_that_was_not_handed_out_is_not_named(world):
    declaration = handed_out(world, LEVEL)
    world.revoke(declaration)
    assert scopes(world) == [["language.level"]]


def test_revoking_again_makes_no_second_run(world):
    declaration = handed_out(world)
    first = world.revoke(declaration)
    assert "revocation" in first
    world.later(minutes=1)
    assert "revocation" not in world.revoke(declaration)
    assert "revocation" not in world.revoke(declaration, ["language.level"])
    assert len(notices(world)) == 1


def test_what_was_told_and_not_handed_out_since_is_not_told_again(world):
    declaration = handed_out(world)
    world.revoke(declaration, ["residence.status"])
    world.later(minutes=1)
    world.revoke(declaration)
    assert scopes(world) == [["residence.status"], ["language.level"]]


def test_what_was_told_in_the_same_moment_is_not_told_again(world):
    world.link()
    declaration = world.declare("language.level", "residence.status")
    world.send(BOTH)
    world.outbox()
    world.revoke(declaration, ["residence.status"])
    world.revoke(declaration)
    assert scopes(world) == [["residence.status"], ["language.level"]]


def test_what_was_handed_out_after_its_term_was_not_handed_out_under_it(world):
    world.link()
    expired = world.declare("language.level", valid_until="2026-03-31")
    world.declare("language.level")
    world.later(days=40)
    world.send(LEVEL)
    world.outbox()
    assert "revocation" not in world.revoke(expired)


# Who is told, and what


def test_a_whole_revocation_tells_all_that_was_handed_out_also_under_another_declaration(world):
    declaration = handed_out(world)
    world.declare("language.level", "residence.status")
    answered = world.revoke(declaration)
    assert scopes(world) == [["language.level", "residence.status"]]
    assert run(world)["id"] == answered["revocation"]
    assert run(world)["cause"] == "revoked"


def test_a_hand_out_that_another_declaration_was_named_for_counts_too(world):
    world.link()
    world.declare("language.level", valid_until="2026-06-30")
    other = world.declare("language.level", valid_until="2026-12-31")
    world.send(LEVEL)
    world.outbox()
    world.later(minutes=1)
    world.revoke(other)
    assert scopes(world) == [["language.level"]]


def test_what_is_handed_out_again_after_a_notice_is_told_again(world):
    world.revoke(handed_out(world))
    world.later(minutes=1)
    world.revoke(handed_out(world))
    assert scopes(world) == [["language.level", "residence.status"]]
    assert len(runs(world)) == 2


def test_revoking_scope_by_scope_until_none_is_left_is_a_whole_revocation(world):
    declaration = handed_out(world)
    world.revoke(declaration, ["residence.status"])
    world.later(minutes=1)
    world.revoke(declaration, ["language.level"])
    assert [item["cause"] for item in runs(world)] == ["partly_revoked", "revoked"]


def test_the_notice_says_no_value_and_names_the_client_by_the_reference_only(world):
    declaration = handed_out(world)
    world.revoke(declaration)
    (item,) = world.outbox()
    content = base64.b64decode(item["content"])
    for mark in (b"B1", b"dtz", b"2024-05-02", CLIENT.encode(), declaration.encode(), b"Pflegefachkraft", b"Vera", b"2026-12-31"):
        assert mark not in content
    told = notice(content)
    assert told["reference"] == REFERENCE
    assert told["messageId"] == item["id"] != told["revocation"] == run(world)["id"]
    assert told["endedOn"] == "2026-03-02"
    assert told["recipient"] == "Jobcenter Rems-Murr, Team 412"
    assert item["id"] in told["howToAnswer"]
    assert item["media_type"] == "application/xml"
    assert content.count(b"Schweigepflicht") == 1


def test_the_notice_is_valid(world):
    world.revoke(handed_out(world))
    (item,) = world.outbox()
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, item["id"])
    world.later(days=15)
    remind(world)
    (reminder,) = world.outbox()
    for sent in (item, reminder):
        SCHEMA.assertValid(etree.fromstring(base64.b64decode(sent["content"])))


def test_the_schema_lets_nothing_else_in(world):
    world.revoke(handed_out(world))
    (item,) = world.outbox()
    root = etree.fromstring(base64.b64decode(item["content"]))
    etree.SubElement(root, f"{{{NAMESPACE}}}level").text = "B1"
    assert not SCHEMA.validate(root)


def test_an_odd_reference_and_an_odd_name_stay_what_they_are(world):
    world.link("<&> \"'é]]>")
    declaration = world.declare("language.level")
    world.send(LEVEL)
    world.outbox()
    world.later(minutes=1)
    world.revoke(declaration)
    assert [told["reference"] for told in notices(world)] == ["<&> \"'é]]>"]


def test_a_notice_goes_out_for_each_reference_under_which_something_was_handed_out(world):
    declaration = handed_out(world, STATUS)
    world.link("355A000999")
    world.send(LEVEL)
    for item in world.outbox():
        boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, item["id"])
    world.later(minutes=1)
    world.revoke(declaration)
    assert sorted((told["reference"], told["scopes"]) for told in notices(world)) == [
        (REFERENCE, "residence.status"),
        ("355A000999", "language.level"),
    ]


def test_without_a_link_the_reference_of_the_hand_out_is_still_known(world):
    declaration = handed_out(world)
    world.unlink()
    world.revoke(declaration)
    assert [told["reference"] for told in notices(world)] == [REFERENCE]


def test_removing_the_link_leaves_a_notice_that_waits(world):
    world.revoke(handed_out(world))
    world.unlink()
    assert [told["reference"] for told in notices(world)] == [REFERENCE]


def test_a_hand_out_from_before_references_were_kept_is_told_under_the_link(world):
    declaration = handed_out(world)
    forget_references(world)
    world.revoke(declaration)
    assert [told["reference"] for told in notices(world)] == [REFERENCE]


def test_where_no_reference_is_known_somebody_must_phone(world):
    declaration = handed_out(world)
    forget_references(world)
    world.unlink()
    world.revoke(declaration)
    assert world.outbox() == []
    assert (run(world)["state"], run(world)["notices"]) == ("unreachable", [])
    by_telephone(world, run(world)["id"], "ended")
    assert run(world)["state"] == "answered"
    assert run(world)["notices"][0]["answer"] == "ended"


def forget_references(world):
    with world.gateway.store.transaction() as tx:
        tx.session.driver.execute("UPDATE disclosures SET reference = NULL")


def test_a_notice_is_no_exchange_and_no_disclosure(world):
    declaration = handed_out(world)
    disclosed, exchanged = world.disclosures(), history.page(world.corridor, CLIENT, Cursor())
    world.revoke(declaration)
    (item,) = world.outbox()
    answer(world, item["id"], "ended")
    assert world.disclosures() == disclosed
    assert history.page(world.corridor, CLIENT, Cursor()) == exchanged
    assert world.shown(item["id"])["released"] == []


def test_a_notice_comes_after_what_was_sent_before(world, scripted):
    scripted.outcomes = [NotDelivered("http_503")]
    world.link()
    first, second = world.declare("language.level"), world.declare("residence.status")
    world.send(BOTH)
    deliver(world)
    world.later(minutes=1)
    world.revoke(first)
    deliver(world)
    world.later(hours=1)
    deliver(world)
    deliver(world)
    told = [notice(parcel.content) for parcel in scripted.parcels]
    assert [each and each["scopes"] for each in told] == [None, None, "language.level"]
    assert b"B1" not in scripted.parcels[1].content
    assert "revocation" in world.revoke(second)


# On its way just now


def test_what_is_on_its_way_just_now_may_have_been_handed_out(world, scripted):
    world.link()
    declaration = world.declare("language.level")
    answers = []

    def revoked_meanwhile(parcel):
        answers.append(world.revoke(declaration))
        return Delivered()

    scripted.outcomes = [revoked_meanwhile]
    exchange = world.send(LEVEL)["id"]
    deliver(world)
    assert answers[0]["in_flight"] == [exchange]
    assert run(world)["scopes"] == ["language.level"]
    deliver(world)
    assert [notice(parcel.content) is not None for parcel in scripted.parcels] == [False, True]


@pytest.mark.parametrize("other", [{"signed": False}, {"direction": "from_partner"}, {"purposes": ["housing"]}])
def test_what_is_on_its_way_under_another_declaration_is_none_of_its_business(world, scripted, other):
    world.link()
    world.declare("language.level")
    ended = world.declare("language.level", **other)

    def revoked_meanwhile(parcel):
        assert "revocation" not in world.revoke(ended)
        return Delivered()

    scripted.outcomes = [revoked_meanwhile]
    world.send(LEVEL)
    deliver(world)
    assert len(scripted.parcels) == 1
    assert runs(world) == []


def test_what_is_on_its_way_and_covered_by_another_goes_on(world, scripted):
    world.link()
    world.declare("language.level")
    ended = world.declare("language.level", "residence.status")

    def revoked_meanwhile(parcel):
        assert "revocation" not in world.revoke(ended, ["language.level"])
        return Delivered()

    scripted.outcomes = [revoked_meanwhile]
    world.send(LEVEL)
    deliver(world)
    assert runs(world) == []


def test_where_it_reached_nobody_after_all_no_notice_leaves(world, scripted):
    world.link()
    declaration = world.declare("language.level")

    def revoked_meanwhile(parcel):
        world.revoke(declaration)
        return NotDelivered("not_connected")

    scripted.outcomes = [revoked_meanwhile]
    world.send(LEVEL)
    deliver(world)
    world.later(days=1)
    deliver(world)
    deliver(world)
    assert len(scripted.parcels) == 1
    assert run(world)["state"] == "needless"
    assert runs(world, unanswered=True) == []
    world.later(days=30)
    remind(world)
    deliver(world)
    assert len(scripted.parcels) == 1


# Answers


@pytest.fixture
def told(world):
    """A partner that was told; gives the message."""
    world.revoke(handed_out(world))
    (item,) = world.outbox()
    return item["id"]


@pytest.mark.parametrize("said", ["ended", "objected"])
def test_an_answer_acknowledges_the_message(world, told, said):
    answer(world, told, said)
    assert world.outbox() == []
    assert world.shown(told)["state"] == "acknowledged"
    assert run(world)["state"] == "answered"
    assert run(world)["notices"][0] | {"answered_at": ""} == {
        "id": run(world)["notices"][0]["id"],
        "message": told,
        "state": "acknowledged",
        "scopes": ["language.level", "residence.status"],
        "sent_at": "2026-03-02T09:01:00.000Z",
        "reminders": 0,
        "answer": said,
        "answered_at": "",
    }


def test_what_is_kept_under_a_statute_names_it(world, told):
    answer(world, told, "kept_under_statute", "§ 84 Abs. 3 SGB X")
    assert run(world)["notices"][0]["statute"] == "§ 84 Abs. 3 SGB X"


def test_an_answer_that_lacks_its_statute_is_refused(world, told):
    with pytest.raises(Refused, match="statute_missing"):
        answer(world, told, "kept_under_statute")
    with pytest.raises(Refused, match="statute_unexpected"):
        answer(world, told, "ended", "§ 84 SGB X")
    assert run(world)["state"] == "open"


@pytest.mark.parametrize("statute", ["", " ", "§ 84 ", "a\nb", "x" * 201])
def test_a_statute_is_one_printable_line(world, told, statute):
    with pytest.raises(ValueError, match="statute"):
        answer(world, told, "kept_under_statute", statute)


def test_only_the_partner_that_was_told_can_answer_and_only_a_notice(world, told):
    exchange = world.disclosures()[0]["exchange"]
    for partner, message in ((ABH, told), (JOBCENTER, exchange), (JOBCENTER, run(world)["id"])):
        with pytest.raises(Refused, match="not_found"):
            answer(world, message, "ended", partner=partner)
    assert run(world)["state"] == "open"


def test_a_notice_that_nobody_has_fetched_cannot_be_answered(world):
    world.revoke(handed_out(world))
    message = run(world)["notices"][0]["message"]
    with pytest.raises(Refused, match="not_found"):
        answer(world, message, "ended")


def test_the_same_answer_again_is_no_second_entry_and_another_corrects_it(world, told):
    answer(world, told, "objected")
    world.later(minutes=1)
    answer(world, told, "objected")
    assert run(world)["notices"][0]["answered_at"] == "2026-03-02T09:01:00.000Z"
    answer(world, told, "ended")
    assert run(world)["notices"][0]["answer"] == "ended"
    assert events(world, "end_of_use_answered") == ["objected", "ended"]


def events(world, name):
    with world.gateway.store.reading() as tx:
        entries = [json.loads(row[0]) for row in tx.session.driver.execute("SELECT entry FROM audit_log ORDER BY position")]
    return [entry["fields"].get("answer") for entry in entries if entry["event"] == name]


def test_the_statute_stands_nowhere_in_clear(world, told):
    answer(world, told, "kept_under_statute", "§ 84 Canary-Gesetz")
    with world.gateway.store.reading() as tx:
        for table in ("notices", "audit_log", "exchanges", "exchange_history"):
            assert b"Canary" not in repr(tx.session.driver.execute(f"SELECT * FROM {table}").fetchall()).encode()  # noqa: S608


def test_an_answer_by_telephone_ends_what_still_waits(world):
    world.revoke(handed_out(world))
    by_telephone(world, run(world)["id"], "kept_under_statute", statute="§ 84 SGB X")
    assert world.outbox() == []
    assert run(world)["state"] == "answered"
    assert run(world)["notices"][0]["state"] == "cancelled"


def test_an_answer_by_telephone_to_one_notice_leaves_the_other(world):
    declaration = handed_out(world, STATUS)
    world.link("355A000999")
    world.send(LEVEL)
    world.outbox()
    world.later(minutes=1)
    world.revoke(declaration)
    first, second = run(world)["notices"]
    by_telephone(world, run(world)["id"], "ended", notice=first["id"])
    assert run(world)["state"] == "open"
    with pytest.raises(Refused, match="not_found"):
        by_telephone(world, run(world)["id"], "ended", notice=run(world)["id"])
    by_telephone(world, run(world)["id"], "ended", notice=second["id"])
    assert run(world)["state"] == "answered"


def test_a_rejected_notice_is_still_open(world, told):
    boxes.outbox_reject(world.corridor, world.call(), JOBCENTER, told, RejectRequest(code="not_ours"))
    assert run(world)["state"] == "open"
    answer(world, told, "ended")
    assert run(world)["notices"][0]["state"] == "rejected"
    assert run(world)["state"] == "answered"


def test_open_ones_are_told_from_the_others(world, told):
    world.later(minutes=1)
    world.revoke(handed_out(world))
    assert len(runs(world, unanswered=True)) == 2
    answer(world, told, "ended")
    (still,) = runs(world, unanswered=True)
    assert still["notices"][0]["message"] != told
    assert end_of_use_lists.page(world.corridor, Cursor(limit=1), unanswered=True) == {"items": [still]}
    assert [item["notices"][0]["message"] for item in runs(world, unanswered=False)] == [told]


def test_an_answer_to_an_attempt_whose_outcome_nobody_knows_is_taken_and_ends_the_trying(world, scripted):
    world.link()
    declaration = world.declare("language.level")
    world.send(LEVEL)
    deliver(world)
    world.later(minutes=1)
    world.revoke(declaration)

    def answers_and_breaks_off(parcel):
        answer(world, parcel.message_id, "ended")
        return NotDelivered("connection_lost")

    scripted.outcomes = [answers_and_breaks_off]
    deliver(world)
    world.later(days=1)
    deliver(world)
    assert len(scripted.parcels) == 2
    assert run(world)["state"] == "answered"


def test_an_answer_after_an_attempt_that_seemed_to_fail_acknowledges_it(world, scripted):
    world.link()
    declaration = world.declare("language.level")
    world.send(LEVEL)
    deliver(world)
    world.later(minutes=1)
    world.revoke(declaration)
    scripted.outcomes = [NotDelivered("timeout")]
    deliver(world)
    answer(world, scripted.parcels[1].message_id, "ended")
    assert run(world)["notices"][0]["state"] == "acknowledged"
    world.later(days=1)
    assert deliver(world) == 0


# Reminders


def test_nobody_is_reminded_before_the_time(world, told):
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, told)
    remind(world)
    world.later(days=13)
    remind(world)
    assert world.outbox() == []


def test_a_reminder_says_which_it_is_and_there_are_so_many(world, told):
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, told)
    numbers = []
    for _ in range(6):
        remind(world)
        world.later(days=14, minutes=1)
        remind(world)
        for item in world.outbox():
            numbers.append(notice(base64.b64decode(item["content"]))["reminder"])
            boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, item["id"])
    assert numbers == ["1", "2", "3"]
    assert (run(world)["state"], run(world)["notices"][0]["reminders"]) == ("open", 3)


def test_what_still_waits_in_the_box_is_not_reminded_of(world, told):
    for _ in range(3):
        world.later(days=15)
        remind(world)
    assert [told["messageId"] for told in notices(world)] == [told]
    assert run(world)["notices"][0]["reminders"] == 0


def test_who_has_answered_is_not_reminded(world, told):
    answer(world, told, "objected")
    world.later(days=30)
    assert remind(world) == 0
    assert world.outbox() == []


def test_the_first_message_and_a_reminder_can_each_be_answered(world, told):
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, told)
    world.later(days=15)
    remind(world)
    (item,) = world.outbox()
    answer(world, told, "objected")
    assert world.outbox() == []
    answer(world, item["id"], "ended")
    assert run(world)["notices"][0]["answer"] == "ended"


def test_with_no_reminders_nobody_is_reminded(world, told):
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, told)
    world.later(days=15)
    remind(world, most=0)
    assert world.outbox() == []
    assert remind(world, most=0) == 0


# After erasure


def test_after_erasure_an_answer_is_still_taken_and_says_less(world, told):
    erase_client(world.gateway.store, CLIENT, world.now, "operator")
    assert "client" not in run(world)
    answer(world, told, "kept_under_statute", "§ 84 SGB X")
    shown = run(world)
    assert (shown["state"], shown["notices"][0].get("statute")) == ("answered", None)
    world.later(days=30)
    assert remind(world) == 0
