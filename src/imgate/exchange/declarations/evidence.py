"""What a piece of evidence may be, told by its first bytes (contract §3), how much it may count for, and how it is shown."""

import re
from datetime import datetime
from typing import Any

from imgate.consent.life import LEVEL_OF_KIND
from imgate.exchange.listing import shown_at
from imgate.exchange.ports.documents import Examination, Statement
from imgate.exchange.requests import EVIDENCE_MAX
from imgate.exchange.stored import Evidence
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel

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
    EvidenceKind.PADES: frozenset({"application/pdf"}),
    EvidenceKind.EID: frozenset({"application/jwt"}),
}
# A signature that a machine can check: it counts only where one has.
CHECKED = frozenset({EvidenceKind.PADES, EvidenceKind.EID})
UNSUPPORTED = "evidence_kind_unsupported"
_COMPACT_JWS = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class ExaminesNothing:
    """The examiner of a gateway that has none: whatever counts by being checked is refused, the rest counts as its kind does."""

    def examine(self, kind: EvidenceKind, media_type: str | None, content: bytes | None, about: Statement, at: datetime) -> Examination:
        """Refuse what would have to be checked."""
        if kind in CHECKED:
            return Examination(None, UNSUPPORTED)
        return Examination(LEVEL_OF_KIND[kind])


def level_of(kind: EvidenceKind, examination: Examination) -> EvidenceLevel | None:
    """Give what the evidence counts for: an examiner can lower what a kind counts for and never raise it. None: it does not count.

    Only a signed document can count for more than its kind, with a qualified certificate.
    """
    if examination.refused is not None or examination.level is None:
        return None
    most = EvidenceLevel.QUALIFIED if kind is EvidenceKind.PADES else LEVEL_OF_KIND[kind]
    return min(examination.level, most, key=lambda level: level.rank)


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
    if media_type == "application/jwt":
        return _COMPACT_JWS.fullmatch(content) is not None
    return content.startswith(_FIRST_BYTES[media_type])


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in content


def shown_evidence(piece: Evidence) -> dict[str, Any]:
    """Give one piece as GET shows it: what nobody said is absent."""
    parts = {
        "id": piece.id,
        "role": piece.role.value,
        "kind": piece.kind.value,
        "level": piece.level.value,
        "signed_on": piece.signed_on,
        "recorded_at": shown_at(piece.recorded_at),
        "attested_by": piece.attested_by,
        "signer": piece.signer,
        "authority": piece.authority,
        "interpreter": piece.interpreter,
        "reason": piece.reason,
        "sha256": piece.sha256,
        "report": piece.report,
    }
    return {name: part for name, part in parts.items() if part is not None}
