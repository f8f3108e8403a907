"""What goes over the wire, on the server's side: requests taken apart with the standard library, answers written by hand."""

import email
import email.policy
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from imgate.plugin_api import MessageUnreadable
from imgate.plugin_api.xml_read import parse_message

NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "osci": "http://www.osci.eu/ws/2008/05/transport",
    "meta": "http://www.osci.eu/ws/2014/10/transport",
    "xta": "http://xoev.de/transport/xta/211",
    "xop": "http://www.w3.org/2004/08/xop/include",
}
_BOUND = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
_BOUNDARY = "stand-in-7c1e"


@dataclass(slots=True)
class Held:
    """One message at the server: its metadata as far as they matter here, its content, and what became of it."""

    message_id: str
    author: str
    reader: str
    media_type: str
    content: bytes = field(repr=False)
    at: datetime
    status: int = 1
    errors: tuple[str, ...] = ()
    closed: bool = False
    size: int | None = None
    container: str | None = field(default=None, repr=False)
    receipt: str | None = field(default=None, repr=False)


class Fault(Exception):
    """A SOAP fault with one of XTA's exceptions and an error number."""

    def __init__(self, exception: str, number: str, text: str = "") -> None:
        """Take the exception's name, the number, and what a server might say about it."""
        super().__init__(exception)
        self.exception = exception
        self.number = number
        self.text = text

    def body(self) -> str:
        """Write the fault."""
        code = "Receiver" if self.exception == "XTAWSTechnicalProblemException" else "Sender"
        return (
            f'<s:Fault><s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang="de">{escape(self.text)}</s:Text></s:Reason>'
            f'<s:Detail><xta:{self.exception}><xta:errorCode listURI="urn:de:xta:webservice:codeliste:fehlernummer" listVersionID="1.0">'
            f"<code>{self.number}</code><name>{escape(self.text)}</name></xta:errorCode></xta:{self.exception}></s:Detail></s:Fault>"
        )


def read_request(content_type: str, body: bytes) -> tuple[etree._Element, dict[str, bytes]]:
    """Give the envelope and the MTOM parts. Raises Fault for what is no MTOM package with one SOAP 1.2 envelope."""
    package = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP)
    parts = {str(part["content-id"]).strip("<>"): _binary(part) for part in package.iter_parts()} if package.is_multipart() else {}
    root = parts.pop(str(package.get_param("start", "")).strip("<>"), None)
    wanted = ("application/xop+xml", "application/soap+xml")
    if root is None or (package.get_param("type"), package.get_param("start-info")) != wanted:
        raise Fault("ParameterIsNotValidException", "9022")
    try:
        envelope = parse_message(root, len(root))
    except MessageUnreadable:
        raise Fault("ParameterIsNotValidException", "9022") from None
    # The WSDL demands the action of HTTP as well as that of WS-Addressing.
    if envelope.tag != f"{{{NAMES['s']}}}Envelope" or package.get_param("action") != text_at(envelope, "s:Header/wsa:Action"):
        raise Fault("ParameterIsNotValidException", "9022")
    return envelope, parts


