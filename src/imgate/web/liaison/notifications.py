"""When a liaison gets an e-mail that something lies in the inbox: never, at once, or once a week. What lies there, no e-mail says."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.bootstrap.notifying import mailer_of, trial_mail
from imgate.transports.mail import MailFailed
from imgate.vocabulary.words import Notify
from imgate.web.forms import Form
from imgate.web.house import house_of
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import Liaison, Visitor

router = APIRouter()

_PATH = "/pages/notifications"
_BETWEEN_TRIALS = timedelta(minutes=5)
_LENGTH_MAX = 254
# An address as browsers check it (HTML, "valid e-mail address"), with a host that has a dot. What is no ASCII many servers do not take.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_is_address = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}\Z").match
_log = structlog.get_logger()


_CHOICES: Sequence[tuple[Notify, str, str | None]] = (
    (Notify.NEVER, _("Nie"), None),
    (Notify.AT_ONCE, _("Sobald etwas ankommt"), _("höchstens einmal in der Stunde")),
    (Notify.WEEKLY, _("Einmal in der Woche"), _("montags um 7 Uhr, wenn etwas wartet")),
)
_PROBLEMS: Mapping[str, str] = {
    "notify": _("Bitte wählen Sie aus der Liste."),
    "email": _("Bitte geben Sie eine E-Mail-Adresse an, zum Beispiel vorname.nachname@example.org."),
    "no_address": _("Bitte speichern Sie zuerst eine E-Mail-Adresse."),
    "too_often": _("Bitte warten Sie fünf Minuten bis zur nächsten Probe."),
    "not_sent": _("Die Probe ließ sich nicht senden. Bitte wenden Sie sich an das Integrationsmanagement."),
}


@router.get(_PATH)
def show_notifications(visitor: Liaison, request: Request) -> Response:
    """Show what is settled."""
    return _shown(request, visitor, visitor.user.notify, visitor.user.email or "")


@router.post(_PATH)
def settle(visitor: Liaison, request: Request, form: Form) -> Response:
    """Keep what was chosen."""
    house = house_of(request)
    chosen, email = form.one("notify"), form.one("email")
    if mailer_of(house.gateway.settings) is None:
        return _shown(request, visitor, visitor.user.notify, visitor.user.email or "")
    is_wrong = len(email) > _LENGTH_MAX or _is_address(email) is None if email else chosen != Notify.NEVER
    wrong = [name for name, found in (("notify", chosen not in set(Notify)), ("email", is_wrong)) if found]
    if wrong:
        return _shown(request, visitor, chosen, email, *wrong, status=422)
    users = house.gateway.store.people.users
    users.settle(visitor.id, notify=Notify(chosen), email=email)
    if chosen == Notify.WEEKLY != visitor.user.notify:  # the first digest comes on the next Monday, not for the last one
        users.notified(visitor.id, house.corridor.clock())
    return RedirectResponse(f"{_PATH}?done=saved", 303)


@router.post(f"{_PATH}/trial")
def send_trial(visitor: Liaison, request: Request) -> Response:
    """Send a mail with a fixed text to the address that is kept."""
    gateway, at = house_of(request).gateway, house_of(request).corridor.clock()
    mailer, email = mailer_of(gateway.settings), visitor.user.email
    if mailer is None or not email:
        return _shown(request, visitor, visitor.user.notify, "", "no_address", status=422)
    slot = int(at.timestamp() // _BETWEEN_TRIALS.total_seconds())
    if not gateway.store.people.use_once("trial", f"{visitor.id}/{slot}", at + 2 * _BETWEEN_TRIALS):
        return _shown(request, visitor, visitor.user.notify, email, "too_often", status=429)
    try:
        mailer.send(trial_mail(gateway.name, gateway.url, email), at)
    except MailFailed as failed:
        _log.warning("mail_not_sent", user=visitor.id, kind=failed.kind)
        return _shown(request, visitor, visitor.user.notify, email, "not_sent", status=503)
    return RedirectResponse(f"{_PATH}?done=trial_sent", 303)


def _shown(request: Request, visitor: Visitor, chosen: str, email: str, *wrong: str, status: int = 200) -> Response:
    return page(
        request,
        "liaison/notifications.html",
        status=status,
        configured=mailer_of(house_of(request).gateway.settings) is not None,
        choices=_CHOICES,
        chosen=chosen,
        email=email,
        kept=visitor.user.email,
        errors={name: _PROBLEMS[name] for name in wrong},
    )
