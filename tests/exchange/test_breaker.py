"""The circuit breaker: a partner that cannot be reached is left in peace, longer and longer, and one message finds out that it is back."""

from datetime import UTC, datetime, timedelta

import pytest

from imgate.exchange import breaker
from imgate.exchange.stored import Breaker
from imgate.plugin_api import Delivered, NotDelivered, RefusedByPartner

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOWN = NotDelivered("not_connected")


def failed(times, at=NOW, health=None):
    """A partner that could not be reached so often, all at this moment."""
    health = health or Breaker()
    for _ in range(times):
        health = breaker.after(health, DOWN, at, trying=False)
    return health


def pause(health, at=NOW):
    return health.open_until - at


def tried(health, outcome, at):
    """One message tries whether the partner is back."""
    return breaker.after(breaker.trying(health, at + timedelta(seconds=90)), outcome, at, trying=True)


def test_a_partner_of_whom_nothing_is_known_is_sent_everything():
    assert breaker.allowed(Breaker(), NOW, 16) == 16


@pytest.mark.parametrize("failures", range(1, breaker.FAILURES))
def test_few_failures_hold_up_nothing(failures):
    assert breaker.allowed(failed(failures), NOW, 16) == 16


def test_failures_in_a_row_open_it():
    health = failed(breaker.FAILURES)
    assert breaker.allowed(health, NOW, 16) == 0
    assert pause(health) == timedelta(seconds=30)


@pytest.mark.parametrize("outcome", [Delivered(), RefusedByPartner("http_404")])
def test_an_answer_in_between_begins_the_count_anew(outcome):
    health = breaker.after(failed(breaker.FAILURES - 1), outcome, NOW, trying=False)
    assert breaker.allowed(failed(breaker.FAILURES - 1, health=health), NOW, 16) == 16


def test_until_the_pause_has_ended_nothing_is_tried_and_then_one_message():
    health = failed(breaker.FAILURES)
    assert breaker.allowed(health, health.open_until - timedelta(microseconds=1), 16) == 0
    assert breaker.allowed(health, health.open_until, 16) == 1


def test_nothing_is_allowed_where_nothing_is_asked_for():
    health = failed(breaker.FAILURES)
    assert breaker.allowed(health, health.open_until, 0) == 0


def test_while_one_message_tries_no_other_does_unless_it_never_ends():
    until = NOW + timedelta(seconds=90)
    health = breaker.trying(failed(breaker.FAILURES), until)
    assert breaker.allowed(health, until - timedelta(microseconds=1), 16) == 0
    assert breaker.allowed(health, until, 16) == 1


def test_each_try_in_vain_doubles_the_pause_up_to_a_quarter_of_an_hour():
    health, at, pauses = failed(breaker.FAILURES), NOW, []
    for _ in range(40):
        pauses.append(pause(health, at))
        at = health.open_until
        health = tried(health, DOWN, at)
    assert pauses[:6] == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 900)]
    assert set(pauses[5:]) == {timedelta(minutes=15)}


@pytest.mark.parametrize("outcome", [Delivered(), RefusedByPartner("http_422")])
def test_a_try_that_is_answered_closes_it(outcome):
    health = failed(breaker.FAILURES)
    assert tried(health, outcome, health.open_until) == Breaker()


def test_attempts_that_were_under_way_when_it_opened_make_the_pause_no_longer():
    health = failed(breaker.FAILURES)
    assert failed(11, NOW + timedelta(seconds=5), health) == health


@pytest.mark.parametrize("code", ["http_429", "http_503"])
def test_the_pause_that_a_partner_asks_for_is_kept_from_the_first_failure_on(code):
    health = breaker.after(Breaker(), NotDelivered(code, retry_after=7200), NOW, trying=False)
    assert breaker.allowed(health, NOW + timedelta(seconds=7199), 16) == 0
    assert breaker.allowed(health, NOW + timedelta(seconds=7200), 16) == 16


def test_of_two_pauses_the_longer_one_is_kept():
    longer = breaker.after(Breaker(), NotDelivered("http_429", retry_after=7200), NOW, trying=False)
    shorter = breaker.after(longer, NotDelivered("http_429", retry_after=60), NOW + timedelta(seconds=1), trying=False)
    assert shorter.open_until == longer.open_until
    opened = failed(breaker.FAILURES, health=longer)
    assert opened.open_until == longer.open_until


def test_a_try_in_vain_keeps_the_partners_pause_where_it_is_longer_than_ours():
    health = failed(breaker.FAILURES)
    after = tried(health, NotDelivered("http_503", retry_after=3600), health.open_until)
    assert pause(after, health.open_until) == timedelta(hours=1)


def test_a_pause_of_no_length_asks_for_nothing():
    health = breaker.after(Breaker(), NotDelivered("http_503", retry_after=0.0), NOW, trying=False)
    assert breaker.allowed(health, NOW, 16) == 16


def test_what_was_under_way_and_arrives_does_not_undo_the_pause_that_the_partner_asked_for():
    """Of sixteen at once the last one allowed may still arrive after the first one too many was answered 429."""
    asked = breaker.after(Breaker(), NotDelivered("http_429", retry_after=3600), NOW, trying=False)
    after = breaker.after(asked, Delivered(), NOW + timedelta(seconds=1), trying=False)
    assert breaker.allowed(after, NOW + timedelta(minutes=30), 16) == 0
    assert breaker.allowed(after, NOW + timedelta(hours=1), 16) == 16
