"""How a message becomes a submission: its data (Fachdaten), attachments (Anlagen), and the metadata with their hashes.

A message in XML or JSON is the data itself. Any other kind (CSV, XLSX, PDF) goes as an attachment, because data can be XML or
JSON only; the data is then a JSON object that names the attachment and nothing else. The receipt is the last attachment. The message id
goes into the metadata as the sender's reference, so that the receiver recognises a message that it has already.

The metadata is of schema 2.1.0. Assumptions: that ``additionalReferenceInfo.senderReference`` is in it as in 1.x and 2.0.0; that
``purpose`` of an attachment is ``attachment``; that data is mandatory even beside an attachment.
"""

import hashlib
import uuid
from dataclasses import dataclass, field

import orjson

from imgate.plugin_api import Parcel
from imgate.transports.folder import file_name
from imgate.transports.message_receipt import RECEIPT_MEDIA_TYPE, receipt_name

METADATA_SCHEMA = "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json"
JSON = "application/json"
XML = "application/xml"


@dataclass(frozen=True, slots=True)
class Attachment:
    """The message, where it cannot be the data, or its receipt, which by itself ``tells`` nothing of anybody."""

    id: str
    name: str
    media_type: str
    content: bytes = field(repr=False)
    tells: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What one submission consists of, in clear."""

    message_id: str
    media_type: str
    data: bytes = field(repr=False)
    attachments: tuple[Attachment, ...]

    @property
    def announced(self) -> list[str]:
        """The ids of the attachments, as they are announced."""
        return [attachment.id for attachment in self.attachments]

    def metadata(self, schema_uri: str) -> bytes:
        """Write the metadata; the hashes are over what stands here in clear."""
        document = {
            "$schema": METADATA_SCHEMA,
            "contentStructure": {
                "data": {
                    "hash": _hash(self.data),
                    "submissionSchema": {"schemaUri": schema_uri, "mimeType": self.media_type},
                },
                "attachments": [_attachment_metadata(attachment) for attachment in self.attachments],
            },
            "additionalReferenceInfo": {"senderReference": self.message_id},
        }
        return orjson.dumps(document)


def contents_of(parcel: Parcel) -> Contents:
    """Lay out a message. The same message gives the same ids each time: they were announced at an earlier attempt."""
    receipt_id = _attachment_id("receipt", parcel.message_id)
    receipt = Attachment(receipt_id, receipt_name(parcel.message_id), RECEIPT_MEDIA_TYPE, parcel.receipt.encode("ascii"), tells=False)
    kind = parcel.media_type.partition(";")[0].strip().lower()
    if kind in {XML, "text/xml"} or kind.endswith("+xml"):
        return Contents(parcel.message_id, XML, parcel.content, (receipt,))
    if kind == JSON or kind.endswith("+json"):
        return Contents(parcel.message_id, JSON, parcel.content, (receipt,))
    name = file_name(parcel.message_id, parcel.media_type)
    message_id = _attachment_id("attachment", parcel.message_id)
    message = Attachment(message_id, name, kind or "application/octet-stream", parcel.content, tells=True)
    return Contents(parcel.message_id, JSON, orjson.dumps({"attachment": message.id}), (message, receipt))


def _attachment_id(what: str, message_id: str) -> str:
    # The form of version 4 is asked for; made of the message's id, so that it need not be kept.
    return str(uuid.UUID(bytes=hashlib.sha256(f"{what} {message_id}".encode()).digest()[:16], version=4))


def _attachment_metadata(attachment: Attachment) -> dict[str, object]:
    return {
        "attachmentId": attachment.id,
        "purpose": "attachment",
        "filename": attachment.name,
        "mimeType": attachment.media_type,
        "hash": _hash(attachment.content),
    }


def _hash(content: bytes) -> dict[str, str]:
    return {"type": "sha512", "content": hashlib.sha512(content).hexdigest()}
