"""The event log of a case: security event tokens (SET, RFC 8417), each verified before it counts for anything.

The service signs its own events with a key of its ``/.well-known/jwks.json``, the receiver those that say it accepted or rejected,
with a key of its destination. An event that does not verify is left out, as if it had not been written. What is not looked at: the
``authenticationTags`` of what was received, and ``iat``. One submission makes one case here, so the first page of a log is all of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from imgate.plugin_api import NotDelivered
from imgate.transports.fit_connect.answers import Answer, failure, problem_code
from imgate.transports.fit_connect.destination import rsa_public_key
from imgate.transports.fit_connect.key_id import is_key_id
from imgate.transports.fit_connect.service import SubmissionService
from imgate.transports.fit_connect.settings import Entries

_EVENTS = "https://schema.fitko.de/fit-connect/events/"
_ALGORITHM = "PS512"
_TYPE = "secevent+jwt"
_LONGEST = 16 * 1024
_KEY_BITS = 2048
_PAGE = 100
# Not strict: a header that is not in joserfc's list is ignored, as RFC 7515 §4 has it; ``crit`` is still obeyed.
_REGISTRY = JWSRegistry(algorithms=[_ALGORITHM], strict_check_header=False)


class Event(StrEnum):
    """What can happen to a submission."""

    CREATE = "create-submission"
    SUBMIT = "submit-submission"
    NOTIFY = "notify-submission"
    FORWARD = "forward-submission"
    ACCEPT = "accept-submission"
    REJECT = "reject-submission"
    DELETE = "delete-submission"


# Whose word an event must be; a submission that nobody fetches is rejected by the service itself.
_BY_RECEIVER = {Event.FORWARD, Event.ACCEPT, Event.REJECT}
_BY_SERVICE = {Event.CREATE, Event.SUBMIT, Event.NOTIFY, Event.REJECT, Event.DELETE}


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that was announced, by the ids that the service gave it: what is kept about the message."""

    id: str
    case: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that verified. ``refused`` is the short word of a rejection."""

    event: Event
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class _UnverifiedSet:
    token: str
    kid: str
    issuer: str
    happened: Happened


class EventLog:
    """Reads event logs; keys that were fetched are kept as long as this object is used."""

    def __init__(self, service: SubmissionService, entries: Entries) -> None:
        """Take the service, and who may have signed."""
        self._service = service
        self._destination = entries.destination
        self._issuer = entries.service_issuer
        self._keys: dict[tuple[str, str], RSAKey | None] = {}
        self._service_keys: Mapping[str, Mapping[str, Any]] | None = None

    async def of(self, submission: Submission) -> tuple[Happened, ...] | NotDelivered:
        """Read what is known for certain, in the order of the log. Nothing where the service knows no such case."""
        answer = await self._service.get(f"/v2/cases/{submission.case}/events?offset=0&limit={_PAGE}")
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_success:
            failed = failure(answer)
            return failed if isinstance(failed, NotDelivered) else ()
        tokens = answer.members().get("eventLog")
        verified = []
        for unverified in _unverified(tokens if isinstance(tokens, list) else [], submission):
            holds = await self._verifies(unverified)
            if isinstance(holds, NotDelivered):
                return holds
            if holds:
                verified.append(unverified.happened)
        return tuple(verified)

    async def _verifies(self, unverified: _UnverifiedSet) -> bool | NotDelivered:
        event = unverified.happened.event
        if not (
            (unverified.issuer == self._destination and event in _BY_RECEIVER)
            or (unverified.issuer == self._issuer and event in _BY_SERVICE)
        ):
            return False
        key = await self._key(unverified.issuer, unverified.kid)
        if isinstance(key, NotDelivered):
            return key
        if key is None:
            return False
        try:
            jws.deserialize_compact(unverified.token, key, registry=_REGISTRY)
        except (JoseError, ValueError):
            return False
        return True

    async def _key(self, issuer: str, kid: str) -> RSAKey | NotDelivered | None:
        if (issuer, kid) not in self._keys:
            jwk = await (self._destination_key(kid) if issuer == self._destination else self._service_key(kid))
            if isinstance(jwk, NotDelivered):
                return jwk
            self._keys[issuer, kid] = _signature_key(jwk, kid)
        return self._keys[issuer, kid]

    async def _destination_key(self, kid: str) -> Mapping[str, Any] | NotDelivered:
        answer = await self._service.get(f"/v2/destinations/{self._destination}/keys/{kid}")
        return self._members(answer)

    async def _service_key(self, kid: str) -> Mapping[str, Any] | NotDelivered:
        if self._service_keys is None:
            members = self._members(await self._service.public("/.well-known/jwks.json"))
            if isinstance(members, NotDelivered):
                return members
            keys = members.get("keys")
            named = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
            self._service_keys = {key["kid"]: key for key in named if isinstance(key.get("kid"), str)}
        return self._service_keys.get(kid, {})

    def _members(self, answer: Answer | NotDelivered) -> Mapping[str, Any] | NotDelivered:
        """Give what was answered, nothing where there is no such key, or why nobody could be asked."""
        if isinstance(answer, NotDelivered):
            return answer
        if answer.is_success:
            return answer.members()
        failed = failure(answer)
        return failed if isinstance(failed, NotDelivered) else {}


def _signature_key(jwk: Mapping[str, Any], kid: str) -> RSAKey | None:
    """Check that this is the public key that was asked for, and made for PS512; what is not is no key."""
    operations = jwk.get("key_ops", ["verify"])
    fits = (
        jwk.get("kid") == kid
        and jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and jwk.get("alg", _ALGORITHM) == _ALGORITHM
    )
    key = rsa_public_key(jwk) if fits else None
    return key if key is not None and key.public_key.key_size >= _KEY_BITS else None


def _unverified(tokens: list[object], submission: Submission) -> Iterator[_UnverifiedSet]:
    """Read the tokens that are of the form of a SET and say that they are about this submission in this case."""
    for token in tokens:
        if isinstance(token, str) and len(token) <= _LONGEST and (read := _read(token, submission)) is not None:
            yield read


def _read(unverified_token: str, submission: Submission) -> _UnverifiedSet | None:
    try:
        parts = jws.extract_compact(unverified_token.encode(), registry=_REGISTRY)
        header, claims = parts.headers(), orjson.loads(parts.payload or b"")
    except (JoseError, ValueError):
        return None
    kid = header.get("kid")
    if header.get("alg") != _ALGORITHM or header.get("typ") != _TYPE or not is_key_id(kid) or not isinstance(claims, dict):
        return None
    issuer = claims.get("iss")
    if claims.get("sub") != f"submission:{submission.id}" or claims.get("txn") != f"case:{submission.case}" or not isinstance(issuer, str):
        return None
    happened = _happened(claims.get("events"))
    return None if happened is None else _UnverifiedSet(unverified_token, kid, issuer, happened)


def _happened(events: object) -> Happened | None:
    """Read the one event of a SET; None where there is another number, or one that is not known."""
    if not isinstance(events, dict) or len(events) != 1:
        return None
    ((uri, payload),) = events.items()
    try:
        event = Event(uri.removeprefix(_EVENTS)) if uri.startswith(_EVENTS) else None
    except ValueError:
        event = None
    if event is not Event.REJECT:
        return None if event is None else Happened(event)
    problems = payload.get("problems") if isinstance(payload, dict) else None
    first = problems[0] if isinstance(problems, list) and problems else None
    return Happened(event, problem_code(first.get("type") if isinstance(first, dict) else None) or "rejected")
