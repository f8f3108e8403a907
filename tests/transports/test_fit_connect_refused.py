"""FIT-Connect, what is refused and what is tried again: answers, tokens, the destination and its key."""

import asyncio
import dataclasses
import socket
import ssl
import time
from email.utils import formatdate

import httpx2
import pytest
from joserfc.jwk import RSAKey

from imgate.conformance.fit_connect import FitConnectStandIn, keys
from imgate.plugin_api import NOT_CONNECTED, Delivered, NotDelivered, RefusedByPartner
from imgate.transports.fit_connect import transport as transport_module
from tests.transports.fit_connect_sending import MESSAGE_ID, SUBMIT, deliver, parcel, puts, transport_to


@pytest.fixture(scope="module")
def running():
    with FitConnectStandIn() as running:
        yield running


@pytest.fixture
def stand_in(running):
    running.reset()
    return running


STATUSES = {
    400: RefusedByPartner("http_400"),
    403: RefusedByPartner("http_403"),
    422: RefusedByPartner("http_422"),
    408: NotDelivered("http_408"),
    425: NotDelivered("http_425"),
    429: NotDelivered("http_429"),
    500: NotDelivered("http_500"),
    302: NotDelivered("http_302"),
}


def nothing_left(code, retry_after=None):
    """Nothing of the message had left: nothing is disclosed, and nothing is final, so that no mistake of an operator loses a message."""
    return NotDelivered(code, retry_after, seen=False)


def test_a_status_to_the_message_tells_whether_another_attempt_is_of_use(stand_in):
    for status, outcome in STATUSES.items():
        with stand_in.failing("PUT", SUBMIT, status=status, headers={"location": f"{stand_in.url}/elsewhere"}):
            assert deliver(stand_in) == outcome
    assert stand_in.held == ()
    assert not any("elsewhere" in one for one in stand_in.calls)


@pytest.mark.parametrize("call", [("POST", "/v2/submissions"), ("GET", "/v2/destinations"), ("GET", "/keys/")])
def test_no_status_before_the_message_is_final(stand_in, call):
    for status, outcome in STATUSES.items():
        with stand_in.failing(*call, status=status):
            assert deliver(stand_in) == nothing_left(outcome.code)
    assert puts(stand_in) == []
    assert deliver(stand_in) == Delivered()


def test_a_problem_of_the_service_is_told_by_its_own_word(stand_in):
    other_service = {"service": "urn:de:fim:leika:leistung:1", "schema_uri": "urn:x:y"}
    assert deliver(stand_in, entries=other_service) == nothing_left("service_not_offered")
    assert deliver(stand_in, entries={"destination": MESSAGE_ID}) == nothing_left("destination_not_found")


def test_a_problem_with_the_message_itself_is_final_and_told_by_its_own_word(stand_in, monkeypatch):
    monkeypatch.setattr("imgate.transports.fit_connect.encryption._CONTENT_ENCRYPTION", "A128GCM")
    outcome = deliver(stand_in)
    assert isinstance(outcome, RefusedByPartner)
    assert outcome.seen
    assert not outcome.code.startswith("http_")


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("999999999", 24 * 3600), ("soon", None), ("-1", None)])
def test_retry_after_is_honoured(stand_in, said, seconds):
    with stand_in.failing("PUT", SUBMIT, status=429, headers={"retry-after": said}):
        assert deliver(stand_in) == NotDelivered("http_429", seconds)


def test_retry_after_may_be_a_date(stand_in):
    with stand_in.failing("POST", "/v2/submissions", status=503, headers={"retry-after": formatdate(time.time() + 60, usegmt=True)}):
        outcome = deliver(stand_in)
    assert 50 < outcome.retry_after < 70  # counted from the Date of the answer, which the server writes once a second


def test_a_token_that_is_no_longer_taken_is_renewed_once(stand_in):
    async def two():
        transport = transport_to(stand_in)
        first = await transport.deliver(parcel())
        stand_in.forget_tokens()
        return first, await transport.deliver(parcel())

    assert asyncio.run(two()) == (Delivered(), Delivered())
    assert stand_in.calls.count("POST /token") == 2


def test_a_token_is_not_used_after_its_life(stand_in):
    stand_in.token_life = 1
    assert deliver(stand_in) == Delivered()
    assert stand_in.calls.count("POST /token") == 5  # a margin of seconds: each of the five calls has a fresh one


