"""The judge: which scopes pass, and why the others do not (contract §4). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.policy import PartnerPolicy
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import PURPOSES, SELF, DeclaredDirection, Direction, EvidenceLevel

_RANK = {reason: rank for rank, reason in enumerate(Reason)}
_COVERED_BY = {declared: frozenset(word.value for word in Direction if declared.covers(word)) for declared in DeclaredDirection}


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

    Every one of ``scopes``, the question's, stands in exactly one of ``permitted`` and ``denied``, in the question's order.
    """

    scopes: tuple[str, ...]
    permitted: Mapping[str, VerifiedDeclaration]
    passing: Mapping[str, tuple[VerifiedDeclaration, ...]]
    denied: Mapping[str, Reason]

    @property
    def named(self) -> tuple[str, ...]:
        """The ids of the declarations that are named, each once, sorted."""
        return tuple(sorted({declaration.id for declaration in self.permitted.values()}))


def decide(policy: PartnerPolicy, declarations: Iterable[VerifiedDeclaration], question: Question) -> Decision:
    """Answer for each scope. ``declarations`` are all readable ones of this client; those of another partner count for nothing."""
    standings = _standings(policy, declarations, question)
    foreign = _foreign(policy, question)
    ranks, closed, ceiling = policy.needed_rank, policy.closed, policy.ceiling_of(question.direction)
    permitted: dict[str, VerifiedDeclaration] = {}
    passing: dict[str, tuple[VerifiedDeclaration, ...]] = {}
    denied: dict[str, Reason] = {}
    for scope in question.scopes:
        needed = ranks.get(scope)
        if needed is None:
            denied[scope] = Reason.UNKNOWN_SCOPE
        elif scope in closed:
            denied[scope] = Reason.SCOPE_CLOSED
        elif scope not in ceiling:
            denied[scope] = Reason.BEYOND_PARTNER_CEILING
        else:
            furthest, passes = _NO_DECLARATION, []
            for standing in standings:
                why = _objection(standing, scope, needed, foreign)
                if why is None:
                    passes.append(standing[0])
                elif _RANK[why] > _RANK[furthest]:
                    furthest = why
            if passes:
                permitted[scope] = passes[0]
                passing[scope] = tuple(passes)
            else:
                denied[scope] = furthest
    return Decision(question.scopes, permitted, passing, denied)


# A declaration, the first step from 1 to 9 that it fails as a whole, its evidence rank, and what was revoked of it singly.
_Standing = tuple[VerifiedDeclaration, Reason | None, int, frozenset[str]]
_NONE: frozenset[str] = frozenset()


def _standings(policy: PartnerPolicy, declarations: Iterable[VerifiedDeclaration], question: Question) -> list[_Standing]:
    """Look at each declaration as a whole, in the order in which they are named: by the last day, then by id.

    The partner is the verified one: that of a row's clear column could be forged.
    """
    of_partner = sorted((d for d in declarations if d.partner == policy.partner), key=attrgetter("valid_until", "id"))
    moment = question.moment
    standings: list[_Standing] = []
    for d in of_partner:
        level = level_at(d, moment)
        if level is None:
            standings.append((d, Reason.NOT_SIGNED, 0, _NONE))
        else:
            gone = frozenset([scope for scope, at in d.revoked.items() if moment.committed or at <= moment.at]) if d.revoked else _NONE
            standings.append((d, _standing(policy, d, of_partner, question), level.rank, gone))
    return standings


def _standing(policy: PartnerPolicy, d: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], question: Question) -> Reason | None:
    """Take the steps 2 to 9 as far as they concern a signed declaration as a whole; give the first that fails."""
    moment = question.moment
    if revoked_at(d, moment) or superseded(d, siblings, moment):
        return Reason.REVOKED
    if paused(d, moment):
        return Reason.PAUSED
    if moment.at < d.opens_at:
        return Reason.NOT_YET_VALID
    if moment.at >= d.closes_at:
        return Reason.EXPIRED
    if d.recipient != policy.name and d.recipient not in policy.formerly:
        return Reason.RECIPIENT_CHANGED
    if not d.has_both_clauses:
        return Reason.CLAUSE_MISSING
    if question.direction not in _COVERED_BY[d.direction]:
        return Reason.DIRECTION_NOT_COVERED
    if question.purpose not in PURPOSES or question.purpose not in d.purposes:
        return Reason.PURPOSE_NOT_COVERED
    return None


def _foreign(policy: PartnerPolicy, question: Question) -> Mapping[str, str | None]:
    """Give the scopes that came from another partner, with that partner; None is one that nobody knows, and nobody can name.

    From a partner, the origin is the partner itself.
    """
    if question.direction != Direction.TO_PARTNER:
        return {}
    own = (SELF, policy.partner)
    known = policy.partners
    return {scope: origin if origin in known else None for scope, origin in question.provenance.items() if origin not in own}


# Looking a member up on its Enum costs more than the rest of a step; these are met for every scope of every declaration.
_NO_DECLARATION, _REVOKED = Reason.NO_DECLARATION, Reason.REVOKED
_SCOPE_NOT_COVERED, _EVIDENCE_TOO_WEAK = Reason.SCOPE_NOT_COVERED, Reason.EVIDENCE_TOO_WEAK


def _objection(standing: _Standing, scope: str, needed: int, foreign: Mapping[str, str | None]) -> Reason | None:
    """Take all twelve steps for one scope that needs this rank of evidence: give the first that fails, or None where all pass."""
    d, as_a_whole, rank, gone = standing
    if scope in gone:
        return _REVOKED  # step 2: for this one
    if as_a_whole is not None:
        return as_a_whole
    if scope not in d.scopes:
        return _SCOPE_NOT_COVERED
    if rank < needed:
        return _EVIDENCE_TOO_WEAK
    if scope in foreign and foreign[scope] not in d.onward_from:
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
    return any(successor not in readable or in_force(readable[successor], moment) for successor in d.superseded_by)


def in_force(successor: VerifiedDeclaration, moment: Moment) -> bool:
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
