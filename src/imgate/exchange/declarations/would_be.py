"""What would be sent if this declaration were signed: the content of the annex that a client reads before signing.

Judged, minimised, translated and validated by the very steps of ``outbound.send``; what would be attached is left out, because only what
was signed can be proved. Nothing is stored, sent or put on record here, and nothing that leaves this module is of a type that ``send``
could take.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import Field

from imgate.consent.as_if_signed import as_if_signed
from imgate.consent.declaration import Confided
from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import now
from imgate.exchange import outbound
from imgate.exchange.case import Case
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.loading import existing
from imgate.exchange.declarations.register import shown
from imgate.exchange.rehearsal import rehearse
from imgate.exchange.requests import ExchangeRequest, Word
from imgate.record import CaseRecord


class AnnexRequest(Confided):
    """What the annex is to be made from: the client's data as it would be sent, and for which of the purposes."""

    purpose: Word
    record: CaseRecord
    provenance: dict[Word, Word] = Field(default={}, max_length=100)


@dataclass(frozen=True, slots=True)
class WouldBeMessage:
    """What would leave, byte for byte but for the message's id and time: the adapter's own bytes, or the paper that carries them."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WouldBe:
    """What would leave under one declaration. ``record`` is minimised and holds exactly the released scopes.

    ``origins`` names for each released scope the partner it came from, as it is called here, or None for the client's own word.
    ``judged_on`` is the day that was asked about, ``made_on`` today. ``shown`` is the declaration as GET shows it. ``message`` is
    None where nothing would be released.
    """

    shown: Mapping[str, Any] = field(repr=False)
    partner: str
    purpose: str
    reference: str = field(repr=False)
    made_on: date
    judged_on: date
    record: Mapping[str, Mapping[str, Any]] = field(repr=False)
    origins: Mapping[str, str | None]
    withheld: tuple[tuple[str, str], ...]
    message: WouldBeMessage | None


@dataclass(frozen=True, slots=True)
class _OnlyThis:
    """The file with one declaration in it: what others permit is not to be seen in this one's annex."""

    declaration: VerifiedDeclaration
    unit: str
    stamp: object

    @property
    def verified(self) -> tuple[VerifiedDeclaration, ...]:
        """The one."""
        return (self.declaration,)

    def discloser(self, declaration: str) -> str:
        """Give the unit that would disclose."""
        return self.unit


def would_be_sent(corridor: Corridor, declaration: str, request: AnnexRequest) -> WouldBe:
    """Show what would be sent under this declaration alone, once it is signed and, where its term lies ahead, has begun.

    Raises Refused: 404, ``declaration_unreadable``, ``partner_unknown``, ``purpose_unknown``, ``scope_unknown``,
    ``link_missing``, ``provenance_required``; AdapterFault where the adapter cannot write exactly what would be released. What was
    revoked, paused or superseded, or has expired, is withheld with its reason, as at an exchange.
    """
    at = corridor.clock()
    with corridor.store.reading() as tx:
        client, stored = existing(tx, declaration)
        assert stored.verified is not None  # noqa: S101  # `existing` has refused the other case
        verified, as_shown = stored.verified, shown(stored, at)
        asked = _exchange(client.reference, verified.partner, request)
        partner = outbound.partner_of(corridor, asked)
        case = outbound.load(tx, partner, asked)
    judged_at = max(at, verified.opens_at)
    hypothetical = as_if_signed(verified, stored.siblings, now(judged_at))
    only = _OnlyThis(hypothetical, case.declarations.discloser(verified.id), case.declarations.stamp)
    case = Case(case.client, case.link, only, case.origins)
    found = rehearse(corridor, partner, case, asked, judged_at, attached=False)
    return WouldBe(
        shown=as_shown,
        partner=partner.policy.name,
        purpose=asked.purpose,
        reference=case.link.reference,
        made_on=at.astimezone(corridor.policy.zone).date(),
        judged_on=judged_at.astimezone(corridor.policy.zone).date(),
        record=found.released.record,
        origins=found.origins,
        withheld=found.outcome.withheld,
        message=None if found.message is None else WouldBeMessage(found.message.media_type, found.message.content),
    )


def _exchange(client: str, partner: str, request: AnnexRequest) -> ExchangeRequest:
    """Ask for the exchange that this declaration would allow; whose it is says the declaration, not the request."""
    return ExchangeRequest(client=client, partner=partner, purpose=request.purpose, record=request.record, provenance=request.provenance)
