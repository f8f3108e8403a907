"""A closed scope is open once two people of the office say so; who says nothing, or says it alone, opens nothing."""

import pytest

from imgate.consent.four_eyes import UNHEARD, Office, open_now

PARTNER, SCOPE, OTHER = "jobcenter", "health.constraints", "contact.address"
CONFIGURED = frozenset({SCOPE, OTHER})


def office(**confirmed):
    return Office(True, {(PARTNER, scope.replace("__", ".")): frozenset(by) for scope, by in confirmed.items()})


@pytest.mark.parametrize("by", [(), ("one",), ("one", "one")])
def test_nobody_one_or_one_twice_opens_nothing(by):
    assert open_now(PARTNER, CONFIGURED, office(health__constraints=by), accept_single=False) == frozenset()


def test_two_open_what_they_confirmed_and_nothing_beside():
    assert open_now(PARTNER, CONFIGURED, office(health__constraints=("one", "two")), accept_single=False) == {SCOPE}
    assert open_now(PARTNER, CONFIGURED, office(contact__address=("one", "two", "three")), accept_single=False) == {OTHER}


def test_one_each_for_two_scopes_opens_neither():
    said = office(health__constraints=("one",), contact__address=("two",))
    assert open_now(PARTNER, CONFIGURED, said, accept_single=False) == frozenset()


def test_what_was_confirmed_for_one_partner_is_closed_to_every_other():
    said = office(health__constraints=("one", "two"))
    assert open_now("jobcenter-2", CONFIGURED, said, accept_single=False) == frozenset()


@pytest.mark.parametrize("said", [Office(in_use=False), UNHEARD, office(health__constraints=("one", "two"))])
@pytest.mark.parametrize("single", [True, False])
def test_it_only_narrows_what_the_configuration_names(said, single):
    assert open_now(PARTNER, frozenset(), said, accept_single=single) == frozenset()
    assert open_now(PARTNER, frozenset({OTHER}), said, accept_single=single) <= {OTHER}


def test_where_nobody_of_the_office_ever_had_access_the_configuration_alone_counts():
    assert open_now(PARTNER, CONFIGURED, Office(in_use=False), accept_single=False) == CONFIGURED


def test_a_partner_for_whom_the_configuration_is_enough_waits_for_nobody():
    assert open_now(PARTNER, CONFIGURED, office(), accept_single=True) == CONFIGURED
    assert open_now(PARTNER, CONFIGURED, UNHEARD, accept_single=True) == CONFIGURED


def test_an_office_that_could_not_be_heard_has_confirmed_nothing():
    assert open_now(PARTNER, CONFIGURED, UNHEARD, accept_single=False) == frozenset()
