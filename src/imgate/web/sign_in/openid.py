"""Signing in, and confirming, with the identity provider: the way there, the way back, and whom its roles make of somebody.

The way there is a link, because the pages' policy lets no form lead to another host. State, nonce and verifier wait in a sealed cookie:
whoever did not begin in this browser cannot end here.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.exchange.refusals import not_found
from imgate.keys.signatures import SignatureRefused
from imgate.settings.pages import OpenIdRole, OpenIdSettings
from imgate.storage.users import User, UserRevoked
from imgate.web.house import House, house_of
from imgate.web.paths import local_path
from imgate.web.rendering import page
from imgate.web.sign_in.arrival import begin_session, way_on
from imgate.web.sign_in.confirmation import confirmed_session
from imgate.web.sign_in.doorkeeper import doorkeeper_of
from imgate.web.sign_in.id_token import LEEWAY
from imgate.web.sign_in.openid_provider import Provider, ProviderUnusable, Question
from imgate.web.sign_in.passkeys import NotProved
from imgate.web.texts import _
from imgate.web.visitors import Anybody, maybe_visitor, set_session

router = APIRouter()

_HOLDS = timedelta(minutes=10)
_COOKIE = "openid"
_NAME_MAX = 200
_ANSWER_MAX = 8192

# What a person is told. Nothing of what the provider said is ever shown.
SENTENCES: Mapping[str, str] = {
    "unusable": _("Die zentrale Anmeldung antwortet gerade nicht, wie sie soll. Bitte versuchen Sie es später noch einmal."),
    "broken_off": _("Die Anmeldung wurde abgebrochen."),
    "not_ours": _("Diese Anmeldung wurde in einem anderen Fenster begonnen oder hat zu lange gedauert. Bitte beginnen Sie noch einmal."),
    "not_proved": _("Die Anmeldung konnte nicht geprüft werden. Bitte beginnen Sie noch einmal."),
    "no_role": _(
        "Sie sind angemeldet, haben für diese Seiten aber keine eindeutige Rolle. "
        "Bitte wenden Sie sich an die Stelle, die bei Ihnen die Zugänge verwaltet."
    ),
    "no_name": _(
        "Die zentrale Anmeldung hat Ihren Namen nicht genannt. Bitte wenden Sie sich an die Stelle, die bei Ihnen die Zugänge verwaltet."
    ),
    "revoked": _("Ihr Zugang zu diesen Seiten wurde entzogen. Bitte wenden Sie sich an die Stelle, die bei Ihnen die Zugänge verwaltet."),
    "somebody_else": _("Sie haben sich mit einem anderen Zugang bestätigt als dem, mit dem Sie hier angemeldet sind."),
}
_STATUS = {"unusable": 503, "no_role": 403, "no_name": 403, "revoked": 403}
# Nobody showed anything that could have been wrong.
_NO_TRY = frozenset({"unusable", "broken_off", "not_ours"})


class _NotLetIn(Exception):
    """Why not: one of ``SENTENCES``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@router.get("/pages/sign-in/openid")
async def go_to_provider(request: Request) -> Response:
    """Lead to the provider."""
    return await _lead(request, request.query_params.get("next", ""), confirming="")


@router.get("/pages/confirm/openid")
async def go_to_provider_to_confirm(visitor: Anybody, request: Request) -> Response:
    """Lead there to sign in anew, whoever is signed in there."""
    return await _lead(request, request.query_params.get("next", ""), confirming=visitor.id)


@router.get("/pages/sign-in/openid/callback")
async def come_back(request: Request) -> Response:
    """Take what the provider answered, once, in the browser that asked."""
    house, doorkeeper = house_of(request), doorkeeper_of(request)
    if doorkeeper.provider is None:
        raise not_found()
    visitor = await maybe_visitor(request)
    response: Response
    try:
        kept = await _question_of(request)
        claims = await _claims(request, doorkeeper.provider, kept)
        user, token = await run_sync(_let_in, request, claims, kept, None if visitor is None else visitor.id)
    except _NotLetIn as error:
        if error.why not in _NO_TRY:
            await run_sync(house.gateway.store.people.users.failed, None, house.corridor.clock())
        response = _told(request, error.why)
    else:
        response = RedirectResponse(way_on(kept["next"], user), 303)
        set_session(response, house, token)
    doorkeeper.sealed.forget(response, _COOKIE)
    return response


