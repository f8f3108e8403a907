"""What answers look like, for the OpenAPI document; the corridor makes them, and a test compares the two.

TypedDicts, because a part that is optional is absent and never null.
"""

from typing import Any, Generic, Literal, NotRequired, TypeVar

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from imgate.http.hint_shapes import CircleChanged, GuardianSuggested, RecordHint
from imgate.record import CaseRecord

T = TypeVar("T")
_closed = with_config(ConfigDict(extra="forbid"))


@_closed
class Listed(TypedDict, Generic[T]):
    """One page. Whoever follows ``next`` misses nothing; without it there is no more for now."""

    items: list[T]
    next: NotRequired[str]


@_closed
class LinkSet(TypedDict):
    """What had gone under the reference that was replaced."""

    already_sent: list[str]
    in_flight: list[str]


@_closed
class LinkRemoved(TypedDict):
    """What was cancelled, and what had gone."""

    cancelled: int
    already_sent: list[str]
    in_flight: list[str]


@_closed
class Withheld(TypedDict):
    """One scope that does not pass, and why."""

    scope: str
    reason: str


@_closed
class ExchangeMade(TypedDict):
    """``released`` and ``withheld`` together name every scope of the record, once."""

    id: str
    state: Literal["queued", "withheld"]
    released: list[str]
    withheld: list[Withheld]
    declarations: list[str]


@_closed
class UpdateExchange(TypedDict):
    """What one partner is sent for one purpose; ``held_until`` where it waits for the partner's digest.

    With a digest it carries besides what changed now also what was held, for which it stands.
    """

    id: str
    partner: str
    purpose: str
    state: Literal["queued", "withheld"]
    released: list[str]
    withheld: list[Withheld]
    declarations: list[str]
    held_until: NotRequired[str]


@_closed
class UpdatePartner(TypedDict):
    """A subscription that the record concerns: what of it the partner has already, and what may not pass.

    Without a link to this client there is ``link`` false and nothing else.
    """

    partner: str
    purpose: str
    unchanged: NotRequired[list[str]]
    withheld: NotRequired[list[Withheld]]
    link: NotRequired[Literal[False]]


@_closed
class UpdateTaken(TypedDict):
    """``exchanges`` is what is sent, ``partners`` every subscription that the record concerns, whether or not anything is sent.

    ``hints`` where the record gives something to think of.
    """

    exchanges: list[UpdateExchange]
    partners: list[UpdatePartner]
    hints: NotRequired[list[RecordHint]]


@_closed
class MessageContent(TypedDict):
    """A message, in base64."""

    media_type: str
    content: str


@_closed
class ExchangeRetried(TypedDict):
    """A message that had been given up: it is queued again, or later ones carry all of it by now."""

    id: str
    state: Literal["queued", "overtaken"]


@_closed
class Preview(TypedDict):
    """What would happen; ``message`` is what would leave, and absent where nothing is permitted. ``hints`` where there are any."""

    state: Literal["queued", "withheld"]
    released: list[str]
    withheld: list[Withheld]
    declarations: list[str]
    message: NotRequired[MessageContent]
    hints: NotRequired[list[GuardianSuggested | RecordHint]]


@_closed
class ExchangeStep(TypedDict):
    """One state that an exchange came into."""

    at: str
    state: str
    detail: NotRequired[str]


@_closed
class ExchangeShown(TypedDict):
    """One exchange: scopes and reasons, never values. ``client`` is absent after erasure, ``attempts`` before the first hand-over."""

    id: str
    client: NotRequired[str]
    partner: str
    direction: Literal["to_partner", "from_partner"]
    purpose: NotRequired[str]
    state: str
    created_at: str
    released: list[str]
    withheld: list[Withheld]
    declarations: list[str]
    receipt: NotRequired[str]
    attempts: NotRequired[int]
    history: list[ExchangeStep]


@_closed
class DisclosureShown(TypedDict):
    """One hand-out: who received or sent which scopes, when, under which declarations."""

    exchange: str
    partner: str
    direction: Literal["to_partner", "from_partner"]
    purpose: NotRequired[str]
    scopes: list[str]
    declarations: list[str]
    at: str


@_closed
class MessageProblem(TypedDict):
    """What the bytes alone show to be unusable."""

    line: NotRequired[int]
    column: NotRequired[str | int]
    code: str


@_closed
class MessageTaken(TypedDict):
    """The same for everyone: it says nothing about whom the message concerns."""

    receipt: str
    problems: list[MessageProblem]


@_closed
class PersonTaken(TypedDict):
    """What became of one person's part; somebody unknown is named by the reference as it was sent, for 30 days."""

    client: NotRequired[str]
    unknown_reference: NotRequired[str]
    exchange: NotRequired[str]
    taken: list[str]
    withheld: list[Withheld]


@_closed
class AttachmentCheck(TypedDict):
    """One check of a bundle, as `imgate declaration verify` names it, or of what it covers."""

    name: str
    outcome: Literal["passed", "failed", "not_checked"]


@_closed
class AttachmentShown(TypedDict):
    """A file inside a message, and what it proves. ``name`` is `?` where it is not one that a gateway gives.

    A bundle `holds` if it is whole and signed by a key of the sender's gateway; `scopes` are those that it covers for this message.
    """

    kind: str
    name: str
    sha256: str
    checks: NotRequired[list[AttachmentCheck]]
    holds: NotRequired[bool]
    scopes: NotRequired[list[str]]
    declaration_digest: NotRequired[str]


@_closed
class EndOfUseTold(TypedDict):
    """What a notice tells: from that day on the sender's permission carries no further use. Nothing was changed by it.

    ``scopes`` are those that this partner had told us and that were taken; ``revocation`` is the sender's id, to be named when answering.
    """

    revocation: str
    reminder: NotRequired[int]
    ended_on: str
    scopes: list[str]


@_closed
class NoticeReceived(EndOfUseTold):
    """A notice that waits to be acknowledged, as an item of the inbox does."""

    id: str
    partner: str
    client: str
    received_at: str
    receipt: str


@_closed
class IntakeShown(TypedDict):
    """One receipt and what became of it. ``end_of_use`` where the message was a notice of that."""

    receipt: str
    partner: str
    received_at: str
    outcome: str
    people: list[PersonTaken]
    problems: list[dict[str, Any]]
    attachments: NotRequired[list[AttachmentShown]]
    end_of_use: NotRequired[EndOfUseTold]


@_closed
class InboxItemShown(TypedDict):
    """A partial case record that the client allowed. ``hints`` where there is something to think of."""

    id: str
    partner: str
    client: str
    record: CaseRecord
    provenance: dict[str, str]
    received_at: str
    hints: NotRequired[list[CircleChanged | RecordHint]]


@_closed
class OutboxItemShown(TypedDict):
    """A message that waits for this partner; the content is base64, the receipt a compact JWS (``docs/partner.md``)."""

    id: str
    media_type: str
    content: str
    created_at: str
    receipt: str
