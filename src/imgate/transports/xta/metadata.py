"""OSCI message metadata: who sends what to whom. All of it can be read by the XTA servers on the way, so it holds nothing of the person."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from imgate.transports.xta.settings import Entries
from imgate.transports.xta.soap import META, WSA, meta, wsa

_NOTE_MAX = 500


def party(role: str, identifier: str, kind: str) -> etree._Element:
    """Make ``Author`` or ``Reader``."""
    made: etree._Element = meta(role, meta.Identifier(identifier, {"type": kind}))
    return made


def message_metadata(entries: Entries, message_id: str, size: int, at: datetime) -> etree._Element:
    """Make the metadata of a message of ours, in the schema's order. No subject: it would be free text about the message."""
    message_type = entries.message_type
    code = etree.Element("code")
    code.text = message_type.code
    described = {"listURI": message_type.list_uri, "listVersionID": message_type.list_version, "payloadSchema": message_type.payload_schema}
    made: etree._Element = meta.MessageMetaData(
        meta.DeliveryAttributes(meta.Origin(at.isoformat(timespec="seconds"))),
        meta.Originators(party("Author", entries.sender, entries.identifier_type)),
        meta.Destinations(party("Reader", entries.recipient, entries.identifier_type)),
        meta.MsgIdentification(wsa.MessageID(message_id)),
        meta.Qualifier(
            meta.Service(entries.service),
            meta.BusinessScenario(meta.Undefined(entries.business_scenario)),
            meta.MessageType(code, described),
        ),
        *((meta.MsgSize(str(size)),) if size else ()),
    )
    return made


@dataclass(frozen=True, slots=True)
class Described:
    """What metadata say: the way's id of the message, its author and its reader; None where they do not."""

    message_id: str | None
    author: str | None
    reader: str | None


def read_metadata(metadata: etree._Element) -> Described:
    """Read metadata of the server's."""
    return Described(
        message_id=usable_id(metadata.findtext(f"{{{META}}}MsgIdentification/{{{WSA}}}MessageID")),
        author=_stripped(metadata.findtext(f"{{{META}}}Originators/{{{META}}}Author/{{{META}}}Identifier")),
        reader=_stripped(metadata.findtext(f"{{{META}}}Destinations/{{{META}}}Reader/{{{META}}}Identifier")),
    )


def usable_id(text: str | None) -> str | None:
    """Give an id that can be kept as a note: 1 to 500 visible ASCII characters; None for any other."""
    text = _stripped(text)
    return text if text and len(text) <= _NOTE_MAX and all("!" <= character <= "~" for character in text) else None


def _stripped(text: str | None) -> str | None:
    return None if text is None else text.strip()
