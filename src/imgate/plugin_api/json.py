"""A JSON adapter is one table, used in both directions: which scope stands under which member, in which shape.

    FORMAT = JsonFormat(
        items=(
            both("contact.phone", "person/telefon"),
            both("housing.situation", "wohnung/situation", Object({"kind": Member("art", KINDS), "rooms": "zimmer"})),
            sent("language.level", "deutsch", not_taken="The client and the course provider know it."),
            neither("asylum.grounds", "Grounds of asylum concern nobody at the housing office (§ 203 StGB)."),
        ),
    )

The second word is the place: the names of the members below ``content``, joined by ``/``. Without a shape the value stands there as
the record has it. The shapes are ``Object`` (members with other names), ``Words`` (a word for a word), ``ListOf`` and ``AS_IS``.
The message that this table writes, and the smaller one that it reads:

    {"envelope": {"messageId": …, "reference": …, "purpose": …, "releases": […], …},
     "content": {"person": {"telefon": "+49 7195 1"}, "wohnung": {"situation": {"art": "WHG", "zimmer": 2}}}}

    {"header": {"messageId": …, "createdAt": …, "reference": …}, "content": {"wohnung": {"situation": {"art": "WHG"}}}}

Null and absent are one thing in these messages: a leaf that is null says that nothing is known, so it is not written, and comes
back as absent. Items are never null. An empty list says "there is none"; it is written and comes back as an empty list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from imgate.plugin_api.errors import TableInvalid, TranslationFault
from imgate.plugin_api.fields import Absent, Field, FieldTable, Place, field_table
from imgate.plugin_api.incoming import Reading
from imgate.plugin_api.json_read import CONTENT, Steps, compile_reader, parse_message, read_message
from imgate.plugin_api.json_shapes import AS_IS, AsIs, ListOf, Member, Object, Shape, Words, details, left_out
from imgate.plugin_api.json_write import Unwritable, Writer, compile_writer, write_envelope
from imgate.plugin_api.released import Envelope, ReleasedRecord

__all__ = [
    "AS_IS",
    "AsIs",
    "JsonFormat",
    "JsonItem",
    "ListOf",
    "Member",
    "Object",
    "Words",
    "both",
    "neither",
    "sent",
    "taken",
]


@dataclass(frozen=True, slots=True)
class JsonItem:
    """One scope: its place and shape, and for each direction whether it stands in the messages, or why it does not."""

    scope: str
    at: str | None
    shape: Shape
    to_partner: Absent | None
    from_partner: Absent | None


def both(scope: str, at: str, shape: Shape = AS_IS) -> JsonItem:
    """Let a scope stand in messages of both directions."""
    return JsonItem(scope, at, shape, None, None)


def sent(scope: str, at: str, shape: Shape = AS_IS, *, not_taken: str) -> JsonItem:
    """Let a scope stand in messages to the partner only, and say why not in the others."""
    return JsonItem(scope, at, shape, None, Absent(not_taken))


def taken(scope: str, at: str, shape: Shape = AS_IS, *, not_sent: str) -> JsonItem:
    """Let a scope stand in messages from the partner only, and say why not in the others."""
    return JsonItem(scope, at, shape, Absent(not_sent), None)


def neither(scope: str, not_sent: str, not_taken: str | None = None) -> JsonItem:
    """Give a scope no place at all; one sentence may serve for both directions."""
    return JsonItem(scope, None, AS_IS, Absent(not_sent), Absent(not_taken or not_sent))


class JsonFormat:
    """A table of items, compiled once; holds no state between two calls.

    ``head`` is how the partner's messages begin: with a ``header``, or, where the partner is an imgate as well and sends what this
    one would, with an ``envelope``.
    """

    media_type = "application/json"

    def __init__(self, *, items: Sequence[JsonItem], head: Literal["header", "envelope"] = "header") -> None:
        """Compile the table. Raises ValueError for a scope that stands in it twice, and for a place that is another's too."""
        self.fields: FieldTable = field_table(*(_field(item) for item in items))
        self._sent = tuple(_route(item) for item in items if item.at is not None and item.to_partner is None)
        self._sendable = frozenset(scope for scope, *_ in self._sent)
        self._head = head
        _steps([item for item in items if item.at is not None])  # only to compare the places of the two directions with each other
        self._taken = _steps([item for item in items if item.at is not None and item.from_partner is None])

    def to_partner(self, released: ReleasedRecord, envelope: Envelope) -> bytes:
        """Write one message with the released scopes in the table's order, and nothing else of the record.

        Raises TranslationFault for a scope without a place, or a value that JSON cannot carry.
        """
        record, releases = released.record, released.releases
        if not releases.keys() <= self._sendable:
            raise TranslationFault(min(releases.keys() - self._sendable), "has no place in messages to this partner")
        content: dict[str, Any] = {}
        message = {"envelope": write_envelope(envelope, releases), CONTENT: content}
        scope = "envelope"
        try:
            for scope, section, item, containers, last, write in self._sent:  # the name is used in the faults below
                if scope in releases:
                    holder = content
                    for name in containers:
                        holder = holder.setdefault(name, {})
                    holder[last] = write(record[section][item])
            return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)
        except Unwritable as fault:
            sentence = str(fault)
        except KeyError:
            sentence = "was released and lacks something that it must have"
        except orjson.JSONEncodeError:
            scope, sentence = self._undumpable(released), "has text that UTF-8 cannot carry"
        # Outside the except block: a foreign error may show a value, and must not hang on the fault as context.
        raise TranslationFault(scope, sentence)

    def _undumpable(self, released: ReleasedRecord) -> str:
        """Find the scope because of which the whole could not be written."""
        for scope, section, item, *_ in self._sent:
            if scope in released.releases:
                try:
                    orjson.dumps(released.record[section][item])
                except orjson.JSONEncodeError:
                    return scope
        return "envelope"

    def from_partner(self, message: bytes) -> Reading:
        """Read one message about one person. Raises MessageUnreadable."""
        return read_message(parse_message(message), self._head, self._taken)


def _field(item: JsonItem) -> Field:
    place = None if item.at is None else Place((f"{CONTENT}/{item.at}",), left_out(item.shape), details(item.shape))
    to_partner, from_partner = item.to_partner or place, item.from_partner or place
    if to_partner is None or from_partner is None:
        raise TableInvalid(f"{item.scope}: neither a place nor a reason why not")
    return Field(item.scope, to_partner, from_partner)


def _route(item: JsonItem) -> tuple[str, str, str, tuple[str, ...], str, Writer]:
    section, _, name = item.scope.partition(".")
    *containers, last = (item.at or "").split("/")
    return item.scope, section, name, tuple(containers), last, compile_writer(item.shape, name)


def _steps(items: Sequence[JsonItem]) -> Steps:
    """Turn places into a tree of member names. Raises TableInvalid for two scopes in one place, or one inside another's."""
    steps: dict[str, Any] = {}
    for item in items:
        scope, section, name, containers, last, _ = _route(item)
        if not last or "" in containers:
            raise TableInvalid(f"{scope} has the place `{item.at}`; a place is one name, or several with one `/` between each two")
        here = steps
        for container in containers:
            here = here.setdefault(container, {})
            if not isinstance(here, dict):
                raise TableInvalid(f"{scope} stands inside the place of another scope, {here[0]}.{here[1]}")
        if last in here:
            raise TableInvalid(f"{scope} has the place `{item.at}`, at which or in which another scope stands")
        here[last] = (section, name, compile_reader(item.shape), f"{CONTENT}/{item.at}")
    return steps
