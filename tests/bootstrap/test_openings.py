"""Four eyes over a corridor: what leaves, what waits and what is refused follow what the office says now."""

import pytest

from imgate.consent.minimise import minimise as real_minimise
from imgate.exchange import outbound
from imgate.exchange.openings import withdraw_opening
from imgate.exchange.refusals import Refused
from tests.bootstrap.opened import (
    ADDRESS,
    DECLARED,
    JOBKRAFTWERK,
    NO_BLOCK,
    OPENED,
    OTHER,
    RECORD,
    SCOPE,
    SECRET,
    SINGLE,
    TABLES,
    opened_office,
)
from tests.exchange.conftest import CLIENT, JOBCENTER


@pytest.fixture
def config():
    return OPENED


@pytest.fixture
def office(tmp_path, config):
    with opened_office(tmp_path, config) as office:
        yield office


def test_where_the_office_has_nobody_it_passes_as_the_configuration_says(office):
    office.send(RECORD)
    office.send(ADDRESS)
    assert SECRET in office.left()
    assert "Torstraße" in office.left()


@pytest.mark.parametrize("confirming", [(), ("anna",), ("anna", "anna")])
def test_with_an_office_nothing_passes_while_fewer_than_two_confirmed(office, confirming):
    office.user("anna")
    office.user("otto")
    office.confirm(*confirming)
    sent = office.send(RECORD)
    assert sent["released"] == ["language.level"]
    assert {"scope": SCOPE, "reason": "scope_closed"} in sent["withheld"]
    assert SECRET not in office.left()
    assert office.send(ADDRESS)["withheld"] == [{"scope": "contact.address", "reason": "address_blocked"}]


def test_with_two_it_passes_and_the_bytes_hold_it(office):
    office.confirm("anna", "otto")
    assert SCOPE in office.send(RECORD)["released"]
    assert SECRET in office.left()
    assert office.send(ADDRESS)["state"] == "withheld"


def test_a_confirmation_of_somebody_whose_access_was_revoked_counts_no_more(office):
    office.confirm("anna", "otto")
    office.gateway.store.people.users.revoke(office.user("otto"), office.now, "operator")
    office.gateway.openings.refresh()
    assert SCOPE not in office.send(RECORD)["released"]
    assert SECRET not in office.left()
    office.confirm("karla")
    assert SCOPE in office.send(RECORD)["released"]


def test_two_who_confirmed_for_another_partner_open_nothing(office):
    office.confirm("anna", "otto", partner="jobcenter-backnang")
    office.send(RECORD)
    assert SECRET not in office.left()


def test_a_message_that_waits_is_decided_again_after_a_withdrawal(office):
    office.confirm("anna", "otto")
    exchange = office.send(RECORD)["id"]
    office.withdraw("otto")
    assert SECRET not in office.left()
    assert "B1" in office.left()
    assert office.shown(exchange)["released"] == ["language.level"]


def test_an_address_under_a_block_that_waits_leaves_no_more_after_a_withdrawal_and_every_other_as_it_was(office):
    office.confirm("anna", "otto", scope="contact.address")
    office.declare(*DECLARED[::2], client=OTHER)
    office.link("355A000816", client=OTHER)
    blocked, other = office.send(ADDRESS)["id"], office.send(NO_BLOCK, client=OTHER)["id"]
    before = office.outbox()
    assert [item["id"] for item in before] == [blocked, other]
    withdraw_opening(office.corridor, office.user("otto"), JOBCENTER, "contact.address")
    office.gateway.openings.refresh()
    assert [(item["id"], item["content"]) for item in office.outbox()] == [(other, before[1]["content"])]
    assert "Torstraße" not in office.left()


@pytest.mark.parametrize("config", [TABLES])
def test_an_address_under_a_block_that_came_in_is_given_out_no_more_after_a_withdrawal_and_every_other_is(office):
    office.confirm("anna", "otto", partner=JOBKRAFTWERK, scope="contact.address")
    for client, reference, blocked in ((CLIENT, "JK-1", "ja"), (OTHER, "JK-2", "nein")):
        office.declare("contact.address", client=client, partner=JOBKRAFTWERK, purposes=["case_documentation"])
        office.link(reference, client=client, partner=JOBKRAFTWERK)
        office.post(
            f"Klient-Nr.;Straße;PLZ;Ort;Auskunftssperre\r\n{reference};Torstraße;71364;Winnenden;{blocked}".encode(), partner=JOBKRAFTWERK
        )
        office.work()
    assert {item["client"] for item in office.inbox()} == {CLIENT, OTHER}
    withdraw_opening(office.corridor, office.user("otto"), JOBKRAFTWERK, "contact.address")
    office.gateway.openings.refresh()
    assert {item["client"] for item in office.inbox()} == {OTHER}


def test_a_message_that_waits_for_nothing_else_is_dropped_after_a_withdrawal(office):
    office.confirm("anna", "otto")
    exchange = office.send({"health": RECORD["health"]})["id"]
    office.withdraw("anna")
    assert office.left() == ""
    assert office.shown(exchange)["state"] == "cancelled"


def test_a_declaration_for_what_is_closed_for_want_of_eyes_is_refused_like_any_closed_one(office):
    office.user("anna")
    office.gateway.openings.refresh()
    with pytest.raises(Refused) as refused:
        office.declare(*DECLARED)
    assert [problem.code for problem in refused.value.problems] == ["scope_closed"]
    office.confirm("anna", "otto")
    assert office.declare("language.level", SCOPE)


def test_the_first_user_of_the_office_closes_it_and_revoking_them_does_not_open_it_again(office):
    user = office.user("anna")
    office.gateway.openings.refresh()
    assert SCOPE not in office.corridor.policy.partner(JOBCENTER).open
    office.gateway.store.people.users.revoke(user, office.now, "operator")
    office.gateway.openings.refresh()
    assert SCOPE not in office.corridor.policy.partner(JOBCENTER).open


@pytest.mark.parametrize("config", [SINGLE])
def test_where_the_configuration_is_enough_it_passes_with_an_office_that_confirmed_nothing(office):
    office.user("anna")
    office.gateway.openings.refresh()
    office.send(RECORD)
    assert SECRET in office.left()


def test_one_decision_holds_one_policy_also_where_it_changes_halfway(office, monkeypatch):
    office.confirm("anna", "otto", scope="contact.address")
    anna = office.user("anna")

    def withdrawn_meanwhile(policy, *decided):
        withdraw_opening(office.corridor, anna, JOBCENTER, "contact.address")
        office.gateway.openings.refresh()
        return real_minimise(policy, *decided)

    monkeypatch.setattr(outbound, "minimise", withdrawn_meanwhile)
    sent = office.send(ADDRESS)
    monkeypatch.undo()
    assert sent["released"] == ["contact.address"]
    assert office.left() == ""
