"""Evidence at rest: everything about a piece is sealed, also who signed and who attested it, and bound to its declaration."""

from datetime import datetime

import orjson
from sqlalchemy import bindparam, select

from imgate.exchange.ports import Unreadable
from imgate.exchange.stored import Evidence
from imgate.storage.client_keys import OpenedClient, ProofKeys
from imgate.storage.schema import evidence
from imgate.storage.session import Session
from imgate.storage.statement import Statement, insert_into
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole

_e = evidence.c
_OF = Statement(select(_e.id, _e.detail).where(_e.declaration == bindparam("declaration")).order_by(_e.position))
_CONTENT = Statement(select(_e.content).where(_e.declaration == bindparam("declaration"), _e.id == bindparam("piece")))
_ADD = insert_into(evidence)


def add_evidence(on: Session, client: OpenedClient, declaration: str, piece: Evidence) -> None:
    """Store one piece, sealed under the proof key. A piece that is moved to another declaration opens no more."""
    row, content = _row(declaration, piece.id), piece.content
    _ADD.run(
        on,
        id=piece.id,
        declaration=declaration,
        recorded_at=piece.recorded_at,
        detail=client.seal_proof("evidence", "detail", row, evidence_detail(piece)),
        content=None if content is None else client.seal_proof("evidence", "content", row, content),
    )


def evidence_of(on: Session, client: OpenedClient | ProofKeys, declaration: str) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Give what is kept of a declaration, in its order and without content, and the ids of pieces that do not open."""
    pieces: list[Evidence] = []
    unopened: list[str] = []
    for piece, detail in _OF.all(on, declaration=declaration):
        try:
            pieces.append(opened_evidence(client, declaration, piece, detail))
        except (Unreadable, TypeError):  # SQLite keeps a number or a text where bytes belong
            unopened.append(piece)
    return tuple(pieces), tuple(unopened)


def evidence_content(on: Session, client: OpenedClient | ProofKeys, declaration: str, piece: str) -> bytes | None:
    """Load the content of one piece; None where it has none. Raises Unreadable."""
    row = _CONTENT.first(on, declaration=declaration, piece=piece)
    if row is None or row[0] is None:
        return None
    try:
        return client.open_proof("evidence", "content", _row(declaration, piece), row[0])
    except TypeError:
        raise Unreadable("a sealed value is no bytes") from None


def evidence_detail(piece: Evidence) -> bytes:
    """Write everything but the content."""
    return orjson.dumps(
        {
            "role": piece.role,
            "kind": piece.kind,
            "level": piece.level,
            "signed_on": piece.signed_on,
            "recorded_at": piece.recorded_at.isoformat(),
            "attested_by": piece.attested_by,
            "signer": piece.signer,
            "media_type": piece.media_type,
            "sha256": piece.sha256,
            "authority": piece.authority,
            "interpreter": piece.interpreter,
            "reason": piece.reason,
            "report": piece.report,
        }
    )


def opened_evidence(client: OpenedClient | ProofKeys, declaration: str, piece: str, detail: bytes) -> Evidence:
    """Read a piece of evidence without its content. Raises Unreadable."""
    fields = orjson.loads(client.open_proof("evidence", "detail", _row(declaration, piece), detail))
    return Evidence(
        id=piece,
        role=SignerRole(fields["role"]),
        kind=EvidenceKind(fields["kind"]),
        level=EvidenceLevel(fields["level"]),
        signed_on=fields["signed_on"],
        recorded_at=datetime.fromisoformat(fields["recorded_at"]),
        attested_by=fields["attested_by"],
        signer=fields["signer"],
        media_type=fields["media_type"],
        sha256=fields["sha256"],
        # Rows of earlier releases have none of these.
        authority=fields.get("authority"),
        interpreter=fields.get("interpreter"),
        reason=fields.get("reason"),
        report=fields.get("report"),
    )


def _row(declaration: str, piece: str) -> str:
    return f"{declaration}/{piece}"