def test_a_service_that_takes_no_token_is_not_asked_for_ever(stand_in):
    with stand_in.failing("GET", "/v2/destinations", status=401):
        assert deliver(stand_in) == nothing_left("http_401")
    assert stand_in.calls.count("POST /token") == 2


def test_a_wrong_client_secret_is_the_operators_matter_and_not_the_messages(stand_in):
    assert deliver(stand_in, entries={"secret": "wrong"}) == nothing_left("token_refused")
    assert stand_in.calls == ("POST /token",)


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ({"status": 400}, nothing_left("token_refused")),
        ({"status": 401}, nothing_left("token_refused")),
        ({"status": 403}, nothing_left("token_refused")),
        ({"status": 429, "headers": {"retry-after": "9"}}, nothing_left("http_429", 9)),
        ({"status": 503, "headers": {"retry-after": "9"}}, nothing_left("http_503", 9)),
        ({"status": 200}, nothing_left("token_unreadable")),
        ({"cut": True}, nothing_left("connection_broken")),
        ({"delay": 0.4}, nothing_left("timeout")),
    ],
)
def test_without_a_token_nothing_leaves_and_nothing_is_lost(stand_in, how, outcome):
    with stand_in.failing("POST", "/token", **how):
        assert deliver(stand_in, entries={"timeout": 0.2}) == outcome
    assert stand_in.submissions == {}


def test_nobody_there_means_the_partner_saw_nothing(stand_in):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    nowhere = {"submission_url": url, "token_url": f"{url}/token"}
    assert deliver(stand_in, entries=nowhere) == nothing_left(NOT_CONNECTED)
    assert deliver(stand_in, entries={"ca_file": "/nowhere/ca.pem"}) == nothing_left(NOT_CONNECTED)


@pytest.mark.parametrize("error", [ssl.SSLError("alert"), ConnectionResetError(), httpx2.ReadError(""), httpx2.RemoteProtocolError("")])
def test_what_breaks_after_the_connection_stood_may_have_shown_the_message(stand_in, monkeypatch, error):
    sends = httpx2.AsyncHTTPTransport.handle_async_request

    async def broken_at_the_message(pool, request):
        if request.method == "PUT" and "/attachments/" not in request.url.path:
            raise error
        return await sends(pool, request)

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", broken_at_the_message)
    assert deliver(stand_in) == NotDelivered("connection_broken")


@pytest.mark.parametrize("error", [ssl.SSLError("alert"), httpx2.ReadError("")])
def test_a_body_that_breaks_off_leaves_the_status_as_the_answer(stand_in, monkeypatch, error):
    async def broken(_answer):
        raise error
        yield

    with stand_in.failing("PUT", SUBMIT, status=422):
        reads = httpx2.Response.aiter_raw
        monkeypatch.setattr(httpx2.Response, "aiter_raw", lambda answer: broken(answer) if answer.status_code == 422 else reads(answer))
        assert deliver(stand_in) == RefusedByPartner("http_422")


def test_after_something_left_a_lost_connection_is_not_called_unseen(stand_in, monkeypatch):
    transport = transport_to(stand_in)
    request = transport._service._connection.request

    async def gone_after_the_attachment(method, url, *rest):
        if method == "PUT" and "/attachments/" not in url:
            return nothing_left(NOT_CONNECTED)
        return await request(method, url, *rest)

    monkeypatch.setattr(transport._service._connection, "request", gone_after_the_attachment)
    assert asyncio.run(transport.deliver(parcel(media_type="text/csv"))) == NotDelivered("connection_broken")
    assert asyncio.run(transport.deliver(parcel())) == nothing_left(NOT_CONNECTED)  # a receipt by itself tells nothing of anybody


def test_a_connection_that_is_lost_with_the_receipt_has_shown_nothing(stand_in):
    with stand_in.failing("PUT", "/attachments/", after=True, cut=True):
        assert deliver(stand_in) == nothing_left("connection_broken")
        assert deliver(stand_in, media_type="text/csv") == NotDelivered("connection_broken")


def test_what_was_refused_for_its_token_had_left_even_if_no_new_one_is_to_be_had(stand_in, monkeypatch):
    transport = transport_to(stand_in)
    request = transport._service._connection.request
    tokens = []

    async def no_second_token(method, url, *rest):
        tokens.extend([url] if url.endswith("/token") else [])
        return nothing_left(NOT_CONNECTED) if len(tokens) > 1 else await request(method, url, *rest)

    monkeypatch.setattr(transport._service._connection, "request", no_second_token)
    with stand_in.failing("PUT", SUBMIT, status=401):
        assert asyncio.run(transport.deliver(parcel())) == NotDelivered("http_401")


