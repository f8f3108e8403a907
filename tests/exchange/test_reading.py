"""What a partner's people read is decided again before each look, goes on record, and ends at once when the permission does."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from imgate.exchange import boxes, reading, reading_list
from imgate.exchange.ports import BadCursor, Wanted
from imgate.exchange.reading import ReadMessage, ReadNotice
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.plugin_api import ReleasedRecord
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EvidenceLevel
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, REFERENCE
from tests.exchange.told import BOTH, LEVEL, STATUS

OTHER, OTHER_REFERENCE = "K-2026-1102", "355A000999"


def lines(world, partner=JOBCENTER, **wanted):
    return reading_list.page(world.corridor, world.call(), partner, Cursor(None, 25), Wanted(**wanted)).items


def read(world, exchange, partner=JOBCENTER):
    return reading.read(world.corridor, world.call(), partner, exchange)


def sent(world, record=BOTH, *scopes, **more):
    """Have a message wait; give the declaration and the message's id."""
    world.link()
    declaration = world.declare(*(scopes or ("language.level", "residence.status")), **more)
    return declaration, world.send(record)["id"]


def somebody_else(world, record=LEVEL):
    world.link(OTHER_REFERENCE, client=OTHER)
    world.declare("language.level", client=OTHER)
    return world.send(record, client=OTHER)["id"]


def not_there(world, exchange, partner=JOBCENTER):
    with pytest.raises(Refused, match="not_found"):
        read(world, exchange, partner)
    return True


# A look is a hand-out


def test_a_line_says_whom_what_for_and_until_when(world):
    sent(world, valid_until="2026-09-30")
    (line,) = lines(world)
    assert (line.reference, line.scopes, line.purpose, line.until) == (
        REFERENCE,
        ("residence.status", "language.level"),
        "labour_market_integration",
        "2026-09-30",
    )


def test_the_last_day_of_a_line_is_the_first_on_which_part_of_it_ends(world):
    world.link()
    world.declare("language.level", valid_until="2026-05-31")
    world.declare("residence.status", valid_until="2026-12-31")
    world.send(BOTH)
    assert [line.until for line in lines(world)] == ["2026-05-31"]


def test_what_is_listed_is_handed_out_and_on_record_once(world):
    _, exchange = sent(world)
    lines(world)
    lines(world)
    read(world, exchange)
    assert world.shown(exchange)["state"] == "delivered"
    (disclosure,) = world.disclosures()
    assert disclosure["scopes"] == ["residence.status", "language.level"]


def test_the_list_and_the_machine_are_handed_the_same_bytes(world):
    _, exchange = sent(world)
    lines(world)
    (item,) = world.outbox()
    assert base64.b64decode(item["content"]) == read(world, exchange).content
    assert len(world.disclosures()) == 1


def test_a_list_opens_no_payload(world, monkeypatch):
    sent(world)
    monkeypatch.setattr("imgate.exchange.again.open_message", lambda *_: pytest.fail("opened"))
    monkeypatch.setattr("imgate.exchange.again.open_released", lambda *_: pytest.fail("opened"))
    assert len(lines(world)) == 1


def test_a_read_message_holds_the_released_part_and_nothing_else(world):
    _, exchange = sent(world, BOTH | {"contact": {"email": "a@example.org"}})
    message = read(world, exchange)
    assert isinstance(message, ReadMessage)
    assert isinstance(message.released, ReleasedRecord)
    assert message.released.record == STATUS | LEVEL
    assert message.envelope.reference == REFERENCE
    assert {release.discloser for release in message.released.releases.values()} == {"Integrationsmanagement Winnenden"}


