"""XTA: whatever a server answers, the transport keeps its head, says nothing of it, and takes nothing for delivered."""

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from imgate.conformance.hostile import CANARY, HOSTILE
from imgate.conformance.xta import Misbehaviour, XtaStandIn
from imgate.conformance.xta.messages import container_of, written
from imgate.plugin_api import NOT_CONNECTED, NotDelivered, Parcel, Sent
from imgate.transports.xta import configure, connection
from imgate.transports.xta import transport as steps
from imgate.transports.xta.failure import CallFailed
from imgate.transports.xta.mtom import unpacked

PARCEL = Parcel("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "application/xml", b"<a/>", "jobcenter", receipt="e30.e30.AA")
SOAP_TYPE = "application/soap+xml"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
XTA = "http://xoev.de/transport/xta/211"


def envelope(body: str, soap: str = SOAP) -> bytes:
    return f'<s:Envelope xmlns:s="{soap}" xmlns:xta="{XTA}" xmlns:wsa="http://www.w3.org/2005/08/addressing"><s:Body>{body}</s:Body></s:Envelope>'.encode()


WRONG = {
    "SOAP 1.1": envelope("", "http://schemas.xmlsoap.org/soap/envelope/"),
    "no body": f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(),
    "two bodies' content": envelope("<xta:a/><xta:b/>"),
    "another operation's answer": envelope("<xta:Other/>"),
    "another namespace": envelope('<MessageID xmlns="urn:x">urn:y</MessageID>'),
    "deep inside": envelope("<a>" * 200 + "</a>" * 200),
    "a fault of another kind": envelope("<s:Fault/>"),
}


@pytest.fixture(scope="module")
def server():
    with XtaStandIn() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(server):
    server.calls.clear()
    server.held.clear()
    server.box.clear()


def deliver(server):
    return asyncio.run(configure(server.entries()).deliver(PARCEL))


@pytest.mark.parametrize("content_type", [SOAP_TYPE, 'multipart/related; boundary="b"', "text/html", ""])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_no_delivery_and_stays_unspoken(server, name, content_type):
    answer = Misbehaviour(answer=(content_type, HOSTILE[name]))
    begun = time.monotonic()
    with capture_logs() as logs, server.misbehaving("sendMessage", answer):
        outcome = deliver(server)
    assert isinstance(outcome, NotDelivered)
    assert outcome.code in {"answer_unusable", "answer_too_large"}
    assert CANARY not in repr(outcome) + repr(logs)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("name", ["entity bomb", "external entity", "document type", "never closed", "not UTF-8"])
@pytest.mark.parametrize("operation", ["checkAccountActive", "lookupService", "createMessageId"])
def test_a_hostile_answer_before_the_message_stops_there(server, operation, name):
    with server.misbehaving(operation, Misbehaviour(answer=(SOAP_TYPE, HOSTILE[name]))):
        assert deliver(server) == NotDelivered(NOT_CONNECTED)
    assert server.calls[-1] == operation


@pytest.mark.parametrize("name", WRONG)
def test_what_is_well_formed_and_wrong_is_no_delivery(server, name):
    with server.misbehaving("sendMessage", Misbehaviour(answer=(SOAP_TYPE, WRONG[name]))):
        outcome = deliver(server)
    assert isinstance(outcome, NotDelivered)
    with server.misbehaving("createMessageId", Misbehaviour(answer=(SOAP_TYPE, WRONG[name]))):
        assert deliver(server) == NotDelivered(NOT_CONNECTED)
    with server.misbehaving("lookupService", Misbehaviour(answer=(SOAP_TYPE, WRONG[name]))):
        assert deliver(server) == NotDelivered(NOT_CONNECTED)


@pytest.mark.parametrize("message_id", ["", " ", "urn:x y", "urn:ü", "urn:" + "x" * 500, "<xta:a/>"])
def test_an_id_that_cannot_be_kept_is_not_used(server, message_id):
    answer = (SOAP_TYPE, envelope(f"<wsa:MessageID>{message_id}</wsa:MessageID>"))
    with server.misbehaving("createMessageId", Misbehaviour(answer=answer)):
        assert deliver(server) == NotDelivered(NOT_CONNECTED)
    assert "sendMessage" not in server.calls


def test_a_huge_answer_is_not_read_to_its_end(server, monkeypatch):
    monkeypatch.setattr(connection, "ANSWER_MAX", 10_000)
    huge = envelope("<!---->" + " " * 5_000_000)
    with server.misbehaving("getTransportReport", Misbehaviour(answer=(SOAP_TYPE, huge))):
        transport = configure(server.entries())
        sent = [Sent("m", "urn:x", steps._now())]
        assert asyncio.run(transport.receipts(sent)) == NotDelivered("answer_too_large")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_list_or_message_gives_nothing_and_closes_nothing(server, name):
    server.put(b"<a/>")
    for operation in ("getStatusList", "getMessage"):
        with capture_logs() as logs, server.misbehaving(operation, Misbehaviour(answer=(SOAP_TYPE, HOSTILE[name]))):
            found = asyncio.run(configure(server.entries()).arrived(20))
        assert isinstance(found, NotDelivered) or [message.content for message in found] == [b""]
        assert CANARY not in repr(found) + repr(logs)
    assert "close" not in server.calls


def test_a_message_cut_anywhere_is_never_taken_for_a_shorter_one(server):
    content = b"<a>" + b"x" * 300 + b"</a>"
    server.put(content)
    (held,) = server.box.values()
    kind, whole = written("", *container_of(held))
    for length in range(0, len(whole) - 4, 97):
        with server.misbehaving("getMessage", Misbehaviour(answer=(kind, whole[:length]))):
            assert asyncio.run(configure(server.entries()).arrived(20)) == NotDelivered("answer_unusable")


def part(content_id: bytes, content: bytes, more: bytes = b"") -> bytes:
    return b"--b\r\nContent-ID: <" + content_id + b">\r\n" + more + b"\r\n" + content + b"\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b--",
        part(b"r", b"x"),  # not ended
        part(b"r", b"x") + part(b"r", b"y") + b"--b--",  # an id twice
        part(b"other", b"x") + b"--b--",  # not the one that starts
        part(b"r", b"x", b"Content-Transfer-Encoding: base64\r\n") + b"--b--",
        part(b"r", b"x", b"X: " + b"y" * 9000 + b"\r\n") + b"--b--",
        b"".join(part(b"p%d" % number, b"x") for number in range(100)) + b"--b--",
        b"--b\r\nno header at all\r\n--b--",
        b"\n" * 100_000,
    ],
)
def test_a_package_that_is_not_whole_is_not_opened(body):
    with pytest.raises(CallFailed) as failed:
        unpacked('multipart/related; boundary=b; start="<r>"', body)
    assert failed.value.code == "answer_unusable"


@pytest.mark.parametrize("boundary", ["", '""', "ü", '"' + "b" * 71 + '"'])
def test_a_boundary_that_is_none_is_refused(boundary):
    with pytest.raises(CallFailed):
        unpacked(f'multipart/related; boundary={boundary}; start="<r>"', part(b"r", b"x") + b"--b--")


def test_a_package_gives_its_root_and_its_parts_untouched():
    body = b"preamble\r\n" + part(b"r", b"<x/>") + part(b"p", b"\r\n--\r\n-b\r\n") + b"--b--\r\nepilogue"
    package = unpacked('Multipart/Related; boundary="b"; start="<r>"', body)
    assert (package.envelope, package.parts) == (b"<x/>", {"p": b"\r\n--\r\n-b\r\n"})
