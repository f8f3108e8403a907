"""The worker signs the log when it is time, asks for a time-stamp, and goes on when it gets none."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import text

from imgate.audit.events import Event, EventName
from imgate.bootstrap import checkpoints as keeping
from imgate.bootstrap import open_gateway
from imgate.bootstrap.checkpoints import CheckpointKeeper, signer_of, stamped_text
from imgate.bootstrap.log_verification import verify_gateway
from imgate.storage.checkpoints import SqlCheckpoints
from imgate.transports.time_stamp_answers import TimeStampTrust, verify_time_stamp
from imgate.transports.time_stamps import NoTimeStamp
from tests.transports.time_stamping import made, serving


class Clock:
    """A gateway with a log, and a clock that is set by hand."""

    def __init__(self, settings):
        self.now = datetime.now(UTC)
        self.gateway = open_gateway(settings, make_keys=True, clock=lambda: self.now)
        self.keeper = CheckpointKeeper(self.gateway)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gateway.close()

    def append(self):
        fields = {"exchange": "00000000-0000-4000-8000-000000000000", "partner": "jobcenter-rems-murr"}
        with self.gateway.store.transaction() as tx:
            tx.audit(Event(EventName.ACKNOWLEDGED, self.now, "worker", None, fields))

    def run(self, minutes=0, seconds=0):
        """Let time pass and do what the worker does; give the checkpoints, and what was said."""
        self.now += timedelta(minutes=minutes, seconds=seconds)
        with structlog.testing.capture_logs() as said:
            assert asyncio.run(self.keeper.keep()) is False
        with self.gateway.store.reading() as tx:
            return SqlCheckpoints(tx.session).list(), said


@pytest.fixture
def clock(configure):
    with Clock(configure()) as clock:
        yield clock


def test_it_is_signed_at_once_and_then_every_hour_if_it_has_grown(clock):
    assert len(clock.run()[0]) == 1
    assert len(clock.run(minutes=60)[0]) == 1, "it has not grown"
    clock.append()
    assert len(clock.run()[0]) == 2, "an hour has passed since it was signed"
    clock.append()
    assert len(clock.run(minutes=59)[0]) == 2
    kept, said = clock.run(minutes=1)
    assert [each.size for each in kept] == [kept[0].size, kept[0].size + 1, kept[0].size + 2]
    assert said == [{"event": "checkpoint_signed", "log_level": "info", "size": kept[-1].size}]
    report = verify_gateway(clock.gateway)
    assert (report.sound, report.checkpoints, report.cosigned, report.time_stamped, report.stamps_wrong) == (True, 3, 0, 0, None)


def test_another_time_in_the_row_does_not_end_it(clock):
    clock.run()
    with clock.gateway.store.transaction() as tx:
        tx.session.driver.execute("UPDATE checkpoints SET at = '2999-01-01T00:00:00.000000+00:00'")
    clock.append()
    assert len(clock.run(minutes=1)[0]) == 2


def test_how_often_is_configured(configure):
    with Clock(configure("\n[audit]\ncheckpoint_minutes = 5\n")) as clock:
        clock.run()
        clock.append()
        assert len(clock.run(minutes=4)[0]) == 1
        assert len(clock.run(minutes=1)[0]) == 2


def test_a_log_that_was_changed_is_an_error_line_and_no_checkpoint(clock):
    clock.run()
    with clock.gateway.store.engine.begin() as connection:
        connection.execute(text("UPDATE audit_log SET mac = leaf"))
    clock.append()
    for _ in range(2):
        kept, (said,) = clock.run(minutes=60)
        assert len(kept) == 1
        assert (said["event"], said["log_level"]) == ("checkpoint_not_signed", "error")
        assert "is not what was written" in said["why"]


def test_a_time_stamp_is_about_the_signed_text(configure, tmp_path):
    pytest.importorskip("rfc3161_client", reason="the extra tsa is not installed")
    folder = tmp_path / "authority"
    folder.mkdir()
    authority = made(folder)
    with serving(authority):
        section = f'\n[audit]\ntime_stamp_url = "{authority.url}"\ntime_stamp_roots = "{authority.roots}"\n'
        with Clock(configure(section)) as clock:
            (first,), said = clock.run()
            assert [each["event"] for each in said] == ["checkpoint_signed"]
            assert first.note.encode().startswith(stamped_text(first) + b"\n")
            assert b"\xe2\x80\x94" not in stamped_text(first), "no signature, of which more may come"
            verify_time_stamp(first.time_stamp, stamped_text(first), TimeStampTrust.read(authority.roots))
            assert signer_of(clock.gateway).origin.encode() not in authority.asked[0]
            authority.status = 503
            clock.append()
            (_, second), said = clock.run(minutes=60)
            assert second.time_stamp is None
            assert (said[-1]["event"], said[-1]["log_level"]) == ("checkpoint_without_time_stamp", "warning")
            assert said[-1]["why"] == "the authority answered with the status 503"
            authority.roots.rename(folder / "away")
            clock.append()
            (_, _, third), said = clock.run(minutes=60)
            assert third.time_stamp is None
            assert "time_stamp_roots cannot be read" in said[-1]["why"]
            (folder / "away").rename(authority.roots)
            authority.status = 200
            clock.append()
            clock.now = datetime.now(UTC) + timedelta(minutes=180)
            kept, said = clock.run()
            assert "one of the two clocks is wrong" in said[-1]["why"], "ours is three hours ahead"
            assert [each.time_stamp is not None for each in kept] == [True, False, False, False]
            report = verify_gateway(clock.gateway)
            assert (report.sound, report.time_stamped, report.stamps_wrong) == (True, 1, ())


class Authority:
    """One that answers or not; ``asked`` are the texts that it was to stamp."""

    def __init__(self):
        self.asked, self.away = [], True

    async def stamp(self, text, at):
        self.asked.append(text)
        if self.away:
            raise NoTimeStamp("the authority was not reached: timeout")
        return b"stamp of " + text


@pytest.fixture
def authority(monkeypatch):
    authority = Authority()
    monkeypatch.setattr(keeping, "authority_of", lambda settings: authority)
    return authority


@pytest.fixture
def stamping(configure, authority, tmp_path):
    """A gateway whose authority is away. Nothing listens at the address."""
    with Clock(configure(f'\n[audit]\ntime_stamp_url = "http://127.0.0.1:9/"\ntime_stamp_roots = "{tmp_path}/roots.pem"\n')) as clock:
        yield clock


def test_an_authority_that_failed_is_asked_again_when_it_is_next_looked(stamping, authority):
    (first,), said = stamping.run()
    assert (first.time_stamp, said[-1]["event"]) == (None, "checkpoint_without_time_stamp")
    authority.away = False
    (first,), said = stamping.run(seconds=30)
    assert (first.time_stamp, said) == (b"stamp of " + stamped_text(first), [])
    assert authority.asked == [stamped_text(first)] * 2
    stamping.run(seconds=30)
    assert len(authority.asked) == 2, "it has one now"


def test_an_authority_that_stays_away_is_asked_ever_more_rarely_and_an_hour_apart_at_most(stamping, authority):
    asked_after = []
    for half_minute in range(2 * 60 * 5):
        before = len(authority.asked)
        stamping.run(seconds=30 if half_minute else 0)
        if len(authority.asked) > before:
            asked_after.append(half_minute / 2)
    assert asked_after == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 123.5, 183.5, 243.5]


def test_a_new_checkpoint_is_stamped_at_once_and_the_older_one_left_without(stamping, authority):
    stamping.run()
    stamping.append()
    authority.away = False
    (first, second), said = stamping.run(minutes=60)
    assert (first.time_stamp, second.time_stamp) == (None, b"stamp of " + stamped_text(second))
    assert [each["event"] for each in said] == ["checkpoint_signed"]
    (first, _), _ = stamping.run(minutes=59)
    assert first.time_stamp is None
    assert authority.asked == [stamped_text(first), stamped_text(second)]


def test_a_clock_that_was_set_back_keeps_nobody_from_asking(stamping, authority):
    stamping.run()
    authority.away = False
    (first,), _ = stamping.run(minutes=-300)
    assert first.time_stamp is not None


def test_what_the_log_did_not_sign_is_not_stamped_later(stamping, authority):
    stamping.run()
    with stamping.gateway.store.transaction() as tx:
        tx.session.driver.execute("UPDATE checkpoints SET note = replace(note, 'imgate/', 'imgate:')")
    authority.away = False
    (first,), _ = stamping.run(minutes=5)
    assert (first.time_stamp, len(authority.asked)) == (None, 1)


def test_where_the_log_was_changed_since_the_last_checkpoint_that_was_signed_is_stamped(stamping, authority):
    """It was signed, and a stamp on it is one more witness of what the log was before it was changed."""
    stamping.run()
    with stamping.gateway.store.engine.begin() as connection:
        connection.execute(text("UPDATE audit_log SET mac = leaf"))
    stamping.append()
    authority.away = False
    (first,), said = stamping.run(minutes=60)
    assert [each["event"] for each in said] == ["checkpoint_not_signed"]
    assert first.time_stamp is not None


def test_without_an_authority_nobody_is_asked(clock, authority):
    for _ in range(3):
        clock.run(minutes=61)
    assert authority.asked == []
