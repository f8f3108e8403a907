"""Presenting: what is valid leaves as it is, or on paper for an office that reads it so. The step between validate and seal."""

from anyio.to_thread import run_sync

from imgate.adapters.adapter import ValidMessage
from imgate.exchange.code_lists import NamesWithin, StoredNames
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.ports import PaperFault, PaperMessage, Transaction, Unreadable
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import OutboxItem
from imgate.plugin_api import Envelope, ReleasedRecord


def present(
    corridor: Corridor, partner: Partner, message: ValidMessage, released: ReleasedRecord, envelope: Envelope
) -> ValidMessage | PaperMessage:
    """Give what leaves. Raises Refused ``paper_too_long`` and ``papers_unavailable``, PaperFault."""
    return corridor.presenter.present(message, released, envelope, StoredNames(corridor.store)) if partner.paper else message


async def present_aside(
    corridor: Corridor, partner: Partner, message: ValidMessage, released: ReleasedRecord, envelope: Envelope
) -> ValidMessage | PaperMessage:
    """Do the same for a caller on the loop: a paper is set in a thread. Raises as ``present`` does."""
    if not partner.paper:
        return message
    return await run_sync(present, corridor, partner, message, released, envelope, limiter=corridor.typesetting)


def present_anew(
    corridor: Corridor, tx: Transaction, item: OutboxItem, message: ValidMessage, released: ReleasedRecord, envelope: Envelope
) -> ValidMessage | PaperMessage:
    """Give what leaves in place of something that waits: on paper what waits as paper, whatever the partner takes by now.

    Raises Unreadable where it cannot be set again: nothing may stand in the way of a revocation.
    """
    if item.media_type != corridor.presenter.media_type:
        return message
    try:
        return corridor.presenter.present(message, released, envelope, NamesWithin(tx))
    except (Refused, PaperFault):
        raise Unreadable("a waiting message cannot be set on paper again") from None
