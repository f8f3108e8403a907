"""The receiving system of the stand-in: decrypts, checks, and tells either what it has or why it rejects.

The service cannot look into what it carries, so a wrong hash is no answer of the service but a rejection by the receiver.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry

from imgate.conformance.fit_connect.events import problem
from imgate.conformance.fit_connect.keys import encryption_key
from imgate.conformance.simulated import Received
from imgate.transports.message_receipt import receipt_name

ALGORITHMS = ["RSA-OAEP-256", "A256GCM"]
_METADATA = "https://schema.fitko.de/fit-connect/metadata/2."


class _Registry(JWERegistry):
    """joserfc's, without its limit of 64 KiB: messages are longer."""

    max_ciphertext_length = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission as the service hands it to the receiver."""

    metadata: str = field(repr=False)
    data: str = field(repr=False)
    attachments: Mapping[str, str] = field(repr=False)


def judge(submitted: Submitted, schemas: Mapping[str, str]) -> Received | dict[str, str]:
    """Give the message, or the problem for which the submission is rejected."""
    metadata = _document(_decrypted(submitted.metadata))
    data = _decrypted(submitted.data)
    attachments = {name: _decrypted(encrypted) for name, encrypted in submitted.attachments.items()}
    if metadata is None:
        return problem("encryption-issue", "metadata")
    if data is None:
        return problem("encryption-issue", "data")
    if any(content is None for content in attachments.values()):
        return problem("encryption-issue", "attachments")
    try:
        return _message(metadata, data, attachments, schemas)
    except (KeyError, TypeError, AttributeError):
        return problem("schema-violation", "metadata")


def _message(
    metadata: dict[str, Any], data: bytes, attachments: Mapping[str, bytes | None], schemas: Mapping[str, str]
) -> Received | dict[str, str]:
    structure = metadata["contentStructure"]
    described = {one["attachmentId"]: one for one in structure["attachments"]}
    if not metadata["$schema"].startswith(_METADATA):
        return problem("unsupported-schema", "metadata")
    if described.keys() != attachments.keys():
        return problem("missing-attachment", "metadata")
    schema = structure["data"]["submissionSchema"]
    if schemas.get(schema["mimeType"]) != schema["schemaUri"]:
        return problem("unsupported-data-schema", "metadata")
    if structure["data"]["hash"] != _hash(data):
        return problem("hash-mismatch", "data")
    for name, content in attachments.items():
        if described[name]["hash"] != _hash(content or b""):
            return problem("hash-mismatch", f"attachment:{name}")
    message_id, at = metadata["additionalReferenceInfo"]["senderReference"], datetime.now(UTC)
    receipts = [content for name, content in attachments.items() if described[name]["filename"] == receipt_name(message_id)]
    receipt = receipts[0].decode("ascii", errors="replace") if receipts and receipts[0] else None
    for name, content in attachments.items():
        if described[name]["filename"] != receipt_name(message_id):
            return Received(message_id, described[name]["mimeType"], content or b"", at, receipt=receipt)
    return Received(message_id, schema["mimeType"], data, at, receipt=receipt)


def _decrypted(encrypted: str) -> bytes | None:
    try:
        return jwe.decrypt_compact(encrypted, encryption_key(), registry=_Registry(algorithms=ALGORITHMS)).plaintext
    except (JoseError, ValueError):
        return None


def _document(text: bytes | None) -> dict[str, Any] | None:
    try:
        value = orjson.loads(text or b"")
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _hash(content: bytes) -> dict[str, str]:
    return {"type": "sha512", "content": hashlib.sha512(content).hexdigest()}
