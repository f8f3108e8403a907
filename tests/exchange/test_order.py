"""The order of messages about one client to one partner: as accepted, and a later one overtakes what nobody has seen yet (ADR 11)."""

from concurrent.futures import ThreadPoolExecutor

from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.plugin_api import RefusedByPartner
from tests.exchange.conftest import ABH, JOBCENTER, ScriptedTransport
from tests.exchange.ordering import DOWN, EMAIL, LABOUR, LEVEL, OTHER, SUPPORT, deliver, email, given_up, ids, level, line, pushed, send
from tests.exchange.updating import SUBSCRIPTIONS, Updating

__all__ = ["pushed"]


def test_messages_leave_in_the_order_of_acceptance(pushed, scripted):
    sent = [send(pushed, email("a@example.org")), send(pushed, level("B1")), send(pushed, level("B2"), purpose=SUPPORT)]
    deliver(pushed)
    assert ids(scripted) == sent


def test_a_later_one_waits_until_the_earlier_one_is_through(pushed, scripted):
    scripted.outcomes = [DOWN, DOWN]
    first, second = send(pushed, email("a@example.org")), send(pushed, level("B1"))
    assert deliver(pushed) == 1
    pushed.later(hours=1)
    assert deliver(pushed) == 1
    assert ids(scripted) == [first, first]
    pushed.later(hours=1)
    deliver(pushed)
    assert ids(scripted) == [first, first, first, second]


def test_what_the_partner_refuses_lets_the_next_one_go(pushed, scripted):
    scripted.outcomes = [RefusedByPartner("http_422")]
    first, second = send(pushed, email("a@example.org")), send(pushed, level("B1"))
    deliver(pushed)
    assert ids(scripted) == [first, second]


def test_nobody_waits_for_another_client_or_another_partner(pushed, scripted):
    elsewhere = ScriptedTransport()
    pushed.by(elsewhere, ABH)
    scripted.outcomes = [DOWN]
    pushed.link("355A000816", client=OTHER)
    pushed.declare(EMAIL, client=OTHER)
    pushed.link("ABH-1", partner=ABH)
    pushed.declare("person.name", partner=ABH)
    held_up = send(pushed, email("a@example.org"))
    other = send(pushed, email("b@example.org"), client=OTHER)
    abh = send(pushed, {"person": {"name": {"family": "Ṣāleḥī", "given": "Šīrīn"}}}, partner=ABH)
    deliver(pushed)
    assert ids(scripted) == [held_up, other]
    assert ids(elsewhere) == [abh]


def test_a_later_value_takes_the_place_of_one_that_waits(pushed, scripted):
    earlier, later = send(pushed, email("a@example.org")), send(pushed, email("b@example.org"))
    assert line(pushed, earlier) == ("overtaken", later)
    assert pushed.shown(earlier)["withheld"] == [{"scope": EMAIL, "reason": "overtaken"}]
    deliver(pushed)
    (parcel,) = scripted.parcels
    assert parcel.message_id == later
    assert b"b@example.org" in parcel.content
    assert pushed.shown(earlier)["state"] == "overtaken"
    assert [one["exchange"] for one in pushed.disclosures()] == [later]


def test_the_rest_of_what_was_overtaken_still_goes_and_first(pushed, scripted):
    earlier = send(pushed, email("a@example.org") | level("B1"))
    later = send(pushed, email("b@example.org"))
    assert line(pushed, earlier) == ("queued", f"overtaken_by:{later}")
    deliver(pushed)
    assert ids(scripted) == [earlier, later]
    assert b"a@example.org" not in scripted.parcels[0].content
    assert b"B1" in scripted.parcels[0].content
    shown = pushed.shown(earlier)
    assert shown["released"] == [LEVEL]
    assert shown["withheld"] == [{"scope": EMAIL, "reason": "overtaken"}]
    assert [one["scopes"] for one in pushed.disclosures()] == [[LEVEL], [EMAIL]]


def test_scope_after_scope_is_taken_out_until_nothing_is_left(pushed, scripted):
    first = send(pushed, email("a@example.org") | level("B1"))
    send(pushed, email("b@example.org"))
    last = send(pushed, level("B2"))
    assert line(pushed, first) == ("overtaken", last)
    deliver(pushed)
    assert len(scripted.parcels) == 2
    assert not any(b"a@example.org" in parcel.content or b"B1<" in parcel.content for parcel in scripted.parcels)


