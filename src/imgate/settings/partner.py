"""What stands in ``imgate.toml`` about one partner, and about the evidence that scopes need."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from imgate.consent.policy import LEVEL_FLOOR
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.settings.words import known_scope, openable_scope
from imgate.vocabulary.identifiers import is_partner
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import AttachmentKind, Body, EvidenceLevel, Purpose

STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _id(text: str) -> str:
    if not is_partner(text):
        raise ValueError("an id is 1 to 64 of a-z, 0-9 and -")
    return text


Id = Annotated[str, AfterValidator(_id)]


def _name(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("a name has no blank at either end and no characters that cannot be seen")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_name)]
# Entries of a partner's own tables that name a file; relative ones are relative to imgate.toml.
_PATH_ENDINGS = ("file", "folder", "path", "mapping")


def _raised(sensitivity: Sensitivity) -> AfterValidator:
    floor = LEVEL_FLOOR[sensitivity]

    def at_least(level: EvidenceLevel | None) -> EvidenceLevel | None:
        if level is not None and level.rank < floor.rank:
            raise ValueError(f"{level.value} is less than the {floor.value} that is required anyway")
        return level

    return AfterValidator(at_least)


class EvidenceSettings(BaseModel):
    """Which level of evidence a scope needs, by its sensitivity; can raise what is required anyway, never lower it."""

    model_config = STRICT
    internal: Annotated[
        EvidenceLevel | None, _raised(Sensitivity.INTERNAL), Field(description="For internal scopes; at least `recorded`.")
    ] = None
    confidential: Annotated[
        EvidenceLevel | None, _raised(Sensitivity.CONFIDENTIAL), Field(description="For confidential scopes; at least `written`.")
    ] = None
    special: Annotated[EvidenceLevel | None, _raised(Sensitivity.SPECIAL), Field(description="For special scopes; at least `written`.")] = (
        None
    )

    def levels(self, floor: Mapping[Sensitivity, EvidenceLevel] = LEVEL_FLOOR) -> Mapping[Sensitivity, EvidenceLevel]:
        """Give the level for each sensitivity: what is set here, else the floor."""
        return {sensitivity: getattr(self, sensitivity.value) or floor[sensitivity] for sensitivity in Sensitivity}


class TransportSettings(BaseModel):
    """The way to a partner; the other entries belong to that kind of transport."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    kind: Annotated[
        str, Field(description="`mailbox`, `push`, `folder`, `gateway`, `fit-connect`, `xta`, or what a transport plugin brings.")
    ] = "mailbox"

    @property
    def entries(self) -> Mapping[str, Any]:
        """Everything but the kind, for the transport itself."""
        return dict(self.__pydantic_extra__ or {})

    def __repr__(self) -> str:
        """Show the kind only: a secret can stand among the other entries."""
        return f"TransportSettings(kind={self.kind!r})"

    __str__ = __repr__


