"""Receipts: the partner's own word about delivered messages, on ways on which it comes by itself."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import anyio.to_thread
import structlog
from pydantic import ValidationError

from imgate.exchange.answers import Call
from imgate.exchange.boxes import outbox_ack, outbox_reject
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.inbound import WORKER
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from imgate.plugin_api import CallbackCheck, NotDelivered, Receipt, ReceiptSource

_AT_ONCE = 100
_AGAIN_AFTER = timedelta(minutes=10)
_SECONDS = 60.0
_log = structlog.get_logger()


async def read_receipts(corridor: Corridor, partner: Partner) -> int:
    """Ask what became of messages that this partner was handed; give how many were settled."""
    source = partner.transport
    if not isinstance(source, ReceiptSource):
        return 0
    at = corridor.clock()
    sent = await corridor.store.commit(lambda tx: tx.awaited.due(partner.id, at, at + _AGAIN_AFTER, _AT_ONCE))
    if not sent:
        return 0
    try:
        async with asyncio.timeout(_SECONDS):
            receipts = await source.receipts(sent)
    except Exception as error:  # noqa: BLE001  # foreign code, which promised to raise nothing
        _log.error("transport_fault", partner=partner.id, exception=type(error).__name__)
        return 0
    if isinstance(receipts, NotDelivered):
        _log.warning("receipts_not_read", partner=partner.id, outcome=receipts.code)
        return 0
    asked = {one.message_id for one in sent}
    told = [receipt for receipt in receipts if receipt.message_id in asked]
    for receipt in told:
        await anyio.to_thread.run_sync(partial(_settle, corridor, partner, receipt))
    return len(told)


def called_back(corridor: Corridor, partner_id: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Have a worker ask soon, because the partner's system says that there is news; False where it was not that system."""
    partner = corridor.partners.get(partner_id)
    at = corridor.clock()
    if partner is None:
        return False
    check = partner.transport
    if not isinstance(check, CallbackCheck) or not check.is_genuine(headers, body, at.timestamp()):
        return False
    with corridor.store.transaction() as tx:
        tx.awaited.ask_now(partner_id, at)
    return True


def _settle(corridor: Corridor, partner: Partner, receipt: Receipt) -> None:
    """Take a receipt for what it is: the partner's word, as if it had called us."""
    call = Call(WORKER, f"receipts {partner.id}")
    try:
        if receipt.refused is None:
            outbox_ack(corridor, call, partner.id, receipt.message_id)
        else:
            outbox_reject(corridor, call, partner.id, receipt.message_id, _rejection(receipt.refused))
    except Refused:  # it has been settled otherwise, or is gone: nobody waits for it any more
        with corridor.store.transaction() as tx:
            tx.awaited.settle(receipt.message_id)


def _rejection(code: str) -> RejectRequest:
    try:
        return RejectRequest(code=code)
    except ValidationError:
        return RejectRequest(code="refused")
