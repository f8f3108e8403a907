"""A date is a day that exists; what is partly known stays partly known; a time has its offset."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from imgate.record import calendar, text

DATE, PARTIAL, TIME = (TypeAdapter(kind) for kind in (text.Date, text.PartialDate, text.Time))


def accepts(adapter, value):
    try:
        return adapter.validate_python(value) == value
    except ValidationError:
        return False


def test_every_day_of_four_centuries_is_a_date():
    is_date = re.compile(calendar.DATE).match
    day = date(1896, 1, 1)
    for _ in range(400 * 366):
        assert is_date(day.isoformat())
        day += timedelta(days=1)


@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
def test_exactly_the_days_of_the_calendar_are_dates(year, month, day):
    try:
        date(year, month, day)
        real = True
    except ValueError:
        real = False
    written = f"{year:04}-{month:02}-{day:02}"
    assert accepts(DATE, written) == accepts(PARTIAL, written) == real


def test_29_february_is_a_date_in_leap_years_only():
    for year in range(1, 10_000):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        assert bool(re.match(calendar.DATE, f"{year:04}-02-29")) == leap


@pytest.mark.parametrize("value", ["1990", "1990-07", "1990-07-14", "0001", "9999-12"])
def test_a_partly_known_date_stays_as_it_was_said(value):
    assert PARTIAL.validate_python(value) == value


@pytest.mark.parametrize("value", ["1990", "1990-07"])
def test_a_full_date_is_not_partly_known(value):
    assert not accepts(DATE, value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0000",
        "90",
        "1990-",
        "1990-7",
        "1990-00",
        "1990-13",
        "1990-7-4",
        "1990-07-14T00:00:00Z",
        "14.07.1990",
        "1990/07/14",
        "19900714",
        " 1990",
        "1990 ",
        "1990\n",
        "1990-07-14\n",
        "١٩٩٠",
        "1990-W28",
        "1990-195",
        "-1990",
        "+1990",
        "1990-02-30",
        "1990-02-29",
        "1990-04-31",
    ],
)
def test_anything_else_is_no_date(value):
    assert not accepts(PARTIAL, value)
    assert not accepts(DATE, value)


@pytest.mark.parametrize("value", [1990, 19900714, date(1990, 7, 14), True, None, b"1990", ["1990"]])
def test_nothing_is_coerced_into_a_date(value):
    assert not accepts(PARTIAL, value)


@pytest.mark.parametrize(
    "value",
    ["2026-02-03T09:30:00+01:00", "2026-02-03T08:30:00Z", "2024-02-29T23:59:59.123456789-14:00", "2026-02-03T09:30:00.5-00:00"],
)
def test_a_time_with_its_offset_is_accepted(value):
    assert TIME.validate_python(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-03T09:30:00",
        "2026-02-03 09:30:00Z",
        "2026-02-03T09:30Z",
        "2026-02-03T24:00:00Z",
        "2026-02-03T09:60:00Z",
        "2026-02-03T09:30:60Z",
        "2026-02-29T09:30:00Z",
        "2026-02-03T09:30:00+14:01",
        "2026-02-03T09:30:00+1:00",
        "2026-02-03T09:30:00+0100",
        "2026-02-03T09:30:00.Z",
        "2026-02-03t09:30:00z",
        "2026-02-03T09:30:00Z\n",
        "2026-02-03",
        "09:30:00Z",
        "2026-02-03T09:30:00 Europe/Berlin",
    ],
)
def test_a_time_without_offset_or_of_no_real_moment_is_refused(value):
    assert not accepts(TIME, value)
