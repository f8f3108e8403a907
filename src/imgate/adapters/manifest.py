"""``adapter.toml``: what an adapter is, in a file that a data protection officer can read without running code.

Everything in it that the code also says (the scopes, the schema's digest) is compared with the code at start, so that the
file is never out of date.
"""

import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints, ValidationError, model_validator

from imgate.plugin_api import API_VERSION
from imgate.vocabulary.words import AttachmentKind, Body, Direction, Purpose

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
# Beside the manifest or in a folder below it; never upwards and never absolute.
SchemaFile = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_-]+/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.(xsd|json)$")]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9][a-z0-9.+-]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DirectionManifest(_Strict):
    """One direction: the format, the scopes that have a place in it, and for XML and JSON the schema that decides.

    ``scopes`` is the adapter's ceiling in this direction; it may be empty where nothing is exchanged that way. ``attachments``
    are the kinds of files for which the format has a place inside a message.
    """

    format: Literal["xml", "json", "table"]
    media_types: tuple[MediaType, ...] = Field(min_length=1)
    scopes: tuple[Scope, ...]
    root: str | None = None
    schema_file: SchemaFile | None = Field(default=None, alias="schema")
    sha256: Sha256 | None = None
    attachments: tuple[AttachmentKind, ...] = ()

    @model_validator(mode="after")
    def _fits_its_format(self) -> Self:
        about_schema = (self.root, self.schema_file, self.sha256)
        if self.format == "xml" and (None in about_schema or not str(self.schema_file).endswith(".xsd")):
            raise ValueError("an XML format names root, schema and sha256; the schema ends in .xsd")
        if self.format == "json" and (self.root or None in about_schema[1:] or not str(self.schema_file).endswith(".json")):
            raise ValueError("a JSON format names schema and sha256, and no root; the schema ends in .json")
        if self.format == "table" and about_schema != (None, None, None):
            raise ValueError("a table has neither root nor schema")
        if self.format == "table" and self.attachments:
            raise ValueError("a table has no place for attachments")
        if len(set(self.scopes)) != len(self.scopes):
            raise ValueError("a scope stands twice")
        return self


class FromPartnerManifest(DirectionManifest):
    """The direction from the partner; ``default_purpose`` counts where neither message nor configuration names one."""

    default_purpose: Purpose | None = None


class CodeListUse(_Strict):
    """A published code list that these messages use, and in which scopes.

    ``version`` is absent where none is published, and where each code in a message names its own.
    """

    uri: Annotated[str, StringConstraints(pattern=r"^[a-z]+:\S+$")]
    version: str | None = None
    scopes: tuple[Scope, ...] = Field(min_length=1)


class Manifest(_Strict):
    """One ``adapter.toml``.

    ``name`` is German, for pages and forms. ``body`` says which kind of public body such a partner is, ``code_lists`` which
    published lists the messages use. ``purposes`` are what forms offer; they decide nothing. ``quality`` holds the
    author's answers to the rules of the quality scale; `imgate plugin check` reads them, and no start depends on them.
    """

    id: Id
    api_version: StrictInt
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    namespace: Annotated[str, StringConstraints(pattern=r"^[a-z]+:\S+$")] | None = None
    body: Body = Body.OTHER
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    code_lists: tuple[CodeListUse, ...] = ()
    to_partner: DirectionManifest
    from_partner: FromPartnerManifest
    quality: Mapping[str, object] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_its_namespace(self) -> Self:
        if "xml" in (self.to_partner.format, self.from_partner.format) and self.namespace is None:
            raise ValueError("an XML format needs a namespace")
        return self

    @model_validator(mode="after")
    def _offers_its_default_purpose(self) -> Self:
        default = self.from_partner.default_purpose
        if default is not None and default not in self.purposes:
            raise ValueError(f"default_purpose {default} is not among purposes")
        return self

    def direction(self, direction: Direction) -> DirectionManifest:
        """Give the part about one direction."""
        return self.to_partner if direction is Direction.TO_PARTNER else self.from_partner


class ManifestInvalid(Exception):
    """The plugin's author must act. Each problem is one sentence that names the entry and what is wrong with it.

    ``directions`` are the parts that can be read for all that, so that their schemas are looked at as well.
    """

    def __init__(self, *problems: str, directions: Sequence[DirectionManifest] = ()) -> None:
        """Say everything that is wrong."""
        super().__init__("; ".join(problems))
        self.problems = problems
        self.directions = tuple(directions)


class OtherApiVersion(Exception):
    """The manifest was made for another plugin API, whose entries are not known here."""


def read_manifest(content: bytes) -> Manifest:
    """Read ``adapter.toml``. Raises ManifestInvalid with one sentence for every wrong entry, or OtherApiVersion."""
    try:
        entries = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise ManifestInvalid("adapter.toml is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ManifestInvalid(f"adapter.toml is not TOML: {error}") from None
    if type(entries.get("api_version")) is int and entries["api_version"] != API_VERSION:
        raise OtherApiVersion(str(entries["api_version"]))
    try:
        return Manifest.model_validate(entries)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        # Of a list whose only entry is wrong, pydantic says besides that it is too short.
        within = {entry["loc"][:-1] for entry in found}
        problems = [
            _sentence(entry["type"], entry["loc"], entry["msg"])
            for entry in found
            if entry["type"] != "too_short" or entry["loc"] not in within
        ]
    raise ManifestInvalid(*problems, directions=_readable(entries))


def _sentence(kind: str, where: Sequence[int | str], said: str) -> str:
    """Say what is wrong with one entry, in the words of TOML and not of pydantic."""
    entry = ".".join(map(str, where))
    match kind:
        case "missing":
            return f"adapter.toml: {entry} is missing"
        case "extra_forbidden":
            near = get_close_matches(str(where[-1]), _known_entries(where), n=1)
            return f"adapter.toml: {entry} is no entry that imgate knows" + (f"; did you mean `{near[0]}`?" if near else "")
        case _:
            what = said.removeprefix("Value error, ")
            return f"adapter.toml: {entry}: {what}" if entry else f"adapter.toml: {what}"


def _known_entries(where: Sequence[int | str]) -> list[str]:
    tables: dict[str, type[BaseModel]] = {"to_partner": DirectionManifest, "from_partner": FromPartnerManifest, "code_lists": CodeListUse}
    model = tables.get(str(where[0]), Manifest) if len(where) > 1 else Manifest
    return [field.alias or name for name, field in model.model_fields.items()]


def _readable(entries: Mapping[str, object]) -> list[DirectionManifest]:
    readable = []
    for direction, model in ((Direction.TO_PARTNER, DirectionManifest), (Direction.FROM_PARTNER, FromPartnerManifest)):
        with suppress(ValidationError):
            readable.append(model.model_validate(entries.get(direction)))
    return readable
