"""A past decision, explained: what is on record is told apart from what is recomputed, and nobody is named."""

import pytest

from imgate.bootstrap import record_start
from imgate.exchange.past.explanation import Rules
from imgate.exchange.past.recorded import Limit
from imgate.exchange.refusals import Refused
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import EvidenceLevel
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.past.asking import BLOCKED, PROPOSAL, RECORD, behind, by_rules, ceiling, explained, without
from tests.exchange.told import BOTH, LEVEL, STATUS

NAME = "Jobcenter Rems-Murr, Team 412"


@pytest.fixture
def linked(world):
    """A gateway whose start is on record, and a client whom the partner knows."""
    record_start(world.gateway, "serve")
    world.link()
    return world


def send(world, record=RECORD, **more):
    exchange = world.send(record, **more)["id"]
    world.later(hours=1)
    return exchange


def answers(told, number):
    """Give the answer to each scope: the reason, or the declaration that is named."""
    return {scope: walk.reason or walk.passing[0] for scope, walk in told.askings[number].walks.items()}


def turned(told):
    """Give what makes a difference: scope, premise, and whether it holds later."""
    return [(each.scope, one.premise.reason, one.premise.holds) for each in told.differences for one in each.turned]


def test_an_unknown_exchange_is_refused(linked):
    with pytest.raises(Refused) as refused:
        explained(linked, NIL_UUID)
    assert refused.value.status == 404


def test_a_notice_of_the_end_of_use_is_nothing_that_was_decided(linked):
    declaration = linked.declare("language.level")
    send(linked)
    linked.outbox()
    linked.revoke(declaration)
    (notice,) = linked.outbox()
    with pytest.raises(Refused):
        explained(linked, notice["id"])


def test_what_is_on_record_follows_when_it_is_asked_again(linked):
    """By the rules of then, by today's and today: the same answer, and nothing that differs."""
    declaration = linked.declare("language.level", "residence.status")
    told = explained(linked, send(linked))
    (decided,) = told.recorded
    assert (decided.released, decided.withheld) == (("residence.status", "language.level"), (("work.proposals", "scope_not_covered"),))
    assert [(asking.rules, asking.decision) for asking in told.askings] == [(Rules.OF_THEN, 0), (Rules.OF_TODAY, 0), (Rules.OF_TODAY, None)]
    expected = {"residence.status": declaration, "language.level": declaration, "work.proposals": Reason.SCOPE_NOT_COVERED}
    assert [answers(told, number) for number in range(3)] == [expected] * 3
    assert (told.differences, told.unexplained, told.limits, told.gone, told.unreadable) == ((), (), (), (), ())


def test_where_no_start_is_on_record_only_todays_rules_are_asked(world):
    world.link()
    world.declare("language.level")
    told = explained(world, send(world))
    assert [asking.rules for asking in told.askings] == [Rules.OF_TODAY, Rules.OF_TODAY]
    assert (told.catalogue_then, told.catalogue_now) == (None, 1)


def test_without_a_declaration_it_says_that_there_is_none(linked):
    told = explained(linked, send(linked, LEVEL))
    assert answers(told, 0) == {"language.level": Reason.NO_DECLARATION}
    assert told.askings[0].walks["language.level"].under == ()


def test_what_came_later_makes_the_difference_and_is_named(linked):
    declaration = linked.declare("language.level")
    exchange = send(linked, LEVEL)
    linked.outbox()
    linked.pause(declaration)
    told = explained(linked, exchange)
    assert turned(told) == [("language.level", Reason.PAUSED, False)]
    assert (told.differences[0].earlier, told.differences[0].later) == (1, 2)
    linked.resume(declaration)
    assert turned(explained(linked, exchange)) == []
    linked.later(days=400)
    assert turned(explained(linked, exchange)) == [("language.level", Reason.EXPIRED, False)]


def test_a_signature_that_came_later_does_not_excuse_what_was_withheld(linked):
    """As of then it was not signed; today it is."""
    declaration = linked.declare("language.level", signed=False)
    exchange = send(linked, LEVEL)
    linked.sign(declaration)
    told = explained(linked, exchange)
    assert [answers(told, number)["language.level"] for number in range(3)] == [Reason.NOT_SIGNED, Reason.NOT_SIGNED, declaration]
    assert turned(told) == [("language.level", Reason.NOT_SIGNED, True), ("language.level", Reason.EVIDENCE_TOO_WEAK, True)]