def test_what_was_refused_for_its_token_had_left_even_if_the_next_token_is_refused(stand_in):
    transport = transport_to(stand_in)

    async def refused_at_the_second(_note):
        stand_in._faults.scripted.append(token_refused)

    token_refused = stand_in.failing("POST", "/token", status=401)
    with stand_in.failing("PUT", SUBMIT, status=401), token_refused as token_refused:
        stand_in._faults.scripted.remove(token_refused)
        sent = dataclasses.replace(parcel(), keep=refused_at_the_second)
        assert asyncio.run(transport.deliver(sent)) == NotDelivered("token_refused")


def test_a_token_that_is_refused_between_announcing_and_putting_means_that_nothing_left(stand_in):
    stand_in.token_life = 1  # each call fetches its own

    async def refused_from_now_on(_note):
        stand_in.secret = "changed"

    outcome = asyncio.run(transport_to(stand_in).deliver(dataclasses.replace(parcel(), keep=refused_from_now_on)))
    assert outcome == nothing_left("token_refused")
    assert puts(stand_in) == []


def test_an_answer_without_end_is_not_read(stand_in):
    stand_in.schemas = {"application/xml": "urn:x:" + "y" * 600_000}
    assert deliver(stand_in) == nothing_left("answer_unreadable")
    assert stand_in.submissions == {}


def test_no_proxy_is_used(stand_in, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("NO_PROXY", "")
    assert deliver(stand_in) == Delivered()


def test_an_attempt_ends_in_time(stand_in, monkeypatch):
    monkeypatch.setattr(transport_module, "_SECONDS", 0.3)
    with stand_in.failing("PUT", SUBMIT, delay=0.6):
        assert deliver(stand_in) == NotDelivered("timeout")
    with stand_in.failing("POST", "/v2/submissions", delay=0.6):
        assert deliver(stand_in) == nothing_left("timeout")


@pytest.mark.parametrize("where", ["/token", "/v2/submissions"])
def test_an_answer_that_cannot_be_read_starts_nothing(stand_in, where):
    with stand_in.failing("POST", where, status=200):
        assert deliver(stand_in) == nothing_left("token_unreadable" if where == "/token" else "answer_unreadable")
    assert puts(stand_in) == []


# The destination and its key


def test_a_destination_that_is_not_active_gets_nothing_yet(stand_in):
    stand_in.status = "inactive"
    assert deliver(stand_in) == nothing_left("destination_inactive")
    assert stand_in.submissions == {}


def test_a_schema_that_neither_side_names_is_the_operators_matter(stand_in):
    stand_in.schemas = {}
    assert deliver(stand_in) == nothing_left("schema_missing")
    assert stand_in.submissions == {}


def short_key():
    return {**RSAKey.generate_key(2048, private=True).as_dict(private=False), "kid": keys.ENCRYPTION_KID, "alg": "RSA-OAEP-256"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kid": "another"}, "key_other"),
        ({"kty": "EC"}, "key_other"),
        ({"use": "sig"}, "key_not_for_encryption"),
        ({"key_ops": ["verify"]}, "key_not_for_encryption"),
        ({"key_ops": "wrapKey"}, "key_not_for_encryption"),
        ({"alg": "RSA1_5"}, "key_algorithm"),
        ({"alg": None}, "key_algorithm"),
        ({"n": "!"}, "key_unreadable"),
        ({"n": 7}, "key_unreadable"),
        ({"e": "AQ"}, "key_unreadable"),
        (short_key, "key_too_short"),
    ],
)
def test_to_a_key_that_is_not_made_for_this_nothing_is_encrypted_or_announced(stand_in, changed, code):
    stand_in.jwks[keys.ENCRYPTION_KID].update(changed() if callable(changed) else changed)
    assert deliver(stand_in) == nothing_left(code)
    assert stand_in.submissions == {}


def test_a_destination_that_answers_as_another_gets_nothing(stand_in, monkeypatch):
    asked, stand_in.destination = stand_in.destination, MESSAGE_ID
    monkeypatch.setattr(stand_in._faults, "_app", renamed(stand_in._faults._app, asked, MESSAGE_ID))
    assert deliver(stand_in, entries={"destination": asked}) == nothing_left("other_destination")
    assert stand_in.submissions == {}


def renamed(app, asked, known):
    async def wrapped(scope, receive, send):
        await app({**scope, "path": scope["path"].replace(asked, known)}, receive, send)

    return wrapped
