"""A declaration opens on its first day at 00:00 and closes when its last day is over, in the gateway's zone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from imgate.consent.head import day_begins, day_ends
from imgate.vocabulary.reasons import Reason
from tests.consent.specimen import BERLIN, ID, answer, signed, verified

INSTANT = timedelta(microseconds=1)

# Zone, day, first instant, first instant after it; the offsets are those that the zones are published with.
DAYS = [
    ("Europe/Berlin", "2026-01-15", "2026-01-14T23:00Z", "2026-01-15T23:00Z"),
    ("Europe/Berlin", "2026-07-15", "2026-07-14T22:00Z", "2026-07-15T22:00Z"),
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # 23 hours
    ("Europe/Berlin", "2026-03-28", "2026-03-27T23:00Z", "2026-03-28T23:00Z"),
    ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # 25 hours
    ("Europe/Berlin", "2026-10-26", "2026-10-25T23:00Z", "2026-10-26T23:00Z"),
    ("Europe/Berlin", "2028-02-29", "2028-02-28T23:00Z", "2028-02-29T23:00Z"),
    ("UTC", "2026-03-29", "2026-03-29T00:00Z", "2026-03-30T00:00Z"),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),
    ("Asia/Kathmandu", "2026-06-01", "2026-05-31T18:15Z", "2026-06-01T18:15Z"),
    ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z", "2026-04-24T21:00Z"),  # 00:00 does not exist: the day begins at 01:00
    ("America/Havana", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),  # 00:00 comes twice: the first counts
    ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00Z", "2011-12-30T10:00Z"),  # the next day was left out
]


def moment(text):
    """Read one of the instants above."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("zone", "day", "begins", "ends"), DAYS)
@pytest.mark.parametrize("other_time", [False, True])
def test_a_declaration_of_one_day_holds_from_its_first_to_its_last_instant(zone, day, begins, ends, other_time):
    """One microsecond before and the one after are denied, about now and about another time alike."""
    head = signed(valid_from=day, valid_until=day, at=datetime(2000, 1, 1, tzinfo=UTC))
    paper = verified(head, ZoneInfo(zone))
    first, after = moment(begins), moment(ends)
    assert answer(paper, at=first - INSTANT, other_time=other_time) is Reason.NOT_YET_VALID
    assert answer(paper, at=first, other_time=other_time) == ID
    assert answer(paper, at=after - INSTANT, other_time=other_time) == ID
    assert answer(paper, at=after, other_time=other_time) is Reason.EXPIRED


@pytest.mark.parametrize(("zone", "day", "begins", "ends"), DAYS)
def test_a_question_asked_with_another_offset_is_about_the_same_instant(zone, day, begins, ends):
    """It is the gateway's zone that makes the day, not the asker's."""
    paper = verified(signed(valid_from=day, valid_until=day, at=datetime(2000, 1, 1, tzinfo=UTC)), ZoneInfo(zone))
    for asker in ("Asia/Tokyo", "America/Los_Angeles", zone):
        assert answer(paper, at=moment(begins).astimezone(ZoneInfo(asker))) == ID
        assert answer(paper, at=moment(ends).astimezone(ZoneInfo(asker))) is Reason.EXPIRED


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_ends_of_the_calendar_are_days_like_others(zone):
    """A term in the past or far ahead is accepted, so no zone may carry its ends beyond what a datetime can hold."""
    paper = verified(signed(valid_from="0001-01-01", valid_until="0001-01-02"), ZoneInfo(zone))
    assert answer(paper) is Reason.EXPIRED
    paper = verified(signed(valid_from="9999-12-30", valid_until="9999-12-31"), ZoneInfo(zone))
    assert answer(paper) is Reason.NOT_YET_VALID
    assert answer(verified(signed(valid_from="0001-01-01", valid_until="9999-12-31"), ZoneInfo(zone))) == ID


def test_consecutive_days_neither_overlap_nor_leave_a_gap_in_any_zone():
    """One day's end is the next day's beginning, through both nights in which the clocks change."""
    days = [f"2026-{month:02}-{day:02}" for month, last in ((3, 31), (10, 31)) for day in range(25, last + 1)]
    for zone in map(ZoneInfo, sorted(available_timezones() - {"localtime"})):
        for day, following in pairwise(days):
            if day[:7] == following[:7]:
                assert day_ends(day, zone) == day_begins(following, zone)
                assert day_begins(day, zone) < day_ends(day, zone)


def test_the_day_is_that_of_the_gateway_and_not_of_utc():
    """At 23:30 UTC of the last day it is the next day in Berlin already."""
    paper = verified(signed(valid_until="2026-05-31"), BERLIN)
    assert answer(paper, at=datetime(2026, 5, 31, 23, 30, tzinfo=UTC)) is Reason.EXPIRED
    assert answer(verified(signed(valid_until="2026-05-31"), ZoneInfo("UTC")), at=datetime(2026, 5, 31, 23, 30, tzinfo=UTC)) == ID
