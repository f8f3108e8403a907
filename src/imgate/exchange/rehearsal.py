"""The steps of ``outbound.send`` from the judgement to the message, for whoever only looks at what would leave.

Nothing is stored, sent or put on record, and it is no attempt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from imgate.adapters.adapter import ValidMessage
from imgate.exchange import outbound
from imgate.exchange.attaching import attach
from imgate.exchange.case import Case
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.entering import Outcome
from imgate.exchange.ports import PaperMessage
from imgate.exchange.presenting import present
from imgate.exchange.requests import ExchangeRequest
from imgate.plugin_api import ReleasedRecord
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import SELF

_DATED = datetime.fromisoformat(outbound.PREVIEW_TIME)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would leave.

    ``origins`` names for each released scope the partner it came from, as it is called here, or None for the client's own word.
    ``message`` is None where nothing would be released.
    """

    outcome: Outcome
    released: ReleasedRecord = field(repr=False)
    origins: Mapping[str, str | None]
    message: ValidMessage | PaperMessage | None = field(repr=False)


def rehearse(corridor: Corridor, partner: Partner, case: Case, request: ExchangeRequest, at: datetime, *, attached: bool) -> Rehearsed:
    """Show what ``send`` would make of this case, byte for byte but for the message's id and time. Raises as ``send`` does.

    Without ``attached`` nothing travels beside the released part, whatever the partner is to have.
    """
    decided = outbound.judge(partner, case, request, at)
    minimised = outbound.reduce(corridor, partner, case, decided, request, at)
    released = minimised.released
    envelope = outbound.address(corridor, partner, case, request, NIL_UUID, outbound.PREVIEW_TIME)
    if attached:
        envelope = attach(corridor, partner, envelope, decided, released, case.proved, at, dated=_DATED)
    written = outbound.translate(partner, minimised, envelope)
    message = None if written is None else present(corridor, partner, partner.adapter.validate(written), released, envelope)
    origins = {scope: _called(corridor, release.origin) for scope, release in released.releases.items()}
    return Rehearsed(Outcome.of(decided, minimised), released, origins, message)


def _called(corridor: Corridor, origin: str) -> str | None:
    """Give the name of the partner that a datum came from. One that is not configured would not have been permitted."""
    return None if origin == SELF else corridor.policy.partner(origin).name
