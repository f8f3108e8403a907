"""XTA, towards the partner: the order of the calls, what is sent, and never twice; against the stand-in over TLS."""

import asyncio
import dataclasses
import socket

import pytest
from lxml import etree
from structlog.testing import capture_logs

from imgate.conformance.xta import Fault, Misbehaviour, XtaStandIn
from imgate.plugin_api import NOT_CONNECTED, Delivered, NotDelivered, Parcel, Receipt, ReceiptSource, RefusedByPartner, SettingsInvalid
from imgate.transports import xta
from imgate.transports.xta import configure
from imgate.transports.xta import transport as steps

RECEIPT = "e30.e30.AA"
PARCEL = Parcel("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "application/xml", "<a>Ä\r\n--x\x0b</a>".encode(), "jobcenter", receipt=RECEIPT)
CHECKED = ["checkAccountActive", "lookupService", "createMessageId"]
TECHNICAL = Fault("XTAWSTechnicalProblemException", "9030", "Frau Muster")


@pytest.fixture
def server():
    with XtaStandIn() as running:
        yield running


class Notes:
    """What the core keeps about the message between attempts."""

    def __init__(self):
        self.note = None

    async def keep(self, note):
        self.note = note


def attempt(server, notes=None, parcel=PARCEL, **entries):
    notes = notes or Notes()
    parcel = dataclasses.replace(parcel, note=notes.note, keep=notes.keep)
    return asyncio.run(configure(server.entries(**entries)).deliver(parcel))


def held_content(server):
    return [held.content for held in server.held.values()]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_message_arrives_unchanged_after_the_calls_in_their_order(server):
    notes = Notes()
    assert attempt(server, notes) == Delivered()
    assert server.calls == [*CHECKED, "sendMessage"]
    assert [(held.message_id, held.media_type, held.content) for held in server.held.values()] == [
        (notes.note, "application/xml", PARCEL.content)
    ]


def test_the_receipt_is_an_attachment_beside_the_message(server):
    assert attempt(server) == Delivered()
    assert [held.receipt for held in server.held.values()] == [PARCEL.receipt]
    envelope = server.requests[-1].split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0]
    message, attachment = etree.fromstring(envelope).find(".//{*}ContentContainer")
    assert (etree.QName(message).localname, etree.QName(attachment).localname) == ("Message", "Attachment")
    assert dict(attachment.attrib) == {"contentType": "application/jose", "filename": "receipt.jws", "size": str(len(PARCEL.receipt))}


@pytest.mark.parametrize("content", [b"", b"\r", b"\n", b"\r\n", b"--", bytes(range(256)) * 300, b"x" * 5_000_000])
def test_every_byte_arrives(server, content):
    assert attempt(server, parcel=dataclasses.replace(PARCEL, content=content)) == Delivered()
    assert held_content(server) == [content]


def test_the_metadata_stand_in_the_schemas_order_and_name_nobody_but_the_two_authorities(server):
    attempt(server, message_type={"code": "toJobcenter", "payload_schema": "urn:imgate:jobcenter:1"})
    envelope = server.requests[-1].split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0]
    header = etree.fromstring(envelope).find("{*}Header")
    metadata = header.find("{*}MessageMetaData")
    assert [etree.QName(child).localname for child in metadata] == [
        "DeliveryAttributes",
        "Originators",
        "Destinations",
        "MsgIdentification",
        "Qualifier",
        "MsgSize",
    ]
    assert [etree.QName(child).localname for child in metadata.find("{*}Qualifier")] == ["Service", "BusinessScenario", "MessageType"]
    assert metadata.findtext("{*}Qualifier/{*}MessageType/code") == "toJobcenter"
    assert metadata.find("{*}Qualifier/{*}MessageType").get("payloadSchema") == "urn:imgate:jobcenter:1"
    assert [(one.get("type"), one.text) for one in metadata.iter("{*}Identifier")] == [("xoev", server.sender), ("xoev", server.partner)]
    assert PARCEL.message_id.encode() not in envelope


