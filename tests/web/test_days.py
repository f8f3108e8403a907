"""A typed day is one day, written in one way, and begins and ends by the clock of the house."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from imgate.web.days import begin_of, day_of, end_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "day"), [("2026-03-01", date(2026, 3, 1)), ("2199-12-31", date(2199, 12, 31)), ("1970-01-02", date(1970, 1, 2))]
)
def test_a_day_as_browsers_send_it_is_read(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "gestern",
        "2026-02-30",
        "2026-3-1",
        "26-03-01",
        "20260301",
        "2026-W10-1",
        "2026-060",
        "01.03.2026",
        "2026-03-01T10:00",
        " 2026-03-01",
        "2026-03-01\n",
        "２０２６-03-01",
        "0000-01-01",
        "0001-01-01",
        "1970-01-01",
        "2200-01-01",
        "9999-12-31",
        "<script>",
    ],
)
def test_what_is_written_otherwise_or_far_away_is_none(text):
    assert day_of(text) is None


@pytest.mark.parametrize(
    ("day", "begin", "hours"),
    [
        (date(2026, 3, 1), "2026-03-01T00:00:00+01:00", 24),
        (date(2026, 3, 29), "2026-03-29T00:00:00+01:00", 23),  # clocks go forward
        (date(2026, 10, 25), "2026-10-25T00:00:00+02:00", 25),
    ],
)
def test_a_day_is_as_long_as_it_is_by_the_clock_of_the_house(day, begin, hours):
    assert begin_of(day, BERLIN).isoformat() == begin
    assert end_of(day, BERLIN).timestamp() - begin_of(day, BERLIN).timestamp() == hours * 3600


def test_the_first_and_the_last_day_have_a_beginning_and_an_end_in_every_zone():
    for zone in (BERLIN, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")):
        assert begin_of(date(1970, 1, 2), zone).timestamp() > 0
        assert end_of(date(2199, 12, 31), zone).timestamp() > 0
