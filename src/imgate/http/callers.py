"""Who may: the bearer token of a request, whether its access still holds, and the role that a route asks for.

All of it happens before anything else of the request is looked at, so that a refusal depends on the caller alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Scope

from imgate.exchange.refusals import Refused
from imgate.http.access_tokens import AccessTokens, Caller
from imgate.http.body import headers
from imgate.keys.signatures import SignatureRefused
from imgate.vocabulary.words import Role

# A revoked access holds nowhere after 5 seconds (contract §5): it is looked at again after 2; while one request looks, others go on
# for 2 more, so that a slow database does not make all of them wait, and then they do wait.
LOOK_AGAIN_AFTER = 2.0
WAIT_AFTER = 4.0
_TOKENS_MAX = 10_000


class Access(Protocol):
    """One access as the store has it, without its secret."""

    @property
    def role(self) -> Role:
        """What it may do."""

    @property
    def partner(self) -> str | None:
        """The partner it is bound to."""


@dataclass(slots=True)
class _Standing:
    looked_at: float
    role: Role | None
    partner: str | None
    looking: bool = False


class Callers:
    """The callers of this process. Verified tokens are kept until they expire; access is looked up again every other second."""

    def __init__(self, tokens: AccessTokens, find_access: Callable[[str], Access | None], clock: Callable[[], float]) -> None:
        """``find_access`` gives an access that holds now, or None; it blocks. ``clock`` gives Unix time."""
        self._tokens = tokens
        self._find_access = find_access
        self._clock = clock
        self._verified: dict[bytes, Caller] = {}
        self._standings: dict[str, _Standing] = {}

    async def authenticate(self, scope: Scope) -> Caller:
        """Give the caller of this request. Raises Refused 401."""
        given = headers(scope, b"authorization")
        if len(given) != 1:
            raise Refused(401, "token_invalid" if given else "token_missing")
        at = self._clock()
        caller = self._verified.get(given[0])
        if caller is None or caller.expires_at <= at:
            caller = self._verify(given[0], int(at))
        standing = self._standings.get(caller.id)
        if standing is None or time.monotonic() - standing.looked_at > LOOK_AGAIN_AFTER:
            standing = await self._look(caller.id, standing)
        if standing.role is not caller.role or standing.partner != caller.partner:
            raise Refused(401, "token_invalid")
        scope["imgate.caller"] = caller.id
        return caller

    def _verify(self, authorization: bytes, at: int) -> Caller:
        self._verified.pop(authorization, None)
        scheme, _, unverified_token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not unverified_token:
            raise Refused(401, "token_missing")
        try:
            caller = self._tokens.verify(unverified_token.decode("ascii"), at)
        except (SignatureRefused, UnicodeDecodeError):
            raise Refused(401, "token_invalid") from None
        if len(self._verified) >= _TOKENS_MAX:
            self._verified.clear()
        self._verified[authorization] = caller
        return caller

    async def _look(self, client_id: str, known: _Standing | None) -> _Standing:
        begun = time.monotonic()
        if known is not None:
            if known.looking and begun - known.looked_at < WAIT_AFTER:
                return known
            known.looking = True
        try:
            access = await run_in_threadpool(self._find_access, client_id)
        finally:
            if known is not None:
                known.looking = False
        if access is None:
            self._standings.pop(client_id, None)
            raise Refused(401, "token_invalid")
        standing = _Standing(begun, access.role, access.partner)
        self._standings[client_id] = standing
        return standing


@dataclass(frozen=True)
class Admission:
    """Lets callers of these roles in, a partner to its own path only. One object per door: the OpenAPI document reads its roles."""

    roles: tuple[Role, ...]

    async def __call__(self, request: Request) -> Caller:
        """Give the caller. Raises Refused 401 or 403; a partner's path is 403 for another whether or not that partner exists."""
        callers: Callers = request.app.state.callers
        caller = await callers.authenticate(request.scope)
        if caller.role not in self.roles:
            raise Refused(403, "forbidden")
        if caller.role is Role.PARTNER and request.path_params.get("partner") != caller.partner:
            raise Refused(403, "forbidden")
        return caller


CASE_SYSTEM = Admission((Role.CASE_SYSTEM,))
CASE_SYSTEM_OR_AUDITOR = Admission((Role.CASE_SYSTEM, Role.AUDITOR))
AUDITOR = Admission((Role.AUDITOR,))
OWN_PARTNER = Admission((Role.PARTNER,))

ADMIN = Admission((Role.ADMIN,))
Admin = Annotated[Caller, Depends(ADMIN)]
Auditor = Annotated[Caller, Depends(AUDITOR)]
CaseSystem = Annotated[Caller, Depends(CASE_SYSTEM)]
CaseSystemOrAuditor = Annotated[Caller, Depends(CASE_SYSTEM_OR_AUDITOR)]
OwnPartner = Annotated[Caller, Depends(OWN_PARTNER)]
