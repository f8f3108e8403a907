"""XTA, towards us: what this partner left in the box, byte for byte, and nothing closed before it is safe."""

import asyncio
import base64
import dataclasses

import pytest
from structlog.testing import capture_logs

from imgate.conformance.xta import Fault, Misbehaviour, XtaStandIn
from imgate.conformance.xta.messages import box_header, container_of, metadata_of, written
from imgate.plugin_api import Arrived, MessageSource, NotDelivered
from imgate.transports.xta import configure, message_box
from imgate.transports.xta import transport as steps

TECHNICAL = Fault("XTAWSTechnicalProblemException", "9030", "Frau Muster")
UNUSABLE = ("application/octet-stream", b"")


@pytest.fixture
def server():
    with XtaStandIn() as running:
        yield running


def arrived(server, limit=20, **entries):
    return asyncio.run(configure(server.entries(**entries)).arrived(limit))


def inline(content: str, media_type: str = "application/xml") -> str:
    message = f'<xta:Message contentType="{media_type}">{content}</xta:Message>'
    return f"<xta:GenericContentContainer><xta:ContentContainer>{message}</xta:ContentContainer></xta:GenericContentContainer>"


def test_a_message_comes_unchanged_and_stays_until_it_is_closed(server):
    transport = configure(server.entries())
    assert isinstance(transport, MessageSource)
    content = "<a>Ä\r\n--x</a>\n".encode()
    message_id = server.put(content)
    (message,) = asyncio.run(transport.arrived(20))
    assert message == Arrived(message_id, "application/xml", content)
    assert "close" not in server.calls
    assert asyncio.run(transport.arrived(20)) == [message]
    asyncio.run(transport.close(message))
    assert server.box[message_id].closed
    assert asyncio.run(transport.arrived(20)) == []


@pytest.mark.parametrize("content", [b"", b"\r", b"\n", b"\r\n", b"--", bytes(range(256)) * 300])
def test_every_byte_comes(server, content):
    server.put(content, "application/pdf")
    assert [(message.media_type, message.content) for message in arrived(server)] == [("application/pdf", content)]


def test_base64_in_place_of_mtom_is_read_too(server):
    text = base64.b64encode(b"<a>\xc3\x84</a>").decode()
    server.put(b"", container=inline(f"\n  {text[:4]}\n{text[4:]}\n"))
    assert [message.content for message in arrived(server)] == [b"<a>\xc3\x84</a>"]


def test_a_message_is_closed_under_the_request_that_fetched_it(server):
    transport = configure(server.entries())
    message_id = server.put(b"<a/>")
    (message,) = asyncio.run(transport.arrived(20))
    asyncio.run(transport.close(message))
    assert server.closed_under[message_id].startswith("urn:uuid:")


def test_another_process_can_close_what_one_fetched(server):
    message_id = server.put(b"<a/>")
    (message,) = arrived(server)
    asyncio.run(configure(server.entries()).close(message))
    assert server.box[message_id].closed


def test_no_more_come_than_were_asked_for(server):
    ids = [server.put(b"<a/>") for _ in range(5)]
    assert [message.message_id for message in arrived(server, limit=3)] == ids[:3]
    assert server.calls.count("getMessage") == 3


def test_large_messages_come_in_several_turns(server, monkeypatch):
    monkeypatch.setattr(steps, "_BYTES_AT_ONCE", 1500)
    for _ in range(3):
        server.put(b"x" * 1000)
    assert len(arrived(server)) == 2


def test_a_long_list_is_read_page_by_page():
    with XtaStandIn(page=2) as server:
        ids = [server.put(b"<a/>") for _ in range(5)]
        assert [message.message_id for message in arrived(server)] == ids
        assert server.calls[:3] == ["getStatusList", "getNextStatusList", "getNextStatusList"]


def test_another_partners_messages_in_the_same_box_are_left_alone():
    with XtaStandIn(page=2) as server:
        foreign = [server.put(b"<b/>", author="psw:09999999") for _ in range(3)]
        ours = server.put(b"<a/>")
        assert [message.message_id for message in arrived(server, limit=1)] == [ours]
        assert server.calls.count("getMessage") == 1
        assert not any(server.box[message_id].closed for message_id in foreign)


def test_a_list_without_an_end_is_left_after_some_pages(server, monkeypatch):
    monkeypatch.setattr(message_box, "_PAGES_MAX", 3)
    server.page = 1
    for _ in range(5):
        server.put(b"<a/>")
    assert len(arrived(server)) == 3


def test_an_empty_box_is_empty(server):
    assert arrived(server) == []
    assert server.calls == ["getStatusList"]


ENCRYPTED = '<xta:GenericContentContainer><e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"/></xta:GenericContentContainer>'


@pytest.mark.parametrize(
    "container",
    [
        ENCRYPTED,
        "<xta:GenericContentContainer/>",
        "<xta:GenericContentContainer><xta:ContentContainer/></xta:GenericContentContainer>",
        inline("not base64 at all!"),
        inline("<xta:x/>"),
        inline("QQ=="[:3]),
        inline("QUFB" * 3_000_000),  # more text than the parser takes
    ],
)
def test_a_message_that_will_never_be_usable_comes_without_content_and_can_be_closed(server, container):
    bad, good = server.put(b"", container=container), server.put(b"<a/>")
    transport = configure(server.entries())
    messages = asyncio.run(transport.arrived(20))
    assert messages == [Arrived(bad, *UNUSABLE), Arrived(good, "application/xml", b"<a/>")]
    asyncio.run(transport.close(messages[0]))
    assert server.box[bad].closed


