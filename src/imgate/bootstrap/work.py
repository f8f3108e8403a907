"""The worker's clocks: taking, delivering to each partner, and tidying up run side by side, so that a slow partner holds up nobody else."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import structlog

from imgate.bootstrap.checkpoints import CheckpointKeeper
from imgate.bootstrap.event_loop import new_loop
from imgate.bootstrap.gateway import Gateway
from imgate.bootstrap.hand_over import Carrier, handed_over
from imgate.bootstrap.notifying import mailer_of, notify
from imgate.bootstrap.paper_keeping import FactsKeeper
from imgate.bootstrap.retention import sweep_all
from imgate.exchange.arrivals import fetch_arrivals
from imgate.exchange.context import Partner
from imgate.exchange.delivery import deliver_to
from imgate.exchange.end_of_use import remind
from imgate.exchange.expiry import end_due
from imgate.exchange.inbound import take_due
from imgate.exchange.receipts import read_receipts
from imgate.plugin_api import MessageSource
from imgate.storage.engine import fold_log
from imgate.storage.proof import place_entries
from imgate.storage.sweep import WORKER
from imgate.transports.mail import Mailer

# At most every 2 seconds (contract §5), never in step with anything: each pause is between half of it and all of it.
_SECONDS = 2.0
_SWEEP_SECONDS = 3600.0
_FETCH_SECONDS = 20.0
_END_SECONDS = 60.0
_NOTIFY_SECONDS = 60.0
_CHECKPOINT_SECONDS = 60.0  # how often it is looked whether one is due
_PAPERS_SECONDS = 60.0
_LONGEST_PAUSE = 60.0
_TAKEN_AT_ONCE = 100
_ENDED_AT_ONCE = 100
_log = structlog.get_logger()


def run_worker(gateway: Gateway, *, apart: bool = True) -> None:
    """Work until the process is told to end; finish what is begun. ``apart``: a process of their own runs the transports."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_work(gateway, Carrier(gateway.settings.file) if apart else None))


async def _work(gateway: Gateway, carrier: Carrier | None) -> None:
    stop = asyncio.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, stop.set)
    try:
        await _clocks(gateway, carrier, stop)
    finally:
        if carrier is not None:
            await carrier.close()


async def _clocks(gateway: Gateway, carrier: Carrier | None, stop: asyncio.Event) -> None:
    """Run everything on its clock until told to stop."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_again("take", stop, partial(_take, gateway)))
        for partner in gateway.corridor.partners.values():
            if not partner.transport.waits:
                handing = partner if carrier is None else replace(partner, transport=handed_over(partner.transport, carrier))
                group.create_task(_again("deliver", stop, partial(_deliver, gateway, handing, stop)))
            if partner.gives_receipts:
                group.create_task(_again("receipts", stop, partial(_read, gateway, partner)))
            if isinstance(partner.transport, MessageSource):
                group.create_task(_again("arrivals", stop, partial(_fetch, gateway, partner), _FETCH_SECONDS))
        group.create_task(_again("end", stop, partial(_end, gateway), _END_SECONDS))
        group.create_task(_again("remind", stop, partial(_remind, gateway), _END_SECONDS))
        group.create_task(_again("sweep", stop, partial(_sweep, gateway), _SWEEP_SECONDS))
        group.create_task(_again("papers", stop, partial(_papers, FactsKeeper(gateway)), _PAPERS_SECONDS))
        group.create_task(_again("checkpoint", stop, CheckpointKeeper(gateway).keep, _CHECKPOINT_SECONDS))
        mailer = mailer_of(gateway.settings)
        if mailer is not None:
            group.create_task(_again("notify", stop, partial(_notify, gateway, mailer), _NOTIFY_SECONDS))
        if gateway.settings.database.is_sqlite:
            group.create_task(_again("fold", stop, partial(_fold, gateway)))
        else:  # an embedded database gives the places itself
            group.create_task(_again("place", stop, partial(_place, gateway)))


async def _take(gateway: Gateway) -> bool:
    """Take what is due; tell whether more may be."""
    await asyncio.to_thread(gateway.openings.refresh)
    return await asyncio.to_thread(take_due, gateway.corridor, _TAKEN_AT_ONCE) == _TAKEN_AT_ONCE


async def _deliver(gateway: Gateway, handing: Partner, stop: asyncio.Event) -> bool:
    """Deliver what is due by the policy that holds now; once another holds, begin anew. Tell whether that is so."""
    await asyncio.to_thread(gateway.openings.refresh)
    policy = gateway.corridor.policy.partner(handing.id)

    def changed() -> bool:
        return gateway.corridor.policy.partner(handing.id) is not policy

    await deliver_to(gateway.corridor, replace(handing, policy=policy), enough=lambda: stop.is_set() or changed())
    return changed()


async def _read(gateway: Gateway, partner: Partner) -> bool:
    await read_receipts(gateway.corridor, partner)
    return False


async def _fetch(gateway: Gateway, partner: Partner) -> bool:
    return await fetch_arrivals(gateway.corridor, partner) > 0


async def _end(gateway: Gateway) -> bool:
    """Deal with declarations that ended by themselves; tell whether more may have."""
    await asyncio.to_thread(gateway.openings.refresh)
    return await asyncio.to_thread(end_due, gateway.corridor, _ENDED_AT_ONCE) == _ENDED_AT_ONCE


async def _remind(gateway: Gateway) -> bool:
    revocation = gateway.settings.revocation
    looked_at = await asyncio.to_thread(remind, gateway.corridor, revocation.reminder_days, revocation.reminders, _ENDED_AT_ONCE)
    return looked_at == _ENDED_AT_ONCE


async def _notify(gateway: Gateway, mailer: Mailer) -> bool:
    """Tell liaisons by e-mail that there is news."""
    await asyncio.to_thread(notify, gateway, mailer)
    return False


async def _sweep(gateway: Gateway) -> bool:
    """Take away what has run out."""
    swept = await asyncio.to_thread(sweep_all, gateway, WORKER)
    if swept:
        _log.info("swept", **{kind.value: count for kind, count in swept.items()})
    return False


async def _papers(keeper: FactsKeeper) -> bool:
    """Keep what the office's papers say, if that changed while it runs: what is open to a partner does."""
    await asyncio.to_thread(keeper.keep, "worker")
    return False


async def _fold(gateway: Gateway) -> bool:
    """Fold the write-ahead log of an embedded database into it, so that no request has to."""
    await asyncio.to_thread(fold_log, gateway.store.engine)
    return False


async def _place(gateway: Gateway) -> bool:
    """Give the audit log's entries their places; of several workers one does it at a time."""
    await asyncio.to_thread(place_entries, gateway.store)
    return False


async def _again(work: str, stop: asyncio.Event, step: Callable[[], Awaitable[bool]], seconds: float = _SECONDS) -> None:
    """Do one kind of work over and over; a database that is away is a log line and a longer pause, never the end."""
    failed = 0
    while not stop.is_set():
        more = False
        try:
            more = await step()
            failed = 0
        except Exception as error:  # noqa: BLE001  # whatever it was, the next message may be another
            failed += 1
            _log.error("work_failed", work=work, times=failed, exc_info=error)
        pause = min(seconds * 2.0**failed, max(_LONGEST_PAUSE, seconds))
        if not more:
            await _wait(stop, random.uniform(pause / 2, pause))  # noqa: S311  # spreads load, guards nothing


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
