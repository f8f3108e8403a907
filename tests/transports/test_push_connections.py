"""Push keeps its connections: what is held is bounded and closed, and a connection that dies loses nothing and sends no other id."""

import asyncio
import gc
import socket
import ssl
import struct
import time
import warnings

import httpx2
import pytest

from imgate.plugin_api import NOT_CONNECTED, Delivered, NotDelivered, Parcel
from imgate.transports import push
from imgate.transports.push import Push
from tests.transports.misbehaving import certificate, misbehaving, serving_tls, status

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
IDS = [f"0b8c2c6e-58a1-4f0f-9f55-{number:012x}" for number in range(60)]


@pytest.fixture
def partner():
    with misbehaving() as served:
        yield served


def made(url, **entries):
    return Push(push._Entries.model_validate({"url": url, "secret": SECRET, **entries}), pause=0.001)


def parcel(message_id=IDS[0]):
    return Parcel(message_id, "application/xml", b"<a/>", "jobcenter", receipt="e30.e30.AA")


def delivered(transport, message_ids):
    async def each():
        return [await transport.deliver(parcel(one)) for one in message_ids]

    return asyncio.run(each())


def ids(partner):
    return [headers["webhook-id"] for headers, _ in partner.seen]


def cut(handler):
    """Reset the connection: what a crash or a firewall does."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def test_messages_one_after_the_other_go_by_one_connection(partner):
    assert delivered(made(partner.url), IDS[:5]) == [Delivered()] * 5
    assert partner.connections == 1
    assert ids(partner) == IDS[:5]


def test_many_messages_at_once_go_by_at_most_sixteen(partner):
    partner.answer = lambda handler, call: (time.sleep(0.02), status(204)(handler, call))
    transport = made(partner.url)

    async def all_at_once():
        return await asyncio.gather(*(transport.deliver(parcel(one)) for one in IDS))

    assert asyncio.run(all_at_once()) == [Delivered()] * len(IDS)
    assert 1 < partner.connections <= 16
    assert sorted(ids(partner)) == IDS


def test_waiting_for_a_free_connection_takes_nothing_off_the_partners_own_time(partner):
    """More are handed over at once than there are connections: the last one waits for longer than the partner may take."""

    partner.answer = lambda handler, call: (time.sleep(0.4), status(204)(handler, call))
    transport = made(partner.url, timeout=1.0)

    async def all_at_once():
        return await asyncio.gather(*(transport.deliver(parcel(one)) for one in IDS))

    assert asyncio.run(all_at_once()) == [Delivered()] * len(IDS)


def test_each_event_loop_has_its_own_and_closes_it_when_it_ends(partner):
    transport = made(partner.url)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert delivered(transport, IDS[:2]) == delivered(transport, IDS[2:4])
        gc.collect()
    assert partner.connections == 2
    assert len(transport._connections._held) == 1


def test_a_transport_that_is_dropped_closes_what_it_held(partner):
    async def dropped():
        transport = made(partner.url)
        await transport.deliver(parcel())
        pool = await transport._connections.here()
        held = pool._pool.connections
        del transport, pool
        gc.collect()
        await asyncio.sleep(0.05)
        return [one.is_closed() for one in held]

    assert asyncio.run(dropped()) == [True]


def test_an_idle_connection_that_the_partner_closed_costs_nothing(partner):
    def answer_and_leave(handler, call):
        status(204)(handler, call)
        handler.wfile.flush()
        handler.close_connection = True

    partner.answer = answer_and_leave
    transport = made(partner.url)

    async def with_pauses():
        outcomes = []
        for one in IDS[:3]:
            outcomes.append(await transport.deliver(parcel(one)))
            await asyncio.sleep(0.05)
        return outcomes

    assert asyncio.run(with_pauses()) == [Delivered()] * 3
    assert ids(partner) == IDS[:3]
    assert partner.connections == 3


def test_a_kept_connection_that_breaks_under_a_message_is_replaced_and_the_id_stays(partner):
    partner.answer = lambda handler, call: cut(handler) if call == 2 else status(204)(handler, call)
    assert delivered(made(partner.url), IDS[:2]) == [Delivered()] * 2
    assert ids(partner) == [IDS[0], IDS[1], IDS[1]]


@pytest.mark.parametrize("half", [b"", b"HTTP/1.1 20", b"HTTP/1.1 204 No Content\r\ncontent-le"])
def test_half_an_answer_is_none_and_the_partner_may_have_the_message(partner, half):
    def part(handler, _call):
        handler.wfile.write(half)
        handler.wfile.flush()
        cut(handler)

    partner.answer = part
    assert delivered(made(partner.url), IDS[:1]) == [NotDelivered("connection_broken")]
    assert ids(partner) == [IDS[0]] * 3


@pytest.mark.parametrize("error", [ssl.SSLError("alert"), ConnectionResetError(), httpx2.ReadError(""), httpx2.RemoteProtocolError("")])
def test_what_breaks_after_the_connection_stood_may_have_disclosed_the_message(partner, monkeypatch, error):
    async def broken(*_):
        raise error

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", broken)
    assert delivered(made(partner.url), IDS[:1]) == [NotDelivered("connection_broken")]


def test_no_free_connection_means_that_the_partner_saw_nothing(partner, monkeypatch):
    async def full(*_):
        raise httpx2.PoolTimeout("full")

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", full)
    assert delivered(made(partner.url), IDS[:1]) == [NotDelivered(NOT_CONNECTED)]


@pytest.mark.parametrize("made_for", [("127.0.0.1", 1, True), ("127.0.0.2", 1, False), ("127.0.0.1", -1, False)])
def test_a_certificate_must_be_for_this_name_and_in_force(tmp_path, made_for):
    name, days, holds = made_for
    file = certificate(tmp_path, name, days)
    with misbehaving(serving_tls(file)) as partner:
        outcomes = delivered(made(partner.url, ca_file=str(file)), IDS[:2])
    assert outcomes == [Delivered() if holds else NotDelivered(NOT_CONNECTED)] * 2
    assert ids(partner) == (IDS[:2] if holds else [])


def test_a_certificate_that_nobody_vouches_for_means_that_the_partner_saw_nothing(tmp_path):
    with misbehaving(serving_tls(certificate(tmp_path))) as partner:
        assert delivered(made(partner.url), IDS[:1]) == [NotDelivered(NOT_CONNECTED)]
    assert partner.seen == []


def test_no_tls_where_it_is_asked_for_means_that_the_partner_saw_nothing(partner):
    assert delivered(made(partner.url.replace("http:", "https:")), IDS[:1]) == [NotDelivered(NOT_CONNECTED)]
    assert partner.seen == []


def test_a_partner_that_asks_for_our_certificate_after_the_handshake_may_have_the_message(tmp_path):
    file = certificate(tmp_path)
    context = serving_tls(file)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(file)
    with misbehaving(context) as partner:
        assert delivered(made(partner.url, ca_file=str(file)), IDS[:1]) == [NotDelivered("connection_broken")]


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_authorities_that_cannot_be_read_let_nothing_out(tmp_path, partner, content):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    assert delivered(made(partner.url, ca_file=str(file)), IDS[:1]) == [NotDelivered(NOT_CONNECTED)]
    assert partner.seen == []
