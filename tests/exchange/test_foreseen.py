"""What is foreseen is what would be sent, decided by the same steps; foreseeing leaves no trace."""

import base64

import pytest

from imgate.exchange.foreseen import foresee
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.told import BOTH, LEVEL


def seen(world, record=BOTH, **more):
    return foresee(world.corridor, world.request(record, **more))


@pytest.fixture
def linked(world):
    world.link()
    return world


def test_it_agrees_with_the_preview_that_the_case_system_is_given(linked):
    linked.declare("language.level")
    found, preview = seen(linked), linked.preview(BOTH)
    assert list(found.released) == preview["released"]
    assert [{"scope": scope, "reason": reason} for scope, reason in found.withheld] == preview["withheld"]
    assert base64.b64encode(found.content).decode() == preview["message"]["content"]
    assert found.media_type == preview["message"]["media_type"]


def test_it_holds_exactly_the_released_scopes(linked):
    linked.declare("language.level")
    found = seen(linked)
    assert found.record == LEVEL
    assert (found.origins, found.until) == ({"language.level": None}, {"language.level": "2026-12-31"})


def test_of_members_of_the_household_only_what_passes_is_shown(linked):
    linked.declare("family.household")
    household = [{"relation": "spouse", "name": {"given": "Geheim"}, "birth": {"date": "1980"}}]
    found = seen(linked, {"family": {"household": household}})
    assert found.record == {"family": {"household": [{"relation": "spouse"}]}}


def test_without_permission_there_is_no_message(linked):
    found = seen(linked)
    assert (found.released, found.media_type, found.content, found.record) == ((), None, b"", {})


def test_it_is_on_no_record(linked):
    linked.declare("language.level")
    seen(linked)
    with linked.corridor.store.reading() as tx:
        assert tx.exchanges.page(tx.clients.find(CLIENT).digest, Cursor()).items == ()
    assert linked.outbox() == []


def test_no_value_stands_in_its_repr(linked):
    linked.declare("language.level")
    assert "B1" not in repr(seen(linked))


def test_what_a_partner_delivered_is_called_by_the_partners_name(linked):
    linked.declare("contact_persons.jobcenter", onward_from=[ABH])
    found = seen(linked, CONTACT, provenance={"contact_persons.jobcenter": ABH})
    assert found.origins == {"contact_persons.jobcenter": "Ausländerbehörde Winnenden"}


def test_it_is_refused_as_sending_is(linked):
    with pytest.raises(Refused, match="partner_unknown"):
        seen(linked, partner="jobcenter-stuttgart")
    with pytest.raises(Refused, match="link_missing"):
        seen(linked, partner=ABH)
    linked.declare("contact_persons.jobcenter")
    linked.post(message(JOBCENTER, REFERENCE, CONTACT))
    linked.work()
    linked.inbox()
    with pytest.raises(Refused, match="provenance_required"):
        seen(linked, CONTACT)


def test_hints_are_given_beside_it(linked):
    linked.declare("language.level")
    born = {"person": {"birth": {"date": "2010"}}}
    assert [hint["code"] for hint in seen(linked, LEVEL | born).hints] == ["guardian_suggested"]
