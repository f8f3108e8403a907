"""``adapter.toml``: what an adapter is, in a file that a data protection officer can read without running code.

Everything in it that the code also says (the scopes, the schema's digest) is compared with the code at start, so that the
file is never out of date.
"""

import tomllib
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from imgate.plugin_api import API_VERSION
from imgate.vocabulary.words import AttachmentKind, Body, Direction, Purpose

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
# Beside the manifest or in a folder below it; never upwards and never absolute.
SchemaFile = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_-]+/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.(xsd|json)$")]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9][a-z0-9.+-]*$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DirectionManifest(_Strict):
    """One direction: the format, the scopes that have a place in it, and for XML the schema that decides.

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
    """A published code list that these messages use, and in which scopes; ``version`` is absent where none is published."""

    uri: Annotated[str, StringConstraints(pattern=r"^[a-z]+:\S+$")]
    version: str | None = None
    scopes: tuple[Scope, ...] = Field(min_length=1)


class Manifest(_Strict):
    """One ``adapter.toml``.

    ``name`` is German, for pages and forms. ``body`` says which kind of public body such a partner is, ``code_lists`` which
    published lists the messages use. ``purposes`` are what forms offer; they decide nothing. ``quality`` holds the
    plugin author's answers to the quality questions.
    """

    id: Id
    api_version: int
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    namespace: Annotated[str, StringConstraints(pattern=r"^[a-z]+:\S+$")] | None = None
    body: Body = Body.OTHER
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    code_lists: tuple[CodeListUse, ...] = ()
    to_partner: DirectionManifest
    from_partner: FromPartnerManifest
    quality: Mapping[str, Sentence] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_its_namespace(self) -> Self:
        if "xml" in (self.to_partner.format, self.from_partner.format) and self.namespace is None:
            raise ValueError("an XML format needs a namespace")
        return self

    def direction(self, direction: Direction) -> DirectionManifest:
        """Give the part about one direction."""
        return self.to_partner if direction is Direction.TO_PARTNER else self.from_partner


class ManifestInvalid(Exception):
    """The plugin's author must act. The sentence names the entry and what is wrong with it."""


class OtherApiVersion(Exception):
    """The manifest was made for another plugin API, whose entries are not known here."""


def read_manifest(content: bytes) -> Manifest:
    """Read ``adapter.toml``. Raises ManifestInvalid with one sentence that names every wrong entry, or OtherApiVersion."""
    try:
        entries = tomllib.loads(content.decode("utf-8"))
        if isinstance(entries.get("api_version"), int) and entries["api_version"] != API_VERSION:
            raise OtherApiVersion(str(entries["api_version"]))
        return Manifest.model_validate(entries)
    except UnicodeDecodeError:
        raise ManifestInvalid("adapter.toml is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ManifestInvalid(f"adapter.toml is not TOML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, entry['loc'])) or 'adapter.toml'}: {entry['msg']}" for entry in error.errors(include_url=False)
        )
        raise ManifestInvalid(f"adapter.toml: {wrong}") from None
