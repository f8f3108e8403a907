"""The two steps of every passkey ceremony over HTTP: a challenge for this browser and this purpose, and its answer, taken once."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from imgate.http.body import check_json_type, read_body, read_model
from imgate.storage.people import People
from imgate.storage.users import User
from imgate.web.house import House, house_of
from imgate.web.sign_in.arrival import may_enter
from imgate.web.sign_in.doorkeeper import Doorkeeper, doorkeeper_of
from imgate.web.sign_in.passkeys import NotProved, credential_id_of

_HOLDS = timedelta(minutes=6)  # a little longer than the browser waits for the person
_BODY_MAX = 64 * 1024
_COOKIE = "passkey"


class Purpose(StrEnum):
    """What a challenge was made for: its answer is good for nothing else."""

    SIGN_IN = "sign-in"
    CONFIRM = "confirm"
    ENROL = "enrol"
    ADD = "add"


class Sent(BaseModel):
    """What the script sends: the browser's answer as it is, where to go next, what a new passkey is to be called."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    credential: dict[str, Any]
    next: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a challenge of ours that nobody has answered before. What it proves is still to be looked at."""

    challenge: bytes = field(repr=False)
    unverified: Mapping[str, Any] = field(repr=False)


async def _sent(request: Request) -> Sent:
    check_json_type(request.scope)
    return read_model(Sent, await read_body(request.scope, request.receive, _BODY_MAX))


SentCredential = Annotated[Sent, Depends(_sent)]


def asked(request: Request, purpose: Purpose, challenge: bytes, options: Mapping[str, Any], user: str = "") -> Response:
    """Hand the browser what it is asked, and remember the challenge with it: for one purpose and, where there is one, one user."""
    until = house_of(request).corridor.clock() + _HOLDS
    response = JSONResponse(dict(options))
    said = {"challenge": base64.b64encode(challenge).decode(), "purpose": purpose.value, "user": user}
    doorkeeper_of(request).sealed.put(response, _COOKIE, said, until)
    return response


def answered(request: Request, purpose: Purpose, sent: Sent, user: str = "") -> Answer:
    """Take an answer to the challenge that this browser was given, and use the challenge up. Raises NotProved. Blocks."""
    house, doorkeeper = house_of(request), doorkeeper_of(request)
    at = house.corridor.clock()
    kept = doorkeeper.sealed.get(request, _COOKIE, at)
    if kept is None or kept["purpose"] != purpose.value or kept["user"] != user:
        raise NotProved
    if not house.gateway.store.people.use_once("passkey-challenge", kept["challenge"], at + _HOLDS):
        raise NotProved
    return Answer(base64.b64decode(kept["challenge"]), sent.credential)


def proved_by_passkey(house: House, doorkeeper: Doorkeeper, answer: Answer, user: str | None = None) -> User:
    """Give the user whose passkey answered, if they may enter; a failure is recorded. Raises NotProved. Blocks.

    ``user`` is whose passkeys were asked for; None where anybody's would do.
    """
    people, at = house.gateway.store.people, house.corridor.clock()
    try:
        return _proved(house, people, doorkeeper, answer, user, at)
    except NotProved:
        doorkeeper.failures.record(people, None, at)
        raise


def _proved(house: House, people: People, doorkeeper: Doorkeeper, answer: Answer, asked_of: str | None, at: datetime) -> User:
    passkey = people.passkeys.get(credential_id_of(answer.unverified))
    user = None if passkey is None else people.users.get(passkey.user)
    if passkey is None or user is None or asked_of not in {None, user.id}:
        raise NotProved
    count = doorkeeper.relying_party.proved(answer.challenge, passkey, answer.unverified, owner_known=asked_of is not None)
    # Whether tries with passwords have locked the user is not asked: a stranger could keep people out, and nobody guesses a key.
    if not may_enter(house, user) or not people.passkeys.used(passkey.credential_id, count, at):
        raise NotProved
    return user


def refused(request: Request) -> Response:
    """Answer the script that nothing was proved; the page has the sentence for it."""
    response = JSONResponse({"code": "not_proved"}, 422)
    doorkeeper_of(request).sealed.forget(response, _COOKIE)
    return response


def accepted(request: Request, to: str) -> JSONResponse:
    """Answer the script where to go."""
    response = JSONResponse({"to": to})
    doorkeeper_of(request).sealed.forget(response, _COOKIE)
    return response