def test_what_is_overtaken_stands_in_the_later_ones_audit_entry(pushed):
    earlier, later = send(pushed, email("a@example.org")), send(pushed, email("b@example.org"))
    with pushed.corridor.store.reading() as tx:
        told = [entry.content for entry in tx.audit_log.entries() if later in entry.content.decode() and b"overtakes" in entry.content]
    assert len(told) == 1
    assert earlier.encode() in told[0]


def test_what_was_tried_in_vain_and_waits_again_is_overtaken_too(pushed, scripted):
    scripted.outcomes = [DOWN]
    earlier = send(pushed, email("a@example.org"))
    deliver(pushed)
    later = send(pushed, email("b@example.org"))
    assert line(pushed, earlier) == ("overtaken", later)
    deliver(pushed)
    assert ids(scripted) == [earlier, later]  # nothing holds up the later one any more


def test_what_is_on_its_way_is_not_overtaken_and_comes_first_again(pushed, scripted):
    sent = []

    def meanwhile(_):
        with ThreadPoolExecutor(1) as pool:
            sent.append(pool.submit(send, pushed, email("b@example.org")).result())
        return DOWN

    scripted.outcomes = [meanwhile]
    earlier = send(pushed, email("a@example.org"))
    deliver(pushed)
    assert pushed.shown(earlier)["state"] == "queued"
    pushed.later(hours=1)
    deliver(pushed)
    assert ids(scripted) == [earlier, earlier, *sent]


def test_a_partner_that_fetches_keeps_what_it_was_handed(world):
    world.link()
    world.declare(EMAIL)
    handed_out = send(world, email("a@example.org"))
    world.outbox()
    waiting, later = send(world, email("b@example.org")), send(world, email("c@example.org"))
    assert [item["id"] for item in world.outbox()] == [handed_out, later]
    assert line(world, waiting) == ("overtaken", later)


def test_what_waits_for_another_purpose_is_not_overtaken(pushed, scripted):
    sent = [send(pushed, email("a@example.org"), purpose=SUPPORT), send(pushed, email("b@example.org"), purpose=LABOUR)]
    deliver(pushed)
    assert ids(scripted) == sent
    assert {pushed.shown(exchange)["state"] for exchange in sent} == {"delivered"}


def test_what_leaves_nothing_behind_overtakes_nothing(pushed):
    earlier = send(pushed, email("a@example.org"))
    assert pushed.send({"contact": {"phone": "+491700000000"}})["state"] == "withheld"
    assert line(pushed, earlier) == ("queued", None)


def test_what_was_given_up_holds_up_nothing(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org"))
    later = send(pushed, level("B1"))
    deliver(pushed)
    assert ids(scripted) == [later]
    assert pushed.shown(failed)["state"] == "failed"


def test_what_was_given_up_is_not_overtaken_before_somebody_asks_for_it(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org"))
    send(pushed, email("b@example.org"))
    assert pushed.shown(failed)["state"] == "failed"


def test_what_is_held_for_a_digest_holds_up_nothing_and_brings_no_older_value_back(pushed, scripted):
    """It leaves days later, whatever it is for."""
    update = Updating(pushed)
    update.subscribe(SUBSCRIPTIONS, digest=WeeklyDigest.of("monday 06:00"))
    pushed.by(scripted)
    update(level("B1"))
    later = send(pushed, level("B2"), purpose=SUPPORT)
    deliver(pushed)
    assert ids(scripted) == [later]
    pushed.later(days=8)
    deliver(pushed)
    assert not any(b"B1<" in parcel.content for parcel in scripted.parcels)


def test_another_partners_order_is_its_own(pushed, scripted):
    """The same scope for another partner overtakes nothing here."""
    pushed.link("ABH-1", partner=ABH)
    pushed.declare("person.name", partner=ABH)
    pushed.declare("person.name", partner=JOBCENTER)
    name = {"person": {"name": {"family": "Ṣāleḥī", "given": "Šīrīn"}}}
    here = send(pushed, name)
    send(pushed, name, partner=ABH)
    assert pushed.shown(here)["state"] == "queued"
