"""Stored evidence is examined again, with what is trusted today. Changes nothing: what was accepted stays accepted, until revoked."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imgate.audit.events import EventName
from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.changing import change, put_on_log
from imgate.exchange.declarations.evidence import level_of
from imgate.exchange.declarations.loading import deciding, under_its_mac
from imgate.exchange.declarations.register import shown as as_shown
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import ClientKeys, Statement, Transaction, Unreadable
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import Evidence, StoredDeclaration
from imgate.exchange.turns import in_turn
from imgate.vocabulary.words import EvidenceKind

CHANGED = "evidence_changed"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A piece of evidence with its content, as it was loaded. ``piece`` is None where it is gone, or does not open."""

    id: str
    piece: Evidence | None
    content: bytes | None = field(repr=False)


def recheck(corridor: Corridor, actor: str, declaration: str, evidence: str | None = None) -> dict[str, Any]:
    """Examine all evidence of a declaration again, or one piece of it; give a report with what was found of each.

    Blocks, for seconds at times. Raises Refused: 404, ``declaration_unreadable``.
    """
    at = corridor.clock()
    stored, kept = _load(corridor, declaration, evidence)
    found = [_looked_at(corridor, stored, one, at) for one in kept]
    failed = sum("refused" in piece for piece in found)
    call = Call(actor, "")  # under no key: whoever asks again wants to know again
    change(corridor, call, lambda tx, at: _record(tx, call, declaration, len(found), failed, at))
    return {"id": declaration, "digest": stored.head.digest, "checked_at": shown_at(at), "failed": failed, "evidence": found}


@in_turn
def _load(corridor: Corridor, declaration: str, evidence: str | None) -> tuple[StoredDeclaration, list[_Kept]]:
    with corridor.store.reading() as tx:
        client, stored = under_its_mac(tx, declaration)
        wanted = [piece for piece in _known(stored) if evidence in (None, piece)]
        if evidence is not None and not wanted:
            raise not_found()
        opened = {piece.id: piece for piece in stored.evidence}
        return stored, [_Kept(piece, opened.get(piece), _content(tx, client, declaration, piece)) for piece in wanted]


def _known(stored: StoredDeclaration) -> dict[str, None]:
    """Name each piece once: those that the head names, also one that is gone, and any other that is there."""
    return dict.fromkeys([*(piece for piece, _ in stored.head.evidence), *(piece.id for piece in stored.evidence), *stored.unopened])


def _content(tx: Transaction, client: ClientKeys, declaration: str, piece: str) -> bytes | None:
    try:
        return tx.declarations.evidence_content(client, declaration, piece)
    except Unreadable:
        return None  # its digest will differ


def _looked_at(corridor: Corridor, stored: StoredDeclaration, kept: _Kept, at: datetime) -> dict[str, Any]:
    """Compare the content with the digest under the declaration's MAC, then examine it. ``level`` is what it counts for."""
    piece = kept.piece
    if piece is None:
        return {"id": kept.id, "refused": CHANGED}
    shown: dict[str, Any] = {"id": piece.id, "role": piece.role.value, "kind": piece.kind.value, "level": piece.level.value}
    if not _is_unchanged(stored, piece, kept.content):
        return shown | {"refused": CHANGED}
    about = Statement(stored.head.id, stored.head.digest, piece.role, piece.signer, as_shown(stored, at))
    if piece.kind is EvidenceKind.EID:  # an assertion is fresh or not when it is handed in; whose key signed it is asked again
        at = datetime.fromisoformat((piece.report or {})["examined_at"])
    examination = corridor.examiner.examine(piece.kind, piece.media_type, kept.content, about, at)
    level = level_of(piece.kind, examination)
    report: dict[str, Any] = {"report": dict(examination.report)} if examination.report else {}
    if level is None:
        return shown | {"refused": examination.refused or "evidence_unreadable"} | report
    return shown | {"level_today": level.value} | report


def _is_unchanged(stored: StoredDeclaration, piece: Evidence, content: bytes | None) -> bool:
    sha256 = "" if content is None else hashlib.sha256(content).hexdigest()
    return (piece.sha256 or "") == sha256 and (piece.id, sha256) in {(one, digest) for one, digest in stored.head.evidence}


def _record(tx: Transaction, call: Call, declaration: str, pieces: int, failed: int, at: datetime) -> Answer:
    client, stored = deciding(tx, declaration)
    put_on_log(tx, EventName.DECLARATION_RECHECKED, call, client, stored.head, at, pieces=pieces, failed=failed)
    return Answer.of(200, {})