def test_rules_that_changed_make_the_difference_between_then_and_today(linked):
    linked.declare("language.level", "residence.status")
    exchange = send(linked, BOTH)
    by_rules(linked, ceiling=ceiling(linked, less=["residence.status"]))
    told = explained(linked, exchange)
    assert told.unexplained == ()
    assert turned(told) == [("residence.status", Reason.BEYOND_PARTNER_CEILING, False)]
    assert (told.differences[0].earlier, told.differences[0].later) == (0, 1)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"name": "Jobcenter Stuttgart"}, Reason.RECIPIENT_CHANGED),
        ({"levels": dict.fromkeys(("internal", "confidential", "special"), EvidenceLevel.QUALIFIED)}, Reason.EVIDENCE_TOO_WEAK),
    ],
)
def test_a_partner_that_asks_for_more_or_is_another_one_is_told_by_its_premise(linked, rules, reason):
    linked.declare("language.level")
    exchange = send(linked, LEVEL)
    by_rules(linked, **rules)
    assert turned(explained(linked, exchange)) == [("language.level", reason, False)]


def test_a_partner_that_is_no_longer_configured_is_beyond_its_ceiling(linked):
    linked.declare("language.level")
    exchange = send(linked, LEVEL)
    without(linked)
    told = explained(linked, exchange)
    assert answers(told, 0) != answers(told, 1) == {"language.level": Reason.BEYOND_PARTNER_CEILING}
    assert told.askings[1].walks["language.level"].itself[2].facts["partner"] == "not_configured"


def test_what_was_decided_again_is_asked_again_as_of_its_own_time(linked):
    """Only what had been released was decided about a second time."""
    declaration = linked.declare("language.level", "residence.status")
    exchange = send(linked)
    linked.revoke(declaration, ["residence.status"])
    told = explained(linked, exchange)
    first, second = told.recorded
    assert (first.again, first.asked) == (False, ("residence.status", "language.level", "work.proposals"))
    assert (second.again, second.asked) == (True, ("residence.status", "language.level"))
    assert second.reason("residence.status") == "revoked"
    assert [asking.decision for asking in told.askings] == [0, 0, 1, 1, None]
    assert answers(told, 1)["residence.status"] == declaration
    assert answers(told, 2) == {"residence.status": Reason.REVOKED, "language.level": declaration}
    assert told.unexplained == ()
    assert turned(told) == [("residence.status", Reason.REVOKED, False)]


def test_what_minimising_withheld_cannot_be_asked_again_and_that_is_said(linked):
    linked.declare("contact.address")
    told = explained(linked, send(linked, BLOCKED))
    assert told.recorded[0].reason("contact.address") == "address_blocked"
    assert told.limits == (("contact.address", Limit.VALUE_NOT_KEPT),)
    assert (told.askings[0].walks["contact.address"].reason, told.unexplained) == (None, ())


def test_an_origin_that_was_handed_out_is_known(linked):
    linked.declare("residence.status", onward_from=[ABH])
    exchange = send(linked, STATUS, provenance={"residence.status": ABH})
    for told in (explained(linked, exchange), linked.outbox() and explained(linked, exchange)):
        assert told.unsourced == ()
        assert told.askings[0].walks["residence.status"].under[0].premises[-1].facts == {"origin": ABH, "allowed_from": (ABH,)}


def test_an_origin_that_was_the_reason_is_nobodys_and_stays_one(linked):
    """Which partner it came from is not on record: it is not taken for the client's own word."""
    linked.declare("residence.status")
    told = explained(linked, send(linked, STATUS, provenance={"residence.status": ABH}))
    assert told.recorded[0].reason("residence.status") == "onward_transfer_not_covered"
    assert [answers(told, number)["residence.status"] for number in range(3)] == [Reason.ONWARD_TRANSFER_NOT_COVERED] * 3
    assert (told.unsourced, told.unexplained) == (("residence.status",), ())


