"""What an HTTP answer says about a message: no wrong clock costs more than it must, and nothing unreadable is believed."""

import datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.plugin_api import Delivered, NotDelivered, RefusedByPartner
from imgate.transports.http_outcomes import outcome_of, retry_after, soon_again

NOW = 1_700_000_000.0
DAY = 86400.0


def date(offset):
    return formatdate(NOW + offset, usegmt=True)


def waits(**headers):
    return retry_after({name.replace("_", "-"): value for name, value in headers.items()}, lambda: NOW)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Delivered()),
        (299, Delivered()),
        (100, NotDelivered("http_100")),
        (199, NotDelivered("http_199")),
        (300, NotDelivered("http_300")),
        (304, NotDelivered("http_304")),
        (400, RefusedByPartner("http_400")),
        (404, RefusedByPartner("http_404")),
        (408, NotDelivered("http_408")),
        (425, NotDelivered("http_425")),
        (429, NotDelivered("http_429")),
        (499, RefusedByPartner("http_499")),
        (500, NotDelivered("http_500")),
        (999, NotDelivered("http_999")),
    ],
)
def test_only_2xx_is_delivered_and_only_4xx_is_for_good(status, outcome):
    assert outcome_of(status, {}, lambda: NOW) == outcome


def test_what_asks_for_time_is_not_tried_at_once():
    assert not soon_again(NotDelivered("http_429"))
    assert not soon_again(NotDelivered("http_503", 0.0))
    assert not soon_again(Delivered())
    assert not soon_again(RefusedByPartner("http_500"))
    assert soon_again(NotDelivered("http_503"))
    assert soon_again(NotDelivered("connection_broken"))


def test_a_refusal_and_a_delivery_name_no_time():
    assert outcome_of(404, {"retry-after": "10"}, lambda: NOW) == RefusedByPartner("http_404")
    assert outcome_of(503, {"retry-after": "10"}, lambda: NOW) == NotDelivered("http_503", 10.0)


@pytest.mark.parametrize(("said", "seconds"), [("120", 120.0), ("0", 0.0), ("86401", DAY), ("9" * 400, DAY)])
def test_seconds_are_kept_to_up_to_a_day(said, seconds):
    assert waits(retry_after=said) == seconds


@pytest.mark.parametrize("off", [-DAY, 0, DAY, 400 * DAY])
def test_a_date_is_measured_by_the_clock_that_wrote_it(off):
    assert waits(retry_after=date(off + 90), date=date(off)) == 90.0
    assert waits(retry_after=date(off - 90), date=date(off)) == 0.0
    assert waits(retry_after=date(off + 3 * DAY), date=date(off)) == DAY


@pytest.mark.parametrize(("offset", "seconds"), [(90, 90.0), (-90, 0.0), (-DAY, 0.0), (DAY, 3600.0)])
def test_without_the_answers_own_date_no_date_costs_more_than_an_hour(offset, seconds):
    assert waits(retry_after=date(offset)) == seconds
    assert waits(retry_after=date(offset), date="yesterday") == seconds


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"])
def test_all_three_forms_of_a_date_are_read(form):
    at = datetime.datetime.fromtimestamp(NOW + 60, datetime.UTC)
    assert waits(retry_after=at.strftime(form), date=date(0)) == 60.0


@pytest.mark.parametrize("said", ["", "soon", "-5", "²", "1.5", "0x10", "12 s", "Thu, 99 Nov 2023 00:00:00 GMT", "\udc80"])
def test_what_is_no_time_counts_as_not_said(said):
    assert waits(retry_after=said) is None


@given(st.text(max_size=60), st.none() | st.text(max_size=60))
def test_whatever_stands_there_is_nothing_or_at_most_a_day(said, sent_at):
    seconds = retry_after({"retry-after": said} | ({} if sent_at is None else {"date": sent_at}), lambda: NOW)
    assert seconds is None or 0.0 <= seconds <= DAY


@pytest.mark.parametrize("off", [-86400, -301, 301, 86400])
def test_a_refusal_by_a_partner_whose_clock_differs_is_not_final(off):
    headers = {"date": formatdate(NOW + off, usegmt=True)}
    outcome = outcome_of(401, headers, lambda: NOW)
    assert outcome == NotDelivered("clocks_differ")
    assert not soon_again(outcome)


@pytest.mark.parametrize("date", [formatdate(NOW - 299, usegmt=True), formatdate(NOW + 299, usegmt=True), "yesterday", ""])
def test_a_refusal_is_final_where_the_clocks_agree_or_nobody_knows(date):
    assert outcome_of(401, {"date": date}, lambda: NOW) == RefusedByPartner("http_401")
