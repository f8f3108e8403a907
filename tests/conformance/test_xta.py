"""The XTA stand-in is as strict as a real server should be."""

import asyncio
import ssl
from datetime import UTC, datetime

import httpx2
import pytest
from lxml import etree

from imgate.conformance.xta import XtaStandIn
from imgate.plugin_api import Parcel
from imgate.transports.entries import read_entries
from imgate.transports.xta.connection import Connection
from imgate.transports.xta.failure import CallFailed
from imgate.transports.xta.management import Management
from imgate.transports.xta.message_box import MessageBox
from imgate.transports.xta.sending import send_message
from imgate.transports.xta.settings import Entries

PARCEL = Parcel("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "application/xml", b"<a/>", "jobcenter", receipt="e30.e30.AA")


@pytest.fixture
def server():
    with XtaStandIn() as running:
        yield running


def call(server, calls):
    """Make some calls over one connection."""
    entries = read_entries(Entries, server.entries())

    async def made():
        async with Connection(entries.trust(), entries.timeout) as connection:
            return await calls(connection, entries)

    return asyncio.run(made())


def test_an_id_that_was_not_made_there_is_not_taken(server):
    with pytest.raises(CallFailed, match="parameter_invalid"):
        call(server, lambda connection, entries: send_message(connection, entries, "urn:ours", PARCEL, datetime.now(UTC)))
    assert not server.held


def test_the_same_id_is_taken_once(server):
    async def twice(connection, entries):
        message_id = await Management(connection, entries).create_message_id()
        for _ in range(2):
            await send_message(connection, entries, message_id, PARCEL, datetime.now(UTC))

    with pytest.raises(CallFailed, match="message_id_taken"):
        call(server, twice)
    assert len(server.held) == 1


@pytest.mark.parametrize("message_id", ["urn:unknown", ""])
def test_what_is_not_in_the_box_is_neither_given_nor_closed(server, message_id):
    for method in (MessageBox.fetch, lambda box, message_id: box.close(message_id, None)):
        with pytest.raises(CallFailed, match="message_id_unknown"):
            call(server, lambda connection, entries, method=method: method(MessageBox(connection, entries), message_id))


def test_what_was_closed_is_closed(server):
    message_id = server.put(b"<a/>")

    async def twice(connection, entries):
        for _ in range(2):
            await MessageBox(connection, entries).close(message_id, None)

    with pytest.raises(CallFailed, match="message_id_unknown"):
        call(server, twice)


def test_an_id_under_which_nothing_was_sent_has_no_report(server):
    async def asked(connection, entries):
        management = Management(connection, entries)
        return await management.transport_report(await management.create_message_id())

    assert call(server, asked) is None


def test_an_operation_at_another_port_is_refused(server):
    with pytest.raises(CallFailed, match="parameter_invalid"):
        call(
            server,
            lambda connection, entries: connection.call(
                entries.send_url, "http://www.xta.de/XTA/CheckAccountActive", (etree.Element("x"),), None
            ),
        )


def test_without_a_client_certificate_nobody_gets_in(server):
    trust = ssl.create_default_context(cafile=server.authority.ca_file)
    with pytest.raises(httpx2.HTTPError), httpx2.Client(verify=trust, trust_env=False) as client:
        client.post(f"{server.url}/management", content=b"")


@pytest.mark.parametrize("body", [b"", b"<a/>", b"--b--", b"\x00" * 10])
def test_what_is_no_soap_is_answered_by_a_fault(body):
    package = b"--b\r\nContent-ID: <r>\r\n\r\n" + body + b"\r\n--b--\r\n"
    mtom = 'multipart/related; boundary=b; start="<r>"; type="application/xop+xml"; start-info="application/soap+xml"'
    with XtaStandIn(tls=False) as server, httpx2.Client(trust_env=False) as client:
        for content_type, content in (("application/soap+xml", body), (mtom, package)):
            answer = client.post(f"{server.url}/management", content=content, headers={"content-type": content_type})
            assert answer.status_code == 500
            assert b"ParameterIsNotValidException" in answer.content
