"""Access tokens: signed JWTs of the profile RFC 9068, five minutes, for this gateway only.

Verification is a list of numbered steps; each one raises ``SignatureRefused`` or gives something stronger to the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from joserfc import jwt
from joserfc.jwk import Key

from imgate.keys.signatures import SignatureRefused, json_object, signed_payload, unverified_header
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Role

LIFETIME = 300
# Clocks of gateways that share one database may differ; a token from the future beyond this was not made by any of them.
CLOCK_SKEW = 30
TOKEN_MAX = 4096
TYPE = "at+jwt"

_HEADER = frozenset({"alg", "typ", "kid"})
_CLAIMS = frozenset({"iss", "aud", "sub", "client_id", "role", "iat", "exp", "jti"})


class TokenKeys(Protocol):
    """The keys that sign access tokens: one signs, earlier ones still verify."""

    @property
    def algorithm(self) -> str:
        """The one algorithm, ``ES256``; a token's header never chooses it."""

    @property
    def signing(self) -> Key:
        """The private key, with its ``kid``."""

    @property
    def verifying(self) -> Mapping[str, Key]:
        """Keys by ``kid``; of private ones only the public half is used."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as a token that held said: nobody else makes one."""

    id: str
    role: Role
    partner: str | None
    expires_at: int


class AccessTokens:
    """Issues and verifies. ``url`` is issuer and audience at once: the gateway gives tokens for itself."""

    def __init__(self, url: str, keys: TokenKeys) -> None:
        """Take the gateway's url as configured; it is compared as a string."""
        self._url = url
        self._keys = keys

    def issue(self, client_id: str, role: Role, partner: str | None, at: int) -> str:
        """Sign a token. The caller has authenticated the client."""
        claims: dict[str, Any] = {
            "iss": self._url,
            "aud": self._url,
            "sub": client_id,
            "client_id": client_id,
            "role": role.value,
            "iat": at,
            "exp": at + LIFETIME,
            "jti": new_id(),
        }
        if partner is not None:
            claims["partner"] = partner
        key, algorithm = self._keys.signing, self._keys.algorithm
        return jwt.encode({"alg": algorithm, "typ": TYPE, "kid": key.kid}, claims, key, [algorithm], default_type=None)

    def verify(self, unverified_token: str, at: int) -> Caller:
        """Check a token as it stood in the header. Whether its access still holds is not checked here. Raises SignatureRefused."""
        header = unverified_header(unverified_token, TOKEN_MAX)  # 1: the form
        if header.keys() != _HEADER or header["typ"] != TYPE:  # 2: the header that we write; no `jwk`, `jku` or `crit` to be talked into
            raise SignatureRefused
        key = self._keys.verifying.get(str(header["kid"]))  # 3: a key of ours
        if key is None:
            raise SignatureRefused
        payload = signed_payload(unverified_token, key, self._keys.algorithm)  # 4: our signature
        return self._caller(json_object(payload), at)  # 5: the claims

    def _caller(self, claims: dict[str, Any], at: int) -> Caller:
        """Account for every claim."""
        given = frozenset(claims)
        if given - {"partner"} != _CLAIMS:
            raise SignatureRefused
        issued_at, expires_at, client_id = claims["iat"], claims["exp"], claims["client_id"]
        if claims["iss"] != self._url or claims["aud"] != self._url:
            raise SignatureRefused
        if type(issued_at) is not int or type(expires_at) is not int:  # no bool, no float
            raise SignatureRefused
        if not (issued_at <= at + CLOCK_SKEW and at < expires_at <= issued_at + LIFETIME):
            raise SignatureRefused
        if not isinstance(client_id, str) or client_id != claims["sub"] or claims["role"] not in tuple(Role):
            raise SignatureRefused
        role, partner = Role(claims["role"]), claims.get("partner")
        if (role is Role.PARTNER) != isinstance(partner, str) or ("partner" in given) != (role is Role.PARTNER):
            raise SignatureRefused
        return Caller(client_id, role, partner, expires_at)
