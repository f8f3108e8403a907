"""Whoever is not known is listed by the reference that was sent, until somebody is linked to it; nothing else about them is kept."""

import pytest

from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Page
from imgate.exchange.unknown_people import unknown_people, unknown_person
from imgate.storage.intake import SqlIntake
from imgate.storage.statement import Statement
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CONTACT, JOBCENTER, REFERENCE, message

SOMEBODY = "999X000001"


def came(world, reference=SOMEBODY, partner=JOBCENTER):
    receipt = world.post(message(partner, reference, CONTACT if partner == JOBCENTER else {}), partner=partner)
    world.work()
    return receipt


def test_somebody_unknown_is_listed_with_the_place_in_the_message(world):
    receipt = came(world)
    (person,) = unknown_people(world.corridor)
    assert (person.receipt, person.line, person.partner, person.reference) == (receipt, 1, JOBCENTER, SOMEBODY)
    assert unknown_person(world.corridor, receipt, 1) == person
    assert SOMEBODY not in repr(person)


def test_somebody_known_is_not_listed(world):
    world.link()
    receipt = came(world, REFERENCE)
    assert unknown_people(world.corridor) == ()
    with pytest.raises(Refused, match="not_found"):
        unknown_person(world.corridor, receipt, 1)


def test_who_was_linked_since_is_not_listed_any_more(world):
    receipt = came(world)
    world.link(SOMEBODY)
    assert unknown_people(world.corridor) == ()
    with pytest.raises(Refused, match="not_found"):
        unknown_person(world.corridor, receipt, 1)


def test_a_link_with_another_partner_says_nothing_about_them(world):
    came(world)
    world.link(SOMEBODY, partner=ABH)
    assert len(unknown_people(world.corridor)) == 1


def test_no_more_are_listed_than_were_asked_for(world):
    for number in range(4):
        came(world, f"999X00000{number}")
    assert [person.reference for person in unknown_people(world.corridor, limit=3)] == ["999X000000", "999X000001", "999X000002"]


def test_what_the_many_that_are_known_sent_is_not_looked_at(world, monkeypatch):
    world.link()
    came(world, REFERENCE)
    ran = []

    def noted(self, on, /, _real=Statement.all, **values):
        ran.append(self)
        return _real(self, on, **values)

    monkeypatch.setattr(Statement, "all", noted)
    assert unknown_people(world.corridor) == ()
    assert len(ran) == 1


def test_a_list_that_leads_nowhere_beyond_what_still_settles_ends(world, monkeypatch):
    monkeypatch.setattr(SqlIntake, "with_unknown", lambda self, cursor: Page((), "the same"))
    assert unknown_people(world.corridor) == ()


@pytest.mark.parametrize("line", [0, 2, -1])
def test_a_place_that_is_none_is_not_found(world, line):
    receipt = came(world)
    with pytest.raises(Refused, match="not_found"):
        unknown_person(world.corridor, receipt, line)


def test_a_receipt_that_is_none_is_not_found(world):
    with pytest.raises(Refused, match="not_found"):
        unknown_person(world.corridor, new_id(), 1)
