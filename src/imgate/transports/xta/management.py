"""The management port: is our account active, does the partner offer the service, an id for the next message, what became of one."""

from dataclasses import dataclass

from lxml import etree

from imgate.transports.xta.connection import Connection
from imgate.transports.xta.failure import CallFailed, refusal_word, unusable
from imgate.transports.xta.metadata import party, read_metadata, usable_id
from imgate.transports.xta.settings import Entries
from imgate.transports.xta.soap import META, WSA, XTA, Answer, wsa, xta

_ACTION = "http://www.xta.de/XTA/"


@dataclass(frozen=True, slots=True)
class Report:
    """What the server says of a message that it has: still under way, done, or refused with a short word."""

    done: bool
    refused: str | None = None


class Management:
    """Calls of the management port, in the name of our account. Each raises CallFailed."""

    def __init__(self, connection: Connection, entries: Entries) -> None:
        """Take the connection and what was configured."""
        self._connection = connection
        self._entries = entries

    async def check_account_active(self) -> None:
        """Ask whether the server knows our account and lets it send."""
        (await self._call("CheckAccountActive", None)).empty()

    async def offers_service(self) -> bool:
        """Ask whether the recipient offers the service. What is not known counts as no."""
        entries = self._entries
        asked = xta.LookupService(party("Reader", entries.recipient, entries.identifier_type), xta.ServiceType(entries.service))
        # The operation lookupService has this action in the WSDL.
        answer = await self._call("IsServiceAvailable", xta.LookupServiceRequest(xta.LookupServiceRequestList(asked)))
        results = answer.body(_xta("LookupServiceResponse")).iterfind(f"{_xta('LookupServiceResultList')}/{_xta('LookupServiceResult')}")
        said = [_is_true(result) for result in results if self._is_asked(result)]
        return bool(said) and all(said)

    def _is_asked(self, result: etree._Element) -> bool:
        reader = (result.findtext(f"{{{META}}}Reader/{{{META}}}Identifier") or "").strip()
        return reader == self._entries.recipient and (result.findtext(_xta("ServiceType")) or "").strip() == self._entries.service

    async def create_message_id(self) -> str:
        """Get the id under which the next message is sent."""
        answer = await self._call("CreateMessageID", None)
        message_id = usable_id(answer.body(f"{{{WSA}}}MessageID").text)
        if message_id is None:
            raise unusable()
        return message_id

    async def transport_report(self, message_id: str) -> Report | None:
        """Ask what became of a message; None where the server has no message of ours to this recipient under the id."""
        try:
            answer = await self._call("GetTransportReport", wsa.MessageID(message_id))
        except CallFailed as failure:
            if failure.code == "message_id_unknown":
                return None
            raise
        report = answer.body(_xta("TransportReport"))
        metadata = report.find(f"{{{META}}}MessageMetaData")
        status = report.find(f"{_xta('MessageStatus')}")
        if metadata is None or status is None:
            raise unusable()
        described = read_metadata(metadata)
        if described.message_id != message_id or described.reader != self._entries.recipient:
            return None
        return _report(status)

    async def _call(self, operation: str, body: etree._Element | None) -> Answer:
        author = party("Author", self._entries.sender, self._entries.identifier_type)
        return await self._connection.call(self._entries.management_url, _ACTION + operation, (author,), body)


def _report(status: etree._Element) -> Report:
    match (status.findtext(_xta("Status")) or "").strip():
        case "0":
            return Report(done=False)
        case "1" | "2":
            return Report(done=True)
        case "3":
            codes = status.iterfind(f"{_xta('ErrorList')}/{_xta('Error')}/{_xta('Code')}/code")
            return Report(done=True, refused=refusal_word(frozenset((code.text or "").strip() for code in codes)))
        case _:
            raise unusable()


def _is_true(result: etree._Element) -> bool:
    return (result.findtext(f"{_xta('IsServiceAvailableValue')}/{_xta('ServiceIsAvailable')}") or "").strip() in {"true", "1"}


def _xta(name: str) -> str:
    return f"{{{XTA}}}{name}"
