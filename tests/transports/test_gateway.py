"""The way to another gateway: a token, the message under its id, and what is told about each end, against a server that can misbehave."""

import asyncio
import base64
import json
import socket
import time

import pytest

from imgate.plugin_api import NOT_CONNECTED, Delivered, NotDelivered, Parcel, RefusedByPartner, SettingsInvalid
from imgate.transports import gateway
from imgate.transports.gateway import configure
from tests.transports.misbehaving import certificate, misbehaving, serving_tls, status

SECRET = "s3cret-of-the-old-office"
PARCEL = Parcel("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "application/json", '{"a":"Ä"}'.encode(), "im-neustadt", receipt="e30.e30.AA")


def told(code, content, **headers):
    """Answer with this body."""

    def answer(handler, _call):
        handler.send_response(code)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def token(value="t-1", life=300):
    return told(200, json.dumps({"access_token": value, "token_type": "Bearer", "expires_in": life}).encode())


class Served:
    """The other gateway: one answer for tokens, one for messages, and what was asked."""

    def __init__(self, partner):
        self.partner = partner
        self.token = token()
        self.message = status(202)
        self.paths = []
        partner.answer = self._answer
        self.url = partner.url.removesuffix("/messages")

    def _answer(self, handler, call):
        self.paths.append(handler.path)
        (self.token if handler.path.endswith("/oauth/token") else self.message)(handler, call)

    @property
    def messages(self):
        return [seen for path, seen in zip(self.paths, self.partner.seen, strict=True) if not path.endswith("/oauth/token")]

    @property
    def tokens(self):
        return [seen for path, seen in zip(self.paths, self.partner.seen, strict=True) if path.endswith("/oauth/token")]


@pytest.fixture
def other():
    with misbehaving() as partner:
        yield Served(partner)


def way(url, **entries):
    return configure({"url": url, "partner": "im-altstadt", "client_id": "c-1", "secret": SECRET, **entries})


def deliver(url, **entries):
    return asyncio.run(way(url, **entries).deliver(PARCEL))


def hang_up(handler, _call):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def test_a_message_arrives_at_the_partners_door_with_a_token_and_its_id(other):
    assert deliver(other.url) == Delivered()
    assert other.paths == ["/oauth/token", "/v1/partners/im-altstadt/messages"]
    ((headers, body),) = other.messages
    assert body == PARCEL.content
    assert headers["authorization"] == "Bearer t-1"
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == PARCEL.message_id
    assert headers["imgate-receipt"] == PARCEL.receipt


def test_the_secret_goes_to_the_token_door_only(other):
    deliver(other.url)
    ((headers, body),) = other.tokens
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode() == f"c-1:{SECRET}"
    assert body == b"grant_type=client_credentials"
    assert all(SECRET not in str(seen) and "Basic" not in str(seen) for seen in other.messages)


def test_an_address_with_a_path_is_kept(other):
    assert deliver(f"{other.url}/imgate/") == Delivered()
    assert other.paths == ["/imgate/oauth/token", "/imgate/v1/partners/im-altstadt/messages"]


def test_a_token_is_used_again_while_it_lives(other):
    transport = way(other.url)

    async def twice():
        return [await transport.deliver(PARCEL), await transport.deliver(PARCEL)]

    assert asyncio.run(twice()) == [Delivered(), Delivered()]
    assert len(other.tokens) == 1


def test_a_token_near_its_end_is_fetched_anew(other):
    other.token = token(life=20)
    transport = way(other.url)

    async def twice():
        return [await transport.deliver(PARCEL), await transport.deliver(PARCEL)]

    assert asyncio.run(twice()) == [Delivered(), Delivered()]
    assert len(other.tokens) == 2


def test_a_token_that_is_no_longer_taken_is_fetched_anew_once(other):
    transport = way(other.url)

    async def twice():
        await transport.deliver(PARCEL)
        other.token = token("t-2")
        other.message = lambda handler, call: status(202 if "t-2" in handler.headers["authorization"] else 401)(handler, call)
        return await transport.deliver(PARCEL)

    assert asyncio.run(twice()) == Delivered()
    assert [headers["authorization"] for headers, _ in other.messages] == ["Bearer t-1", "Bearer t-1", "Bearer t-2"]


@pytest.mark.parametrize("code", [401, 403])
def test_what_is_about_the_access_waits_for_an_operator_and_is_not_the_messages_end(other, code):
    other.message = status(code)
    assert deliver(other.url) == NotDelivered(f"http_{code}")
    assert len(other.messages) == 1


@pytest.mark.parametrize("code", [400, 404, 409, 413, 415, 422])
def test_4xx_is_refused(other, code):
    other.message = status(code)
    assert deliver(other.url) == RefusedByPartner(f"http_{code}")


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 301, 302, 307, 308])
def test_anything_else_is_tried_again_later_and_no_redirect_followed(other, code):
    other.message = status(code, location=f"{other.url}/elsewhere")
    assert deliver(other.url) == NotDelivered(f"http_{code}")
    assert len(other.paths) == 2


@pytest.mark.parametrize("code", [200, 201, 204])
def test_what_answers_as_no_gateway_would_has_taken_nothing(other, code):
    other.message = status(code)
    assert deliver(other.url) == NotDelivered("answer_unexpected")


