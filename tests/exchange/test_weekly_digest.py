"""The moment of a digest is the next one on the clock on the wall, also where that clock is changed, and never now."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.exchange.weekly_digest import Weekday, WeeklyDigest

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("text", ["", "monday", "06:00", "Monday 06:00", "montag 06:00", "monday 6:00", "monday 24:00", "monday 06:60"])
def test_what_is_no_weekday_with_a_time_is_refused(text):
    with pytest.raises(ValueError, match="monday 06:00"):
        WeeklyDigest.of(text)


@pytest.mark.parametrize("text", ["monday 06:00 ", "monday  06:00", "monday 06:00\n", "monday 06:0٠"])
def test_nothing_stands_beside_it(text):
    with pytest.raises(ValueError, match="monday 06:00"):
        WeeklyDigest.of(text)


@pytest.mark.parametrize(
    ("digest", "at", "expected"),
    [
        ("monday 06:00", "2026-03-02T04:59:59+00:00", "2026-03-02T05:00:00+00:00"),
        ("monday 06:00", "2026-03-02T05:00:00+00:00", "2026-03-09T05:00:00+00:00"),  # at the moment itself: the next one
        ("monday 06:00", "2026-03-02T05:00:01+00:00", "2026-03-09T05:00:00+00:00"),
        ("monday 00:00", "2026-03-01T23:30:00+00:00", "2026-03-08T23:00:00+00:00"),  # in Berlin it is Monday already
        ("monday 06:00", "2026-03-28T12:00:00+00:00", "2026-03-30T04:00:00+00:00"),  # summer time begins on the 29th
        ("monday 06:00", "2026-10-24T12:00:00+00:00", "2026-10-26T05:00:00+00:00"),  # and ends on the 25th of October
        ("sunday 02:30", "2026-03-29T00:30:00+00:00", "2026-03-29T01:30:00+00:00"),  # there is no 02:30: it is 03:30
        ("sunday 02:30", "2026-03-29T01:30:00+00:00", "2026-04-05T00:30:00+00:00"),
        ("sunday 02:30", "2026-10-25T00:00:00+00:00", "2026-10-25T00:30:00+00:00"),  # 02:30 is twice: the first
        ("sunday 02:30", "2026-10-25T00:30:00+00:00", "2026-11-01T01:30:00+00:00"),  # and not the second
        ("sunday 02:30", "2026-10-25T01:10:00+00:00", "2026-11-01T01:30:00+00:00"),
    ],
)
def test_the_next_moment_is_right_at_the_boundary_and_where_clocks_change(digest, at, expected):
    assert WeeklyDigest.of(digest).next_after(datetime.fromisoformat(at), BERLIN) == datetime.fromisoformat(expected)


@given(
    weekday=st.sampled_from(Weekday),
    minute=st.integers(0, 24 * 60 - 1),
    at=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
    zone=st.sampled_from([BERLIN, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_moments_come_every_week_and_each_only_once(weekday, minute, at, zone):
    digest = WeeklyDigest.of(f"{weekday} {minute // 60:02}:{minute % 60:02}")
    first = digest.next_after(at, zone)
    assert at < first <= at + timedelta(days=7, hours=1)
    assert first.astimezone(zone).weekday() == list(Weekday).index(weekday)
    second = digest.next_after(first, zone)
    assert timedelta(days=6, hours=23) <= second - first <= timedelta(days=7, hours=1)
    assert digest.next_after(second - timedelta(seconds=1), zone) == second
