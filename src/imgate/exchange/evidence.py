"""What a piece of evidence may be: told by its first bytes, not otherwise parsed (contract §3)."""

from imgate.exchange.requests import EVIDENCE_MAX
from imgate.vocabulary.words import EvidenceKind

_FIRST_BYTES = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
}
_SCANS = frozenset(_FIRST_BYTES)
_ALLOWED = {
    EvidenceKind.PAPER_SCAN: _SCANS,
    EvidenceKind.DRAWN: _SCANS | {"image/svg+xml"},
    EvidenceKind.ORAL_RECORD: _SCANS | {"text/plain"},
}


def content_problem(kind: EvidenceKind, media_type: str | None, content: bytes | None) -> str | None:
    """Give the code of what is wrong with this content, or None. Only a note of what was said may have no content."""
    if content is None and media_type is None and kind is EvidenceKind.ORAL_RECORD:
        return None
    if not content or media_type is None:
        return "evidence_content_missing"
    if len(content) > EVIDENCE_MAX:
        return "evidence_too_large"
    plain = media_type.split(";")[0].strip()
    if plain not in _ALLOWED.get(kind, frozenset()):
        return "evidence_media_type_unsupported"
    if not _is(plain, content):
        return "evidence_content_mismatch"
    return None


def _is(media_type: str, content: bytes) -> bool:
    if media_type == "image/svg+xml":
        return _is_utf8(content) and b"<svg" in content[:4096]
    if media_type == "text/plain":
        return _is_utf8(content)
    return content.startswith(_FIRST_BYTES[media_type])


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in content
