"""An XML adapter is one table, used in both directions: which scope stands under which element, in which shape.

    FORMAT = XmlFormat(
        namespace="urn:imgate:jobcenter:1",
        to_partner="toJobcenter",
        from_partner="fromJobcenter",
        items=(
            both("appointments.upcoming", Many("appointments", Group("appointment", {"at": Text("at"), ...}))),
            sent("language.level", Group("languageLevel", {...}), not_taken="The client and the course provider know it."),
            neither("asylum.grounds", "Grounds of asylum concern nobody at the Jobcenter (§ 203 StGB)."),
        ),
    )

Null and absent are one thing in these messages: a leaf that is null says that nothing is known, so it is not written,
and comes back as absent. Items are never null. An empty list says "there is none"; it is written as an empty element
and comes back as an empty list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from imgate.plugin_api.errors import TableInvalid, TranslationFault
from imgate.plugin_api.fields import Absent, Field, FieldTable, Place, field_table
from imgate.plugin_api.incoming import Reading
from imgate.plugin_api.released import Envelope, ReleasedRecord
from imgate.plugin_api.xml_read import compile_reader, parse_message, read_message
from imgate.plugin_api.xml_shapes import Code, Flag, Group, ListedCode, Many, Number, Shape, Text, details, left_out, texts
from imgate.plugin_api.xml_write import ENVELOPE_NAMESPACE, Unwritable, compile_writer, write_envelope

__all__ = [
    "Code",
    "Flag",
    "Group",
    "ListedCode",
    "Many",
    "Number",
    "Text",
    "XmlFormat",
    "XmlItem",
    "both",
    "neither",
    "sent",
    "taken",
    "texts",
]

CONTENT = "content"


@dataclass(frozen=True, slots=True)
class XmlItem:
    """One scope: its shape, and for each direction whether it stands in the messages, or why it does not."""

    scope: str
    shape: Shape | None
    to_partner: Absent | None
    from_partner: Absent | None


def both(scope: str, shape: Shape) -> XmlItem:
    """Let a scope stand in messages of both directions."""
    return XmlItem(scope, shape, None, None)


def sent(scope: str, shape: Shape, not_taken: str) -> XmlItem:
    """Let a scope stand in messages to the partner only, and say why not in the others."""
    return XmlItem(scope, shape, None, Absent(not_taken))


def taken(scope: str, shape: Shape, not_sent: str) -> XmlItem:
    """Let a scope stand in messages from the partner only, and say why not in the others."""
    return XmlItem(scope, shape, Absent(not_sent), None)


def neither(scope: str, not_sent: str, not_taken: str | None = None) -> XmlItem:
    """Give a scope no place at all; one sentence may serve for both directions."""
    return XmlItem(scope, None, Absent(not_sent), Absent(not_taken or not_sent))


class XmlFormat:
    """A table of items, compiled once; holds no state between two calls.

    ``to_partner`` and ``from_partner`` name the root elements. Items stand in the table in the schema's order.
    """

    media_type = "application/xml"

    def __init__(self, *, namespace: str, to_partner: str, from_partner: str, items: Sequence[XmlItem]) -> None:
        """Compile the table. Raises ValueError for a scope or an element name that stands in it twice."""
        self.fields: FieldTable = field_table(*(_field(item) for item in items))
        tags = [item.shape.tag for item in items if item.shape is not None]
        if len(set(tags)) != len(tags):
            raise TableInvalid(
                f"each element stands for one scope; twice: {', '.join(sorted({tag for tag in tags if tags.count(tag) > 1}))}"
            )
        self._sent = tuple(
            (item.scope, *_parts(item.scope), compile_writer(item.shape, "m:"))
            for item in items
            if item.shape is not None and item.to_partner is None
        )
        self._sendable = frozenset(scope for scope, *_ in self._sent)
        self._taken = {
            f"{{{namespace}}}{item.shape.tag}": (*_parts(item.scope), compile_reader(item.shape, namespace))
            for item in items
            if item.shape is not None and item.from_partner is None
        }
        self._before = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<m:{to_partner} xmlns:m="{namespace}" xmlns:e="{ENVELOPE_NAMESPACE}">',
            f"<m:{CONTENT}>",
        )
        self._after = f"</m:{CONTENT}></m:{to_partner}>\n"
        self._root_from_partner = f"{{{namespace}}}{from_partner}"
        self._content_from_partner = f"{{{namespace}}}{CONTENT}"

    def to_partner(self, released: ReleasedRecord, envelope: Envelope) -> bytes:
        """Write one message with the released scopes in the table's order, and nothing else of the record.

        Raises TranslationFault for a scope without a place, or a value that XML cannot carry.
        """
        record, releases = released.record, released.releases
        if not releases.keys() <= self._sendable:
            raise TranslationFault(min(releases.keys() - self._sendable), "has no place in messages to this partner")
        scope = "envelope"
        try:
            parts = [self._before[0], write_envelope(envelope, releases), self._before[1]]
            for scope, section, item, write in self._sent:  # the name is used in the faults below
                if scope in releases:
                    parts.append(write(record[section][item]))
        except Unwritable as fault:
            sentence = str(fault)
        except KeyError:
            sentence = "was released and lacks something that it must have"
        else:
            parts.append(self._after)
            return "".join(parts).encode("utf-8")
        # Outside the except block: a KeyError may show a value, and must not hang on the fault as context.
        raise TranslationFault(scope, sentence)

    def from_partner(self, message: bytes) -> Reading:
        """Read one message about one person. Raises MessageUnreadable."""
        return read_message(parse_message(message), self._root_from_partner, self._content_from_partner, self._taken)


def _field(item: XmlItem) -> Field:
    place = None if item.shape is None else Place((f"{CONTENT}/{item.shape.tag}",), left_out(item.shape), details(item.shape))
    to_partner, from_partner = item.to_partner or place, item.from_partner or place
    if to_partner is None or from_partner is None:
        raise TableInvalid(f"{item.scope}: neither a place nor a reason why not")
    return Field(item.scope, to_partner, from_partner)


def _parts(scope: str) -> tuple[str, str]:
    section, _, item = scope.partition(".")
    return section, item
