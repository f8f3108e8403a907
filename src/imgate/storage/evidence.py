"""One piece of evidence at rest: everything about it is sealed, also who signed and who attested it."""

from datetime import datetime

import orjson

from imgate.exchange.stored import Evidence
from imgate.storage.client_keys import OpenedClient, ProofKeys
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole


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


def opened_evidence(client: OpenedClient | ProofKeys, piece: str, detail: bytes) -> Evidence:
    """Read a piece of evidence without its content. Raises Unreadable."""
    fields = orjson.loads(client.open_proof("evidence", "detail", piece, detail))
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
