"""What a partner asked a client for begins a declaration of that client, and of nobody else."""

import pytest

from imgate.exchange.declarations.asked_for import asked_for
from imgate.exchange.refusals import Refused
from imgate.exchange.scope_requests import RequestAnswer, answer, ask
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import CLIENT, JOBCENTER

OTHER = "K-2026-1102"


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


def test_it_says_partner_purpose_and_scopes(world, wish):
    asked = asked_for(world.corridor, CLIENT, wish)
    assert (asked.partner, asked.purpose, asked.scopes) == (JOBCENTER, "labour_market_integration", ("work.history",))


@pytest.mark.parametrize("client", [OTHER, "K-9"])
def test_for_another_client_it_is_not_there(world, wish, client):
    world.declare("language.level", client=OTHER)
    with pytest.raises(Refused, match="not_found"):
        asked_for(world.corridor, client, wish)


def test_what_somebody_has_answered_is_not_there(world, wish):
    answer(world.corridor, world.call(), wish, RequestAnswer.DECLINED)
    with pytest.raises(Refused, match="not_found"):
        asked_for(world.corridor, CLIENT, wish)


@pytest.mark.parametrize("request_id", ["", "x", "\x00", new_id()])
def test_what_is_no_request_is_not_there(world, wish, request_id):
    with pytest.raises(Refused, match="not_found"):
        asked_for(world.corridor, CLIENT, request_id)
