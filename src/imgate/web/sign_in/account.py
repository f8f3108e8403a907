"""A person's own page: their passkeys, the language that the house speaks with them, and the end of all their sessions."""

import base64
import binascii
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from imgate.vocabulary.words import UserRole
from imgate.web.forms import SmallForm
from imgate.web.house import house_of
from imgate.web.rendering import LANGUAGE_COOKIE, OF_THE_HOUSE, page
from imgate.web.sign_in.ceremonies import Purpose, SentCredential, accepted, answered, asked, refused
from imgate.web.sign_in.doorkeeper import doorkeeper_of
from imgate.web.sign_in.passkeys import NotProved, new_challenge
from imgate.web.visitors import Anybody, ConfirmationNeeded, Visitor, admit, forget_session

router = APIRouter()

_admitted = admit(*UserRole, confirmed=True)
ConfirmedAnybody = Annotated[Visitor, Depends(_admitted)]
_LABEL_MAX = 60


@router.get("/pages/account")
async def show_account(visitor: Anybody, request: Request) -> Response:
    """Show it; what changes how one signs in only to who has shown lately that it is they."""
    return await _account(request, visitor)


@router.post("/pages/account/language")
async def settle_language(visitor: Anybody, request: Request, form: SmallForm) -> Response:
    """Keep the language for every browser of this person, in place of what this one chose."""
    chosen = form.one("language")
    if chosen in OF_THE_HOUSE:
        await run_sync(lambda: house_of(request).gateway.store.people.users.settle(visitor.id, language=chosen))
    response = RedirectResponse("/pages/account?done=saved", 303)
    response.delete_cookie(LANGUAGE_COOKIE, path="/pages", secure=house_of(request).secure, httponly=True, samesite="lax")
    return response


@router.post("/pages/account/passkeys/begin")
async def ask_for_another_passkey(visitor: ConfirmedAnybody, request: Request) -> Response:
    """Give a challenge for another passkey; none to who signs in with an identity provider."""
    if visitor.user.issuer is not None:
        return refused(request)
    known = await run_sync(house_of(request).gateway.store.people.passkeys.of, visitor.id)
    challenge = new_challenge()
    options = doorkeeper_of(request).relying_party.registration(challenge, visitor.user, known)
    return asked(request, Purpose.ADD, challenge, options, visitor.id)


@router.post("/pages/account/passkeys")
async def add_passkey(visitor: ConfirmedAnybody, request: Request, sent: SentCredential) -> Response:
    """Keep another passkey, under the name that the person gave it."""
    house, doorkeeper = house_of(request), doorkeeper_of(request)
    label = " ".join(sent.label.split())[:_LABEL_MAX]

    def added() -> bool:
        answer = answered(request, Purpose.ADD, sent, visitor.id)
        made = doorkeeper.relying_party.registered(answer.challenge, answer.unverified)
        return house.gateway.store.people.passkeys.add(
            visitor.id,
            made.credential_id,
            made.public_key,
            made.sign_count,
            label if label and label.isprintable() else "Passkey",
            house.corridor.clock(),
        )

    try:
        is_added = await run_sync(added)
    except NotProved:
        is_added = False
    return accepted(request, "/pages/account?done=passkey-added") if is_added else refused(request)


@router.post("/pages/account/passkeys/remove")
async def remove_passkey(visitor: ConfirmedAnybody, request: Request, form: SmallForm) -> Response:
    """Remove one, unless nothing else would be left to sign in with."""
    house, credential_id = house_of(request), _credential_id(form.one("passkey"))
    passkeys = house.gateway.store.people.passkeys

    def removed() -> bool:
        if visitor.user.password is None and len(passkeys.of(visitor.id)) < 2:
            return False
        passkeys.remove(visitor.id, credential_id, house.corridor.clock())
        return True

    if not await run_sync(removed):
        return await _account(request, visitor, is_last=True)
    return RedirectResponse("/pages/account?done=passkey-removed", 303)


@router.post("/pages/account/sign-out-everywhere")
async def sign_out_everywhere(visitor: Anybody, request: Request) -> Response:
    """End every session of this person, this one too."""
    house = house_of(request)
    await run_sync(house.gateway.store.people.sessions.end_all, visitor.id)
    response = RedirectResponse("/pages/sign-in", 303)
    forget_session(response, house)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def _account(request: Request, visitor: Visitor, *, is_last: bool = False) -> Response:
    passkeys = await run_sync(house_of(request).gateway.store.people.passkeys.of, visitor.id)
    return page(
        request,
        "sign_in/account.html",
        status=422 if is_last else 200,
        user=visitor.user,
        passkeys=[(base64.urlsafe_b64encode(each.credential_id).decode(), each) for each in passkeys],
        confirmed=await _is_confirmed(request),
        is_last=is_last,
    )


async def _is_confirmed(request: Request) -> bool:
    try:
        await _admitted(request)
    except ConfirmationNeeded:
        return False
    return True


def _credential_id(said: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(said)
    except (binascii.Error, ValueError):
        return b""
