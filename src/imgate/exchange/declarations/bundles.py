"""Exporting a declaration as a bundle: one file that anybody can check later, without imgate running (see ``consent.bundle``).

It stays possible after the client was erased, for as long as the term of proof lasts: that is what the term is for. But then the bundle
says again whom the audit log no longer names, so only the operator gets it.
"""

import base64
import hashlib
from datetime import datetime
from typing import Any

from imgate import __version__
from imgate.audit.events import Event, EventName
from imgate.consent import life
from imgate.consent.bundle import BUNDLE, SIZE_MAX, BundleTooLarge, instant, written
from imgate.consent.bundle_life import contradictions
from imgate.consent.head import Head
from imgate.consent.judge import now, superseded
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.evidence import shown_evidence
from imgate.exchange.ports import Issuer, Proof, ProofOver, Transaction, Unavailable, Unreadable, Unsigned
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.stored import Evidence, StoredDeclaration
from imgate.exchange.turns import in_turn


def export(corridor: Corridor, issuer: Issuer, actor: str, declaration: str, *, with_evidence: bool, also_erased: bool) -> bytes:
    """Give the bundle of one declaration, with the evidence itself or with its digests; of an erased client if that is said.

    The audit entry is on record before anything is signed. Raises Refused: 404; 409 ``declaration_unreadable`` where what is stored does
    not fit together, because a signature would make it look right; 409 ``bundle_too_large``. Raises ProofOver, of an erased client only.
    """
    parts = _read(corridor, issuer, actor, declaration, with_evidence, also_erased)
    try:
        return written(parts, corridor.signature.sign)
    except BundleTooLarge:
        raise Refused(409, "bundle_too_large") from None


@in_turn
def _read(corridor: Corridor, issuer: Issuer, actor: str, declaration: str, with_evidence: bool, also_erased: bool) -> dict[str, Any]:
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        proof = _proof(tx, declaration, also_erased)
        stored = proof.stored
        if stored.sound is None:
            raise Refused(409, "declaration_unreadable")
        parts = _parts(corridor, issuer, stored, at)
        if _contradicts_itself(parts):
            raise Refused(409, "declaration_unreadable")
        if with_evidence:
            _add_contents(parts["evidence"], proof)
        head = stored.head
        said = {"declaration": head.id, "version": head.version, "partner": head.partner, "evidence": with_evidence}
        tx.audit(Event(EventName.DECLARATION_EXPORTED, at, actor, proof.subject, said))
    return parts


def _proof(tx: Transaction, declaration: str, also_erased: bool) -> Proof:
    try:
        proof = tx.declarations.proof(declaration)
    except ProofOver:
        if not also_erased:
            raise not_found() from None
        raise
    except Unreadable:
        raise Refused(409, "declaration_unreadable") from None
    if proof is None or (proof.subject is None and not also_erased):
        raise not_found()
    return proof


def proof_of(corridor: Corridor, stored: StoredDeclaration, at: datetime, dated: datetime) -> bytes:
    """Give the bundle of a declaration that a message rests on, as of ``at``, with digests of the evidence; it says it was made ``dated``.

    Whoever attaches it owes the audit log its name. Raises Unreadable where ``export`` would refuse, Unsigned.
    """
    if stored.sound is None:
        raise Unreadable("a declaration is not what its head says")
    parts = _parts(corridor, corridor.issuer, stored, at)
    if _contradicts_itself(parts):
        raise Unreadable("a declaration's history does not fit")
    try:
        return written(parts | {"made_at": instant(dated)}, corridor.signature.sign)
    except BundleTooLarge:
        raise Unreadable("a declaration has more of something than a bundle takes") from None
    except Unavailable:  # a hardware token that is away
        raise Unsigned("a bundle could not be signed") from None


def _contradicts_itself(parts: dict[str, Any]) -> bool:
    """Compare the history, which is under no MAC, with what is."""
    unsigned = BUNDLE.validate_python({"bundle": {"format": "", "version": 0}, **parts, "signature": ""})
    return bool(contradictions(unsigned))


def _parts(corridor: Corridor, issuer: Issuer, stored: StoredDeclaration, at: datetime) -> dict[str, Any]:
    policy, head = corridor.policy, stored.head
    return {
        "declaration": {"id": head.id, "digest": head.digest, "content": dict(stored.content)},
        "evidence": [_piece(piece) for piece in stored.evidence],
        "gateway": {"id": issuer.id, "name": policy.gateway, "software": f"imgate {__version__}", "timezone": policy.zone.key},
        "history": [{"at": instant(when), "event": event} for when, event in stored.history],
        "life": _life(stored, head, at),
        "made_at": instant(at),
        "profile": dict(issuer.profile),
    }


def _life(stored: StoredDeclaration, head: Head, at: datetime) -> dict[str, Any]:
    if stored.verified is None:
        raise Refused(409, "declaration_unreadable")
    pauses = [{"begun": _stamped(begun)} | ({} if ended is None else {"ended": _stamped(ended)}) for begun, ended in head.pauses]
    return {
        "levels": [{"at": _stamped(since), "level": level} for since, level in head.levels],
        "revocations": [{"at": _stamped(when), "scope": scope} for scope, when in head.revoked.items()],
        "pauses": pauses,
        "superseded_by": list(head.superseded_by),
        "superseded": superseded(stored.verified, stored.siblings, now(at)),
        "state": life.state(stored.verified, stored.siblings, now(at)).value,
    }


def _stamped(stamp: str) -> str:
    return instant(datetime.fromisoformat(stamp))


def _piece(piece: Evidence) -> dict[str, Any]:
    """Give a piece as GET shows it, with its media type, and with the moment as a bundle writes it."""
    media_type = {} if piece.media_type is None else {"media_type": piece.media_type}
    return shown_evidence(piece) | media_type | {"recorded_at": instant(piece.recorded_at)}


def _add_contents(pieces: list[dict[str, Any]], proof: Proof) -> None:
    """Load content by content, so that more of it than fits is never held."""
    size = 0
    for piece in pieces:
        try:
            content = proof.content(piece["id"])
        except Unreadable:
            raise Refused(409, "declaration_unreadable") from None
        if (None if content is None else hashlib.sha256(content).hexdigest()) != piece.get("sha256"):
            raise Refused(409, "declaration_unreadable")
        if content is None:
            continue
        piece["content"] = base64.b64encode(content).decode()
        size += len(piece["content"])
        if size > SIZE_MAX:
            raise Refused(409, "bundle_too_large")
