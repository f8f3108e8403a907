"""The destination (Zustellpunkt) that is configured: whether it takes submissions, in which formats, and the key that they are
encrypted to.

Whatever is wrong with it, nothing of the message has left yet, and an operator of either side can mend it: so it is never final.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from imgate.plugin_api import NotDelivered
from imgate.transports.fit_connect.answers import UNREADABLE, Answer, mendable
from imgate.transports.fit_connect.key_id import is_key_id
from imgate.transports.fit_connect.service import SubmissionService
from imgate.transports.fit_connect.settings import Entries

KEY_ALGORITHM = "RSA-OAEP-256"
_KEY_BITS = 4096


@dataclass(frozen=True, slots=True)
class Recipient:
    """The destination as a message is made for it."""

    kid: str
    key: RSAKey
    schemas: Mapping[str, str]
    """By media type, the schema that the destination names for the service."""


async def recipient(service: SubmissionService, entries: Entries) -> Recipient | NotDelivered:
    """Read the destination and its key, anew for each attempt: both change without notice, and an old key is of no use."""
    path = f"/v2/destinations/{entries.destination}"
    found = await _members(service, path)
    if not isinstance(found, Mapping):
        return found
    if found.get("destinationId") not in {None, entries.destination}:
        return NotDelivered("other_destination", seen=False)
    if found.get("status") != "active":
        return NotDelivered("destination_inactive", seen=False)
    kid = found.get("encryptionKid")
    if not is_key_id(kid):
        return UNREADABLE
    jwk = await _members(service, f"{path}/keys/{kid}")
    if not isinstance(jwk, Mapping):
        return jwk
    key = encryption_key(jwk, kid)
    return key if isinstance(key, NotDelivered) else Recipient(kid, key, _schemas(found, entries.service))


def encryption_key(jwk: Mapping[str, Any], kid: str) -> RSAKey | NotDelivered:
    """Check that this is the public key that was asked for, and made for wrapping keys: RSA of 4096 bits at least, RSA-OAEP-256."""
    if jwk.get("kid") != kid or jwk.get("kty") != "RSA":
        return NotDelivered("key_other", seen=False)
    operations = jwk.get("key_ops", ["wrapKey"])
    if jwk.get("use", "enc") != "enc" or not isinstance(operations, list) or "wrapKey" not in operations:
        return NotDelivered("key_not_for_encryption", seen=False)
    if jwk.get("alg") != KEY_ALGORITHM:
        return NotDelivered("key_algorithm", seen=False)
    key = rsa_public_key(jwk)
    if key is None:
        return NotDelivered("key_unreadable", seen=False)
    return key if key.public_key.key_size >= _KEY_BITS else NotDelivered("key_too_short", seen=False)


def rsa_public_key(jwk: Mapping[str, Any]) -> RSAKey | None:
    """Read the numbers of a public key; None where they are none.

    Only the numbers: what the key may be used for was checked, and joserfc takes RSA-OAEP for the operation ``encrypt``, which
    FIT-Connect's keys (``wrapKey``) do not name.
    """
    try:
        return RSAKey.import_key({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
    except (JoseError, KeyError, TypeError, ValueError):
        return None


async def _members(service: SubmissionService, path: str) -> Mapping[str, Any] | NotDelivered:
    answer = await service.get(path)
    if not isinstance(answer, Answer):
        return answer
    if not answer.is_success:
        return mendable(answer)
    return answer.members() or UNREADABLE


def _schemas(found: Mapping[str, Any], service: str) -> Mapping[str, str]:
    """Read which schemas the destination names for the service. What is not of the expected form names none."""
    offered = [one for one in _list(found.get("publicServices")) if isinstance(one, dict) and one.get("identifier") == service]
    named = [one for offer in offered for one in _list(offer.get("submissionSchemas")) if isinstance(one, dict)]
    pairs = [(one.get("mimeType"), one.get("schemaUri")) for one in reversed(named)]  # the first of each media type counts
    return {media_type: uri for media_type, uri in pairs if isinstance(media_type, str) and isinstance(uri, str)}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