def test_the_id_is_kept_before_the_message_leaves(server):
    calls_when_kept = []

    async def keep(_note):
        calls_when_kept.extend(server.calls)

    asyncio.run(configure(server.entries()).deliver(dataclasses.replace(PARCEL, keep=keep)))
    assert calls_when_kept == CHECKED


def test_an_id_that_could_not_be_kept_is_not_used(server):
    async def keep(_note):
        raise OSError("disk full")

    outcome = asyncio.run(configure(server.entries()).deliver(dataclasses.replace(PARCEL, keep=keep)))
    assert outcome == NotDelivered(NOT_CONNECTED)
    assert server.calls == CHECKED
    assert attempt(server) == Delivered()
    assert held_content(server) == [PARCEL.content]


def test_an_id_that_was_kept_although_keeping_failed_is_the_one_that_is_used(server):
    notes = Notes()

    async def keep(note):
        notes.note = note
        raise OSError("the answer was lost")

    outcome = asyncio.run(configure(server.entries()).deliver(dataclasses.replace(PARCEL, keep=keep)))
    assert outcome == NotDelivered(NOT_CONNECTED)
    assert attempt(server, notes) == Delivered()
    assert list(server.held) == [notes.note]
    assert server.created == {notes.note}


def test_a_crash_between_the_id_and_the_message_sends_it_once_under_that_id(server):
    notes = Notes()
    with server.misbehaving("sendMessage", Misbehaviour(cut=True, times=1)):
        assert attempt(server, notes) == NotDelivered("connection_broken")
    assert not server.held
    server.calls.clear()
    assert attempt(server, notes) == Delivered()
    assert server.calls == ["getTransportReport", "sendMessage"]
    assert list(server.held) == [notes.note]
    assert len(server.created) == 1


@pytest.mark.parametrize(
    "lost",
    [
        Misbehaviour(cut=True, after=True, times=1),
        Misbehaviour(status=500, after=True, times=1),
        Misbehaviour(status=502, after=True, times=1),
        Misbehaviour(fault=TECHNICAL, after=True, times=1),
        Misbehaviour(answer=("text/html", b"<html>"), after=True, times=1),
        Misbehaviour(answer=("application/soap+xml", b""), after=True, times=1),
    ],
)
def test_a_message_whose_answer_was_lost_is_not_sent_again(server, lost):
    notes = Notes()
    with server.misbehaving("sendMessage", lost):
        outcome = attempt(server, notes)
    assert isinstance(outcome, NotDelivered)
    assert outcome.code != NOT_CONNECTED
    server.calls.clear()
    assert attempt(server, notes) == Delivered()
    assert server.calls == ["getTransportReport"]
    assert held_content(server) == [PARCEL.content]


def test_a_message_that_the_server_was_still_busy_with_when_asked_is_not_sent_twice(server):
    notes = Notes()
    attempt(server, notes)
    server.calls.clear()
    with server.misbehaving("getTransportReport", Misbehaviour(fault=Fault("InvalidMessageIDException", "9070"), times=1)):
        assert attempt(server, notes) == Delivered()
    assert server.calls == ["getTransportReport", "sendMessage", "getTransportReport"]
    assert len(server.held) == 1


def test_an_id_that_is_taken_but_not_known_counts_as_not_delivered(server):
    notes = Notes()
    attempt(server, notes)
    with server.misbehaving("getTransportReport", Misbehaviour(fault=Fault("InvalidMessageIDException", "9070"))):
        assert attempt(server, notes) == NotDelivered("message_id_taken")


