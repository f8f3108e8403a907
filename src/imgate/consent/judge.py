"""The judge: which scopes pass, and why the others do not (contract §4). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.policy import PartnerPolicy
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import DIRECTIONS, PURPOSES, SELF, Direction, EvidenceLevel

_RANK = {reason: rank for rank, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a question is asked about.

    ``committed``: the question is about now, so what is committed counts whatever the machines' clocks say; only
    calendar days are compared with ``at``. Otherwise it is about another time, and every time is compared.
    """

    at: datetime
    committed: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: may these scopes pass? ``direction`` and ``purpose`` are words as the caller wrote them."""

    direction: str
    purpose: str | None
    scopes: tuple[str, ...]
    moment: Moment
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. ``permitted`` names one declaration for each scope, ``passing`` all that pass, ``denied`` one reason.

    Every scope of the question stands in exactly one of ``permitted`` and ``denied``, in the question's order.
    """

    permitted: Mapping[str, VerifiedDeclaration]
    passing: Mapping[str, tuple[VerifiedDeclaration, ...]]
    denied: Mapping[str, Reason]

    @property
    def named(self) -> tuple[str, ...]:
        """The ids of the declarations that are named, each once, sorted."""
        return tuple(sorted({declaration.id for declaration in self.permitted.values()}))


def decide(policy: PartnerPolicy, declarations: Iterable[VerifiedDeclaration], question: Question) -> Decision:
    """Answer for each scope. ``declarations`` are all readable ones of this client; those of another partner count for nothing."""
    standing = _standings(policy, declarations, question)
    known, closed, ceiling = policy.needed_rank, policy.closed, policy.ceiling_of(question.direction)
    permitted: dict[str, VerifiedDeclaration] = {}
    passing: dict[str, tuple[VerifiedDeclaration, ...]] = {}
    denied: dict[str, Reason] = {}
    for scope in question.scopes:
        if scope not in known:
            denied[scope] = Reason.UNKNOWN_SCOPE
        elif scope in closed:
            denied[scope] = Reason.SCOPE_CLOSED
        elif scope not in ceiling:
            denied[scope] = Reason.BEYOND_PARTNER_CEILING
        else:
            furthest, passes = Reason.NO_DECLARATION, []
            for declaration, reason, rank in standing:
                why = _objection(policy, declaration, reason, rank, scope, question)
                if why is None:
                    passes.append(declaration)
                elif _RANK[why] > _RANK[furthest]:
                    furthest = why
            if passes:
                permitted[scope] = passes[0] if len(passes) == 1 else min(passes, key=_earliest)
                passing[scope] = tuple(passes)
            else:
                denied[scope] = furthest
    return Decision(permitted, passing, denied)


def explain(
    policy: PartnerPolicy, declarations: Iterable[VerifiedDeclaration], question: Question
) -> Mapping[str, Mapping[str, Reason | None]]:
    """Give for each scope of the catalogue what each declaration answers by itself: None where it passes.

    Says nothing about the scope itself: ``decide`` may deny it as closed or beyond the ceiling all the same.
    """
    standing = _standings(policy, declarations, question)
    return {
        scope: {d.id: _objection(policy, d, reason, rank, scope, question) for d, reason, rank in standing}
        for scope in question.scopes
        if scope in policy.needed_rank
    }


def _earliest(declaration: VerifiedDeclaration) -> tuple[str, str]:
    return declaration.valid_until, declaration.id


def _standings(
    policy: PartnerPolicy, declarations: Iterable[VerifiedDeclaration], question: Question
) -> list[tuple[VerifiedDeclaration, Reason | None, int]]:
    """Check each declaration as a whole. The partner is the verified one: that of a row's clear column could be forged."""
    of_partner = [d for d in declarations if d.partner == policy.partner]
    return [(d, *_standing(policy, d, of_partner, question)) for d in of_partner]


