"""E-mails to liaisons, on the worker's clock: that something lies in the inbox, and nothing more.

A mail passes servers that nobody here knows. So it carries no count, no name and nothing of a message, and it is sent only where, at
that moment, there is something that its reader may read. Of several workers one sends it; what did not get away is tried again.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from imgate.bootstrap.gateway import Gateway
from imgate.exchange.news import news_waits
from imgate.settings import Settings
from imgate.storage.people import People, User
from imgate.transports.mail import Mail, Mailer, MailFailed, MailServer
from imgate.vocabulary.words import Notify, UserRole

_BETWEEN = timedelta(hours=1)
# A message is counted this long after its time: by then its transaction has ended, so that none falls between two looks.
_SETTLED = timedelta(minutes=1)
# Who takes a mail upon themselves has it for one of these and the next; only then somebody else tries.
_SLOT = timedelta(minutes=10)
_MONDAY_AT = time(7)
_log = structlog.get_logger()


def mailer_of(settings: Settings) -> Mailer | None:
    """Give the office's mail server, None where it has none."""
    mail = settings.mail
    if mail is None:
        return None
    password = None if mail.password is None else mail.password.get_secret_value()
    return MailServer(mail.host, mail.port, mail.sender, mail.user, password, mail.starttls, mail.ca_file)


def notify(gateway: Gateway, mailer: Mailer) -> int:
    """Send every liaison who is due their mail; give how many were sent. Blocks, and holds no transaction while it sends."""
    sent = 0
    for user in gateway.store.people.users.list():
        if not _is_due(gateway, user) or not _take_upon(gateway, user):
            continue
        try:
            sent += _tell(gateway, mailer, user)
        except MailFailed as failed:
            _log.warning("mail_not_sent", user=user.id, kind=failed.kind)
            if failed.all:
                break
    return sent


def trial_mail(unit: str, url: str, to: str) -> Mail:
    """Write the mail that somebody sends themselves to see whether it arrives."""
    german = f"Das ist eine Probe von {unit}. So kommt eine Benachrichtigung bei Ihnen an."
    english = f"This is a test from {unit}. This is how a notification reaches you."
    return _mail(to, "Probe / Test", german, english, url, "/pages/notifications")


def _news_mail(unit: str, url: str, to: str) -> Mail:
    german = f"In Ihrem Posteingang bei {unit} liegt etwas."
    english = f"There is something in your inbox at {unit}."
    return _mail(to, "Ihr Posteingang / Your inbox", german, english, url, "/pages/inbox")


def _mail(to: str, subject: str, german: str, english: str, url: str, path: str) -> Mail:
    settle = f"Diese E-Mails einstellen / Settings of these e-mails: {url}/pages/notifications"
    return Mail(to, subject, f"{german}\n{english}\n\n{url}{path}\n\n{settle}\n")


def _is_due(gateway: Gateway, user: User) -> bool:
    """Tell whether this user is to be told something now."""
    if user.role is not UserRole.LIAISON or user.revoked_at is not None or not user.email or user.partner not in gateway.corridor.partners:
        return False
    at = gateway.corridor.clock()
    match user.notify:
        case Notify.NEVER:
            return False
        case Notify.AT_ONCE:
            return (user.notified_at is None or at - user.notified_at >= _BETWEEN) and _has_news(gateway, user, at)
        case Notify.WEEKLY:
            return (user.notified_at or user.created_at) < _last_monday(at, gateway.settings.zone)


def _has_news(gateway: Gateway, user: User, at: datetime) -> bool:
    """Tell whether something came of which no mail told, or for a digest whether anything waits at all."""
    if user.notify is Notify.WEEKLY:
        return news_waits(gateway.corridor, str(user.partner), None, at)
    after = None if user.notified_at is None else user.notified_at - _SETTLED
    return news_waits(gateway.corridor, str(user.partner), after, at - _SETTLED)


def _last_monday(at: datetime, zone: ZoneInfo) -> datetime:
    here = at.astimezone(zone)
    monday = datetime.combine(here.date() - timedelta(days=here.weekday()), _MONDAY_AT, zone)
    return monday if monday <= here else datetime.combine(monday.date() - timedelta(days=7), _MONDAY_AT, zone)


def _take_upon(gateway: Gateway, user: User) -> bool:
    """Take a user's mail upon this worker. Both slots are needed: two workers on either side of a slot's end must not both send."""
    people: People = gateway.store.people
    at = gateway.corridor.clock()
    slot = int(at.timestamp() // _SLOT.total_seconds())
    until = at + 3 * _SLOT
    return all(people.use_once("mail", f"{user.id}/{each}", until) for each in (slot, slot + 1))


def _tell(gateway: Gateway, mailer: Mailer, listed: User) -> bool:
    """Send one mail, after another look at whom it is for and whether it is still true. Raises MailFailed."""
    users = gateway.store.people.users
    user, at = users.get(listed.id), gateway.corridor.clock()
    if user is None or user.notified_at != listed.notified_at or not _is_due(gateway, user):
        return False
    has_news = _has_news(gateway, user, at)
    if has_news:
        mailer.send(_news_mail(gateway.name, gateway.url, str(user.email)), at)
    users.notified(user.id, at)  # a week in which nothing waited is over as well
    return has_news
