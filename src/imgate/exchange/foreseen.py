"""What would leave if this were sent now: the values scope by scope, and the message, for whoever sends it to look at before.

Made by the very steps of ``outbound.send``. Nothing is stored, sent or put on record, and it is no attempt.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from imgate.exchange import outbound
from imgate.exchange.code_lists import last_day_of
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.hints import hints
from imgate.exchange.entering import Outcome
from imgate.exchange.record_hints import of_record
from imgate.exchange.rehearsal import rehearse
from imgate.exchange.requests import ExchangeRequest


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would leave. ``record`` is minimised and holds exactly the released scopes, in the order of ``origins``.

    ``origins`` names for each the partner it came from, as it is called here, or None for the client's own word; ``until`` the last day
    of its permission. Without a released scope there is no message: ``media_type`` is None.
    """

    record: Mapping[str, Mapping[str, Any]] = field(repr=False)
    outcome: Outcome
    origins: Mapping[str, str | None]
    until: Mapping[str, str]
    hints: tuple[Mapping[str, Any], ...] = field(repr=False)
    media_type: str | None
    content: bytes = field(repr=False)

    @property
    def released(self) -> tuple[str, ...]:
        """The scopes that would leave."""
        return self.outcome.released

    @property
    def withheld(self) -> tuple[tuple[str, str], ...]:
        """The scopes that would not, each with the reason."""
        return self.outcome.withheld


def foresee(corridor: Corridor, request: ExchangeRequest) -> Foreseen:
    """Show what ``send`` would do with this request, byte for byte but for the message's id and time. Raises as ``send`` does."""
    receiver = outbound.partner_of(corridor, request)
    at = corridor.clock()
    today = at.astimezone(corridor.policy.zone).date()
    record: Mapping[str, Mapping[str, Any]] = request.record  # type: ignore[assignment]  # a TypedDict is a mapping of mappings
    with corridor.store.reading() as tx:
        case = outbound.load(tx, receiver, request)
        thought_of = [
            *hints(tx, record, case.declarations.verified, at, today),
            *of_record(record, today, corridor.remind_days, partial(last_day_of, tx)),
        ]
    found = rehearse(corridor, receiver, case, request, at, attached=True)
    return Foreseen(
        record=found.released.record,
        outcome=found.outcome,
        origins=found.origins,
        until={scope: release.until for scope, release in found.released.releases.items()},
        hints=tuple(thought_of),
        media_type=None if found.message is None else found.message.media_type,
        content=b"" if found.message is None else found.message.content,
    )


def preview(corridor: Corridor, request: ExchangeRequest) -> dict[str, Any]:
    """Give the shape of POST /v1/exchanges/preview: what ``foresee`` shows, as the case system reads it. Raises as ``send`` does."""
    found = foresee(corridor, request)
    answer = found.outcome.shown()
    if found.media_type is not None:
        answer["message"] = {"media_type": found.media_type, "content": base64.b64encode(found.content).decode()}
    return answer | ({"hints": list(found.hints)} if found.hints else {})
