"""Under one client only that client's things are found, and what is another's is missing in the same words as what nobody has."""

import pytest

from imgate.exchange.answers import Call
from imgate.exchange.declarations import register
from imgate.exchange.given_answers import given_answer
from imgate.exchange.known_as import is_known, known_as
from imgate.exchange.of_client import declaration_of, ending_of, exchange_of, request_of
from imgate.exchange.ports import Unreadable
from imgate.exchange.received_files import received_files
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RevocationRequest
from imgate.exchange.scope_requests import RequestAnswer, answer, ask
from imgate.exchange.stored import Cursor
from imgate.storage.declarations import SqlDeclarations
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.told import BOTH, LEVEL

NOBODYS = "01a20356-63c5-73f6-82f4-cb7fe46924de"

OTHER = "K-2026-1102"


@pytest.fixture
def linked(world):
    world.link()
    return world


@pytest.mark.parametrize("client", ["K-2", "K-nobody", ""])
def test_another_clients_exchange_and_declaration_are_not_found(linked, client):
    linked.link("355A000002", client="K-2")
    declaration = linked.declare("language.level")
    exchange = linked.send(LEVEL)["id"]
    for found, what in ((exchange_of, exchange), (ending_of, declaration)):
        with pytest.raises(Refused, match="not_found"):
            found(linked.corridor, client, what)


def test_what_nobody_has_is_not_found(linked):
    for found in (exchange_of, ending_of):
        with pytest.raises(Refused, match="not_found"):
            found(linked.corridor, CLIENT, new_id())


def test_an_ending_says_what_a_revocation_would_do(linked):
    declaration = linked.declare("residence.status", "language.level")
    linked.send(BOTH)
    before = ending_of(linked.corridor, CLIENT, declaration)
    assert (before.waiting, before.handed_out, before.state, before.revoked) == (1, False, "active", ())
    linked.outbox()
    linked.revoke(declaration, ["language.level"])
    after = ending_of(linked.corridor, CLIENT, declaration)
    assert (after.handed_out, after.revoked) == (True, ("language.level",))
    assert after.scopes == ("residence.status", "language.level")


def test_what_was_handed_out_and_a_notice_of_that_do_not_wait(linked):
    declaration = linked.declare("residence.status", "language.level")
    linked.send(BOTH)
    linked.outbox()
    assert ending_of(linked.corridor, CLIENT, declaration).waiting == 0
    linked.revoke(declaration)
    assert ending_of(linked.corridor, CLIENT, declaration).waiting == 0


def test_references_are_those_of_this_client_alone(linked):
    linked.link("33/2-815", client="K-2", partner=ABH)
    assert known_as(linked.corridor, CLIENT) == {JOBCENTER: REFERENCE}
    assert known_as(linked.corridor, "K-nobody") == {}
    assert is_known(linked.corridor, CLIENT)
    assert not is_known(linked.corridor, "K-nobody")


def test_an_answer_is_given_again_to_who_was_given_it_and_under_its_path_alone(linked):
    declaration = linked.declare("language.level")
    call = linked.call(key="k1", body=b"x")
    register.revoke(linked.corridor, call, declaration, RevocationRequest())
    assert given_answer(linked.corridor, Call(call.actor, call.path, "k1"))["state"] == "revoked"
    for other in (
        Call("another", call.path, "k1"),
        Call(call.actor, "/other", "k1"),
        Call(call.actor, call.path, "k2"),
        Call(call.actor, call.path),
    ):
        with pytest.raises(Refused, match="not_found"):
            given_answer(linked.corridor, other)


def test_what_brought_no_file_is_left_out(linked):
    linked.declare("contact_persons.jobcenter")
    linked.post(message(JOBCENTER, REFERENCE, CONTACT))
    linked.work()
    (item,) = linked.inbox()
    assert received_files(linked.corridor, [item["id"], new_id()]) == {}


def test_a_clients_declaration_is_shown_as_everywhere(world):
    declaration = world.declare("language.level")
    assert declaration_of(world.corridor, CLIENT, declaration) == register.show(world.corridor, declaration)


def test_another_clients_declaration_is_not_there(world):
    declaration = world.declare("language.level", client=OTHER)
    with pytest.raises(Refused) as refused:
        declaration_of(world.corridor, CLIENT, declaration)
    assert (refused.value.status, refused.value.code) == (404, "not_found")


@pytest.mark.parametrize("declaration", ["", "x", "../" * 9, NOBODYS.upper(), NOBODYS])
def test_what_is_no_declaration_is_not_there_in_the_same_way(world, declaration):
    with pytest.raises(Refused) as refused:
        declaration_of(world.corridor, CLIENT, declaration)
    assert (refused.value.status, refused.value.code, refused.value.problems) == (404, "not_found", ())


def test_a_declaration_whose_owner_nobody_can_read_is_not_there(world, monkeypatch):
    declaration = world.declare("language.level")

    def unreadable(self, declaration):
        raise Unreadable("no head matches its MAC")

    monkeypatch.setattr(SqlDeclarations, "get", unreadable)
    with pytest.raises(Refused, match="not_found"):
        declaration_of(world.corridor, CLIENT, declaration)


@pytest.fixture
def wish(world):
    """The Jobcenter has asked for a work history."""
    world.link()
    world.declare("language.level")
    sent = world.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
    world.outbox()
    ask(world.corridor, world.call(), JOBCENTER, sent["id"], ("work.history",))
    with world.corridor.store.reading() as tx:
        return tx.scope_requests.open(Cursor()).items[0].id


def test_a_request_says_partner_purpose_and_scopes(world, wish):
    asked = request_of(world.corridor, CLIENT, wish)
    assert (asked.partner, asked.purpose, asked.scopes) == (JOBCENTER, "labour_market_integration", ("work.history",))


@pytest.mark.parametrize("client", [OTHER, "K-9"])
def test_for_another_client_a_request_is_not_there(world, wish, client):
    world.declare("language.level", client=OTHER)
    with pytest.raises(Refused, match="not_found"):
        request_of(world.corridor, client, wish)


def test_a_request_that_somebody_has_answered_is_not_there(world, wish):
    answer(world.corridor, world.call(), wish, RequestAnswer.DECLINED)
    with pytest.raises(Refused, match="not_found"):
        request_of(world.corridor, CLIENT, wish)


@pytest.mark.parametrize("request_id", ["", "x", "\x00", NOBODYS])
def test_what_is_no_request_is_not_there(world, wish, request_id):
    with pytest.raises(Refused, match="not_found"):
        request_of(world.corridor, CLIENT, request_id)
