"""FIT-Connect, what arrives and how it is configured, against the local stand-in."""

import asyncio
import base64
import json

import pytest

from imgate.conformance.fit_connect import FitConnectStandIn, keys
from imgate.conformance.fit_connect.submissions import header_refusal
from imgate.plugin_api import Delivered, Parcel, SettingsInvalid
from imgate.transports.fit_connect import configure, imgate_register_transport
from tests.transports.fit_connect_sending import MESSAGE_ID, RECEIPT, SUBMIT, XML, deliver, parcel, puts, transport_to


@pytest.fixture(scope="module")
def running():
    with FitConnectStandIn() as running:
        yield running


@pytest.fixture
def stand_in(running):
    running.reset()
    return running


@pytest.mark.parametrize(
    ("media_type", "arrives_as"),
    [
        ("application/xml", "application/xml"),
        ("text/xml; charset=utf-8", "application/xml"),
        ("application/json", "application/json"),
        ("text/csv; charset=windows-1252", "text/csv"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",) * 2,
    ],
)
def test_the_bytes_arrive_as_they_are(stand_in, media_type, arrives_as):
    content = b'{"a": 1}\n' if "json" in media_type else "Größe;Ö\r\n".encode("windows-1252") * 20_000
    assert deliver(stand_in, content=content, media_type=media_type) == Delivered()
    (held,) = stand_in.held
    assert (held.id, held.media_type, held.content, held.receipt) == (MESSAGE_ID, arrives_as, content, RECEIPT)


def test_nothing_of_the_message_crosses_the_wire_in_clear(stand_in, monkeypatch):
    seen = wire(stand_in, monkeypatch)
    for media_type in ("application/json", "text/csv"):
        assert deliver(stand_in, content=b'{"a": "Geheim"}' * 9, media_type=media_type) == Delivered()
    assert b"encryptedData" in seen
    assert b"Geheim" not in seen
    for start in range(3):
        assert base64.b64encode(b'{"a": "Geheim"}'[start:] * 2)[:16] not in seen


def wire(stand_in, monkeypatch):
    """Keep what is sent to the stand-in from now on."""
    seen = bytearray()
    inner = stand_in._faults._app

    async def listening(scope, receive, send):
        async def heard():
            message = await receive()
            seen.extend(message.get("body", b""))
            return message

        seen.extend(f"{scope['path']}?{scope['query_string']}{scope['headers']}".encode())
        await inner(scope, heard, send)

    monkeypatch.setattr(stand_in._faults, "_app", listening)
    return seen


def test_what_is_encrypted_names_key_algorithms_and_content_type(stand_in, monkeypatch):
    headers = []

    def seen(encrypted, content_types):
        headers.append(json.loads(base64.urlsafe_b64decode(encrypted.partition(".")[0] + "==")))
        return header_refusal(encrypted, content_types)

    monkeypatch.setattr("imgate.conformance.fit_connect.submissions.header_refusal", seen)
    deliver(stand_in, media_type="text/csv")
    assert [one.pop("cty") for one in headers] == ["text/csv", "application/jose", "application/json", "application/json"]
    assert headers == [{"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": keys.ENCRYPTION_KID}] * 4


def test_the_ids_are_kept_before_anything_is_put(stand_in):
    at = []

    async def keep(note):
        at.append((note, len(puts(stand_in))))

    outcome = asyncio.run(
        transport_to(stand_in).deliver(Parcel(MESSAGE_ID, "application/xml", XML, "jobcenter", None, keep, receipt=RECEIPT))
    )
    (submission,) = stand_in.submissions.values()
    assert (outcome, at) == (Delivered(), [(f"{submission.id} {submission.case}", 0)])


def test_what_cannot_be_kept_is_not_put(stand_in):
    async def keep(_note):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        asyncio.run(transport_to(stand_in).deliver(Parcel(MESSAGE_ID, "application/xml", XML, "jobcenter", None, keep, receipt=RECEIPT)))
    assert puts(stand_in) == []


def test_a_connection_serves_more_than_one_message(stand_in):
    async def two():
        transport = transport_to(stand_in)
        return [await transport.deliver(parcel()) for _ in range(2)], len(stand_in._server.server_state.connections)

    assert asyncio.run(two()) == ([Delivered()] * 2, 1)


def test_one_transport_serves_one_loop_after_another(stand_in):
    transport = transport_to(stand_in)
    assert [asyncio.run(transport.deliver(parcel())) for _ in range(2)] == [Delivered()] * 2


# Configuration, and what is never shown

ENTRIES = {
    "submission_url": "https://service.example.org",
    "token_url": "https://auth.example.org/token",
    "client_id": "imgate",
    "secret": "geheim",
    "destination": MESSAGE_ID,
    "service": "urn:de:fim:leika:leistung:99000000000000",
    "callback_secret": "geheim",
}


@pytest.mark.parametrize(
    ("entries", "setting"),
    [
        ({"submission_url": "http://service.example.org"}, "submission_url"),
        ({"submission_url": "https://user:pw@service.example.org"}, "submission_url"),
        ({"submission_url": "https://service.example.org/?x=1"}, "submission_url"),
        ({"token_url": "http://service.example.org/token"}, "token_url"),
        ({"token_url": "ftp://127.0.0.1/"}, "token_url"),
        ({"client_id": ""}, "client_id"),
        ({"destination": "../x"}, "destination"),
        ({"service": "99000000000000"}, "service"),
        ({"schema_uri": "x"}, "schema_uri"),
        ({"timeout": 31}, "timeout"),
        ({"verify": False}, "verify"),
        ({"secret": None}, "transport"),
        ({"secret_file": "x"}, "transport"),
        ({"callback_secret_file": "x"}, "transport"),
        ({"secret": None, "secret_file": "/nowhere/x"}, "secret_file"),
        ({"callback_secret": None, "callback_secret_file": "/nowhere/x"}, "callback_secret_file"),
        ({"secret": " \n"}, "secret"),
        ({"callback_secret": " "}, "callback_secret"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_it(entries, setting):
    with pytest.raises(SettingsInvalid) as invalid:
        configure({**ENTRIES, **entries})
    assert invalid.value.setting == setting
    assert not [one for one in ("geheim", "user:pw") if one in str(invalid.value)]


@pytest.mark.parametrize(
    "url", ["https://service.example.org/submission-api/", "http://127.0.0.1:8080", "http://[::1]", "http://localhost"]
)
def test_https_or_loopback_is_taken(url):
    assert not configure({**ENTRIES, "submission_url": url, "token_url": url}).waits


def test_secrets_may_lie_in_files(stand_in, tmp_path):
    (tmp_path / "secret").write_text(f"{stand_in.secret}\n")
    assert deliver(stand_in, entries={"secret": None, "secret_file": str(tmp_path / "secret")}) == Delivered()


def test_neither_message_nor_secret_nor_token_is_shown(stand_in, caplog, capfd):
    caplog.set_level(1)
    transport = transport_to(stand_in)
    asyncio.run(transport.deliver(parcel(content=b"<Geheim/>")))
    with stand_in.failing("PUT", SUBMIT, status=422):
        asyncio.run(transport.deliver(parcel(content=b"<Geheim/>")))
    said = caplog.text + "".join(capfd.readouterr())
    shown = said + "".join(map(repr, [transport, transport._entries, transport._service, transport._service._token]))
    (token,) = stand_in._tokens
    assert not [one for one in ("Geheim", stand_in.secret, stand_in.callback_secret, token) if one in shown]


def test_it_is_registered_and_does_not_wait(stand_in):
    plugin = imgate_register_transport()
    assert plugin.kind == "fit-connect"
    assert not plugin.configure(stand_in.entries).waits
