"""A client's own page opens for the code and the number together, five tries long, and for nobody else's."""

import threading
from datetime import timedelta

import pytest

from imgate.audit.events import EventName
from imgate.exchange.client_page import (
    TRIES,
    code_of,
    code_on_copy,
    declarations_of,
    disclosures_of,
    give_number,
    in_groups,
    lock_page,
    make_page,
    number_of,
    open_page,
    reference_of_page,
    renew_code,
    state_of_page,
    still_opens,
)
from imgate.exchange.refusals import Refused
from imgate.storage.audit_pages import audit_page
from imgate.storage.erase import erase_client
from tests.exchange.conftest import CLIENT

CODE = "0123456789ABCDEFGHJK"
OTHER = "K-2026-2202"
HOURS = timedelta(hours=24)


MARKS = "a" + "\u0315\u0316" * 100


@pytest.mark.parametrize("typed", [MARKS, CODE + " " * 41, "1" * 61])
def test_what_is_too_long_is_neither_code_nor_number_before_anything_is_made_of_it(typed, monkeypatch):
    monkeypatch.setattr("imgate.exchange.client_page.unicodedata", None)
    assert code_of(typed) is None
    assert number_of(typed) is None


@pytest.fixture
def declaration(world):
    """A declaration of a client whose page is made."""
    made = world.declare("language.level")
    make_page(world.corridor, "manager", CLIENT)
    return made


def code(world, declaration):
    return code_on_copy(world.corridor, declaration)


def opened(world, code, number):
    return open_page(world.corridor, code, number)


def number(world, holds_for=HOURS, client=CLIENT):
    return give_number(world.corridor, "manager", client, holds_for)


def wrong(right):
    return f"{(int(right) + 1) % 10**8:08}"


def events(world):
    return [entry.event for entry in reversed(audit_page(world.gateway.store, None, 100).entries)]


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        "0123-4567-89AB-CDEF-GHJK",
        " 0123 4567 89ab cdef ghjk\n",
        "0123–4567—89AB‑CDEF.GHJK",
        "O123456789ABCDEFGHJK",
        "oI23456789abcdefghjk",
        "0L23456789ABCDEFGHJK",
        "0l23456789ABCDEFGHJK",
        "０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫ",
        "٠١٢٣٤٥٦٧٨٩ABCDEFGHJK",
        "0123456789АВСDЕFGНJК",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert code_of(typed) == CODE


@pytest.mark.parametrize("typed", ["", " ", CODE[:-1], CODE + "0", CODE[:-1] + "U", CODE[:-1] + "ä", CODE[:-1] + "\0", "Ⅳ" * 20])
def test_what_is_no_code_is_none(typed):
    assert code_of(typed) is None


@pytest.mark.parametrize("typed", ["12345678", "1234 5678", "1234-5678", "١٢٣٤٥٦٧٨", "۱۲۳۴۵۶۷۸", "１２３４５６７８"])
def test_a_number_is_read_in_whichever_digits(typed):
    assert number_of(typed) == "12345678"


@pytest.mark.parametrize("typed", ["", "1234567", "123456789", "1234567x", "-12345678x", "²2345678"])
def test_what_is_no_number_is_none(typed):
    assert number_of(typed) is None


def test_a_code_is_written_in_groups_of_four_and_read_back(world, declaration):
    written = in_groups(code(world, declaration))
    assert [len(group) for group in written.split("-")] == [4] * 5
    assert code_of(written) == code(world, declaration)


def test_code_and_number_open_the_page_of_that_client(world, declaration):
    client = opened(world, code(world, declaration), number(world))
    assert reference_of_page(world.corridor, client) == CLIENT


def test_without_a_wish_there_is_no_page_and_no_code(world):
    declaration = world.declare("language.level")
    assert code(world, declaration) is None
    assert state_of_page(world.corridor, CLIENT) is None


@pytest.mark.parametrize("work", [make_page, renew_code, lock_page])
def test_nobody_makes_a_page_for_somebody_unknown(world, work):
    with pytest.raises(Refused, match="not_found"):
        work(world.corridor, "manager", OTHER)


@pytest.mark.parametrize("work", [renew_code, lock_page])
def test_what_is_about_a_page_needs_one(world, work):
    world.declare("language.level")
    with pytest.raises(Refused, match="not_found"):
        work(world.corridor, "manager", CLIENT)
    with pytest.raises(Refused, match="not_found"):
        number(world)


def test_a_page_that_was_made_but_has_no_number_opens_for_nothing(world, declaration):
    assert opened(world, code(world, declaration), "") is None
    assert opened(world, code(world, declaration), "00000000") is None


def test_a_number_opens_no_other_page(world, declaration):
    world.declare("language.level", client=OTHER)
    make_page(world.corridor, "manager", OTHER)
    number(world)
    assert opened(world, code(world, declaration), number(world, client=OTHER)) is None


def test_making_it_again_changes_nothing(world, declaration):
    before, given = code(world, declaration), number(world)
    make_page(world.corridor, "manager", CLIENT)
    assert code(world, declaration) == before
    assert opened(world, before, given)


def test_another_number_replaces_the_first(world, declaration):
    first, second = number(world), number(world)
    assert opened(world, code(world, declaration), first) is None
    assert opened(world, code(world, declaration), second)


