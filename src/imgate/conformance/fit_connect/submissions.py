"""What the service knows of its submissions, and what it checks before it takes something: order, form, header of each JWE."""

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from imgate.conformance.fit_connect.keys import ENCRYPTION_KID
from imgate.conformance.fit_connect.receiver import ALGORITHMS

_uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z").match
# Of what is submitted the service wants to know these; an attachment can be anything.
_DATA_TYPES = {"application/json", "application/xml"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer by which nothing was taken."""

    status: int
    problem: str


@dataclass(slots=True)
class Submission:
    """One submission; ``state`` is incomplete, submitted, accepted, rejected or deleted."""

    id: str
    case: str
    announced: tuple[str, ...]
    attachments: dict[str, str] = field(default_factory=dict, repr=False)
    state: str = "incomplete"
    tags: dict[str, Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list, repr=False)
    message_id: str | None = None

    def clear(self, state: str) -> None:
        """Forget what was carried; the log stays."""
        self.state = state
        self.attachments = {}


def announced(body: Mapping[str, Any], destination: str, service: str) -> Submission | Refusal:
    """Check an announcement and open the submission and its case."""
    ids, wanted = body.get("announcedAttachments"), body.get("publicService")
    if not isinstance(wanted, dict) or not wanted.get("name") or not str(wanted.get("identifier")).startswith("urn:"):
        return Refusal(400, "invalid-input")
    if not isinstance(ids, list) or not all(isinstance(one, str) and _uuid(one) for one in ids) or len(set(ids)) != len(ids):
        return Refusal(400, "invalid-input")
    if body.get("destinationId") != destination:
        return Refusal(404, "destination-not-found")
    if wanted["identifier"] != service:
        return Refusal(422, "service-not-offered")
    return Submission(str(uuid.uuid4()), str(uuid.uuid4()), tuple(ids))


def attachment_refusal(submission: Submission, attachment_id: str, encrypted: str) -> Refusal | None:
    """Check an attachment before it is taken."""
    if submission.state != "incomplete":
        return Refusal(409, "submission-already-submitted")
    if attachment_id not in submission.announced:
        return Refusal(404, "attachment-not-announced")
    return header_refusal(encrypted, None)


def submit_refusal(submission: Submission, body: Mapping[str, Any]) -> Refusal | None:
    """Check metadata and data before the submission is taken."""
    if submission.state != "incomplete":
        return Refusal(409, "submission-already-submitted")
    if submission.attachments.keys() != set(submission.announced):
        return Refusal(422, "missing-attachments")
    parts = body.get("encryptedMetadata"), body.get("encryptedData")
    for part in parts:
        if not isinstance(part, str):
            return Refusal(400, "invalid-input")
        if (refusal := header_refusal(part, _DATA_TYPES)) is not None:
            return refusal
    return None


def header_refusal(encrypted: str, content_types: set[str] | None) -> Refusal | None:
    """Check the header of a JWE, which is all that the service can read of one."""
    parts = encrypted.split(".")
    try:
        header = orjson.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (binascii.Error, ValueError):
        header = None
    if len(parts) != 5 or not isinstance(header, dict):
        return Refusal(422, "invalid-jwe")
    if [header.get("alg"), header.get("enc")] != ALGORITHMS or header.get("kid") != ENCRYPTION_KID:
        return Refusal(422, "invalid-jwe-header")
    if not header.get("cty") or (content_types is not None and header["cty"] not in content_types):
        return Refusal(422, "invalid-content-type")
    return None
