"""What an export holds, file by file (``schemas/client-export.schema.json``); ``disclosures.json`` is also what the command prints.

TypedDicts, because a part that is optional is absent and never null. A test reads real exports by them.
"""

from typing import Any, Literal, NotRequired

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from imgate.exchange.rights.disclosed import Arrival, Category, Term
from imgate.vocabulary.words import DeclaredDirection, Direction, EndCause, EndOfUseAnswer

FORMAT, VERSION = "imgate-client-export", 1
SCHEMA = f"urn:imgate:schema:client-export:{VERSION}"
CASE_RECORD = "urn:imgate:schema:case-record:1"

_closed = with_config(ConfigDict(extra="forbid"))
_Content = dict[str, Any]


@_closed
class ExportedFile(TypedDict):
    """One file of the export. ``schema`` says where its shape is described; a piece of evidence has none."""

    path: str
    media_type: str
    sha256: str
    schema: NotRequired[str]


@_closed
class Index(TypedDict):
    """What the export is, and what belongs to it. ``unreadable`` names what is stored and could not be opened."""

    format: Literal["imgate-client-export"]
    version: Literal[1]
    client: str
    made_at: str
    gateway: str
    software: str
    files: list[ExportedFile]
    unreadable: list[str]


@_closed
class EvidenceFile(TypedDict):
    """Where the content of a piece of evidence lies."""

    id: str
    path: str


@_closed
class Reason(TypedDict):
    """Why something was revoked, as it was told to the office."""

    at: str
    reason: str


@_closed
class ExportedDeclaration(TypedDict):
    """A declaration as GET /v1/declarations/{id} shows it, the files of its evidence, and why it was revoked."""

    declaration: _Content
    files: list[EvidenceFile]
    reasons: list[Reason]


@_closed
class Declarations(TypedDict):
    """declarations.json"""

    items: list[ExportedDeclaration]


@_closed
class ExportedLink(TypedDict):
    """Under what a partner knows the client."""

    partner: str
    name: str
    reference: str


@_closed
class Links(TypedDict):
    """links.json"""

    items: list[ExportedLink]


@_closed
class Flow(TypedDict):
    """How often something went this way, when first and last, and which scopes."""

    count: int
    first_at: str
    last_at: str
    scopes: list[str]


@_closed
class DisclosedPartner(TypedDict):
    """A partner that received or sent something, or from whom something came, under its names."""

    partner: str
    name: str
    formerly: NotRequired[list[str]]
    to_partner: NotRequired[Flow]
    from_partner: NotRequired[Flow]


@_closed
class RevokedScope(TypedDict):
    """A scope that was revoked by itself."""

    scope: str
    at: str


@_closed
class DisclosedDeclaration(TypedDict):
    """A permission. Of one that nobody can read there is nothing but its id."""

    id: str
    state: Literal["draft", "active", "paused", "revoked", "expired", "unreadable"]
    partner: NotRequired[str]
    recipient: NotRequired[str]
    direction: NotRequired[DeclaredDirection]
    purposes: NotRequired[list[str]]
    scopes: NotRequired[list[str]]
    valid_from: NotRequired[str]
    valid_until: NotRequired[str]
    ended_by: NotRequired[EndCause]
    ended_at: NotRequired[str]
    revoked: NotRequired[list[RevokedScope]]


@_closed
class PermissionShown(TypedDict):
    """Under which declaration these scopes passed, its last day, and since when that is over, if it is."""

    declaration: str
    scopes: list[str]
    until: NotRequired[str]
    ended_by: NotRequired[EndCause]
    ended_at: NotRequired[str]


@_closed
class HandOut(TypedDict):
    """One hand-out, with the members of GET /v1/clients/{client}/disclosures and more."""

    exchange: str
    partner: str
    name: str
    direction: Direction
    purpose: NotRequired[str]
    scopes: list[str]
    declarations: list[str]
    at: str
    arrival: Arrival
    provenance: dict[str, str]
    permissions: list[PermissionShown]


@_closed
class KeptThing(TypedDict):
    """One kind of thing that is kept about the client, and for how long."""

    category: Category
    count: NotRequired[int]
    term: Term
    days: NotRequired[int]
    years: NotRequired[int]


@_closed
class Disclosures(TypedDict):
    """disclosures.json"""

    client: str
    as_of: str
    gateway: str
    partners: list[DisclosedPartner]
    declarations: list[DisclosedDeclaration]
    disclosures: list[HandOut]
    kept: list[KeptThing]


@_closed
class Exchanges(TypedDict):
    """exchanges.json: each as GET /v1/exchanges/{id} shows it."""

    items: list[_Content]


@_closed
class WaitingMessage(TypedDict):
    """A message that waits, with the part of the record that is held for it. ``provenance``: what did not come from the client."""

    exchange: str
    partner: str
    direction: Direction
    purpose: NotRequired[str]
    created_at: str
    record: _Content
    provenance: dict[str, str]


@_closed
class Waiting(TypedDict):
    """waiting.json"""

    items: list[WaitingMessage]


@_closed
class EndOfUse(TypedDict):
    """What a partner was told about the end of a declaration, and what it answered."""

    revocation: str
    declaration: str
    partner: str
    cause: EndCause
    scopes: list[str]
    at: str
    reference: str
    reminders: int
    answer: NotRequired[EndOfUseAnswer]
    statute: NotRequired[str]
    answered_at: NotRequired[str]


@_closed
class Notices(TypedDict):
    """notices.json"""

    items: list[EndOfUse]


@_closed
class ScopeAsked(TypedDict):
    """What a partner asked the client to allow."""

    request: str
    partner: str
    purpose: str
    scopes: list[str]
    asked_at: str
    answer: NotRequired[str]
    answered_at: NotRequired[str]


@_closed
class Requests(TypedDict):
    """requests.json"""

    items: list[ScopeAsked]


# By the name of the file.
FILES: dict[str, type] = {
    "index.json": Index,
    "declarations.json": Declarations,
    "links.json": Links,
    "disclosures.json": Disclosures,
    "exchanges.json": Exchanges,
    "waiting.json": Waiting,
    "notices.json": Notices,
    "requests.json": Requests,
}


def schema_of(path: str) -> str:
    """Say where the shape of a file is described."""
    return f"{SCHEMA}#/$defs/{FILES[path].__name__}"


def export_schema() -> dict[str, Any]:
    """Give the schema of the files: by their names, each a definition of its own."""
    _, schema = TypeAdapter.json_schemas([(path, "validation", TypeAdapter(shape)) for path, shape in FILES.items()])
    schema["$defs"][WaitingMessage.__name__]["properties"]["record"] = {"$ref": CASE_RECORD}
    named = {path: {"$ref": f"#/$defs/{shape.__name__}"} for path, shape in FILES.items()}
    return {"title": "export", "type": "object", "properties": named, **schema}