def _binary(part: email.message.Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def text_at(element: etree._Element, path: str) -> str | None:
    """Give the text at a path with the prefixes of ``NAMES``."""
    return element.findtext(path, namespaces=NAMES)


def content_of(message: etree._Element, parts: dict[str, bytes]) -> bytes:
    """Give the content that a ``Message`` includes. Raises Fault where it includes none."""
    include = message.find("xop:Include", NAMES)
    reference = "" if include is None else unquote(include.get("href", "").removeprefix("cid:"))
    if reference not in parts:
        raise Fault("ParameterIsNotValidException", "9020")
    return parts[reference]


def metadata_of(held: Held) -> str:
    """Write a message's metadata."""
    size = f"<meta:MsgSize>{held.size or len(held.content)}</meta:MsgSize>" if held.size or held.content else ""
    return (
        f"<meta:MessageMetaData><meta:DeliveryAttributes><meta:Origin>{held.at.isoformat()}</meta:Origin></meta:DeliveryAttributes>"
        f"<meta:Originators>{_party('Author', held.author)}</meta:Originators>"
        f"<meta:Destinations>{_party('Reader', held.reader)}</meta:Destinations>"
        f"<meta:MsgIdentification><wsa:MessageID>{escape(held.message_id)}</wsa:MessageID></meta:MsgIdentification>"
        "<meta:Qualifier><meta:Service>urn:stand-in</meta:Service><meta:BusinessScenario><meta:Undefined>x</meta:Undefined>"
        '</meta:BusinessScenario><meta:MessageType listURI="urn:x" listVersionID="1" payloadSchema="urn:x"><code>x</code>'
        f"</meta:MessageType></meta:Qualifier>{size}</meta:MessageMetaData>"
    )


def report_of(held: Held) -> str:
    """Write the transport report of a message."""
    errors = "".join(
        f'<xta:Error><xta:Timestamp>{held.at.isoformat()}</xta:Timestamp><xta:Code listURI="urn:de:xta:codeliste:record.type" '
        f'listVersionID="1"><code>{escape(code)}</code></xta:Code><xta:Reason>Frau Muster, geb. 1990</xta:Reason></xta:Error>'
        for code in held.errors
    )
    return (
        f"<xta:TransportReport>{metadata_of(held)}<xta:ReportTime>{held.at.isoformat()}</xta:ReportTime>"
        "<xta:XTAServerIdentity>urn:stand-in</xta:XTAServerIdentity>"
        f"<xta:MessageStatus><xta:Status>{held.status}</xta:Status>{f'<xta:ErrorList>{errors}</xta:ErrorList>' if errors else ''}"
        "</xta:MessageStatus></xta:TransportReport>"
    )


def lookup_of(reader: str, service: str, available: bool | None) -> str:
    """Write the answer of lookupService about one service; None means that the directory does not know."""
    known = "<xta:ServiceIsAvailableUnknown>true</xta:ServiceIsAvailableUnknown>"
    if available is not None:
        known = f"<xta:ServiceIsAvailable>{'true' if available else 'false'}</xta:ServiceIsAvailable>"
    return (
        f"<xta:LookupServiceResponse><xta:LookupServiceResultList><xta:LookupServiceResult>{_party('Reader', reader)}"
        f"<xta:ServiceType>{escape(service)}</xta:ServiceType><xta:IsServiceAvailableValue>{known}</xta:IsServiceAvailableValue>"
        "</xta:LookupServiceResult></xta:LookupServiceResultList></xta:LookupServiceResponse>"
    )


def message_id_of(message_id: str) -> str:
    """Write a new message id."""
    return f"<wsa:MessageID>{escape(message_id)}</wsa:MessageID>"


def box_header(request_id: str, pending: int | None) -> str:
    """Write the header of the message box; None means that nothing is there."""
    inside = f"<osci:ItemsPending>{pending}</osci:ItemsPending>"
    if pending is None:
        inside = f'<osci:NoMessageAvailable reason="{NAMES["osci"]}/MsgBox/reasons/NoMatch"/>'
    return f"<osci:MsgBoxResponse MsgBoxRequestID={quoteattr(request_id)}>{inside}</osci:MsgBoxResponse>"


def written(header: str, body: str, content: bytes | None = None) -> tuple[str, bytes]:
    """Give content type and body of an answer, as an MTOM package."""
    envelope = (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_BOUND}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    )
    root = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    pieces = [(root, "root@stand-in", envelope.encode())]
    if content is not None:
        pieces.append(("application/octet-stream", "part-1@stand-in", content))
    packed = b"".join(
        f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{name}>\r\n\r\n".encode()
        + piece
        + b"\r\n"
        for kind, name, piece in pieces
    )
    content_type = (
        f'multipart/related; boundary="{_BOUNDARY}"; type="application/xop+xml"; start="<root@stand-in>"; start-info="application/soap+xml"'
    )
    return content_type, packed + f"--{_BOUNDARY}--\r\n".encode()


def container_of(held: Held) -> tuple[str, bytes | None]:
    """Write the content container of a message, its content as an MTOM part."""
    if held.container is not None:
        return held.container, held.content
    message = f'<xta:Message contentType={quoteattr(held.media_type)}><xop:Include href="cid:part-1%40stand-in"/></xta:Message>'
    return (
        f"<xta:GenericContentContainer><xta:ContentContainer>{message}</xta:ContentContainer></xta:GenericContentContainer>",
        held.content,
    )


def _party(role: str, identifier: str) -> str:
    return f'<meta:{role}><meta:Identifier type="xoev">{escape(identifier)}</meta:Identifier></meta:{role}>'
