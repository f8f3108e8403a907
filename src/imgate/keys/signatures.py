"""JSON Web Signatures in the one spelling that each has, under an algorithm that the key says and the header never chooses.

Reading is shared by access tokens, clients' assertions and the gateway's own statements (bundles, receipts, checkpoints). A statement
carries its public key: that proves integrity to anybody, and origin to who knows the key from elsewhere.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from imgate.keys.faults import KeysUnusable, TokenUnavailable
from imgate.keys.files import SigningToken
from imgate.keys.keyring import Keyring, KeyUse
from imgate.keys.pairs import PairKey, algorithm_of, public_members, read_pair, sign
from imgate.keys.profiles import CURRENT_SIGNATURES
from imgate.record import JsonRefused, parse_json

STATEMENT_MAX = 64 * 1024 * 1024
_STATEMENT_HEADER = frozenset({"alg", "typ", "kid", "jwk"})
# No JWS has a blank or a question mark in it, so this is the beginning of none.
_DOES_IT_SIGN = b"imgate: does this key sign?"

Signer = Callable[[bytes], bytes]


class SignatureRefused(Exception):
    """The sender must act. Says nothing about why: no answer does either."""


def unverified_header(unverified_token: str, length_max: int) -> dict[str, Any]:
    """Read the header, to find the key by. Checks the form of all three parts: two spellings would be two tokens to every cache."""
    parts = unverified_token.split(".")
    if len(unverified_token) > length_max or not unverified_token.isascii() or len(parts) != 3:
        raise SignatureRefused
    header, _, _ = (_canonical_base64url(part) for part in parts)
    return json_object(header)


def unverified_payload(unverified_token: str) -> dict[str, Any]:
    """Read the payload of a token whose form was checked, to find out whom it claims to come from."""
    return json_object(_canonical_base64url(unverified_token.split(".")[1]))


class _Registry(JWSRegistry):
    """joserfc's, without its warning that the *name* EdDSA is deprecated (RFC 9864): the key has fixed the curve."""

    max_payload_length = STATEMENT_MAX  # whoever reads a token has limited it before

    def get_alg(self, name: str) -> Any:
        if not self.allowed or name not in self.allowed:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def signed_payload(unverified_token: str, key: Key, *algorithms: str) -> bytes:
    """Check the signature of a token whose form was checked, and give what was signed."""
    try:
        key.check_use("sig")
        payload = jws.deserialize_compact(unverified_token, key, algorithms, _Registry(algorithms=algorithms)).payload
    except (JoseError, ValueError) as error:
        raise SignatureRefused from error
    if payload is None:
        raise SignatureRefused
    return payload


def json_object(encoded: bytes) -> dict[str, Any]:
    """Read a JSON object, each key once."""
    try:
        value = parse_json(encoded)
    except JsonRefused as error:
        raise SignatureRefused from error
    if not isinstance(value, dict):
        raise SignatureRefused
    return value


def _canonical_base64url(text: str) -> bytes:
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise SignatureRefused from error
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != text.encode():
        raise SignatureRefused
    return decoded


def verified_statement(unverified_token: str, kind: str, *, trusted: Mapping[str, Key] | None) -> bytes:
    """Check a statement of a gateway and give the bytes that it signed. Raises SignatureRefused.

    With ``trusted`` (keys by ``kid``) the key must be one of them. Without, any key will do: that the bytes are those that were signed is
    then known, and by whom is not; the caller owes its reader that sentence.
    """
    header = unverified_header(unverified_token, STATEMENT_MAX)  # 1: the form
    if header.keys() != _STATEMENT_HEADER or header["typ"] != kind:  # 2: the header that we write; no `crit`, `b64`, `jku` or `x5c`
        raise SignatureRefused
    shown = _shown_key(header["jwk"])  # 3: a public key in its one spelling, under its own name
    if header["kid"] != shown.thumbprint():
        raise SignatureRefused
    if trusted is not None and not _is_trusted(shown, trusted.get(shown.thumbprint())):  # 4: one of those that we know
        raise SignatureRefused
    algorithm = algorithm_of(shown).value
    if header["alg"] != algorithm:  # 5: the algorithm of this key; RFC 9864's name only, we never wrote `EdDSA`
        raise SignatureRefused
    return signed_payload(unverified_token, shown, algorithm)  # 6: its signature


def _shown_key(jwk: object) -> PairKey:
    if not isinstance(jwk, dict):
        raise SignatureRefused
    try:
        pair = read_pair(jwk, "shown", private=False)
        spelled = public_members(read_pair(pair.as_pem(private=False), "shown", private=False))
    except ValueError as error:
        raise SignatureRefused from error
    if spelled != jwk:  # also refuses every further member
        raise SignatureRefused
    return pair


def _is_trusted(shown: PairKey, known: Key | None) -> bool:
    """Compare the keys, not their names: who handed in the trusted ones may have named them as they liked."""
    if known is None:
        return False
    try:
        known.check_use("sig")
        known.check_alg(algorithm_of(shown).value)
        known.check_key_op("verify")
    except JoseError:
        return False
    members = public_members(shown)
    theirs = known.as_dict(private=False)
    return all(theirs.get(member) == value for member, value in members.items())


class StatementSignature:
    """The gateway's own signature (``GatewaySignature``) by one key, whose private half may be here or in a hardware token."""

    def __init__(self, pair: PairKey, sign: Signer, *, in_token: bool = False) -> None:
        """Take the key as it is shown, and what signs with its private half: bytes in, the signature as JWS has it (RFC 7518 §3.4) out."""
        self._algorithm = algorithm_of(pair)
        self._shown, self._kid = public_members(pair), pair.thumbprint()
        self._sign = sign
        self._in_token = in_token

    @property
    def profile(self) -> str:
        """The name of the profile that is signed under."""
        return CURRENT_SIGNATURES[self._algorithm].name

    def sign(self, payload: bytes, kind: str) -> str:
        """Give a compact JWS over these bytes; ``kind`` is its ``typ``."""
        header = {"alg": self._algorithm.value, "typ": kind, "kid": self._kid, "jwk": self._shown}
        signed = _base64url(orjson.dumps(header)) + b"." + _base64url(payload)
        return (signed + b"." + _base64url(self._sign(signed))).decode()

    def check(self) -> None:
        """Have a token sign what is no statement, because only that shows whether it is there. Raises TokenUnavailable."""
        if self._in_token:
            self._sign(_DOES_IT_SIGN)


def statement_signature(keyring: Keyring, token: SigningToken | None = None) -> StatementSignature:
    """Give the signature by the keyring's current signing key. One that lives in a token is looked for when it is to sign."""
    key = keyring.current(KeyUse.SIGNING)
    pair, token_object = keyring.statement_keys[key.id], key.token_object
    if token_object is None:
        return StatementSignature(pair, partial(sign, pair))
    return StatementSignature(pair, partial(_sign_in, token, token_object, pair), in_token=True)


def _sign_in(token: SigningToken | None, token_object: str, pair: PairKey, signed: bytes) -> bytes:
    """Have a token sign. Whatever keeps it from that, a wrong PIN too, is one failure to whoever needs a statement."""
    if token is None:
        raise TokenUnavailable("the signing key is in a hardware token, and [keys.pkcs11] names none")
    try:
        return token.sign(token_object, pair, signed)
    except KeysUnusable as unusable:
        raise TokenUnavailable(str(unusable)) from None


def _base64url(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