def test_a_read_message_names_each_declaration_with_term_and_level_and_no_word_of_the_client(world):
    world.link()
    first = world.declare("language.level", valid_until="2026-05-31", occasion="Ein Anlass mit einem Geheimnis darin")
    second = world.declare("residence.status")
    exchange = world.send(BOTH)["id"]
    message = read(world, exchange)
    assert {(p.declaration, p.scopes, p.until, p.level) for p in message.permissions} == {
        (first, ("language.level",), "2026-05-31", EvidenceLevel.WRITTEN),
        (second, ("residence.status",), "2026-12-31", EvidenceLevel.WRITTEN),
    }
    assert "Geheimnis" not in repr(message.permissions)


def test_nothing_personal_stands_in_a_repr(world):
    _, exchange = sent(world)
    for shown in (repr(lines(world)), repr(read(world, exchange)), repr(Wanted(reference=REFERENCE))):
        assert REFERENCE not in shown
        assert "B1" not in shown


# What ends, ends at once


def test_a_revocation_takes_the_message_out_of_list_search_and_reading(world):
    declaration, exchange = sent(world)
    world.revoke(declaration)
    assert lines(world) == ()
    assert lines(world, reference=REFERENCE) == ()
    assert not_there(world, exchange)


def test_a_scope_that_is_revoked_is_in_no_line_and_no_value(world):
    declaration, exchange = sent(world)
    read(world, exchange)
    world.revoke(declaration, ["residence.status"])
    message = read(world, exchange)
    assert message.released.record == LEVEL
    assert b"2024-05-02" not in message.content
    assert [line.scopes for line in lines(world) if not line.notice] == [("language.level",)]
    assert lines(world, scope="residence.status") == ()


def test_what_is_past_its_term_is_dropped_by_a_look_at_the_list(world):
    _, exchange = sent(world, valid_until="2026-03-02")
    world.later(days=1)
    assert lines(world) == ()
    assert world.shown(exchange)["state"] == "cancelled"
    with world.corridor.store.reading() as tx:
        assert tx.outbox.box(exchange) is None


def test_what_is_past_its_term_is_dropped_by_a_look_at_the_message(world):
    _, exchange = sent(world, valid_until="2026-03-02")
    world.later(days=1)
    assert not_there(world, exchange)
    assert world.shown(exchange)["state"] == "cancelled"


def test_what_became_narrower_is_written_anew_and_on_record_again_by_a_look_at_the_list(world):
    world.link()
    world.declare("language.level")
    world.declare("residence.status", valid_until="2026-03-02")
    exchange = world.send(BOTH)["id"]
    lines(world)
    world.later(days=1)
    (line,) = lines(world)
    assert (line.scopes, line.until) == (("language.level",), "2026-12-31")
    assert [disclosure["scopes"] for disclosure in world.disclosures()] == [["residence.status", "language.level"], ["language.level"]]
    assert b"2024-05-02" not in read(world, exchange).content


def test_another_reference_is_read_at_once_and_the_old_one_finds_nothing(world):
    _, exchange = sent(world)
    world.link("NEU-2")
    assert read(world, exchange).envelope.reference == "NEU-2"
    assert lines(world, reference=REFERENCE) == ()
    assert [line.id for line in lines(world, reference="NEU-2")] == [exchange]


# Nobody else's


@pytest.mark.parametrize("case", ["another partner's", "unknown", "acknowledged", "given back", "revoked", "erased", "unlinked"])
def test_what_may_not_be_had_is_not_there_in_the_same_words(world, case, tmp_path):
    declaration, exchange = sent(world)
    match case:
        case "another partner's":
            assert not_there(world, exchange, ABH)
            return
        case "unknown":
            exchange = new_id()
        case "acknowledged":
            read(world, exchange)
            boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
        case "given back":
            read(world, exchange)
            boxes.outbox_reject(world.corridor, world.call(), JOBCENTER, exchange, boxes.RejectRequest(code="not_for_me"))
        case "revoked":
            world.revoke(declaration)
        case "erased":
            erase_client(world.gateway.store, CLIENT, world.now, "operator")
        case "unlinked":
            world.unlink()
    assert not_there(world, exchange)
    assert all(line.id != exchange for line in lines(world))


