"""Arrivals: partners' own messages on ways where they lie ready for us. From here on they go the way of every inbound message."""

import asyncio

import structlog

from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.inbound import WORKER, accept, put_aside
from imgate.exchange.refusals import Refused
from imgate.plugin_api import Arrived, MessageSource, NotDelivered

_AT_ONCE = 20
_SECONDS = 60.0
_log = structlog.get_logger()


async def fetch_arrivals(corridor: Corridor, partner: Partner) -> int:
    """Fetch what this partner has left for us, and give it back for closing once it is durable; give how many there were."""
    source = partner.transport
    if not isinstance(source, MessageSource):
        return 0
    try:
        async with asyncio.timeout(_SECONDS):
            arrived = await source.arrived(_AT_ONCE)
        if isinstance(arrived, NotDelivered):
            _log.warning("arrivals_not_fetched", partner=partner.id, outcome=arrived.code)
            return 0
        for message in arrived:
            await _take_in(corridor, partner, message)
            async with asyncio.timeout(_SECONDS):
                await source.close(message)
    except Exception as error:  # noqa: BLE001  # foreign code, or the database: what is not closed comes again
        _log.error("arrivals_failed", partner=partner.id, exception=type(error).__name__)
        return 0
    return len(arrived)


async def _take_in(corridor: Corridor, partner: Partner, message: Arrived) -> None:
    """Accept a message once, also where it comes again because it could not be closed."""
    call = Call(WORKER, f"arrivals {partner.id}", message.message_id, message.content)
    try:
        await accept(corridor, call, partner.id, message.media_type or None, message.content)
    except Refused as refused:  # there is nobody to answer: it goes on record with what is wrong, for somebody to look
        await put_aside(corridor, call, partner, message.media_type, message.content, refused)