def _some(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if not scopes:
        raise ValueError("names no scope")
    return scopes


class SubscriptionSettings(BaseModel):
    """What a partner is sent whenever it changed: these scopes, for this purpose."""

    model_config = STRICT
    purpose: Annotated[Purpose, Field(description="What it is sent for; the client's declaration has to name it.")]
    scopes: Annotated[
        tuple[Annotated[str, AfterValidator(known_scope)], ...],
        AfterValidator(_some),
        Field(description="The scopes, each within the partner's ceiling."),
    ]


def _each_purpose_once(subscriptions: tuple[SubscriptionSettings, ...]) -> tuple[SubscriptionSettings, ...]:
    purposes = [subscription.purpose for subscription in subscriptions]
    twice = sorted({purpose.value for purpose in purposes if purposes.count(purpose) > 1})
    if twice:
        raise ValueError(f"`{twice[0]}` stands twice; name all its scopes at one place")
    return subscriptions


def _each_kind_once(kinds: tuple[AttachmentKind, ...]) -> tuple[AttachmentKind, ...]:
    if len(set(kinds)) != len(kinds):
        raise ValueError("names something twice")
    return kinds


def _weekly(text: str) -> str:
    WeeklyDigest.of(text)
    return text


class PartnerSettings(BaseModel):
    """One unit that data is exchanged with."""

    model_config = STRICT
    adapter: Annotated[
        str, StringConstraints(min_length=1), Field(description="The id of the adapter plugin that speaks this partner's format.")
    ]
    name: Annotated[Name, Field(description="The receiving unit as clients sign for it. Who renames it names the old one in `formerly`.")]
    formerly: Annotated[tuple[Name, ...], Field(description="Names that this same unit had when declarations were signed.")] = ()
    ceiling: Annotated[
        tuple[Annotated[str, AfterValidator(known_scope)], ...] | None,
        Field(description="The scopes that may pass at most; narrows what the adapter has a place for."),
    ] = None
    open: Annotated[
        tuple[Annotated[str, AfterValidator(openable_scope)], ...],
        Field(description="Closed scopes that this partner may have; `contact.address` lets an address under an information block pass."),
    ] = ()
    accept_single: Annotated[
        bool,
        Field(
            description="What `open` names takes effect by this file alone. Without it, as soon as anybody of the office was let onto the "
            "pages, it takes effect once two of them have confirmed it there."
        ),
    ] = False
    body: Annotated[
        Body | None,
        Field(
            description="Which kind of public body this unit is, if not the one that its adapter is made for: the Agentur für Arbeit, say, "
            "that is sent what a Jobcenter would be. It decides nothing."
        ),
    ] = None
    purpose: Annotated[Purpose | None, Field(description="What this partner's messages are for, if they do not say so themselves.")] = None
    subscriptions: Annotated[
        tuple[SubscriptionSettings, ...],
        AfterValidator(_each_purpose_once),
        Field(
            description="What an update of a client's record sends this partner: "
            '`[{ purpose = "labour_market_integration", scopes = ["language.level"] }]`, each purpose once.'
        ),
    ] = ()
    digest: Annotated[
        Annotated[str, AfterValidator(_weekly)] | None,
        Field(
            description="A weekday and a time in the gateway's zone, `monday 06:00`: what updates send is held until then, and is one "
            "message for each client and purpose. Without it every update sends its own."
        ),
    ] = None
    paper: Annotated[
        bool,
        Field(
            description="Messages leave as a readable PDF with the message itself inside, for an office that only takes paper or reads "
            "on a screen. Needs the extra `imgate[forms]`."
        ),
    ] = False
    attach: Annotated[
        tuple[AttachmentKind, ...],
        AfterValidator(_each_kind_once),
        Field(
            description="What travels inside this partner's messages beside the released data, each once: `declaration_bundle`, the signed "
            "proof of each declaration that the message rests on, which names the client as the case system does; `calendar`, the "
            "released appointments as iCalendar. The adapter's messages must have a place for it."
        ),
    ] = ()
    bundle_keys_file: Annotated[
        Path | None,
        Field(
            description="The keys of the gateway whose bundles this partner attaches, as its `/.well-known/jwks.json` gives them, saved by "
            "you: without it nobody can tell whose bundle it is."
        ),
    ] = None
    requires_bundle: Annotated[
        bool,
        Field(
            description="Take of this partner's messages only what an attached bundle covers that holds. Its `reference` then has to be "
            "the handover code, the digest on the client's copy. Your own declarations decide beside that, as always."
        ),
    ] = False
    transport: Annotated[TransportSettings, Field(description="The way to this partner, and the entries of that transport.")] = (
        TransportSettings()
    )
    settings: Annotated[dict[str, Any], Field(description="Settings of the adapter itself; see its own page.")] = Field(
        default={}, repr=False
    )
    evidence: Annotated[EvidenceSettings, Field(description="As `[evidence]`, for this partner alone.")] = EvidenceSettings()

    def resolved(self, folder: Path) -> "PartnerSettings":
        """Make the files of this table, and those among the entries of transport and adapter, absolute."""
        transport = TransportSettings(kind=self.transport.kind, **_absolute_files(self.transport.entries, folder))
        keys = None if self.bundle_keys_file is None else folder / self.bundle_keys_file
        settings = _absolute_files(self.settings, folder)
        return self.model_copy(update={"transport": transport, "settings": settings, "bundle_keys_file": keys})


def _absolute_files(entries: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    return {key: _absolute(key, value, folder) for key, value in entries.items()}


def _absolute(key: str, value: Any, folder: Path) -> Any:
    if isinstance(value, Mapping):
        return _absolute_files(value, folder)
    return str(folder / value) if isinstance(value, str) and key.endswith(_PATH_ENDINGS) else value