async def _lead(request: Request, asked_for: str, confirming: str) -> Response:
    house, doorkeeper = house_of(request), doorkeeper_of(request)
    if doorkeeper.provider is None:
        raise not_found()
    at = house.corridor.clock()
    question = Question(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), _max_age(house, confirming))
    try:
        response: Response = RedirectResponse(await doorkeeper.provider.address(question), 303)
    except ProviderUnusable:
        return _told(request, "unusable")
    kept = {
        "state": question.state,
        "nonce": question.nonce,
        "verifier": question.verifier,
        "begun": str(at.timestamp()),
        "confirming": confirming,
        "next": local_path(asked_for) or "",
    }
    doorkeeper.sealed.put(response, _COOKIE, kept, at + _HOLDS)
    return response


async def _question_of(request: Request) -> Mapping[str, str]:
    """Give what this browser was sent to ask, if the answer is to that; nobody asks it again."""
    house = house_of(request)
    at = house.corridor.clock()
    kept = doorkeeper_of(request).sealed.get(request, _COOKIE, at)
    said = request.query_params.getlist("state")
    if kept is None or len(said) != 1 or not hmac.compare_digest(said[0].encode(), kept["state"].encode()):
        raise _NotLetIn("not_ours")
    if not await run_sync(house.gateway.store.people.use_once, "openid-state", kept["state"], at + _HOLDS):
        raise _NotLetIn("not_ours")
    return kept


async def _claims(request: Request, provider: Provider, kept: Mapping[str, str]) -> Mapping[str, Any]:
    said = dict(request.query_params.multi_items())
    if len(said) != len(request.query_params.multi_items()) or sum(map(len, said.values())) > _ANSWER_MAX:
        raise _NotLetIn("not_proved")
    if "error" in said:
        raise _NotLetIn("broken_off")
    house = house_of(request)
    question = Question(kept["state"], kept["nonce"], kept["verifier"], _max_age(house, kept["confirming"]))
    try:
        at = house.corridor.clock()
        return await provider.claims(said.get("code", ""), said.get("iss"), question, float(kept["begun"]), at)
    except ProviderUnusable:
        raise _NotLetIn("unusable") from None
    except SignatureRefused:
        raise _NotLetIn("not_proved") from None


def _max_age(house: House, confirming: str) -> int:
    return 0 if confirming else house.gateway.settings.pages.session_hours * 3600


def _let_in(request: Request, claims: Mapping[str, Any], kept: Mapping[str, str], signed_in: str | None) -> tuple[User, str]:
    """Give whom the provider vouches for, with a session's token. Blocks."""
    house = house_of(request)
    openid = house.gateway.settings.openid
    assert openid is not None  # noqa: S101  # else there is no provider
    role, name = role_of(claims, openid), name_of(claims)
    if role is None or (role.partner is not None and role.partner not in house.corridor.partners):
        raise _NotLetIn("no_role")
    if name is None:
        raise _NotLetIn("no_name")
    users, at, confirming = house.gateway.store.people.users, house.corridor.clock(), kept["confirming"]
    if confirming:
        # Before anything is written: somebody else gets no access by this, and loses no session.
        known = users.known_by(openid.issuer, claims["sub"])
        if known is None or not known.id == confirming == signed_in:
            raise _NotLetIn("somebody_else")
    try:
        user = users.signed_in_by(openid.issuer, claims["sub"], role.role, role.partner, name, at)
    except UserRevoked:
        raise _NotLetIn("revoked") from None
    if confirming:
        return user, confirmed_session(request)
    lately = 60.0 * house.gateway.settings.pages.confirm_minutes
    shown = _shown_there(claims, float(kept["begun"]), lately, at.timestamp())
    try:
        return user, begin_session(request, user, "openid", confirmed=shown)
    except NotProved:
        raise _NotLetIn("revoked") from None


def _shown_there(claims: Mapping[str, Any], begun: float, lately: float, now: float) -> bool:
    """Tell whether they signed in there on this very way, and not before it: then they have shown that it is they."""
    said = claims.get("auth_time")
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return False
    return max(begun - LEEWAY, now - lately) <= said <= now + LEEWAY


def role_of(claims: Mapping[str, Any], openid: OpenIdSettings) -> OpenIdRole | None:
    """Give the one role that the claim has here; none where it has none, or several that are not the same."""
    said = claims.get(openid.role_claim)
    words = said if isinstance(said, list) else [said]
    known = [openid.roles[word] for word in words if isinstance(word, str) and word in openid.roles]
    return known[0] if known and all(role == known[0] for role in known) else None


def name_of(claims: Mapping[str, Any]) -> str | None:
    """Give how colleagues know this person; it will stand in the audit log."""
    for said in (claims.get("name"), claims.get("preferred_username")):
        name = " ".join(said.split()) if isinstance(said, str) else ""
        if name and name.isprintable() and len(name) <= _NAME_MAX:
            return name
    return None


def _told(request: Request, why: str) -> Response:
    return page(request, "sign_in/not_let_in.html", status=_STATUS.get(why, 422), sentence=SENTENCES[why])
