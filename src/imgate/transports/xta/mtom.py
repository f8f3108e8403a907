"""Packs a SOAP envelope with its binary part as MTOM (XOP in ``multipart/related``), and takes such a package apart.

The WSDL's policy demands MTOM of every message. Written by hand: the standard library's e-mail parser splits a body into lines, and 20 MB
of line feeds would become gigabytes.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from urllib.parse import unquote

from imgate.transports.xta.failure import unusable

SOAP_TYPE = "application/soap+xml"
XOP_TYPE = "application/xop+xml"
ROOT_ID = "root@imgate"
_PARTS_MAX = 64
_PART_HEADER_MAX = 8 * 1024
_boundary_form = re.compile(r"[ -~]{1,70}\Z").match


@dataclass(frozen=True, slots=True)
class Package:
    """An envelope, and the binary parts that it includes, by content id."""

    envelope: bytes = field(repr=False)
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def packed(package: Package, action: str) -> tuple[str, bytes]:
    """Give content type and body of a request."""
    boundary = f"imgate-{uuid.uuid4().hex}"  # random: it cannot stand in a content that was made before it
    pieces = [_part(boundary, f'{XOP_TYPE}; charset=UTF-8; type="{SOAP_TYPE}"; action="{action}"', ROOT_ID, package.envelope)]
    pieces += [_part(boundary, "application/octet-stream", content_id, content) for content_id, content in package.parts.items()]
    pieces.append(f"--{boundary}--\r\n".encode("ascii"))
    content_type = (
        f'multipart/related; type="{XOP_TYPE}"; boundary="{boundary}"; start="<{ROOT_ID}>"; start-info="{SOAP_TYPE}"; action="{action}"'
    )
    return content_type, b"".join(pieces)


def _part(boundary: str, content_type: str, content_id: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{content_id}>\r\n\r\n"
    return head.encode("ascii") + content + b"\r\n"


def unpacked(content_type: str, body: bytes) -> Package:
    """Take an answer apart: a package, or a bare envelope. Raises CallFailed."""
    declared = Message()
    declared["content-type"] = content_type
    kind = declared.get_content_type()
    if kind == SOAP_TYPE:
        return Package(body)
    boundary = declared.get_param("boundary")
    if kind != "multipart/related" or not isinstance(boundary, str) or _boundary_form(boundary) is None:
        raise unusable()
    parts = _parts(body, boundary.encode("ascii"))
    start = declared.get_param("start")
    root = _bare(start) if isinstance(start, str) else next(iter(parts), "")
    if root not in parts:
        raise unusable()
    return Package(parts.pop(root), parts)


def content_id(reference: str) -> str | None:
    """Give the content id that an ``xop:Include`` names; None where it names anything else."""
    return unquote(reference.removeprefix("cid:")) if reference.startswith("cid:") else None


def _parts(body: bytes, boundary: bytes) -> dict[str, bytes]:
    delimiter = b"\r\n--" + boundary
    pieces = (b"\r\n" + body).split(delimiter, _PARTS_MAX + 1)
    if len(pieces) < 3 or len(pieces) > _PARTS_MAX + 1 or not pieces[-1].startswith(b"--"):
        raise unusable()  # cut off, or far more parts than a message has
    found: dict[str, bytes] = {}
    for number, piece in enumerate(pieces[1:-1]):
        header, blank, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not blank or len(header) > _PART_HEADER_MAX:
            raise unusable()
        headers = BytesHeaderParser().parsebytes(header + b"\r\n\r\n")
        if str(headers.get("content-transfer-encoding", "binary")).strip().lower() not in {"binary", "8bit", "7bit"}:
            raise unusable()
        name = _bare(str(headers.get("content-id", f"part-{number}")))
        if name in found:
            raise unusable()
        found[name] = content
    return found


def _bare(name: str) -> str:
    return name.strip().removeprefix("<").removesuffix(">")
