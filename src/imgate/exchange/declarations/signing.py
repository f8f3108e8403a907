"""Signing: one piece of evidence is looked at, then recorded.

An examination takes its time and holds nothing meanwhile. What it is about, the digest and the roles, never changes, so it may come
before the transaction.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imgate.audit.events import EventName
from imgate.consent import life
from imgate.exchange.answers import Answer, Call, answered_before
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.changing import change, put_on_log
from imgate.exchange.declarations.evidence import CHECKED, UNSUPPORTED, content_problem, level_of
from imgate.exchange.declarations.loading import existing, state_of
from imgate.exchange.declarations.register import shown
from imgate.exchange.expiry import end_if_over
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import Stale, Statement, Transaction
from imgate.exchange.refusals import Problem, Refused
from imgate.exchange.requests import SignatureRequest
from imgate.exchange.revocation import withdraw
from imgate.exchange.stored import Evidence, StoredDeclaration
from imgate.exchange.turns import in_turn
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole

# Far more than a declaration has signers: all of it is looked through each time that something is added.
PIECES_MAX = 100


# Where a refusal is mended, if not by other evidence.
_POINTERS = {UNSUPPORTED: "/evidence/kind", "signature_signer_differs": "/signer"}


@dataclass(frozen=True, slots=True)
class Examined:
    """Evidence that was looked at and not refused: what it counts for, and what was found. Only ``_examine`` makes it."""

    level: EvidenceLevel
    report: Mapping[str, Any] = field(repr=False)


def sign(corridor: Corridor, call: Call, declaration: str, request: SignatureRequest) -> Answer:
    """Record one piece of evidence; the declaration is active once every role has given its own. Blocks, for seconds at times."""
    before = _before(corridor, call, declaration)
    if isinstance(before, Answer):
        return before
    examined = _examine(corridor, before, request)
    return change(corridor, call, lambda tx, at: _sign(corridor, tx, call, declaration, request, examined, at))


@in_turn
def _before(corridor: Corridor, call: Call, declaration: str) -> Answer | StoredDeclaration:
    """Give what is to be signed, or the answer that this key was given before: nothing is examined twice."""
    with corridor.store.reading() as tx:
        return answered_before(tx, call, corridor.clock()) or existing(tx, declaration)[1]


def _examine(corridor: Corridor, stored: StoredDeclaration, request: SignatureRequest) -> Examined:
    """Look at the evidence: form first, then whether it fits this declaration, then what is inside. Raises Refused 422."""
    if len(stored.evidence) >= PIECES_MAX:
        raise _refused("evidence_too_many", "/evidence")
    given, at = request.evidence, corridor.clock()
    about = Statement(stored.head.id, stored.head.digest, request.role, request.signer, shown(stored, at))
    problem = content_problem(given.kind, given.media_type, given.content)
    if problem is not None:
        # A kind that nobody here examines is refused as such, whatever else is wrong with it.
        if given.kind in CHECKED and corridor.examiner.examine(given.kind, None, None, about, at).refused == UNSUPPORTED:
            raise _refused(UNSUPPORTED, "/evidence/kind")
        raise _refused(problem, "/evidence/content")
    _fits(stored, request)
    examination = corridor.examiner.examine(given.kind, given.media_type, given.content, about, at)
    level = level_of(given.kind, examination)
    if level is None:
        refused = examination.refused or "evidence_unreadable"
        raise _refused(refused, _POINTERS.get(refused, "/evidence/content"))
    report = ({"examined_at": shown_at(at)} if given.kind in CHECKED else {}) | dict(examination.report)
    if given.kind is EvidenceKind.DRAWN or given.digest is not None:
        report["shown_digest"] = given.digest is not None
    return Examined(level, report)


def _fits(stored: StoredDeclaration, request: SignatureRequest) -> None:
    given, authority = request.evidence, request.authority
    if request.role not in _required(stored):
        raise Refused(422, "role_not_required", [Problem("role_not_required", "/role")])
    if given.digest is not None and given.digest != stored.head.digest:
        raise Refused(422, "evidence_digest_differs", [Problem("evidence_digest_differs", "/evidence/digest")])
    if given.reason is not None and given.kind is not EvidenceKind.ORAL_RECORD:
        raise Refused(422, "evidence_reason_unexpected", [Problem("evidence_reason_unexpected", "/evidence/reason")])
    if authority is not None and request.role is SignerRole.CLIENT:
        raise Refused(422, "authority_unexpected", [Problem("authority_unexpected", "/authority")])
    if authority is not None and authority.until is not None and authority.until < request.signed_on:
        raise Refused(422, "authority_ended", [Problem("authority_ended", "/authority/until")])


def _sign(
    corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: SignatureRequest, examined: Examined, at: datetime
) -> Answer:
    client, stored = existing(tx, declaration)
    piece = _piece(stored, request, examined, at)
    refused = _too_late(stored, piece)
    if refused is not None:
        if answered_before(tx, call, at) is not None:  # the same request, which came in while this one waited for the declaration
            raise Stale
        raise refused
    at = piece.recorded_at
    level = life.reached_level(_required(stored), [(e.role, e.level) for e in (*stored.evidence, piece)])
    head = life.with_evidence(stored.head, piece.id, piece.sha256 or "", level, at)
    completed = bool(head.levels) and not stored.head.levels
    tx.declarations.add_evidence(client, declaration, piece)
    tx.declarations.change(client, head, at, "signed", *(["activated"] if completed else []))
    said = {"role": piece.role.value, "kind": piece.kind.value, "level": piece.level.value}
    put_on_log(tx, EventName.DECLARATION_SIGNED, call, client, head, at, **said)
    if completed:
        outcome = withdraw(corridor, tx, client, head.partner, call.actor, at)
        if head.supersedes is not None:  # a successor that takes effect revokes its predecessor, now or on its first day
            end_if_over(corridor, tx, client, head.partner, head.supersedes, outcome.in_flight, call.actor, at)
    return Answer.of(201, {"state": state_of(tx, declaration, at)})


def _piece(stored: StoredDeclaration, request: SignatureRequest, examined: Examined, at: datetime) -> Evidence:
    given = request.evidence
    return Evidence(
        id=new_id(),
        role=request.role,
        kind=given.kind,
        level=examined.level,
        signed_on=request.signed_on,
        # Evidence that is not complete leaves no time in the head, so the order of the pieces is kept here, whatever the clocks say.
        recorded_at=max([at, *(earlier.recorded_at for earlier in stored.evidence)]),
        attested_by=request.attested_by,
        signer=request.signer,
        media_type=given.media_type,
        sha256=None if given.content is None else hashlib.sha256(given.content).hexdigest(),
        content=given.content,
        authority=None if request.authority is None else request.authority.model_dump(mode="json", exclude_none=True),
        interpreter=request.interpreter,
        reason=given.reason,
        report=examined.report or None,
    )


def _too_late(stored: StoredDeclaration, piece: Evidence) -> Refused | None:
    """Give why this piece does not count beside those that came before it, if it does not."""
    if len(stored.evidence) >= PIECES_MAX:
        return _refused("evidence_too_many", "/evidence")
    if any(_same_signature(piece, earlier) for earlier in stored.evidence):
        return _refused("signature_reused", "/evidence/content")
    return None


def _same_signature(piece: Evidence, earlier: Evidence) -> bool:
    """Tell whether two pieces are one act: one person's signature does not stand for two signers.

    A signed document is the same whatever it is handed in as. Two scans, or two notes without content, may well be alike.
    """
    if CHECKED.isdisjoint((piece.kind, earlier.kind)):
        return False
    return piece.sha256 == earlier.sha256 or not _marks(piece).isdisjoint(_marks(earlier))


def _marks(piece: Evidence) -> set[tuple[str, str]]:
    """Give what in a report tells one signature, or one person's, from all others: an examiner may know some of them or none."""
    report = piece.report or {}
    known = {"signature": report.get("signature"), "subject": report.get("subject")}
    known["certificate"] = (report.get("certificate") or {}).get("sha256")
    return {(name, mark) for name, mark in known.items() if isinstance(mark, str)}


def _required(stored: StoredDeclaration) -> list[SignerRole]:
    return [SignerRole(role) for role in stored.content["signers_required"]]  # type: ignore[attr-defined]  # a JSON list


def _refused(code: str, pointer: str) -> Refused:
    return Refused(422, code, [Problem(code, pointer)])
