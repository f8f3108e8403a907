"""Enrolment: the one-time code that `imgate user add` printed, then a password with one-time codes, or a passkey.

Nothing is stored before the person has shown that it works. Until then the code and the new secret travel in a sealed cookie.
"""

import base64
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.storage.enrolment import can_enrol
from imgate.storage.users import User
from imgate.web.forms import Posted, SmallForm
from imgate.web.house import house_of
from imgate.web.navigation import home_of
from imgate.web.rendering import page
from imgate.web.sign_in.arrival import begin_session, may_enter
from imgate.web.sign_in.ceremonies import Purpose, SentCredential, accepted, answered, asked, refused
from imgate.web.sign_in.doorkeeper import doorkeeper_of
from imgate.web.sign_in.one_time_codes import drawn, matching_step, new_secret, spelled
from imgate.web.sign_in.passkeys import NotProved, new_challenge
from imgate.web.sign_in.passwords import password_fault
from imgate.web.texts import _
from imgate.web.visitors import set_session

router = APIRouter()

_HOLDS = timedelta(minutes=30)
_COOKIE = "enrolment"


@router.get("/pages/enrol")
async def show_enrolment(request: Request) -> Response:
    """Ask for the code."""
    return page(request, "sign_in/enrol.html", refused=False)


@router.post("/pages/enrol")
async def begin_enrolment(request: Request, form: SmallForm) -> Response:
    """Take the code, and lead on to what is set up. A code that was used, has run out or never was gets one answer."""
    code = form.one("code")
    if await run_sync(_enrolling, request, code) is None:
        return page(request, "sign_in/enrol.html", status=422, refused=True)
    until = house_of(request).corridor.clock() + _HOLDS
    response = RedirectResponse("/pages/enrol/set-up", 303)
    said = {"code": code, "secret": base64.b64encode(new_secret()).decode()}
    doorkeeper_of(request).sealed.put(response, _COOKIE, said, until)
    return response


@router.get("/pages/enrol/set-up")
async def show_set_up(request: Request) -> Response:
    """Show the two ways to choose from."""
    enrolling = await run_sync(_half_done, request)
    return _begin_again() if enrolling is None else _set_up(request, *enrolling[:2])


@router.post("/pages/enrol/set-up")
async def set_password(request: Request, form: SmallForm) -> Response:
    """Set a password and the secret of one-time codes, once a first code proves that the app has it."""
    house, doorkeeper = house_of(request), doorkeeper_of(request)
    enrolling = await run_sync(_half_done, request)
    if enrolling is None:
        return _begin_again()
    user, secret, unverified_code = enrolling
    at = house.corridor.clock()
    step = matching_step(secret, form.one("code"), at)
    faults = _faults(form, user, step)
    if faults or step is None:
        return _set_up(request, user, secret, faults)

    def enrolled() -> str | None:
        users = house.gateway.store.people.users
        kept = doorkeeper.passwords.kept(form.one("password"))
        if not users.set_password(user.id, kept, secret, at, enrolment=unverified_code):
            return None
        users.use_totp_step(user.id, step, kept)  # the code has been seen: it opens nothing more
        with suppress(NotProved):
            return begin_session(request, user, "password")
        return None

    token = await doorkeeper.known.run(enrolled)
    if token is None:
        return _begin_again()
    response = RedirectResponse(home_of(user.role), 303)
    set_session(response, house, token)
    doorkeeper.sealed.forget(response, _COOKIE)
    return response


@router.post("/pages/enrol/passkey/begin")
async def ask_for_new_passkey(request: Request) -> Response:
    """Give a challenge for a new passkey of whoever holds the code."""
    enrolling = await run_sync(_half_done, request)
    if enrolling is None:
        return refused(request)
    user, challenge = enrolling[0], new_challenge()
    return asked(request, Purpose.ENROL, challenge, doorkeeper_of(request).relying_party.registration(challenge, user, ()), user.id)


@router.post("/pages/enrol/passkey")
async def set_passkey(request: Request, sent: SentCredential) -> Response:
    """Take the new passkey, and use the code up."""
    house, doorkeeper = house_of(request), doorkeeper_of(request)

    def enrolled() -> tuple[User, str]:
        enrolling = _half_done(request)
        if enrolling is None:
            raise NotProved
        (user, _secret, unverified_code), at = enrolling, house.corridor.clock()
        answer = answered(request, Purpose.ENROL, sent, user.id)
        made = doorkeeper.relying_party.registered(answer.challenge, answer.unverified)
        people = house.gateway.store.people
        proof = (made.credential_id, made.public_key, made.sign_count)
        if not people.passkeys.add(user.id, *proof, "Passkey", at, enrolment=unverified_code):
            raise NotProved
        return user, begin_session(request, user, "passkey")

    try:
        user, token = await run_sync(enrolled)
    except NotProved:
        return refused(request)
    response = accepted(request, home_of(user.role))
    set_session(response, house, token)
    doorkeeper.sealed.forget(response, _COOKIE)
    return response


def _enrolling(request: Request, code: str) -> User | None:
    if not can_enrol(code):
        return None
    house = house_of(request)
    people, at = house.gateway.store.people, house.corridor.clock()
    user = people.users.enrolling(code, at)
    if user is None or not may_enter(house, user):
        doorkeeper_of(request).failures.record(people, None, at)
        return None
    return user


def _half_done(request: Request) -> tuple[User, bytes, str] | None:
    """Give who is enrolling in this browser, the secret that was shown, and the code, which is looked up anew each time. Blocks."""
    house = house_of(request)
    at = house.corridor.clock()
    kept = doorkeeper_of(request).sealed.get(request, _COOKIE, at)
    user = None if kept is None else house.gateway.store.people.users.enrolling(kept["code"], at)
    if kept is None or user is None or not may_enter(house, user):
        return None
    return user, base64.b64decode(kept["secret"]), kept["code"]


def _faults(form: Posted, user: User, step: int | None) -> Mapping[str, str]:
    password, faults = form.one("password"), {}
    fault = password_fault(password, user.login, user.name)
    if fault is not None:
        faults["password"] = fault
    elif form.one("again") != password:
        faults["again"] = _("Das ist nicht dasselbe Passwort.")
    if step is None:
        faults["code"] = _("Dieser Code passt nicht. Er wechselt alle 30 Sekunden; nehmen Sie den, der jetzt in der App steht.")
    return faults


def _begin_again() -> Response:
    return RedirectResponse("/pages/enrol", 303)


def _set_up(request: Request, user: User, secret: bytes, faults: Mapping[str, str] | None = None) -> Response:
    issuer = f"imgate {house_of(request).gateway.name}"
    return page(
        request,
        "sign_in/set_up.html",
        status=422 if faults else 200,
        user=user,
        secret=spelled(secret),
        picture=drawn(secret, user.login or user.name, issuer),
        faults=faults or {},
    )