def test_a_partner_that_is_not_configured_reads_nothing(world):
    _, exchange = sent(world)
    assert not_there(world, exchange, "jobcenter-stuttgart")
    with pytest.raises(Refused, match="not_found"):
        lines(world, "jobcenter-stuttgart")


def test_what_is_pushed_to_a_partner_waits_in_nobodys_list(world, scripted):
    _, exchange = sent(world)
    assert lines(world) == ()
    assert not_there(world, exchange)
    assert world.shown(exchange)["state"] == "queued"


def test_somebody_elses_message_stands_in_no_search_for_a_reference(world):
    _, exchange = sent(world)
    other = somebody_else(world)
    assert [line.id for line in lines(world, reference=REFERENCE)] == [exchange]
    assert [line.id for line in lines(world, reference=OTHER_REFERENCE)] == [other]
    assert lines(world, reference=REFERENCE.lower()) == ()
    assert lines(world, reference=CLIENT) == ()


def test_a_search_hands_out_what_it_finds_and_nothing_else(world):
    _, exchange = sent(world)
    other = somebody_else(world)
    lines(world, reference=REFERENCE)
    assert world.shown(exchange)["state"] == "delivered"
    assert world.shown(other)["state"] == "queued"


def test_a_message_that_cannot_be_opened_is_not_there_and_stays_off_the_record(world, monkeypatch):
    _, exchange = sent(world)
    with world.corridor.store.transaction() as tx:
        tx.session.driver.execute("UPDATE outbox SET released = x'00'")
    assert not_there(world, exchange)
    assert world.disclosures() == []


# Order, pages and filters


def test_the_oldest_stands_first_or_the_newest_and_every_message_once(world):
    world.link()
    world.declare("language.level")
    ids = []
    for _ in range(5):  # what nobody has looked at yet is overtaken by the next
        ids.append(world.send(LEVEL)["id"])
        lines(world)

    def walked(**wanted):
        found, cursor = [], Cursor(None, 2)
        while True:
            page = reading_list.page(world.corridor, world.call(), JOBCENTER, cursor, Wanted(**wanted))
            found += [line.id for line in page.items]
            if page.next is None:
                return found
            cursor = Cursor(page.next, 2)

    assert walked() == ids
    assert walked(newest_first=True) == ids[::-1]
    assert walked(reference=REFERENCE, newest_first=True) == ids[::-1]


def crowd(world, *terms):
    """Have a message wait about each of so many clients, under a declaration with this last day; give their ids."""
    ids = []
    for place, until in enumerate(terms):
        client = f"K-2026-2{place:03}"
        world.link(f"355B{place:03}", client=client)
        world.declare("language.level", client=client, valid_until=until)
        ids.append(world.send(LEVEL, client=client)["id"])
    return ids


ENDS, RUNS = "2026-03-02", "2026-12-31"


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(
    ("terms", "pages"),
    [
        ([ENDS, ENDS, ENDS, RUNS], [[3]]),
        ([RUNS, RUNS, ENDS, ENDS], [[0, 1]]),
        ([RUNS, ENDS, RUNS, ENDS, RUNS], [[0, 2], [4]]),
        ([ENDS] * 5, [[]]),
        ([RUNS, ENDS, ENDS, ENDS, ENDS, RUNS, ENDS], [[0, 5]]),
    ],
)
def test_no_gap_and_no_next_page_tells_of_somebody_whose_permission_has_ended(world, terms, pages, newest_first):
    terms, pages = (terms[::-1], pages) if newest_first else (terms, pages)
    ids = crowd(world, *terms)
    ids = ids[::-1] if newest_first else ids
    world.later(days=1)
    seen, cursor = [], Cursor(None, 2)
    while True:
        page = reading_list.page(world.corridor, world.call(), JOBCENTER, cursor, Wanted(newest_first=newest_first))
        seen.append([ids.index(line.id) for line in page.items])
        if page.next is None:
            break
        cursor = Cursor(page.next, 2)
    assert seen == pages


