"""An update that sends nothing tells the case system what partners have: that is a look, and stands in the access log before the answer."""

import pytest

from imgate.exchange.answers import Call
from imgate.exchange.ports import Unavailable
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.vocabulary.words import Door
from tests.exchange.conftest import CLIENT, JOBCENTER
from tests.exchange.updating import RECORD, Updating

API, COMMAND = Call("case-system-1", "/v1/updates"), Call("operator", "updates import")


@pytest.fixture
def update(world):
    """Give an update after which the job centre has all of the record, and no look is on record."""
    world.link()
    world.declare("language.level", "residence.status")
    update = Updating(world)
    update(RECORD)
    return update


def looks(world):
    with world.corridor.store.reading() as tx:
        return [(look.actor, look.door, look.what, look.partner, look.client) for look in tx.looks.page(Cursor()).items]


def digest(world, client=CLIENT):
    with world.corridor.store.reading() as tx:
        return tx.clients.find(client).digest


@pytest.mark.parametrize(
    ("call", "door", "what"), [(API, Door.API, "POST /v1/updates"), (COMMAND, Door.COMMAND, "updates import")], ids=["api", "command"]
)
def test_who_is_told_that_nothing_changed_stands_in_the_log(world, update, call, door, what):
    assert update.answer(RECORD, call=call).status == 200
    assert looks(world) == [(call.actor, door, what, None, digest(world))]


def test_an_update_that_sends_something_is_on_the_audit_log_and_no_look(world):
    world.link()
    world.declare("language.level")
    assert Updating(world).answer(RECORD, call=API).status == 201
    assert looks(world) == []


def test_that_a_partner_may_not_have_it_or_does_not_know_the_client_is_told_too(world):
    update = Updating(world)
    world.declare("plan.goals")
    update.answer(RECORD, call=API)
    world.link()
    update.answer(RECORD, call=API)
    assert [client for *_, client in looks(world)] == [digest(world)] * 2


def test_of_somebody_unknown_nothing_is_told(world, update):
    update.answer(RECORD, call=API, client="K-9")
    update.subscribe({})
    update.answer(RECORD, call=API)
    assert looks(world) == []


def test_what_is_refused_tells_nothing(world, update):
    with pytest.raises(Refused, match="scope_unknown"):
        update.answer(RECORD, call=API, provenance={"language.levels": "self"})
    assert looks(world) == []


def test_the_answer_of_before_is_one_look_and_not_two(world, update):
    call = world.call(key="key-1", body=b"{}", path="/v1/updates")
    first = update.answer(RECORD, call=call)
    assert update.answer(RECORD, call=call).body == first.body
    assert len(looks(world)) == 1


def test_without_a_record_there_is_no_answer(world, update, monkeypatch):
    async def fails(job):
        raise Unavailable("away")

    monkeypatch.setattr(world.corridor.store, "commit", fails)
    with pytest.raises(Unavailable):
        update.answer(RECORD, call=API)


def test_what_was_forgotten_before_it_is_on_record_is_not_called_unchanged(world, update, monkeypatch):
    """Between the comparison and the record a partner's value may be forgotten: the answer is worked out again."""
    commit, met = world.corridor.store.commit, []

    async def meeting(job):
        if not met:
            met.append(True)
            with world.corridor.store.transaction() as tx:
                tx.known.forget(digest(world), JOBCENTER, ["residence.status"])
        return await commit(job)

    monkeypatch.setattr(world.corridor.store, "commit", meeting)
    assert update.answer(RECORD, call=API).status == 201
    assert looks(world) == []
