"""What answers about revocations and holdings look like, for the OpenAPI document; see ``shapes``."""

from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

_closed = with_config(ConfigDict(extra="forbid"))

EndOfUseAnswerShown = Literal["ended", "kept_under_statute", "objected"]


@_closed
class NoticeShown(TypedDict):
    """What a partner was told under one reference. ``message`` is the latest, absent where it was told by telephone."""

    id: str
    message: NotRequired[str]
    state: NotRequired[str]
    scopes: list[str]
    sent_at: NotRequired[str]
    reminders: int
    answer: NotRequired[EndOfUseAnswerShown]
    statute: NotRequired[str]
    answered_at: NotRequired[str]


@_closed
class RevocationShown(TypedDict):
    """The end of a declaration, or of some of its scopes, for a partner that was handed something under it.

    ``unreachable``: no reference is known, and somebody must phone. ``needless``: it turned out that nothing had been handed out.
    ``client`` is absent after erasure.
    """

    id: str
    declaration: str
    client: NotRequired[str]
    partner: str
    cause: Literal["revoked", "partly_revoked", "superseded", "expired"]
    scopes: list[str]
    at: str
    state: Literal["open", "answered", "unreachable", "needless"]
    notices: list[NoticeShown]


@_closed
class EndOfUseShown(TypedDict):
    """The latest that the partner was told about it, and what it answered, if all its answers are one."""

    revocation: str
    at: str
    answer: NotRequired[EndOfUseAnswerShown]


@_closed
class HoldingShown(TypedDict):
    """One scope that a partner holds for a purpose: ``declarations`` are all that permit it now, ``until`` the last day of the latest."""

    partner: str
    scope: str
    purpose: str
    since: str
    last_at: str
    exchange: str
    declarations: list[str]
    until: NotRequired[str]
    end_of_use: NotRequired[EndOfUseShown]


@_closed
class Ledger(TypedDict):
    """What partners hold of one client, by partner, scope and purpose."""

    items: list[HoldingShown]