def test_what_a_partner_sent_is_explained_alike(linked):
    declaration = linked.declare("contact_persons.jobcenter")
    linked.post(message(JOBCENTER, REFERENCE, CONTACT | PROPOSAL))
    linked.work()
    (item,) = linked.inbox()
    told = explained(linked, item["id"])
    assert answers(told, 0) == {"contact_persons.jobcenter": declaration, "work.proposals": Reason.SCOPE_NOT_COVERED}
    assert (told.direction, told.unsourced, told.unexplained) == ("from_partner", (), ())


def test_a_head_that_nobody_can_read_permits_nothing_and_is_named(linked):
    declaration = linked.declare("language.level")
    exchange = send(linked, LEVEL)
    behind(linked, "UPDATE declaration_heads SET mac = zeroblob(32)")
    told = explained(linked, exchange)
    assert (told.unreadable, told.gone, told.unexplained) == ((declaration,), (), ((0, "language.level"),))
    assert answers(told, 0) == {"language.level": Reason.NO_DECLARATION}


def test_a_declaration_that_is_no_longer_on_file_is_named(linked):
    declaration = linked.declare("language.level")
    exchange = send(linked, LEVEL)
    behind(linked, "DELETE FROM declaration_heads")
    told = explained(linked, exchange)
    assert (told.unreadable, told.gone, told.unexplained) == ((), (declaration,), ((0, "language.level"),))


def test_a_released_scope_that_was_never_permitted_is_found(linked):
    """Somebody put back an older declaration: what is on record does not follow from what is on file."""
    declaration = linked.declare("language.level", signed=False)
    file = linked.gateway.settings.database.file
    assert file.exists()
    (before,) = _heads(linked)
    linked.sign(declaration)
    exchange = send(linked, LEVEL)
    behind(linked, "UPDATE declaration_heads SET head = ?, mac = ?, version = ?", *before)
    told = explained(linked, exchange)
    assert (told.unexplained, told.unreadable) == (((0, "language.level"),), ())
    assert answers(told, 0) == {"language.level": Reason.NOT_SIGNED}


def _heads(world):
    with world.gateway.store.reading() as tx:
        return [tuple(row) for row in tx.session.driver.execute("SELECT head, mac, version FROM declaration_heads")]


def test_a_log_entry_that_is_not_genuine_is_not_believed(linked):
    linked.declare("language.level")
    exchange = send(linked)
    entry = explained(linked, exchange).recorded[0].entry
    behind(
        linked,
        "UPDATE audit_log SET entry = CAST(replace(CAST(entry AS TEXT), 'scope_not_covered', 'expired') AS BLOB) WHERE id = ?",
        entry,
    )
    told = explained(linked, exchange)
    assert told.limits[0] == (None, Limit.ENTRY_NOT_GENUINE)
    assert (told.recorded[0].entry, told.recorded[0].reason("work.proposals")) == (None, "scope_not_covered")


@pytest.mark.parametrize("change", [("partner", ABH), ("purpose", "housing")])
def test_a_history_that_somebody_changed_is_found_by_the_log(linked, change):
    column, value = change
    linked.declare("language.level")
    exchange = send(linked)
    behind(linked, f"UPDATE exchanges SET {column} = ?", value)  # noqa: S608  # this test's own words
    assert explained(linked, exchange).limits == ((None, Limit.HISTORY_DIFFERS),)


def test_an_erased_client_is_explained_and_named_no_more(linked):
    """The heads stay as long as proof may be asked for: what was decided can be shown, to nobody's name."""
    declaration = linked.declare("language.level")
    exchange = send(linked, LEVEL)
    linked.outbox()
    assert explained(linked, exchange).erased is False
    erase_client(linked.gateway.store, CLIENT, linked.now, "operator")
    told = explained(linked, exchange)
    assert (told.erased, answers(told, 2), told.unexplained) == (True, {"language.level": declaration}, ())


def test_nobody_and_no_value_is_named(linked):
    linked.declare("language.level", "work.proposals", occasion="Vermittlung wegen Canary in die Ausbildung")
    told = repr(explained(linked, send(linked)))
    assert not [word for word in (CLIENT, REFERENCE, "Canary", "Vera", "2024-05-02", "B1") if word in told]


def test_an_explanation_writes_nothing(linked):
    linked.declare("language.level")
    exchange = send(linked)
    with linked.gateway.store.reading() as tx:
        before = len([*tx.audit_log.entries()])
    explained(linked, exchange)
    with linked.gateway.store.reading() as tx:
        assert len([*tx.audit_log.entries()]) == before