@pytest.mark.parametrize(
    ("misbehaviour", "outcome"),
    [
        (Misbehaviour(fault=TECHNICAL), NotDelivered(NOT_CONNECTED)),
        (Misbehaviour(fault=Fault("PermissionDeniedException", "9010")), NotDelivered("permission_denied", seen=False)),
        (Misbehaviour(status=404), NotDelivered("http_404", seen=False)),
        (Misbehaviour(status=500), NotDelivered(NOT_CONNECTED)),
        (Misbehaviour(cut=True), NotDelivered(NOT_CONNECTED)),
    ],
)
def test_while_the_server_cannot_be_asked_about_an_earlier_attempt_nothing_is_sent_or_refused(server, misbehaviour, outcome):
    notes = Notes()
    attempt(server, notes)
    server.calls.clear()
    with server.misbehaving("getTransportReport", misbehaviour):
        assert attempt(server, notes) == outcome
    assert server.calls == ["getTransportReport"]


def test_a_report_that_says_refused_ends_the_later_attempt(server):
    notes = Notes()
    attempt(server, notes)
    server.report(notes.note, 3, "9060")
    assert attempt(server, notes) == RefusedByPartner("virus")


def test_a_report_about_another_message_or_recipient_does_not_count_as_sent(server):
    notes = Notes()
    with server.misbehaving("sendMessage", Misbehaviour(cut=True, times=1)):
        attempt(server, notes)
    attempt(server)
    other = next(iter(server.held.values()))
    server.held[notes.note] = dataclasses.replace(other, message_id=notes.note, reader="")
    assert attempt(server, notes) == NotDelivered("message_id_taken")


@pytest.mark.parametrize("operation", CHECKED)
@pytest.mark.parametrize(
    "misbehaviour",
    [
        Misbehaviour(fault=TECHNICAL),
        Misbehaviour(fault=Fault("SomethingNew", "1")),
        Misbehaviour(status=500),
        Misbehaviour(status=503),
        Misbehaviour(status=302, headers=(("location", "/send"),)),
        Misbehaviour(cut=True),
        Misbehaviour(answer=("application/soap+xml", b"<html/>")),
    ],
)
def test_what_fails_for_a_time_before_the_message_is_sent_showed_the_partner_nothing(server, operation, misbehaviour):
    with server.misbehaving(operation, misbehaviour):
        assert attempt(server) == NotDelivered(NOT_CONNECTED)
    assert server.calls[-1] == operation
    assert "sendMessage" not in server.calls


@pytest.mark.parametrize("operation", CHECKED)
@pytest.mark.parametrize(
    ("misbehaviour", "code"),
    [
        (Misbehaviour(fault=Fault("PermissionDeniedException", "9011")), "permission_denied"),
        (Misbehaviour(fault=Fault("ParameterIsNotValidException", "9021")), "parameter_invalid"),
        (Misbehaviour(status=403), "http_403"),
        (Misbehaviour(status=404), "http_404"),
    ],
)
def test_a_refusal_before_the_message_showed_the_partner_nothing_and_is_not_final(server, operation, misbehaviour, code):
    with server.misbehaving(operation, misbehaviour):
        assert attempt(server) == NotDelivered(code, seen=False)
    assert server.calls[-1] == operation
    assert attempt(server) == Delivered()  # once an operator has mended it


def test_a_recipient_that_does_not_offer_the_service_gets_nothing(server):
    server.service = "urn:another"
    assert attempt(server) == NotDelivered("service_unknown", seen=False)
    assert server.calls == ["checkAccountActive", "lookupService"]


def test_a_service_of_which_nobody_knows_counts_as_not_offered(server):
    server.service_known = False
    assert attempt(server) == NotDelivered("service_unknown", seen=False)