def test_a_number_ends_when_its_time_is_over(world, declaration):
    given = number(world)
    world.later(hours=23, minutes=59)
    assert opened(world, code(world, declaration), given)
    world.later(minutes=1)
    assert opened(world, code(world, declaration), given) is None
    assert state_of_page(world.corridor, CLIENT).number_until is None


def test_opening_it_makes_the_number_hold_no_longer(world, declaration):
    given = number(world)
    world.later(hours=20)
    assert opened(world, code(world, declaration), given)
    world.later(hours=4)
    assert opened(world, code(world, declaration), given) is None


def test_the_fifth_wrong_number_locks_the_page_also_for_the_right_one(world, declaration):
    given = number(world)
    for _ in range(TRIES):
        assert not state_of_page(world.corridor, CLIENT).locked
        assert opened(world, code(world, declaration), wrong(given)) is None
    assert state_of_page(world.corridor, CLIENT).locked
    assert opened(world, code(world, declaration), given) is None
    assert events(world).count(EventName.CLIENT_PAGE_LOCKED) == 1


def test_after_four_wrong_numbers_the_right_one_still_opens_and_tries_count_anew(world, declaration):
    given = number(world)
    for _ in range(3):
        for _ in range(TRIES - 1):
            assert opened(world, code(world, declaration), wrong(given)) is None
        assert opened(world, code(world, declaration), given)


def test_another_number_unlocks_it(world, declaration):
    given = number(world)
    for _ in range(TRIES + 3):
        opened(world, code(world, declaration), wrong(given))
    given = number(world)
    assert opened(world, code(world, declaration), given)


def test_many_tries_at_once_are_no_more_than_five(world, declaration):
    given, right = number(world), code(world, declaration)
    found = []
    threads = [threading.Thread(target=lambda: found.append(opened(world, right, wrong(given)))) for _ in range(2 * TRIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [None] * 2 * TRIES
    assert opened(world, right, given) is None
    assert events(world).count(EventName.CLIENT_PAGE_LOCKED) == 1


def test_an_unknown_code_counts_for_nobody(world, declaration):
    given = number(world)
    for _ in range(2 * TRIES):
        assert opened(world, CODE, given) is None
    assert opened(world, code(world, declaration), given)


def test_another_code_kills_the_first_and_its_number(world, declaration):
    before, given = code(world, declaration), number(world)
    renew_code(world.corridor, "manager", CLIENT)
    assert code(world, declaration) != before
    assert opened(world, before, given) is None
    assert opened(world, code(world, declaration), given) is None
    assert opened(world, code(world, declaration), number(world))


def test_the_page_is_another_clients_only_under_another_code(world, declaration):
    client = opened(world, code(world, declaration), number(world))
    before = code(world, declaration)
    assert still_opens(world.corridor, before, client)
    assert not still_opens(world.corridor, before, "0" * 64)
    renew_code(world.corridor, "manager", CLIENT)
    assert not still_opens(world.corridor, before, client)


def test_a_locked_page_keeps_its_code_and_its_day(world, declaration):
    before, given, made_at = code(world, declaration), number(world), state_of_page(world.corridor, CLIENT).made_at
    world.later(days=3)
    lock_page(world.corridor, "manager", CLIENT)
    assert (code(world, declaration), state_of_page(world.corridor, CLIENT).made_at) == (before, made_at)
    assert opened(world, before, given) is None
    given = number(world)
    assert opened(world, before, given)


def test_each_page_has_a_code_of_its_own(world, declaration):
    second = world.declare("language.level", client=OTHER)
    make_page(world.corridor, "manager", OTHER)
    assert code(world, second) != code(world, declaration)


def test_all_copies_of_a_client_carry_the_same_code(world, declaration):
    assert code(world, world.declare("work.status")) == code(world, declaration)


def test_who_is_erased_has_no_page_any_more(world, declaration):
    before, given = code(world, declaration), number(world)
    client = opened(world, before, given)
    erase_client(world.gateway.store, CLIENT, world.now, "operator")
    assert opened(world, before, given) is None
    assert reference_of_page(world.corridor, client) is None
    with pytest.raises(Refused, match="not_found"):
        state_of_page(world.corridor, CLIENT)


def test_the_log_says_what_was_done_and_neither_code_nor_number(world, declaration):
    given = number(world)
    opened(world, code(world, declaration), given)
    lock_page(world.corridor, "manager", CLIENT)
    written = str([(entry.event, entry.actor, entry.fields) for entry in audit_page(world.gateway.store, None, 100).entries])
    for event in ("CLIENT_PAGE_MADE", "CLIENT_PAGE_FACTOR", "CLIENT_PAGE_OPENED", "CLIENT_PAGE_LOCKED"):
        assert EventName[event] in events(world)
    assert given not in written
    assert code(world, declaration) not in written
    assert CLIENT not in written


def test_its_lists_are_whole_and_the_newest_first(world, declaration):
    later = world.declare("work.status")
    world.declare("work.status", client=OTHER)
    assert [one["id"] for one in declarations_of(world.corridor, CLIENT)] == [later, declaration]
    assert disclosures_of(world.corridor, OTHER) == []
