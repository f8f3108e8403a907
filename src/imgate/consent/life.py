"""The life of a declaration: evidence, revocation, pause, and the state that is shown (contract §3). Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from imgate.consent.head import WHOLE, Head, VerifiedDeclaration
from imgate.consent.judge import Moment, level_at, paused, revoked_at, superseded
from imgate.vocabulary.words import DeclarationState, EvidenceKind, EvidenceLevel, SignerRole

# Contract §3. pades counts as qualified only with a qualified certificate, which is validated where pades is accepted.
LEVEL_OF_KIND = {
    EvidenceKind.ORAL_RECORD: EvidenceLevel.RECORDED,
    EvidenceKind.PAPER_SCAN: EvidenceLevel.WRITTEN,
    EvidenceKind.DRAWN: EvidenceLevel.WRITTEN,
    EvidenceKind.PADES: EvidenceLevel.WRITTEN,
    EvidenceKind.EID: EvidenceLevel.QUALIFIED,
}


def state(declaration: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], moment: Moment) -> DeclarationState:
    """Give the shown state, the first that fits. ``siblings`` are the declarations of the same client and partner."""
    if revoked_at(declaration, moment) or superseded(declaration, siblings, moment):
        return DeclarationState.REVOKED
    if level_at(declaration, moment) is None:
        return DeclarationState.DRAFT
    if moment.at >= declaration.closes_at:
        return DeclarationState.EXPIRED
    if paused(declaration, moment):
        return DeclarationState.PAUSED
    return DeclarationState.ACTIVE


def reached_level(signers_required: Sequence[SignerRole], evidence: Iterable[tuple[SignerRole, EvidenceLevel]]) -> EvidenceLevel | None:
    """Give the level of the weakest role, or None while a role lacks evidence.

    A role that is asked for n times counts its n strongest pieces.
    """
    given: dict[SignerRole, list[EvidenceLevel]] = {}
    for role, level in evidence:
        given.setdefault(role, []).append(level)
    weakest: list[EvidenceLevel] = []
    for role, times in Counter(signers_required).items():
        strongest = sorted(given.get(role, ()), key=lambda level: level.rank, reverse=True)[:times]
        if len(strongest) < times:
            return None
        weakest.append(strongest[-1])
    return min(weakest, key=lambda level: level.rank, default=None)


def with_evidence(head: Head, evidence: str, sha256: str, level: EvidenceLevel | None, at: datetime) -> Head:
    """Give the head after one more piece of evidence, and the level that all of it together reaches."""
    levels = head.levels
    if level is not None and (not levels or levels[-1][1] != level):
        levels = (*levels, (_next_stamp(head, at), level.value))
    return head.next(evidence=(*head.evidence, (evidence, sha256)), levels=levels)


def revoke(head: Head, scopes: Sequence[str] | None, at: datetime) -> Head:
    """Give the head after a revocation of these scopes, None meaning all; what was revoked before keeps its moment."""
    names = [WHOLE] if scopes is None else scopes
    return head.next(revoked={**dict.fromkeys(names, _next_stamp(head, at)), **head.revoked})


def pause(head: Head, at: datetime) -> Head:
    """Give the head while paused; pausing twice changes nothing more."""
    if head.pauses and head.pauses[-1][1] is None:
        return head
    return head.next(pauses=(*head.pauses, (_next_stamp(head, at), None)))


def resume(head: Head, at: datetime) -> Head:
    """Give the head after a pause; resuming what is not paused changes nothing."""
    if not head.pauses or head.pauses[-1][1] is not None:
        return head
    return head.next(pauses=(*head.pauses[:-1], (head.pauses[-1][0], _next_stamp(head, at))))


def supersede(head: Head, successor: str) -> Head:
    """Give the head after somebody made a successor; whether it has taken effect is computed in the decision."""
    return head.next(superseded_by=(*head.superseded_by, successor))


def revoked_scopes(head: Head) -> tuple[str, ...]:
    """Give the scopes that were revoked, in the order of the content."""
    return tuple(scope for scope in head.scopes if WHOLE in head.revoked or scope in head.revoked)


def stamp(at: datetime) -> str:
    """Write a time as it is stored in heads: RFC 3339, UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _next_stamp(head: Head, at: datetime) -> str:
    """Stamp a change so that it comes after every change before it, whatever the machines' clocks say.

    Whether a successor was revoked before it was signed must not depend on which machine's clock runs fast.
    """
    before = [moment for moment, _ in head.levels] + list(head.revoked.values())
    before += [moment for span in head.pauses for moment in span if moment is not None]
    if not before:
        return stamp(at)
    return max(stamp(at), stamp(datetime.fromisoformat(max(before)) + timedelta(microseconds=1)))
