"""What has not reached its partner is listed for whoever sees to it: with why, without a value, and of nobody who was erased by name."""

from imgate.exchange import in_hand
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from tests.exchange.conftest import CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.ordering import email, given_up, pushed
from tests.exchange.told import LEVEL

__all__ = ["pushed"]


def waiting(world, **cursor):
    return in_hand.waiting(world.corridor, Cursor(**cursor))


def failed(world):
    return in_hand.given_up(world.corridor, Cursor())["items"]


def test_what_waits_is_listed_until_the_partner_has_it(world):
    world.link()
    world.declare("language.level")
    exchange = world.send(LEVEL)["id"]
    (item,) = waiting(world)["items"]
    assert (item["id"], item["client"], item["partner"], item["notice"]) == (exchange, CLIENT, JOBCENTER, False)
    world.outbox()
    assert waiting(world) == {"items": []}


def test_a_notice_of_the_end_of_use_is_told_apart(world):
    world.link()
    declaration = world.declare("language.level")
    world.send(LEVEL)
    world.outbox()
    world.revoke(declaration)
    (item,) = waiting(world)["items"]
    assert item["notice"]


def test_what_was_given_up_says_why(pushed, scripted):
    exchange = given_up(pushed, scripted, email("a@example.org"))
    (item,) = failed(pushed)
    assert (item["id"], item["why"]) == (exchange, "http_503")
    assert waiting(pushed)["items"] == []


def test_nothing_of_what_a_message_says_is_listed(pushed, scripted):
    given_up(pushed, scripted, email("a@example.org"))
    assert "a@example.org" not in str(failed(pushed))


def test_lists_go_on_where_they_ended(world):
    world.link()
    world.declare("language.level", "contact.email")
    sent = [world.send(LEVEL)["id"], world.send(email("a@example.org"))["id"]]
    first = waiting(world, limit=1)
    second = waiting(world, limit=1, after=first["next"])
    assert [item["id"] for item in (*first["items"], *second["items"])] == sent


def test_of_an_erased_client_nothing_waits(world):
    world.link()
    world.declare("language.level")
    world.send(LEVEL)
    erase_client(world.gateway.store, CLIENT, world.now, "operator")
    assert waiting(world)["items"] == []


def test_it_is_told_that_partners_sent_something_until_it_is_taken_over(world):
    assert not in_hand.has_received(world.corridor)
    world.link()
    world.declare("contact_persons.jobcenter")
    world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    assert in_hand.has_received(world.corridor)