def test_from_an_account_that_the_server_does_not_know_nothing_is_sent(server):
    assert attempt(server, sender="psw:00000000") == NotDelivered("permission_denied", seen=False)
    assert server.calls == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("ParameterIsNotValidException", "9022"), RefusedByPartner("parameter_invalid")),
        (Fault("ParameterIsNotValidException", "9023"), RefusedByPartner("too_large")),
        (Fault("PermissionDeniedException", "9013"), RefusedByPartner("permission_denied")),
        (Fault("MessageSchemaViolationException", "9050"), RefusedByPartner("schema_violation")),
        (Fault("MessageVirusDetectionException", "9060"), RefusedByPartner("virus")),
        (Fault("SyncAsyncException", "9081"), RefusedByPartner("only_synchronous")),
        (Fault("InvalidMessageIDException", "9070"), RefusedByPartner("message_id_unknown")),
        (Fault("XTAWSTechnicalProblemException", "9032"), NotDelivered("technical_problem")),
        (Fault("SomethingNew", "9999"), NotDelivered("soap_fault")),
    ],
)
def test_each_fault_of_sending_has_its_code(server, fault, outcome):
    with server.misbehaving("sendMessage", Misbehaviour(fault=fault)):
        assert attempt(server) == outcome


@pytest.mark.parametrize(
    ("misbehaviour", "outcome"),
    [
        (Misbehaviour(status=400), RefusedByPartner("http_400")),
        (Misbehaviour(status=404), RefusedByPartner("http_404")),
        (Misbehaviour(status=413), RefusedByPartner("http_413")),
        (Misbehaviour(status=307, headers=(("location", "/management"),)), NotDelivered("http_307")),
        (Misbehaviour(status=500), NotDelivered("http_500")),
        (Misbehaviour(status=503, headers=(("retry-after", "120"),)), NotDelivered("http_503", 120.0)),
        (Misbehaviour(status=429, headers=(("retry-after", "99999999"),)), NotDelivered("http_429", 86400.0)),
        (Misbehaviour(status=503, headers=(("retry-after", "soon"),)), NotDelivered("http_503")),
    ],
)
def test_a_status_without_a_fault_says_what_it_says(server, misbehaviour, outcome):
    with server.misbehaving("sendMessage", misbehaviour):
        assert attempt(server) == outcome


def test_a_slow_server_is_not_waited_for(server):
    with server.misbehaving("sendMessage", Misbehaviour(delay=0.5)):
        assert attempt(server, timeout=0.2) == NotDelivered("timeout")
    with server.misbehaving("checkAccountActive", Misbehaviour(delay=0.5)):
        assert attempt(server, timeout=0.2) == NotDelivered(NOT_CONNECTED)


def test_an_attempt_has_an_end_however_slowly_the_server_speaks(server, monkeypatch):
    monkeypatch.setattr(steps, "_SEND_SECONDS", 0.2)
    with server.misbehaving("sendMessage", Misbehaviour(delay=0.5)):
        assert attempt(server) == NotDelivered("timeout")
    monkeypatch.setattr(steps, "_PREPARE_SECONDS", 0.1)
    with server.misbehaving("lookupService", Misbehaviour(delay=0.3)):
        assert attempt(server) == NotDelivered(NOT_CONNECTED)


def test_all_steps_of_an_attempt_together_stay_below_its_minute():
    assert steps._PREPARE_SECONDS + steps._SEND_SECONDS + steps._CONFIRM_SECONDS < 50


@pytest.mark.parametrize("port", ["management_url", "send_url"])
def test_nobody_there_means_that_nobody_saw_it(server, port):
    assert attempt(server, **{port: f"https://127.0.0.1:{free_port()}/"}) == NotDelivered(NOT_CONNECTED)
    assert not server.held


def test_without_our_authoritys_certificate_the_server_lets_nobody_in(server):
    assert attempt(server, **server.entries(server.stranger)) == NotDelivered(NOT_CONNECTED)
    assert server.calls == []


def test_a_server_whose_certificate_we_do_not_trust_is_told_nothing(server):
    with XtaStandIn() as other:
        entries = {**server.entries(), "ca_file": str(other.authority.ca_file)}
        assert asyncio.run(configure(entries).deliver(PARCEL)) == NotDelivered(NOT_CONNECTED)
    assert server.calls == []


