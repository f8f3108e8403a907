"""JSON Web Signatures in the one spelling that each has, under an algorithm that the key says and the header never chooses."""

import base64
import binascii
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from imgate.record import JsonRefused, parse_json


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

    def get_alg(self, name: str) -> Any:
        if not self.allowed or name not in self.allowed:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def signed_payload(unverified_token: str, key: Key, *algorithms: str) -> bytes:
    """Check the signature of a token whose form was checked, and give what was signed."""
    try:
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
