"""One configured adapter, called by the corridor: translate, validate, read.

A plugin is foreign code. What it returns is checked, and what it raises becomes a fault that names the plugin and nothing
else: the text of a foreign exception may hold a client's data, so it is neither kept nor chained.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from imgate.adapters.asking import asked, called, name_of, told_by
from imgate.adapters.errors import AdapterFault
from imgate.adapters.form import Form
from imgate.adapters.heads import Told
from imgate.adapters.incoming import checked_reading
from imgate.adapters.manifest import Manifest
from imgate.plugin_api import (
    Attachment,
    Envelope,
    MessageUnreadable,
    PartnerAdapter,
    Place,
    Reading,
    Release,
    ReleasedRecord,
    RowProblem,
    TranslationFault,
)
from imgate.vocabulary.words import Direction

# As much as a partner can fetch in one answer (contract §5 has the same limit for what comes in).
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PartnerMessage:
    """What an adapter wrote, not yet checked, and what it was given to attach. Only ``LoadedAdapter.translate`` makes it."""

    content: bytes
    media_type: str
    scopes: frozenset[str]
    attachments: tuple[Attachment, ...] = ()
    told: Told | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """Show the size, never the content."""
        return f"PartnerMessage({len(self.content)} bytes, {self.media_type})"


@dataclass(frozen=True, slots=True)
class ValidMessage:
    """A message of which is known that it is valid and holds exactly these scopes. Only ``LoadedAdapter.validate`` makes it."""

    content: bytes
    media_type: str
    scopes: frozenset[str]

    def __repr__(self) -> str:
        """Show the size, never the content."""
        return f"ValidMessage({len(self.content)} bytes, {self.media_type})"


@dataclass(frozen=True, slots=True)
class LoadedAdapter:
    """An adapter with one partner's settings. Only ``Registry.adapter`` makes it.

    ``ceiling`` is what the field table has a place for, direction by direction, and ``taken`` the places in messages from the partner;
    both as they were when the adapter was loaded. ``version`` is the plugin package's.
    """

    id: str
    version: str
    manifest: Manifest
    ceiling: Mapping[Direction, frozenset[str]]
    taken: Mapping[str, Place]
    media_type: str
    translator: PartnerAdapter
    forms: Mapping[Direction, Form]

    def __repr__(self) -> str:
        """Show which adapter it is."""
        return f"LoadedAdapter({self.id} {self.version})"

    def translate(self, released: ReleasedRecord, envelope: Envelope) -> PartnerMessage:
        """Let the plugin write one message. Raises AdapterFault."""
        handed = _own(released, envelope)
        try:
            content = called(self.id, lambda: self.translator.to_partner(*handed), TranslationFault)
        except TranslationFault as error:
            scope = told_by(error, "scope")
            where = scope if type(scope) is str and scope in self.ceiling[Direction.TO_PARTNER] else "?"
        else:
            if type(content) is not bytes:
                raise AdapterFault(self.id, "not_bytes", name_of(type(content)))
            if len(content) > MAX_MESSAGE_BYTES:
                raise AdapterFault(self.id, "too_large")
            told = Told(envelope, released.releases)
            return PartnerMessage(content, self.media_type, frozenset(released.releases), envelope.attachments, told)
        # Outside the except block, so that the foreign exception does not even hang on it as context.
        raise AdapterFault(self.id, "translation_fault", where)

    def validate(self, message: PartnerMessage) -> ValidMessage:
        """Check that a message is valid and that exactly what was released stands in it, under its own envelope. Raises AdapterFault."""
        for attachment in message.attachments:
            if b64encode(attachment.content) not in message.content:
                raise AdapterFault(self.id, "attachment_missing", attachment.kind)
        misfit = self.forms[Direction.TO_PARTNER].misfit(message.content, message.scopes, len(message.attachments), message.told)
        if misfit is not None:
            raise AdapterFault(self.id, misfit.kind, misfit.where)
        return ValidMessage(message.content, message.media_type, message.scopes)

    def read(self, body: bytes, media_type: str | None = None) -> Reading:
        """Read a partner's message: guard, schema, plugin, and each person's record by the record's own types.

        What comes back is checked: known scopes of this direction's ceiling, valid records, one entry for each
        reference. Depends on the bytes alone. Raises MessageUnreadable for the sender, AdapterFault for the plugin.
        """
        manifest = self.manifest.from_partner
        if media_type is not None and media_type.partition(";")[0].strip().lower() not in manifest.media_types:
            raise MessageUnreadable("media_type_unsupported")
        self.forms[Direction.FROM_PARTNER].guard(body)
        reading = asked(self.id, lambda: self.translator.from_partner(body))
        return checked_reading(self.id, reading, self.taken, manifest.attachments, whole_message=manifest.format != "table")

    def explain(self, body: bytes) -> tuple[RowProblem, ...]:
        """List what is wrong with a message that ``read`` refused as ``schema_invalid``; empty where there is no schema."""
        return self.forms[Direction.FROM_PARTNER].explain(body)


def _own(released: ReleasedRecord, envelope: Envelope) -> tuple[ReleasedRecord, Envelope]:
    """Copy what a plugin is handed: what it changes there changes nothing that the core compares with, seals and writes down."""
    # A record is JSON, and nothing copies it faster.
    record = orjson.loads(orjson.dumps({section: dict(items) for section, items in released.record.items()}))
    # A few permissions cover all scopes, and one of them is one object.
    permissions = {id(one): one for one in released.releases.values()}
    copies = {key: Release(one.discloser, one.origin, one.until) for key, one in permissions.items()}
    releases = {scope: copies[id(one)] for scope, one in released.releases.items()}
    attachments = tuple(replace(attachment) for attachment in envelope.attachments)
    return replace(released, record=record, releases=releases), replace(envelope, attachments=attachments)
