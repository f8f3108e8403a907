"""The SOAP 1.2 envelope: built with WS-Addressing headers, read with the guard of ``plugin_api.xml_read`` against hostile XML."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # lxml-stubs leaves it out

from imgate.plugin_api import MessageUnreadable
from imgate.plugin_api.xml_read import parse_message
from imgate.transports.xta.failure import CallFailed, by_fault, unusable

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
OSCI = "http://www.osci.eu/ws/2008/05/transport"
META = "http://www.osci.eu/ws/2014/10/transport"
XTA = "http://xoev.de/transport/xta/211"
XOP = "http://www.w3.org/2004/08/xop/include"
NAMESPACES = {"s": SOAP, "wsa": WSA, "osci": OSCI, "meta": META, "xta": XTA, "xop": XOP}

osci = ElementMaker(namespace=OSCI, nsmap=NAMESPACES)
meta = ElementMaker(namespace=META, nsmap=NAMESPACES)
xta = ElementMaker(namespace=XTA, nsmap=NAMESPACES)
wsa = ElementMaker(namespace=WSA, nsmap=NAMESPACES)
xop = ElementMaker(namespace=XOP, nsmap=NAMESPACES)
_soap = ElementMaker(namespace=SOAP, nsmap=NAMESPACES)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the envelope's header and the one element of its body, None where the body is empty."""

    header: etree._Element | None = field(repr=False)
    content: etree._Element | None = field(repr=False)
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def body(self, tag: str) -> etree._Element:
        """Give the body's element, which must be this one. Raises CallFailed."""
        if self.content is None or self.content.tag != tag:
            raise unusable()
        return self.content

    def empty(self) -> None:
        """See that the body is empty, which is how XTA says yes. Raises CallFailed."""
        if self.content is not None:
            raise unusable()


def envelope(action: str, address: str, headers: Sequence[etree._Element], body: etree._Element | None) -> bytes:
    """Write an envelope; an empty body is how XTA asks without parameters."""
    addressing = (
        wsa.Action(action),
        wsa.MessageID(f"urn:uuid:{uuid.uuid4()}"),
        wsa.To(address),
        wsa.ReplyTo(wsa.Address(f"{WSA}/anonymous")),
    )
    written = _soap.Envelope(_soap.Header(*addressing, *headers), _soap.Body(*(() if body is None else (body,))))
    return etree.tostring(written, xml_declaration=True, encoding="UTF-8")


def read_envelope(content: bytes, parts: Mapping[str, bytes]) -> Answer:
    """Read an answer's envelope. Raises CallFailed: for a fault by its kind, for anything that is no SOAP 1.2 as unusable."""
    try:
        root = parse_message(content, len(content))
    except MessageUnreadable as unreadable:
        # Beyond the parser's limits: 10 MB of text in one element, or 64 levels.
        code = "answer_too_large" if unreadable.code in {"too_large", "too_deep"} else "answer_unusable"
    else:
        return _taken_apart(root, parts)
    raise CallFailed(code)  # outside the except block: the other error tells about the answer


def _taken_apart(root: etree._Element, parts: Mapping[str, bytes]) -> Answer:
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) > 1:
        raise unusable()
    content = body[0] if len(body) else None
    if content is not None and content.tag == f"{{{SOAP}}}Fault":
        raise _fault(content)
    return Answer(root.find(f"{{{SOAP}}}Header"), content, parts)


def _fault(fault: etree._Element) -> CallFailed:
    detail = fault.find(f"{{{SOAP}}}Detail")
    for exception in () if detail is None else detail:
        name = etree.QName(exception)
        if name.namespace == XTA:
            number = exception.findtext(f"{{{XTA}}}errorCode/code")
            return by_fault(name.localname, None if number is None else number.strip())
    return by_fault(None, None)
