"""The notice of the end of use as another gateway sends it: the document that ``notice`` writes, read as a stranger's.

It belongs to no adapter, so the core reads it itself, whatever format the partner speaks. Up to the 202 the bytes alone count.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cache

from lxml import etree

from imgate.adapters.explain import explain_schema_problems
from imgate.adapters.published_schemas import NOTICE, published_schema
from imgate.adapters.xml_format import Schema, compile_schema, first_problem
from imgate.exchange.notice import NAMESPACE
from imgate.plugin_api import Incoming, MessageUnreadable, Reading, RowProblem
from imgate.plugin_api.xml_read import line_of, parse_message
from imgate.vocabulary.identifiers import is_reference

# Under which a notice lies in the intake, so that the worker need not find out again. From outside nobody can say it.
NOTICE_TYPE = "application/vnd.imgate.notice+xml"

# What imgate writes has a few KiB.
_MAX_BYTES = 64 * 1024
_XML = ("application/xml", "text/xml")
_BOM = b"\xef\xbb\xbf"
_NAMED = NAMESPACE.encode()
# Nobody reminds so often; a longer number is no count.
_REMINDER_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ReceivedNotice:
    """What stands in a valid notice. ``revocation`` is the sender's id, ``ended_on`` a calendar day, ``reminder`` 0 in the first one."""

    message_id: str
    reference: str = field(repr=False)
    revocation: str
    reminder: int
    ended_on: str
    scopes: tuple[str, ...]

    @property
    def reading(self) -> Reading:
        """Give what the way of every inbound message asks: one person, of whom nothing is said."""
        return Reading((Incoming(self.reference, {}),), message_id=self.message_id)


def claims_to_be_kept(media_type: str | None) -> bool:
    """Tell whether a sender says that this lay in our intake already."""
    return _said(media_type) == NOTICE_TYPE


def is_notice(media_type: str | None, body: bytes) -> bool:
    """Tell whether this claims to be a notice: XML whose root is of its namespace. Raises MessageUnreadable where that cannot be told."""
    if _said(media_type) not in (None, *_XML) or _NAMED not in body or not body.removeprefix(_BOM).lstrip().startswith(b"<"):
        return False
    return etree.QName(parse_message(body)).namespace == NAMESPACE


def read_notice(body: bytes) -> ReceivedNotice:
    """Read a notice. Who sends it to whom is not looked at: the caller's access says it. Raises MessageUnreadable."""
    root = parse_message(body, _MAX_BYTES)
    problem = first_problem(_schema(), root)
    if problem is not None:
        raise MessageUnreadable("schema_invalid", problem.line)
    said = {etree.QName(leaf).localname: leaf.text or "" for leaf in root}
    reminder = said.get("reminder", "0").strip()
    if len(reminder) > _REMINDER_DIGITS or not _is_day(said["endedOn"].strip()):
        raise MessageUnreadable("schema_invalid", line_of(root))
    if not is_reference(said["reference"]):
        raise MessageUnreadable("reference_invalid", line_of(root))
    return ReceivedNotice(
        message_id=said["messageId"],
        reference=said["reference"],
        revocation=said["revocation"],
        reminder=int(reminder),
        ended_on=said["endedOn"].strip(),
        scopes=tuple(dict.fromkeys(said["scopes"].split())),
    )


def explain_notice(body: bytes) -> tuple[RowProblem, ...]:
    """List what is wrong with a notice that was refused as ``schema_invalid``, never with a value."""
    return explain_schema_problems(published_schema(NOTICE), body)


def _said(media_type: str | None) -> str | None:
    return None if media_type is None else media_type.partition(";")[0].strip().lower()


def _is_day(text: str) -> bool:
    """Tell whether this is a day of the calendar: XML Schema has more of them, the year 0000 for one."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@cache
def _schema() -> Schema:
    content = published_schema(NOTICE)
    return Schema(content, compile_schema(content))
