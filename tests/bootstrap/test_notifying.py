"""E-mails to liaisons tell that something lies in the inbox, only where there is something they may read, and nothing more."""

import dataclasses
import email
import email.policy
import threading
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.bootstrap.notifying import mailer_of, notify
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.settings import load_settings
from imgate.storage.erase import erase_client
from imgate.transports.mail import MailFailed, MailServer
from imgate.vocabulary.words import Notify, UserRole
from tests.exchange.conftest import ABH, CLIENT, CONFIG, JOBCENTER, REFERENCE, World
from tests.exchange.updating import RECORD, SUBSCRIPTIONS, Updating
from tests.transports.mailing import post_office

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
ADDRESS = "lea.leitner@jobcenter.example.org"


class Scripted:
    """A way for mails that keeps what it was handed, and fails as the test says."""

    def __init__(self):
        self.mails = []
        self.failures = []

    def send(self, mail, at):
        if self.failures:
            failure = self.failures.pop(0)
            if failure is not None:
                raise failure
        self.mails.append((mail, at))

    @property
    def to(self):
        return [mail.to for mail, _ in self.mails]


class Mailing(World):
    """A world with liaisons who want mails."""

    def __init__(self, gateway):
        super().__init__(gateway)
        self.mailer = Scripted()

    @property
    def people(self):
        return self.gateway.store.people

    def liaison(self, how=Notify.AT_ONCE, *, address=ADDRESS, partner=JOBCENTER, login="lea"):
        user = self.people.users.add(UserRole.LIAISON, partner, "Lea Leitner", login, address, self.now, "operator")[0]
        self.people.users.settle(user.id, notify=how)
        return user.id

    def waiting(self, **declared):
        self.link()
        declaration = self.declare("language.level", **declared)
        return declaration, self.send(LEVEL)["id"]

    def look(self, mailer=None):
        return notify(dataclasses.replace(self.gateway, corridor=self.corridor), mailer or self.mailer)


@pytest.fixture
def world(tmp_path):
    config = tmp_path / "imgate.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield Mailing(gateway)


def settled(world):
    """Let so much time pass that what was written is counted."""
    world.later(minutes=1)


def test_the_bytes_of_the_mail_tell_nothing_of_anybody(world):
    world.liaison()
    _, exchange = world.waiting()
    settled(world)
    with post_office() as post:
        assert world.look(MailServer("127.0.0.1", post.port, "imgate@stadt.example.org", None, None, starttls=False)) == 1
    ((_, recipients, content),) = post.mails
    assert recipients == [ADDRESS]
    text = email.message_from_bytes(content, policy=email.policy.SMTP).get_content().replace("\r\n", "\n")
    url = world.gateway.url
    assert text == (
        "In Ihrem Posteingang bei Integrationsmanagement Winnenden liegt etwas.\n"
        "There is something in your inbox at Integrationsmanagement Winnenden.\n\n"
        f"{url}/pages/inbox\n\n"
        f"Diese E-Mails einstellen / Settings of these e-mails: {url}/pages/notifications\n"
    )
    for secret in (REFERENCE, CLIENT, exchange, "language", "Sprach", "B1", "Lea", "labour", "355A"):
        assert secret.encode() not in content
        assert secret not in text


def test_one_mail_tells_of_many_messages(world):
    world.liaison()
    world.waiting()
    for client in range(3):
        world.link(f"R-{client}", client=f"K-{client}")
        world.declare("language.level", client=f"K-{client}")
        world.send(LEVEL, client=f"K-{client}")
    settled(world)
    assert world.look() == 1
    (one,) = world.mailer.mails
    assert not any(sign.isdigit() for sign in one[0].text.replace(world.gateway.url, ""))


def test_no_mail_tells_of_the_same_message_again(world):
    world.liaison()
    world.waiting()
    settled(world)
    assert world.look() == 1
    for _ in range(3):
        world.later(hours=2)
        assert world.look() == 0


def test_at_most_one_mail_goes_in_an_hour(world):
    world.liaison()
    world.waiting()
    settled(world)
    assert world.look() == 1
    world.later(minutes=5)
    world.send({"language": {"level": {"cefr": "B2", "evidence": "dtz"}}})
    world.later(minutes=50)
    assert world.look() == 0
    world.later(minutes=5)
    assert world.look() == 1


def test_a_message_whose_time_lies_before_the_last_mail_and_that_came_after_it_is_told_of(world):
    """Its transaction ended only after the look: it must not fall between two of them."""
    world.liaison()
    world.waiting()
    settled(world)
    written_at = world.now - timedelta(seconds=30)
    assert world.look() == 1
    world.later(minutes=1)
    looked_at, world.now = world.now, written_at
    world.send({"language": {"level": {"cefr": "B2", "evidence": "dtz"}}})
    world.now = looked_at + timedelta(hours=1)
    assert world.look() == 1