def test_a_message_over_the_limit_comes_without_content(server, monkeypatch):
    monkeypatch.setattr(message_box, "MAX_BYTES", 1000)
    monkeypatch.setattr(message_box, "_MESSAGE_ANSWER_MAX", 10_000)
    ids = [server.put(b"x" * size) for size in (1000, 1001, 20_000)]
    assert [(message.message_id, message.media_type, len(message.content)) for message in arrived(server)] == [
        (ids[0], "application/xml", 1000),
        (ids[1], UNUSABLE[0], 0),
        (ids[2], UNUSABLE[0], 0),
    ]


@pytest.mark.parametrize("media_type", ["", "xml", "text/xml\x85y", "a" * 300 + "/b"])
def test_a_media_type_that_is_none_is_not_passed_on(server, media_type):
    server.put(b"<a/>", media_type)
    assert [message.media_type for message in arrived(server)] == ["application/octet-stream"]


def test_attachments_are_left_and_that_is_logged(server):
    container = inline("QQ==").replace(
        "</xta:ContentContainer>", '<xta:Attachment contentType="a/b">QQ==</xta:Attachment></xta:ContentContainer>'
    )
    server.put(b"", container=container)
    with capture_logs() as logs:
        assert [message.content for message in arrived(server)] == [b"A"]
    assert [(log["event"], log["count"]) for log in logs] == [("xta_attachments_left", 1)]


@pytest.mark.parametrize(
    "misbehaviour",
    [
        Misbehaviour(fault=TECHNICAL, times=1),
        Misbehaviour(fault=Fault("InvalidMessageIDException", "9070"), times=1),
        Misbehaviour(status=500, times=1),
        Misbehaviour(cut=True, times=1),
        Misbehaviour(answer=("application/soap+xml", b"<a><b>"), times=1),
    ],
)
def test_a_message_that_cannot_be_read_this_time_blocks_no_other_and_stays(server, misbehaviour):
    first, second = server.put(b"<a/>"), server.put(b"<b/>")
    with server.misbehaving("getMessage", misbehaviour):
        assert [message.message_id for message in arrived(server)] == [second]
    assert [message.message_id for message in arrived(server)] == [first, second]


@pytest.mark.parametrize(
    ("misbehaviour", "code"),
    [
        (Misbehaviour(fault=TECHNICAL), "technical_problem"),
        (Misbehaviour(fault=Fault("PermissionDeniedException", "9010")), "permission_denied"),
        (Misbehaviour(status=404), "http_404"),
        (Misbehaviour(status=503), "http_503"),
        (Misbehaviour(cut=True), "connection_broken"),
        (Misbehaviour(answer=("application/soap+xml", b"")), "answer_unusable"),
    ],
)
@pytest.mark.parametrize("operation", ["getStatusList", "getMessage"])
def test_where_nothing_could_be_fetched_the_reason_is_told(server, operation, misbehaviour, code):
    server.put(b"<a/>")
    with server.misbehaving(operation, misbehaviour):
        assert arrived(server) == NotDelivered(code)
    assert not any(held.closed for held in server.box.values())


def test_what_was_fetched_before_the_server_went_away_is_not_lost(server):
    first = server.put(b"<a/>")
    server.put(b"<b/>")
    transport = configure(server.entries())
    asyncio.run(transport.arrived(1))
    slow = Misbehaviour(delay=0.4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "_ASK_SECONDS", 0.6)
        with server.misbehaving("getMessage", slow):
            assert [message.message_id for message in asyncio.run(transport.arrived(20))] == [first]


@pytest.mark.parametrize("other", [{"author": "psw:09999999"}, {"reader": "psw:09999999"}, {"message_id": "urn:another"}])
def test_a_message_that_is_not_the_one_asked_for_is_not_taken(server, other):
    message_id = server.put(b"<a/>")
    held = dataclasses.replace(server.box[message_id], **other)
    answer = written(metadata_of(held) + box_header("urn:r", 0), *container_of(held))
    with server.misbehaving("getMessage", Misbehaviour(answer=answer)):
        assert arrived(server) == NotDelivered("answer_unusable")


def test_a_stranger_fetches_nothing(server):
    server.put(b"<a/>")
    assert isinstance(arrived(server, **server.entries(server.stranger)), NotDelivered)
    assert server.calls == []


@pytest.mark.parametrize("misbehaviour", [Misbehaviour(fault=TECHNICAL), Misbehaviour(status=500), Misbehaviour(cut=True)])
def test_a_message_that_could_not_be_closed_comes_again(server, misbehaviour):
    message_id = server.put(b"<a/>")
    transport = configure(server.entries())
    (message,) = asyncio.run(transport.arrived(20))
    with capture_logs() as logs, server.misbehaving("close", misbehaviour):
        asyncio.run(transport.close(message))
    assert [log["event"] for log in logs] == ["xta_not_closed"]
    assert "Muster" not in repr(logs)
    assert [again.message_id for again in asyncio.run(transport.arrived(20))] == [message_id]
    asyncio.run(transport.close(message))
    assert server.box[message_id].closed


def test_closing_what_is_not_there_raises_nothing(server):
    asyncio.run(configure(server.entries()).close(Arrived("urn:unknown", *UNUSABLE)))
    assert server.calls == ["close"]


def test_the_content_is_not_in_a_repr(server):
    server.put(b"<name>Frau Muster</name>")
    assert "Muster" not in repr(arrived(server))