def test_a_time_that_the_gateway_names_is_told(other):
    other.message = status(503, retry_after="120")
    assert deliver(other.url) == NotDelivered("http_503", 120.0)


@pytest.mark.parametrize("code", [400, 401, 403, 404])
def test_a_refused_token_shows_nothing_of_the_message(other, code):
    other.token = status(code)
    assert deliver(other.url) == NotDelivered("token_refused", seen=False)
    assert other.messages == []


@pytest.mark.parametrize("code", [302, 429, 500, 503])
def test_a_token_that_is_not_to_be_had_now_shows_nothing_of_the_message(other, code):
    other.token = status(code, location=other.url)
    assert deliver(other.url) == NotDelivered(f"http_{code}", seen=False)
    assert other.messages == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b"not JSON",
        b'{"access_token":""}',
        b'{"access_token":5}',
        b'{"access_token":"a\\r\\nx: y"}',
        '{"access_token":"ä"}'.encode(),
        b'{"access_token":"' + b"a" * 20_000 + b'"}',
        b'{"access_token":"t","x":"' + b"a" * 80_000 + b'"}',
    ],
)
def test_an_answer_without_a_token_is_none(other, answer):
    other.token = told(200, answer)
    assert deliver(other.url) == NotDelivered("token_unreadable", seen=False)
    assert other.messages == []


@pytest.mark.parametrize("life", ["long", None, True, [], -5])
def test_a_life_that_nobody_can_read_is_a_short_one(other, life):
    other.token = told(200, json.dumps({"access_token": "t", "expires_in": life}).encode())
    assert deliver(other.url) == Delivered()


def test_of_a_long_answer_some_is_read_and_the_status_counts(other):
    def endless(handler, _call):
        handler.send_response(202)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    other.message = endless
    assert deliver(other.url) == Delivered()


def test_a_status_counts_even_if_the_answers_body_never_comes(other, monkeypatch):
    monkeypatch.setattr(gateway, "_ANSWER_SECONDS", 0.1)

    def silent(handler, _call):
        handler.send_response(202)
        handler.send_header("content-length", "10")
        handler.end_headers()
        handler.wfile.flush()
        time.sleep(0.5)

    other.message = silent
    assert deliver(other.url) == Delivered()


def test_a_connection_that_breaks_after_the_message_may_have_disclosed_it(other):
    other.message = hang_up
    assert deliver(other.url) == NotDelivered("connection_broken")


def test_one_that_breaks_over_the_token_has_disclosed_nothing(other):
    other.token = hang_up
    assert deliver(other.url) == NotDelivered("connection_broken", seen=False)


def test_a_slow_gateway_is_not_waited_for(other):
    other.message = lambda handler, call: (time.sleep(1), status(202)(handler, call))
    assert deliver(other.url, timeout=0.5) == NotDelivered("timeout")


def test_where_nobody_listens_nothing_was_seen():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = deliver(f"http://127.0.0.1:{port}")
    assert outcome.code == NOT_CONNECTED


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(tmp_path):
    file = certificate(tmp_path)
    with misbehaving(serving_tls(file)) as partner:
        other = Served(partner)
        assert deliver(other.url).code == NOT_CONNECTED
        assert partner.seen == []
        assert deliver(other.url, ca_file=str(file)) == Delivered()


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("url", "http://example.org"),
        ("url", "https://user@example.org"),
        ("url", "https://example.org/?a=b"),
        ("url", "https://example.org/#a"),
        ("url", "ftp://example.org"),
        ("url", ""),
        ("partner", ""),
        ("partner", "../other"),
        ("partner", "IM Altstadt"),
        ("client_id", ""),
        ("client_id", "a b"),
        ("client_id", "a\nb"),
        ("timeout", 0),
        ("timeout", 31),
        ("secret", ""),
        ("secret", "two\nlines"),
        ("secret_file", "nowhere"),
        ("follow", True),
    ],
)
def test_settings_that_cannot_be_used_are_named_and_not_shown(entry, value):
    entries = {"url": "https://example.org", "partner": "im-altstadt", "client_id": "c-1", "secret": SECRET, entry: value}
    if entry == "secret_file":
        del entries["secret"]
    with pytest.raises(SettingsInvalid) as invalid:
        configure(entries)
    assert invalid.value.setting == entry
    assert SECRET not in str(invalid.value)


@pytest.mark.parametrize("secrets", [{}, {"secret": SECRET, "secret_file": "file"}])
def test_exactly_one_secret_is_needed(secrets):
    with pytest.raises(SettingsInvalid):
        configure({"url": "https://example.org", "partner": "im-altstadt", "client_id": "c-1", **secrets})


def test_the_secret_is_read_from_its_file_and_shown_nowhere(other, tmp_path, caplog, capsys):
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    transport = configure({"url": other.url, "partner": "im-altstadt", "client_id": "c-1", "secret_file": str(tmp_path / "secret")})
    assert asyncio.run(transport.deliver(PARCEL)) == Delivered()
    printed = capsys.readouterr()
    assert SECRET not in caplog.text + printed.out + printed.err + repr(transport)


def test_it_hands_messages_over():
    assert not way("https://example.org").waits
