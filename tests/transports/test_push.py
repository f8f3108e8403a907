"""Push: what is told about each end of an attempt, against a real server that can misbehave."""

import asyncio
import socket
import time
from email.utils import formatdate

import pytest

from imgate.plugin_api import NOT_CONNECTED, Delivered, NotDelivered, Parcel, RefusedByPartner, SettingsInvalid
from imgate.transports import push
from imgate.transports.push import Push, configure
from imgate.transports.webhook import is_signed, secret_key
from tests.transports.misbehaving import misbehaving, status

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PARCEL = Parcel("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "application/xml", "<a>Ä</a>".encode(), "jobcenter", receipt="e30.e30.AA")


@pytest.fixture
def partner():
    with misbehaving() as served:
        yield served


def hang_up(handler, _call):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def deliver(url: str, **entries: object):
    transport = Push(push._Entries.model_validate({"url": url, "secret": SECRET, **entries}), pause=0.001)
    return asyncio.run(transport.deliver(PARCEL))


def test_a_message_arrives_signed_and_unchanged(partner):
    assert deliver(partner.url) == Delivered()
    ((headers, body),) = partner.seen
    assert body == PARCEL.content
    assert headers["content-type"] == "application/xml"
    assert headers["webhook-id"] == PARCEL.message_id
    assert headers["imgate-receipt"] == PARCEL.receipt
    assert is_signed([secret_key(SECRET)], PARCEL.message_id, int(headers["webhook-timestamp"]), body, headers["webhook-signature"])


def test_each_try_of_an_attempt_bears_the_same_receipt(partner):
    partner.answer = status(503)
    deliver(partner.url)
    assert [headers["imgate-receipt"] for headers, _ in partner.seen] == [PARCEL.receipt] * 3


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_2xx_is_delivered(partner, code):
    partner.answer = status(code)
    assert deliver(partner.url) == Delivered()


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 410, 413, 422, 499])
def test_4xx_is_refused_at_the_first_try(partner, code):
    partner.answer = status(code)
    assert deliver(partner.url) == RefusedByPartner(f"http_{code}")
    assert len(partner.seen) == 1


@pytest.mark.parametrize("code", [408, 425, 429])
def test_what_asks_for_time_is_left_to_the_worker(partner, code):
    partner.answer = status(code)
    assert deliver(partner.url) == NotDelivered(f"http_{code}")
    assert len(partner.seen) == 1


@pytest.mark.parametrize("code", [500, 502, 503, 599])
def test_5xx_is_tried_three_times_each_with_its_own_signature_and_the_same_id(partner, code, monkeypatch):
    partner.answer = status(code)
    moments = iter([1700000001.0, 1700000002.0, 1700000003.0])
    transport = Push(push._Entries(url=partner.url, secret=SECRET), clock=lambda: next(moments), pause=0.001)
    assert asyncio.run(transport.deliver(PARCEL)) == NotDelivered(f"http_{code}")
    assert [headers["webhook-timestamp"] for headers, _ in partner.seen] == ["1700000001", "1700000002", "1700000003"]
    assert len({headers["webhook-signature"] for headers, _ in partner.seen}) == 3
    assert {headers["webhook-id"] for headers, _ in partner.seen} == {PARCEL.message_id}


def test_a_second_try_that_succeeds_is_delivered(partner):
    partner.answer = lambda handler, call: status(500 if call == 1 else 204)(handler, call)
    assert deliver(partner.url) == Delivered()


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_no_redirect_is_followed(partner, code):
    partner.answer = status(code, location=partner.url)
    assert deliver(partner.url) == NotDelivered(f"http_{code}")
    assert {body for _, body in partner.seen} == {PARCEL.content}
    assert len(partner.seen) == 3


def test_a_time_that_the_partner_names_is_told_and_no_try_is_made_before_it(partner):
    partner.answer = status(503, retry_after="120")
    assert deliver(partner.url) == NotDelivered("http_503", 120.0)
    assert len(partner.seen) == 1


def test_a_partner_whose_clock_is_a_day_ahead_is_not_waited_for_a_day(partner):
    ahead = time.time() + 86400
    partner.answer = status(429, date=formatdate(ahead, usegmt=True), retry_after=formatdate(ahead + 100, usegmt=True))
    assert deliver(partner.url) == NotDelivered("http_429", 100.0)