def test_to_know_that_there_is_more_hands_nothing_of_it_out(world):
    ids = crowd(world, RUNS, RUNS, RUNS)
    assert reading_list.page(world.corridor, world.call(), JOBCENTER, Cursor(None, 2)).next is not None
    assert [world.shown(one)["state"] for one in ids] == ["delivered", "delivered", "queued"]


def test_a_place_in_the_list_that_was_never_given_is_refused(world):
    with pytest.raises(BadCursor):
        reading_list.page(world.corridor, world.call(), JOBCENTER, Cursor("x", 25))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"purpose": "labour_market_integration"}, True),
        ({"purpose": "housing"}, False),
        ({"scope": "language.level"}, True),
        ({"scope": "residence.status"}, False),
        ({"scope": "language_level"}, False),
        ({"scope": "%"}, False),
        ({"since": datetime(2026, 3, 2, tzinfo=UTC)}, True),
        ({"since": datetime(2026, 3, 3, tzinfo=UTC)}, False),
        ({"until": datetime(2026, 3, 3, tzinfo=UTC)}, True),
        ({"until": datetime(2026, 3, 2, tzinfo=UTC)}, False),
        ({"purpose": "labour_market_integration", "scope": "language.level", "reference": "NIEMAND"}, False),
    ],
)
def test_a_search_finds_what_was_asked_for_and_nothing_else(world, wanted, found):
    sent(world, LEVEL)
    assert bool(lines(world, **wanted)) is found


# Notices of the end of use


def told(world):
    """Have the partner handed something, and told that the permission has ended; give the notice's id."""
    declaration, exchange = sent(world)
    read(world, exchange)
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
    world.later(minutes=1)
    world.revoke(declaration)
    (line,) = lines(world)
    return line.id


def test_a_notice_is_read_as_one(world):
    exchange = told(world)
    (line,) = lines(world)
    assert (line.notice, line.scopes, line.purpose, line.until) == (True, ("language.level", "residence.status"), None, None)
    notice = read(world, exchange)
    assert isinstance(notice, ReadNotice)
    assert (notice.reference, notice.scopes, notice.reminder) == (REFERENCE, ("language.level", "residence.status"), False)
    assert notice.ended_on == world.now.date()


def test_a_notice_is_found_by_the_reference_that_it_names_and_by_no_other_of_the_same_person(world):
    """Else a partner would learn that two references are one person's."""
    exchange = told(world)
    world.link("NEU-2")
    assert [line.id for line in lines(world, reference=REFERENCE)] == [exchange]
    assert lines(world, reference="NEU-2") == ()


def test_a_notice_is_no_paper(world):
    exchange = told(world)
    with pytest.raises(Refused, match="not_found"):
        reading.on_paper(world.corridor, world.call(), JOBCENTER, exchange)


# On paper


def test_a_message_on_paper_is_a_pdf_of_what_may_be_had_now(world):
    declaration, exchange = sent(world)
    assert reading.on_paper(world.corridor, world.call(), JOBCENTER, exchange).startswith(b"%PDF")
    world.later(seconds=1)
    world.revoke(declaration)
    with pytest.raises(Refused, match="not_found"):
        reading.on_paper(world.corridor, world.call(), JOBCENTER, exchange)


def test_a_paper_goes_on_record_before_it_is_set(world):
    _, exchange = sent(world)
    reading.on_paper(world.corridor, world.call(), JOBCENTER, exchange)
    assert world.shown(exchange)["state"] == "delivered"
    assert len(world.disclosures()) == 1


def test_a_term_that_ends_today_is_read_today_and_not_tomorrow(world):
    _, exchange = sent(world, valid_until="2026-03-02")
    world.now = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
    assert read(world, exchange)
    world.now += timedelta(minutes=1)
    assert not_there(world, exchange)
