"""``private_key_jwt``: a client proves itself by a short-lived JWT that it signed (RFC 7523 §2.2 and §3)."""

from collections.abc import Callable

from joserfc.jwk import Key, RSAKey

from imgate.http.access_tokens import CLOCK_SKEW
from imgate.keys.signatures import SignatureRefused, json_object, signed_payload, unverified_header, unverified_payload

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_MAX = 600
ASSERTION_MAX = 16 * 1024
_JTI_MAX = 255
_TYPES = (None, "JWT", "client-authentication+jwt")

# The key says which algorithm, never the assertion's header.
_ALGORITHMS_OF_CURVE = {"P-256": ("ES256",), "Ed25519": ("Ed25519", "EdDSA")}  # RFC 9864 and the older name
_RSA_BITS_MIN = 2048


class Assertions:
    """Verifies client assertions that are meant for one of these audiences, each ``jti`` once."""

    def __init__(self, audiences: frozenset[str], use_once: Callable[[str, str, int], bool]) -> None:
        """``use_once(client_id, jti, expires_at)`` remembers a ``jti`` and tells whether it was new; it blocks."""
        self._audiences = audiences
        self._use_once = use_once

    def claimed_client(self, unverified_assertion: str) -> str:
        """Give the client that the assertion says it comes from, to look up its key with. Raises SignatureRefused."""
        unverified_header(unverified_assertion, ASSERTION_MAX)
        subject = unverified_payload(unverified_assertion).get("sub")
        if not isinstance(subject, str):
            raise SignatureRefused
        return subject

    def verify(self, unverified_assertion: str, client_id: str, key: Key, at: int) -> None:
        """Check signature and claims, and use up the ``jti``. Raises SignatureRefused."""
        header, algorithms = unverified_header(unverified_assertion, ASSERTION_MAX), algorithms_of(key)
        if not algorithms or header.get("typ") not in _TYPES:
            raise SignatureRefused
        claims = json_object(signed_payload(unverified_assertion, key, *algorithms))
        if claims.get("iss") != client_id or claims.get("sub") != client_id:
            raise SignatureRefused
        if not self._is_for_us(claims.get("aud")):
            raise SignatureRefused
        expires_at, jti = claims.get("exp"), claims.get("jti")
        if type(expires_at) is not int or not at < expires_at <= at + LIFETIME_MAX + CLOCK_SKEW:
            raise SignatureRefused
        for name in ("iat", "nbf"):
            moment = claims.get(name, at)
            if type(moment) not in (int, float) or moment > at + CLOCK_SKEW:
                raise SignatureRefused
        if not isinstance(jti, str) or not 0 < len(jti) <= _JTI_MAX:
            raise SignatureRefused
        if not self._use_once(client_id, jti, expires_at):  # the last step: nothing that fails before uses up a jti
            raise SignatureRefused

    def _is_for_us(self, audience: object) -> bool:
        """An assertion that names somebody else as well could be used there, by us, or here, by them: it is refused."""
        named = audience if isinstance(audience, list) else [audience]
        return bool(named) and all(isinstance(one, str) and one in self._audiences for one in named)


def algorithms_of(key: Key) -> tuple[str, ...]:
    """Give the names of the one algorithm that assertions under this key have; none for a key that is not taken."""
    if isinstance(key, RSAKey):
        return ("RS256",) if key.public_key.key_size >= _RSA_BITS_MIN else ()
    return _ALGORITHMS_OF_CURVE.get(getattr(key, "curve_name", ""), ())
