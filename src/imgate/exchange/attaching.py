"""Attaching: what travels inside a message beside the released part, for partners whose configuration says so (ADR 16).

The step between minimise and translate, the same wherever a message is written or written anew. A partner without ``attach`` gets
nothing, and nothing is read or made for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from imgate.consent.judge import Decision
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.declarations.bundles import proof_of
from imgate.exchange.ports import Transaction, Unreadable
from imgate.exchange.stored import StoredDeclaration
from imgate.plugin_api import Attachment, Envelope, ReleasedRecord
from imgate.vocabulary.words import AttachmentKind

BUNDLE_MEDIA_TYPE = "application/json"


def proofs(tx: Transaction, partner: Partner, declarations: Iterable[str]) -> Mapping[str, StoredDeclaration]:
    """Load what bundles of these declarations are made of, in the transaction that the decision rests on; nothing where none is attached.

    One that cannot be read is left out: whether it is needed, the decision says.
    """
    if AttachmentKind.DECLARATION_BUNDLE not in partner.attach:
        return {}
    found: dict[str, StoredDeclaration] = {}
    for declaration in declarations:
        try:
            stored = tx.declarations.get(declaration)
        except Unreadable:
            continue
        if stored is not None:
            found[declaration] = stored[1]
    return found


def attach(
    corridor: Corridor,
    partner: Partner,
    envelope: Envelope,
    decision: Decision,
    released: ReleasedRecord,
    proved: Mapping[str, StoredDeclaration],
    at: datetime,
    *,
    dated: datetime | None = None,
) -> Envelope:
    """Give the envelope with what this partner is to have beside the released part; the same one where that is nothing.

    A bundle is of each declaration that is named for a released scope, as of ``at``, and says ``dated`` where that is given.
    Raises Unreadable where a named declaration cannot be proved, Unsigned where it cannot be just now: its scopes do not leave without it.
    """
    if not partner.attach or not released.releases:
        return envelope
    attachments: list[Attachment] = []
    for kind in partner.attach:
        match kind:
            case AttachmentKind.DECLARATION_BUNDLE:
                named = sorted({decision.permitted[scope].id for scope in released.releases})
                attachments += _bundles(corridor, named, proved, at, dated or at)
            case AttachmentKind.CALENDAR:
                calendar = corridor.attachments.calendar(released, envelope)
                attachments += [] if calendar is None else [calendar]
            case _:
                assert_never(kind)
    return replace(envelope, attachments=tuple(attachments))


def _bundles(
    corridor: Corridor, named: Iterable[str], proved: Mapping[str, StoredDeclaration], at: datetime, dated: datetime
) -> Iterator[Attachment]:
    for declaration in named:
        stored = proved.get(declaration)
        if stored is None:
            raise Unreadable("a declaration that is named cannot be read as a whole")
        bundle = proof_of(corridor, stored, at, dated)
        yield Attachment(AttachmentKind.DECLARATION_BUNDLE, f"declaration-{declaration}.json", BUNDLE_MEDIA_TYPE, bundle)
