"""The evidence in a bundle: whether each content is the one that its digest was made of, and what is inside signed documents. Pure."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from imgate.consent.bundle import Bundle, Piece
from imgate.consent.bundle_report import Check, failed, not_checked, passed
from imgate.vocabulary.words import EvidenceKind


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A signed document out of a bundle: what it has to be about, and when the gateway recorded that it is."""

    content: bytes = field(repr=False)
    digest: str
    signer: str | None = field(repr=False)
    recorded_at: datetime


# Looks into a signed document: true where its signature holds, false where not, None where that cannot be known; and a sentence.
DocumentReader = Callable[[SignedDocument], tuple[bool | None, str]]


def evidence_checks(bundle: Bundle) -> Iterator[Check]:
    """Compare each piece's content with its digest."""
    for place, piece in enumerate(bundle["evidence"]):
        yield _piece(f"evidence {place}", f"/evidence/{place}", piece)


def _piece(name: str, part: str, piece: Piece) -> Check:
    if "content" not in piece:
        if "sha256" not in piece:
            return not_checked(name, "It has no content: a note of what was said.")
        return not_checked(name, f"Only its digest is here. Whoever has the content compares its SHA-256 with {piece['sha256']}.")
    content = _decoded(piece["content"])
    if content is None:
        return failed(name, "Its content is not base64 in its one spelling.", part)
    if "sha256" not in piece or hashlib.sha256(content).hexdigest() != piece["sha256"]:
        return failed(name, "Its content is not the one that its digest was made of.", part)
    return passed(name, f"Its content ({len(content)} bytes) has the digest {piece['sha256']}.")


def _decoded(text: str) -> bytes | None:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content) == text.encode() else None


def document_checks(bundle: Bundle, read: DocumentReader | None, changed: tuple[str, ...]) -> Iterator[Check]:
    """Look into signed documents, if somebody can and their content is here as it was signed."""
    parts = frozenset(changed)
    for place, piece in enumerate(bundle["evidence"]):
        if piece["kind"] in (EvidenceKind.PADES, EvidenceKind.EID):
            yield _document(f"document {place}", f"/evidence/{place}", bundle, piece, read, parts)


def _document(name: str, part: str, bundle: Bundle, piece: Piece, read: DocumentReader | None, changed: frozenset[str]) -> Check:
    if not changed.isdisjoint((part, "/declaration")):
        return not_checked(name, "A part that it would look at was changed.")
    content = _decoded(piece.get("content", ""))
    if not content:
        return not_checked(name, "The signature inside: the document is not here, or not to be read.")
    if read is None or piece["kind"] is not EvidenceKind.PADES:
        return not_checked(name, "The signature inside: take the document out, and check it by a program for signed documents.")
    about = SignedDocument(content, bundle["declaration"]["digest"], piece.get("signer"), datetime.fromisoformat(piece["recorded_at"]))
    holds, sentence = read(about)
    if holds is None:
        return not_checked(name, sentence)
    return passed(name, sentence) if holds else failed(name, sentence, part)