def test_what_was_held_is_told_of_when_it_is_held_no_longer(world):
    update = Updating(world)
    update.subscribe(SUBSCRIPTIONS, digest=WeeklyDigest.of("monday 06:00"))
    user = world.liaison()
    world.link()
    world.declare("language.level")
    update(RECORD)
    world.later(days=1)
    assert world.look() == 0
    world.people.users.notified(user, world.now)
    world.now = datetime(2026, 3, 9, 5, 1, tzinfo=UTC)
    assert world.look() == 1


@pytest.mark.parametrize("why", ["revoked", "paused", "unlinked", "erased", "expired"])
@pytest.mark.parametrize("how", [Notify.AT_ONCE, Notify.WEEKLY])
def test_nothing_is_told_of_what_may_not_be_read_any_more(world, why, how):
    world.liaison(how)
    declaration, _ = world.waiting(valid_until="2026-03-03")
    match why:
        case "revoked":
            world.revoke(declaration)
        case "paused":
            world.pause(declaration)
        case "unlinked":
            world.unlink()
        case "erased":
            erase_client(world.gateway.store, CLIENT, world.now, "operator")
        case _:
            world.later(days=3)
    world.later(days=7 if how is Notify.WEEKLY else 0, minutes=2)
    assert world.look() == 0
    assert world.mailer.mails == []


def test_what_is_revoked_between_two_looks_is_not_told(world):
    world.liaison()
    declaration, _ = world.waiting()
    world.revoke(declaration)
    settled(world)
    assert world.look() == 0
    world.later(hours=1)
    world.declare("language.level")
    world.send(LEVEL)
    settled(world)
    assert world.look() == 1


def test_a_notice_of_the_end_of_use_is_told_of(world):
    declaration, _ = world.waiting()
    world.outbox()
    world.liaison()
    world.later(minutes=1)
    world.revoke(declaration)
    settled(world)
    assert world.look() == 1


@pytest.mark.parametrize("what", ["never", "no address", "revoked", "another partner's", "of the office"])
def test_whoever_is_not_to_be_told_is_not(world, what):
    world.waiting()
    match what:
        case "never":
            world.liaison(Notify.NEVER)
        case "no address":
            world.liaison(address=None)
        case "revoked":
            world.people.users.revoke(world.liaison(), world.now, "operator")
        case "another partner's":
            world.liaison(partner=ABH)
        case _:
            user = world.people.users.add(UserRole.OFFICE, None, "Otto Amt", "otto", ADDRESS, world.now, "operator")[0]
            world.people.users.settle(user.id, notify=Notify.AT_ONCE)
    settled(world)
    assert world.look() == 0


def test_a_partner_that_is_pushed_to_has_nothing_lying_here(world, monkeypatch):
    from tests.exchange.conftest import ScriptedTransport

    world.by(ScriptedTransport())
    world.liaison()
    world.waiting()
    settled(world)
    assert world.look() == 0


def test_a_liaison_whose_partner_is_configured_no_more_is_passed_over(world):
    world.liaison()
    world.waiting()
    settled(world)
    partners = {name: partner for name, partner in world.corridor.partners.items() if name != JOBCENTER}
    world.corridor = dataclasses.replace(world.corridor, partners=partners)
    assert world.look() == 0


def test_looking_hands_nothing_out(world):
    world.liaison()
    _, exchange = world.waiting()
    settled(world)
    assert world.look() == 1
    assert world.shown(exchange)["state"] == "queued"
    assert world.disclosures() == []


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), 0),  # the Monday on which it was chosen
        (datetime(2026, 3, 8, 22, 59, tzinfo=UTC), 0),
        (datetime(2026, 3, 9, 5, 59, tzinfo=UTC), 0),
        (datetime(2026, 3, 9, 6, 0, tzinfo=UTC), 1),  # 7 o'clock in winter
        (datetime(2026, 3, 11, 12, 0, tzinfo=UTC), 1),  # the worker was away for two days
    ],
)
def test_a_digest_goes_on_monday_at_seven_by_the_clock_here(world, moment, sent):
    world.liaison(Notify.WEEKLY)
    world.waiting()
    world.now = moment
    assert world.look() == sent
    world.later(seconds=30)
    assert world.look() == 0


def test_a_digest_follows_the_clock_into_summer(world):
    world.liaison(Notify.WEEKLY)
    world.waiting()
    world.now = datetime(2026, 4, 6, 5, 0, tzinfo=UTC)
    assert world.look() == 1
    world.now = datetime(2026, 4, 13, 4, 59, tzinfo=UTC)
    assert world.look() == 0
    world.later(minutes=1)
    assert world.look() == 1  # it still waits