def _standing(
    policy: PartnerPolicy, d: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], question: Question
) -> tuple[Reason | None, int]:
    """Take steps 1 to 9 as far as they concern the declaration as a whole; give the first that fails, and its evidence rank."""
    moment = question.moment
    level = level_at(d, moment)
    if level is None:
        return Reason.NOT_SIGNED, 0
    rank = level.rank
    if revoked_at(d, moment) or superseded(d, siblings, moment):
        return Reason.REVOKED, rank
    if paused(d, moment):
        return Reason.PAUSED, rank
    if moment.at < d.opens_at:
        return Reason.NOT_YET_VALID, rank
    if moment.at >= d.closes_at:
        return Reason.EXPIRED, rank
    if d.recipient != policy.name and d.recipient not in policy.formerly:
        return Reason.RECIPIENT_CHANGED, rank
    if not d.has_both_clauses:
        return Reason.CLAUSE_MISSING, rank
    if question.direction not in DIRECTIONS or not d.direction.covers(Direction(question.direction)):
        return Reason.DIRECTION_NOT_COVERED, rank
    if question.purpose not in PURPOSES or question.purpose not in d.purposes:
        return Reason.PURPOSE_NOT_COVERED, rank
    return None, rank


def _objection(
    policy: PartnerPolicy, d: VerifiedDeclaration, standing: Reason | None, rank: int, scope: str, question: Question
) -> Reason | None:
    """Take all twelve steps for one scope: give the first that fails, or None where all pass."""
    if standing is Reason.NOT_SIGNED or standing is Reason.REVOKED:
        return standing
    if d.revoked and scope in d.revoked and (question.moment.committed or d.revoked[scope] <= question.moment.at):
        return Reason.REVOKED  # step 2 again: for this one
    if standing is not None:
        return standing
    if scope not in d.scopes:
        return Reason.SCOPE_NOT_COVERED
    if rank < policy.needed_rank[scope]:
        return Reason.EVIDENCE_TOO_WEAK
    if question.direction == Direction.TO_PARTNER:  # from a partner, the origin is the partner itself
        origin = question.provenance.get(scope, SELF)
        if origin not in (SELF, policy.partner) and (origin not in d.onward_from or origin not in policy.partners):
            return Reason.ONWARD_TRANSFER_NOT_COVERED
    return None


def level_at(d: VerifiedDeclaration, moment: Moment) -> EvidenceLevel | None:
    """Give the evidence level that the declaration had reached, or None while evidence was incomplete."""
    if moment.committed:
        return d.levels[-1][1] if d.levels else None
    reached = [level for at, level in d.levels if at <= moment.at]
    return reached[-1] if reached else None


def revoked_at(d: VerifiedDeclaration, moment: Moment) -> bool:
    """Tell whether it was revoked as a whole."""
    at = d.wholly_revoked_at
    return at is not None and (moment.committed or at <= moment.at)


def paused(d: VerifiedDeclaration, moment: Moment) -> bool:
    """Tell whether it was paused."""
    if moment.committed:
        return bool(d.pauses) and d.pauses[-1][1] is None
    return any(begun <= moment.at and (ended is None or moment.at < ended) for begun, ended in d.pauses)


def superseded(d: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], moment: Moment) -> bool:
    """Tell whether a successor has taken effect. A successor that is missing or unreadable counts as in force."""
    if not d.superseded_by:
        return False
    readable = {sibling.id: sibling for sibling in siblings}
    return any(successor not in readable or _in_force(readable[successor], moment) for successor in d.superseded_by)


def _in_force(successor: VerifiedDeclaration, moment: Moment) -> bool:
    """Tell whether superseding has taken effect: at the later of complete evidence and first day, unless wholly revoked before.

    Only a revocation of the successor itself counts here. That a third declaration supersedes it does not put the first
    one back into force.
    """
    complete = successor.complete_at
    if complete is None or (not moment.committed and complete > moment.at):
        return False
    effect = max(complete, successor.opens_at)
    if successor.wholly_revoked_at is not None and successor.wholly_revoked_at < effect:
        return False
    return successor.opens_at <= moment.at


def now(at: datetime) -> Moment:
    """Make the moment of a question about now."""
    return Moment(at.astimezone(UTC))