def test_a_key_with_a_password_is_opened_by_it(server, tmp_path):
    pair = server.authority.client("locked", password="geheim")
    with pytest.raises(SettingsInvalid) as invalid:
        configure(server.entries(pair))
    assert invalid.value.setting == "certificate_file"
    with pytest.raises(SettingsInvalid):
        configure(server.entries(pair, key_password="falsch"))
    assert attempt(server, **server.entries(pair, key_password="geheim")) == Delivered()
    (tmp_path / "password").write_text("geheim\n")
    assert attempt(server, **server.entries(pair, key_password_file=str(tmp_path / "password"))) == Delivered()


def test_no_proxy_is_taken_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert attempt(server) == Delivered()


def sent(server, *names):
    transport = configure(server.entries())
    assert isinstance(transport, ReceiptSource)
    messages = []
    for name in names:
        notes = Notes()
        attempt(server, notes, dataclasses.replace(PARCEL, message_id=name))
        messages.append(steps.Sent(name, notes.note, steps._now()))
    return transport, messages


def test_receipts_tell_what_became_of_each_and_leave_out_what_is_open(server):
    transport, messages = sent(server, "green", "yellow", "virus", "schema", "red", "open", "unasked", "forgotten")
    for message, status in zip(messages, [(1,), (2,), (3, "9060"), (3, "9050"), (3, "X1"), (0,), (1,), (1,)], strict=True):
        server.report(message.note, *status)
    messages[6] = dataclasses.replace(messages[6], note=None)
    del server.held[messages[7].note]
    assert asyncio.run(transport.receipts(messages)) == [
        Receipt("green"),
        Receipt("yellow"),
        Receipt("virus", "virus"),
        Receipt("schema", "schema_violation"),
        Receipt("red", "rejected"),
    ]


def test_a_status_that_is_not_in_the_schema_is_no_receipt(server):
    transport, messages = sent(server, "odd")
    server.report(messages[0].note, 7)
    assert asyncio.run(transport.receipts(messages)) == NotDelivered("answer_unusable")


@pytest.mark.parametrize(
    ("misbehaviour", "code"),
    [
        (Misbehaviour(fault=TECHNICAL), "technical_problem"),
        (Misbehaviour(fault=Fault("PermissionDeniedException", "9010")), "permission_denied"),
        (Misbehaviour(status=503), "http_503"),
        (Misbehaviour(cut=True), "connection_broken"),
    ],
)
def test_where_nobody_could_be_asked_there_are_no_receipts(server, misbehaviour, code):
    transport, messages = sent(server, "one")
    with server.misbehaving("getTransportReport", misbehaviour):
        assert asyncio.run(transport.receipts(messages)) == NotDelivered(code)


def test_a_message_whose_report_cannot_be_read_keeps_no_other_from_its_receipt(server):
    transport, messages = sent(server, "odd", "green")
    server.report(messages[0].note, 7)
    assert asyncio.run(transport.receipts(messages)) == [Receipt("green")]


def test_no_receipts_are_asked_for_nothing(server):
    assert asyncio.run(configure(server.entries()).receipts([])) == []
    assert server.calls == []


def test_nothing_of_the_message_or_of_an_answer_stands_in_a_log_an_error_or_a_repr(server):
    secret = Fault("XTAWSTechnicalProblemException", "9030", "Frau Muster, geb. 1990")
    parcel = dataclasses.replace(PARCEL, content=b"<name>Frau Muster</name>")
    with capture_logs() as logs, server.misbehaving("createMessageId", Misbehaviour(fault=secret)):
        outcome = attempt(server, parcel=parcel)
    assert logs == [
        {
            "event": "xta_not_prepared",
            "log_level": "warning",
            "exchange": PARCEL.message_id,
            "partner": "jobcenter",
            "code": "technical_problem",
        }
    ]
    assert "Muster" not in repr(outcome) + repr(parcel) + repr(logs)


def test_the_hook_names_the_kind():
    assert xta.imgate_register_transport().kind == "xta"
    assert xta.imgate_register_transport().configure is configure
