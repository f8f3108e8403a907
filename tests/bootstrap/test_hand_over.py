"""The worker and its carrier: what leaves is what was handed over, and whichever of the two dies, nothing is lost."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from imgate.bootstrap import hand_over
from imgate.bootstrap.carrier import _Carrying
from imgate.bootstrap.frames import _LENGTHS
from imgate.bootstrap.hand_over import DIED, Carrier, _Running, handed_over, read_outcome
from imgate.plugin_api import NOT_CONNECTED, NOTHING_SEEN, Delivered, NotDelivered, Parcel, ReceiptSource, RefusedByPartner
from tests.acceptance.process import is_running, kill
from tests.acceptance.test_kill_worker import a_world, queue_two, served_with
from tests.acceptance.webhooks import WebhookPartner
from tests.bootstrap.conftest import CONFIGURATION

PARTNER = "jobcenter-rems-murr"
IDS = [f"0b8c2c6e-58a1-4f0f-9f55-{number:012x}" for number in range(40)]


class Scripted:
    """A transport that does what a test says."""

    waits = False

    def __init__(self, deliver):
        self.parcels = []
        self._deliver = deliver

    async def deliver(self, parcel):
        self.parcels.append(parcel)
        return await self._deliver(parcel)


class WithReceipts(Scripted):
    async def receipts(self, sent):
        return [*sent, "asked here"]


@contextlib.asynccontextmanager
async def connected(transport):
    """Both ends in one process."""
    ours, theirs = socket.socketpair()
    running, carrying = _Running(), _Carrying({PARTNER: transport})
    loop = asyncio.get_running_loop()
    await loop.create_unix_connection(lambda: running.link, sock=ours)
    await loop.create_unix_connection(lambda: carrying.link, sock=theirs)
    try:
        yield running, carrying
    finally:
        running.link.close()
        carrying.link.close()
        await asyncio.sleep(0)


def parcel(content=b"<a/>", message_id=IDS[0], **more):
    return Parcel(message_id, "application/xml", content, PARTNER, receipt="e30.e30.AA", **more)


def carried(transport, *parcels):
    async def each():
        async with connected(transport) as (running, _):
            return await asyncio.gather(*(running.carry(one) for one in parcels))

    return asyncio.run(each())


def giving(outcome):
    async def deliver(_):
        return outcome

    return Scripted(deliver)


def until(holds, seconds=15.0):
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)
    return found


@pytest.mark.parametrize(
    "outcome",
    [
        Delivered(),
        RefusedByPartner("http_404"),
        RefusedByPartner("name_unusable", seen=False),
        NotDelivered("http_503", 12.5),
        NotDelivered("http_429", 60),
        NotDelivered("service_unknown", seen=False),
        NotDelivered(NOT_CONNECTED),
    ],
)
def test_what_the_transport_says_arrives_as_it_is(outcome):
    assert carried(giving(outcome), parcel()) == [outcome]


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 5, b'{"deliver": 1}', bytes(range(256)) * 4000])
def test_the_transport_is_handed_what_the_worker_was(content):
    transport = giving(Delivered())
    sent = [parcel(content + bytes([number]), one, note=f"note {number}") for number, one in enumerate(IDS)] + [parcel(b"")]
    assert carried(transport, *sent) == [Delivered()] * len(sent)
    assert transport.parcels == sent


def test_a_note_is_durable_before_the_transport_goes_on():
    happened = []

    async def keep(note):
        await asyncio.sleep(0.02)
        happened.append(f"durable {note}")

    async def deliver(parcel):
        await parcel.keep("submission-1")
        happened.append("went on")
        await parcel.keep("submission-2")
        return Delivered()

    assert carried(Scripted(deliver), parcel(keep=keep)) == [Delivered()]
    assert happened == ["durable submission-1", "went on", "durable submission-2"]


def test_a_note_that_cannot_be_kept_stops_a_transport_that_needs_it(capsys):
    went_on = []

    async def keep(note):
        raise OSError(f"canary-7d1f {note}")

    async def deliver(parcel):
        await parcel.keep("submission-1")
        went_on.append(parcel)
        return Delivered()

    assert carried(Scripted(deliver), parcel(keep=keep)) == [NotDelivered("transport_fault")]
    assert went_on == []
    said = capsys.readouterr()
    assert "canary-7d1f" not in said.out + said.err


def test_a_transport_that_raises_has_not_said_that_nothing_was_seen(capsys):
    async def deliver(_):
        raise ValueError("canary-7d1f")

    (outcome,) = carried(Scripted(deliver), parcel())
    assert outcome == NotDelivered("transport_fault")
    said = capsys.readouterr()
    assert "canary-7d1f" not in said.out + said.err


def test_an_attempt_that_is_ended_here_is_ended_there():
    ended = []

    async def deliver(_):
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(True)

    async def cancelled():
        async with connected(Scripted(deliver)) as (running, carrying):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await running.carry(parcel())
            await asyncio.sleep(0.05)
            return [*carrying._under_way, *running._under_way]

    assert asyncio.run(cancelled()) == []
    assert ended == [True]


async def _never(_):
    await asyncio.sleep(30)


@pytest.mark.parametrize("said", [None, _LENGTHS.pack(2**20, 0), _LENGTHS.pack(2, 2**31), _LENGTHS.pack(3, 0) + b"{x}"])
def test_a_carrier_that_is_gone_or_sends_no_frames_may_have_shown_everything_under_way(said):
    async def gone():
        async with connected(Scripted(_never)) as (running, carrying):
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            waiting = asyncio.gather(*(running.carry(parcel(message_id=one)) for one in IDS[:3]))
            await asyncio.sleep(0.05)
            if said is None:
                carrying.link.close()
            else:
                carrying.link._transport.write(said)
            async with asyncio.timeout(5):
                return await waiting, await running.carry(parcel())

    assert asyncio.run(gone()) == ([DIED] * 3, NotDelivered(NOT_CONNECTED))
    assert DIED.seen
    assert DIED.code not in NOTHING_SEEN


@pytest.mark.parametrize(
    "written", [{}, {"outcome": "delivered?"}, {"outcome": "refused", "code": 1}, {"outcome": "not_delivered", "code": "x"}]
)
def test_what_is_no_outcome_is_a_fault(written):
    assert read_outcome(written) == NotDelivered("transport_fault")


def test_receipts_are_asked_for_here():
    carrier = Carrier(Path("imgate.toml"))
    with_receipts = handed_over(WithReceipts(_never), carrier)
    assert isinstance(with_receipts, ReceiptSource)
    assert asyncio.run(with_receipts.receipts(["sent"])) == ["sent", "asked here"]
    assert not isinstance(handed_over(Scripted(_never), carrier), ReceiptSource)


@pytest.fixture
def pushed(tmp_path):
    """A partner that is pushed to, and a carrier for it."""
    with WebhookPartner() as partner:
        (tmp_path / "webhook.secret").write_text(partner.secret, encoding="utf-8")
        push = f'transport = {{ kind = "push", url = "{partner.url}", secret_file = "webhook.secret" }}\n'
        (tmp_path / "imgate.toml").write_text(CONFIGURATION + push, encoding="utf-8")
        yield partner, Carrier(tmp_path / "imgate.toml")


def listens(pid):
    """Tell whether one of the sockets of this process listens."""
    mine = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed in the meantime
            mine.add(str(one.readlink()))
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]]
    return any(row[3] == "0A" and f"socket:[{row[9]}]" in mine for row in rows)


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_carrier_posts_the_bytes_signed_and_shows_no_secret_to_those_who_list_processes(pushed):
    partner, carrier = pushed

    async def each():
        outcomes = await asyncio.gather(*(carrier.carry(parcel(b"\xc3\xa4" * 9000, one)) for one in IDS))
        pid = carrier._running.process.pid
        told = await asyncio.to_thread(command_of, pid), await asyncio.to_thread(listens, pid)
        await carrier.close()
        return outcomes, told, is_running(pid)

    assert listens(os.getpid())  # the partner
    outcomes, (command, listening), running = asyncio.run(each())
    assert outcomes == [Delivered()] * len(IDS)
    assert sorted(one.id for one in partner.begun) == IDS
    assert {one.body for one in partner.begun} == {b"\xc3\xa4" * 9000}
    assert partner.forged == 0
    assert b"imgate.bootstrap.carrier" in command
    assert partner.secret.encode() not in command
    assert not listening
    assert not running


@pytest.mark.parametrize(
    "name",
    [
        "IMGATE_KEYS__PASSPHRASE",
        "imgate_keys__passphrase",
        "Imgate_Keys__pkcs11__Pin",
        "IMGATE_KEYS",
        "imgate_keys",
        "IMGATE_NEW_PASSPHRASE",
        "imgate_new_passphrase",
    ],
)
def test_what_opens_the_keys_does_not_reach_the_carrier_however_it_is_written(monkeypatch, tmp_path, name):
    monkeypatch.setenv(name, "drei Apfel im Schnee")
    monkeypatch.setenv("IMGATE_PARTNERS__JOBCENTER__TRANSPORT__SECRET", "its own")
    environment = Carrier(tmp_path / "imgate.toml")._environment
    assert [found for found, value in environment.items() if value == "drei Apfel im Schnee"] == []
    assert {"IMGATE_PARTNERS__JOBCENTER__TRANSPORT__SECRET", "IMGATE_CONFIG", "PATH"} <= environment.keys()


def test_after_a_carrier_was_killed_the_same_message_goes_by_another(pushed, monkeypatch):
    monkeypatch.setattr(hand_over, "_PAUSES", (0.0, 0.01))
    partner, carrier = pushed

    async def killed():
        partner.seconds = 5.0
        first = asyncio.create_task(carrier.carry(parcel()))
        await asyncio.to_thread(until, lambda: partner.begun)
        partner.seconds = 0.0
        carrier._running.process.kill()
        outcomes = [await first, await carrier.carry(parcel())]
        await carrier.close()
        return outcomes

    assert asyncio.run(killed()) == [DIED, Delivered()]
    assert [one.id for one in partner.begun] == [IDS[0]] * 2


def test_where_none_can_be_started_nothing_was_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(hand_over, "_PAUSES", (0.0, 0.01))
    (tmp_path / "imgate.toml").write_text("nothing = ", encoding="utf-8")
    carrier = Carrier(tmp_path / "imgate.toml")

    async def each():
        outcomes = await asyncio.gather(*(carrier.carry(parcel(message_id=one)) for one in IDS[:3]))
        await carrier.close()
        return outcomes

    assert asyncio.run(each()) == [NotDelivered(NOT_CONNECTED)] * 3


def test_what_is_too_large_for_a_frame_stays_here(monkeypatch):
    monkeypatch.setattr(hand_over, "CONTENT_MAX", 10)
    assert asyncio.run(Carrier(Path("imgate.toml")).carry(parcel(bytes(11)))) == RefusedByPartner("too_large", seen=False)


def carriers_of(worker):
    return [int(pid) for pid in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]


@pytest.fixture
def working(tmp_path):
    """A worker in the middle of a message, and its carrier."""
    with WebhookPartner(seconds=0.7) as partner:
        served = served_with(partner, tmp_path)
        with a_world(served) as world:
            exchange = queue_two(world, "K-2026-1000")[0]
        worker = served.spawn("worker")
        try:
            until(lambda: partner.begun, 30)
            (carrier,) = carriers_of(worker)
            yield partner, served, exchange, worker, carrier
        finally:
            worker.kill()
            worker.wait()


def test_told_to_end_together_the_carrier_lets_what_is_under_way_end(working):
    partner, served, exchange, worker, carrier = working
    for pid in (carrier, worker.pid):  # a service manager tells every process of the unit
        os.kill(pid, signal.SIGTERM)
    assert worker.wait(15) == 0
    until(lambda: not is_running(carrier))
    with a_world(served) as world:
        assert world.shown(exchange)["state"] == "delivered"
    assert [one.id for one in partner.begun] == [exchange]
    assert b"K-2026-1000" not in served.stderr


def test_a_worker_that_is_killed_leaves_no_carrier_behind(working):
    _, _, _, worker, carrier = working
    worker.kill()
    worker.wait()
    until(lambda: not is_running(carrier))


def test_a_carrier_that_is_killed_loses_no_message_and_the_worker_goes_on(working):
    partner, served, exchange, worker, carrier = working
    kill(carrier)
    until(lambda: b"not_delivered:hand_over_died" in served.stderr)
    assert worker.poll() is None
    until(lambda: len([one for one in partner.begun if one.id == exchange]) == 2, 30)
    assert len({one.body for one in partner.begun if one.id == exchange}) == 1