def test_a_week_in_which_nothing_waited_is_over(world):
    world.liaison(Notify.WEEKLY)
    world.now = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)
    assert world.look() == 0
    world.waiting()
    world.later(days=2)
    assert world.look() == 0
    world.now = datetime(2026, 3, 16, 6, 0, tzinfo=UTC)
    assert world.look() == 1


def test_what_did_not_get_away_is_tried_again_and_nothing_is_lost(world, capsys):
    world.liaison()
    world.waiting()
    settled(world)
    world.mailer.failures = [MailFailed("ConnectionRefusedError", all=True)]
    assert world.look() == 0
    world.later(minutes=1)
    assert world.look() == 0  # not at once
    world.later(minutes=20)
    assert world.look() == 1
    said = capsys.readouterr()
    assert "ConnectionRefusedError" in said.out + said.err
    assert ADDRESS not in said.out + said.err


def test_a_server_that_is_away_is_not_asked_for_everybody(world):
    for number in range(3):
        world.liaison(login=f"lea-{number}")
    world.waiting()
    settled(world)
    world.mailer.failures = [MailFailed("TimeoutError", all=True)]
    assert world.look() == 0
    assert world.mailer.mails == []
    world.later(minutes=25)
    assert world.look() == 3


def test_an_address_that_is_refused_holds_up_nobody_else(world):
    world.liaison(address="weg@example.org", login="a")
    world.later(seconds=1)
    world.liaison(login="b")
    world.waiting()
    settled(world)
    world.mailer.failures = [MailFailed("SMTPRecipientsRefused", all=False)]
    assert world.look() == 1
    assert world.mailer.to == [ADDRESS]


def test_of_several_workers_one_sends(world):
    world.liaison()
    world.waiting()
    settled(world)
    together = threading.Barrier(4)
    sent = []

    def work():
        together.wait()
        sent.append(world.look())

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == [0, 0, 0, 1]
    assert len(world.mailer.mails) == 1


def test_two_workers_on_either_side_of_a_slots_end_do_not_both_send(world):
    world.liaison()
    world.waiting()
    world.now = world.now.replace(minute=9, second=59)
    during = []

    class Slow(Scripted):
        def send(self, mail, at):
            if not during:
                world.later(seconds=2)
                during.append(None)
                during.append(world.look())
            super().send(mail, at)

    world.mailer = Slow()
    assert world.look() == 1
    assert during == [None, 0]
    assert len(world.mailer.mails) == 1


def test_a_worker_that_died_while_it_sent_leaves_the_mail_to_others(world):
    world.liaison()
    world.waiting()
    settled(world)

    class Dies(Scripted):
        def send(self, mail, at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.look(Dies())
    world.later(minutes=20)
    assert world.look() == 1


def test_while_a_mail_is_sent_no_transaction_is_open(world):
    world.liaison()
    world.waiting()
    settled(world)

    class Writes(Scripted):
        def send(self, mail, at):
            world.revoke(world.declare("work.status"))  # would wait for itself
            super().send(mail, at)

    assert world.look(Writes()) == 1


def test_an_address_with_another_header_in_it_sends_nothing(world):
    world.liaison(address="lea@example.org\r\nBcc: alle@example.org")
    world.waiting()
    settled(world)
    with post_office() as post:
        assert world.look(MailServer("127.0.0.1", post.port, "imgate@stadt.example.org", None, None, starttls=False)) == 0
    assert post.mails == []


def test_the_mail_server_is_the_configurations(tmp_path):
    config = tmp_path / "imgate.toml"
    mail = '\n[mail]\nhost = "mail.example.org"\nsender = "imgate@example.org"\nuser = "imgate"\nsecret_file = "mail"\n'
    config.write_text(CONFIG + mail, encoding="utf-8")
    (tmp_path / "mail").write_text("geheim\n", encoding="utf-8")
    mailer = mailer_of(load_settings(config))
    assert mailer == MailServer("mail.example.org", 587, "imgate@example.org", "imgate", "geheim", starttls=True)


def test_without_a_mail_server_there_is_no_mailer(world):
    assert mailer_of(world.gateway.settings) is None


def test_the_worker_looks_on_its_own_clock(world, monkeypatch):
    import asyncio

    from imgate.bootstrap import work

    begun = []

    async def again(name, stop, step, seconds=2.0):
        begun.append((name, seconds))

    monkeypatch.setattr(work, "_again", again)
    asyncio.run(work._clocks(world.gateway, None, asyncio.Event()))
    assert "notify" not in dict(begun)
    monkeypatch.setattr(work, "mailer_of", lambda settings: world.mailer)
    asyncio.run(work._clocks(world.gateway, None, asyncio.Event()))
    assert dict(begun)["notify"] == 60.0