def test_of_a_long_answer_64_kib_are_read_and_the_rest_is_left(partner):
    sent = []

    def endless(handler, _call):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
                sent.append(1)
        except OSError:
            pass

    partner.answer = endless
    assert deliver(partner.url) == Delivered()


def test_a_status_counts_even_if_the_answers_body_never_comes(partner, monkeypatch):
    monkeypatch.setattr(push, "_ANSWER_SECONDS", 0.2)

    def silent(handler, _call):
        handler.send_response(200)
        handler.send_header("content-length", "10")
        handler.end_headers()
        handler.wfile.flush()
        time.sleep(1)

    partner.answer = silent
    begun = time.monotonic()
    assert deliver(partner.url) == Delivered()
    assert time.monotonic() - begun < 1


def test_a_slow_partner_is_not_waited_for(partner):
    partner.answer = lambda handler, call: (time.sleep(1), status(204)(handler, call))
    assert deliver(partner.url, timeout=0.1) == NotDelivered("timeout")


def test_a_connection_that_breaks_after_the_message_may_have_disclosed_it(partner):
    partner.answer = hang_up
    outcome = deliver(partner.url)
    assert isinstance(outcome, NotDelivered)
    assert outcome.code != NOT_CONNECTED


def test_nobody_there_means_that_nobody_saw_it():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert deliver(f"http://127.0.0.1:{port}/") == NotDelivered(NOT_CONNECTED)


def test_a_try_that_was_seen_is_not_forgotten_when_the_next_finds_nobody(partner, monkeypatch):
    outcomes = iter([NotDelivered("http_500"), NotDelivered(NOT_CONNECTED), NotDelivered(NOT_CONNECTED)])

    async def post(_self, _http, _letter):
        return next(outcomes)

    monkeypatch.setattr(Push, "_post", post)
    assert deliver(partner.url) == NotDelivered("http_500")


def test_no_proxy_is_taken_from_the_environment(partner, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert deliver(partner.url) == Delivered()


@pytest.mark.parametrize(
    ("entries", "setting"),
    [
        ({"secret": SECRET}, "url"),
        ({"url": "http://partner.example.org/", "secret": SECRET}, "url"),
        ({"url": "http://127.0.0.1.example.org/", "secret": SECRET}, "url"),
        ({"url": "ftp://127.0.0.1/", "secret": SECRET}, "url"),
        ({"url": "https://user:pw@partner.example.org/", "secret": SECRET}, "url"),
        ({"url": "https://partner.example.org/"}, "transport"),
        ({"url": "https://partner.example.org/", "secret": SECRET, "secret_file": "x"}, "transport"),
        ({"url": "https://partner.example.org/", "secret_file": "/nowhere/x"}, "secret_file"),
        ({"url": "https://partner.example.org/", "secret": "whsec_short"}, "secret"),
        ({"url": "https://partner.example.org/", "secret": " "}, "secret"),
        ({"url": "https://partner.example.org/", "secret": SECRET, "verify": False}, "verify"),
        ({"url": "https://partner.example.org/", "secret": SECRET, "timeout": 0}, "timeout"),
        ({"url": "https://partner.example.org:x/", "secret": SECRET}, "url"),
        ({"url": "https://[::1", "secret": SECRET}, "url"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_it(entries, setting):
    with pytest.raises(SettingsInvalid) as invalid:
        configure(entries)
    assert invalid.value.setting == setting
    assert SECRET not in str(invalid.value)
    assert "user:pw" not in str(invalid.value)


@pytest.mark.parametrize("url", ["https://partner.example.org/a", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/"])
def test_https_or_loopback_is_taken(url):
    assert not configure({"url": url, "secret": SECRET}).waits


def test_a_secret_file_may_hold_several_secrets(tmp_path, partner):
    (tmp_path / "secret").write_text(f"{SECRET}\nwhsec_{'A' * 32}\n")
    assert asyncio.run(configure({"url": partner.url, "secret_file": str(tmp_path / "secret")}).deliver(PARCEL)) == Delivered()
    assert len(partner.seen[0][0]["webhook-signature"].split()) == 2
