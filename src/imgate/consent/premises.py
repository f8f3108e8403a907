"""What the judge looks at, premise by premise, each with the facts that it rests on (contract §4). Pure.

It stands beside ``decide`` and lets nothing through: nobody may pass anything because of what comes out of here. It takes every premise
by itself, also those behind the first that fails, and its own answer follows from them; that this is the answer of ``decide`` for
every question is proved by a test on random worlds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Question, in_force, level_at, paused, revoked_at
from imgate.consent.policy import PartnerPolicy
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import DIRECTIONS, PURPOSES, SELF, Clause, Direction, EvidenceLevel

# An origin that is no configured partner's: whatever was written in its place is not repeated, and this is nobody's id.
UNKNOWN_ORIGIN = "?"
_REASONS = tuple(Reason)
_LEVEL_OF_RANK = {level.rank: level.value for level in EvidenceLevel}

Fact = str | datetime | tuple[str, ...]
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Premise:
    """One premise: ``reason`` is given where it does not hold. ``facts`` are dates, levels, scopes and ids, as far as there are any."""

    reason: Reason
    holds: bool
    facts: Facts


@dataclass(frozen=True, slots=True)
class Under:
    """The twelve premises of B for one declaration, in their order."""

    declaration: str
    premises: tuple[Premise, ...]

    @property
    def objection(self) -> Reason | None:
        """The first that fails, or None where all hold."""
        return _first_failing(self.premises)


@dataclass(frozen=True, slots=True)
class Walk:
    """One scope: the premises of A, and those of B under each declaration, in the order in which declarations are named.

    About a scope that is in no catalogue nothing else can be asked.
    """

    scope: str
    itself: tuple[Premise, ...]
    under: tuple[Under, ...]

    @property
    def reason(self) -> Reason | None:
        """Why it does not pass; None where it does."""
        about_itself = _first_failing(self.itself)
        if about_itself is not None:
            return about_itself
        if self.passing:
            return None
        return max((one.objection or Reason.NO_DECLARATION for one in self.under), key=_REASONS.index, default=Reason.NO_DECLARATION)

    @property
    def passing(self) -> tuple[str, ...]:
        """The declarations under which it passes; the first is named."""
        if _first_failing(self.itself) is not None:
            return ()
        return tuple(one.declaration for one in self.under if one.objection is None)


@dataclass(frozen=True, slots=True)
class Turned:
    """One premise that holds in one walk and not in another. ``declaration`` None: one of A."""

    declaration: str | None
    premise: Premise


def walk(policy: PartnerPolicy, declarations: Iterable[VerifiedDeclaration], question: Question) -> tuple[Walk, ...]:
    """Take every premise for each scope. Who is to be asked about what is as with ``decide``."""
    mine = sorted((d for d in declarations if d.partner == policy.partner), key=attrgetter("valid_until", "id"))
    whole = [_of_declaration(policy, d, mine, question) for d in mine]
    walks = []
    for scope in question.scopes:
        known = mine if scope in policy.catalogue.scopes else []
        under = tuple(Under(d.id, _with_scope(policy, d, premises, scope, question)) for d, premises in zip(known, whole, strict=False))
        walks.append(Walk(scope, _of_scope(policy, scope, question), under))
    return tuple(walks)


def turned(before: Walk, after: Walk) -> tuple[Turned, ...]:
    """Give the premises, as they are in ``after``, that hold in one of the two and not in the other.

    A declaration that only one of them knows of stands with ``no_declaration``.
    """
    found = [Turned(None, premise) for premise in _differing(before.itself, after.itself)]
    there, here = ({one.declaration: one.premises for one in each.under} for each in (before, after))
    for declaration in [*here, *(each for each in there if each not in here)]:
        if declaration in there and declaration in here:
            found += [Turned(declaration, premise) for premise in _differing(there[declaration], here[declaration])]
        else:
            found.append(Turned(declaration, Premise(Reason.NO_DECLARATION, declaration in here, {})))
    return tuple(found)


def _differing(before: Iterable[Premise], after: Iterable[Premise]) -> list[Premise]:
    held = {premise.reason: premise.holds for premise in before}
    return [premise for premise in after if held.get(premise.reason, True) != premise.holds]


def _first_failing(premises: Iterable[Premise]) -> Reason | None:
    return next((premise.reason for premise in premises if not premise.holds), None)


def _of_scope(policy: PartnerPolicy, scope: str, question: Question) -> tuple[Premise, ...]:
    """A: the scope itself."""
    entry = policy.catalogue.scopes.get(scope)
    known = Premise(Reason.UNKNOWN_SCOPE, entry is not None, {"catalogue": str(policy.catalogue.version)})
    if entry is None:
        return (known,)
    sensitivity = {"sensitivity": entry.sensitivity.value}
    opened: Facts = {"opened_for_partner": _word(scope in policy.open)} if entry.closed else {}
    configured = {"direction": question.direction} if question.direction in DIRECTIONS else {}
    configured |= {} if policy.partner in policy.partners else {"partner": "not_configured"}
    return (
        known,
        Premise(Reason.SCOPE_CLOSED, scope not in policy.closed, {"closed_in_catalogue": _word(entry.closed), **opened, **sensitivity}),
        Premise(Reason.BEYOND_PARTNER_CEILING, scope in policy.ceiling_of(question.direction), configured),
    )


def _of_declaration(
    policy: PartnerPolicy, d: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], question: Question
) -> tuple[Premise, ...]:
    """B, 1 to 9: the declaration as a whole, the second as far as it is about all scopes."""
    moment = question.moment
    level = level_at(d, moment)
    replaced = _superseding(d, siblings, question)
    stands = not revoked_at(d, moment) and not replaced
    formerly: Facts = {"formerly": tuple(sorted(policy.formerly))} if policy.formerly else {}
    names = {"signed_for": d.recipient, "configured": policy.name}
    missing = tuple(sorted(clause.value for clause in Clause if clause.value not in d.clauses))
    covered = question.direction in DIRECTIONS and d.direction.covers(Direction(question.direction))
    asked_for = question.purpose in PURPOSES and question.purpose in d.purposes
    ended: Facts = {"superseded_by": replaced} if replaced else {}
    return (
        Premise(Reason.NOT_SIGNED, level is not None, _given({"complete_at": d.complete_at})),
        Premise(Reason.REVOKED, stands, {**_given({"revoked_at": d.wholly_revoked_at}), **ended}),
        Premise(Reason.PAUSED, not paused(d, moment), _pause(d)),
        Premise(Reason.NOT_YET_VALID, moment.at >= d.opens_at, {"begins_at": d.opens_at}),
        Premise(Reason.EXPIRED, moment.at < d.closes_at, {"last_day": d.valid_until, "ends_at": d.closes_at}),
        Premise(Reason.RECIPIENT_CHANGED, d.recipient == policy.name or d.recipient in policy.formerly, {**names, **formerly}),
        Premise(Reason.CLAUSE_MISSING, not missing, {"missing": missing} if missing else {}),
        Premise(Reason.DIRECTION_NOT_COVERED, covered, {"covers": d.direction.value}),
        Premise(Reason.PURPOSE_NOT_COVERED, asked_for, {"covers": tuple(sorted(d.purposes))}),
    )


def _of_both(policy: PartnerPolicy, d: VerifiedDeclaration, scope: str, question: Question) -> tuple[Premise, ...]:
    """B, 10 to 12: this scope under this declaration."""
    level = level_at(d, question.moment)
    needed = policy.needed_rank[scope]
    origin = _origin(policy, scope, question)
    foreign = origin not in (SELF, policy.partner)
    allowed = not foreign or (origin != UNKNOWN_ORIGIN and origin in d.onward_from)
    levels = {"needed": _LEVEL_OF_RANK[needed], **_given({"reached": None if level is None else level.value})}
    onward: Facts = {"allowed_from": tuple(sorted(d.onward_from))} if foreign else {}
    return (
        Premise(Reason.SCOPE_NOT_COVERED, scope in d.scopes, {}),
        Premise(Reason.EVIDENCE_TOO_WEAK, level is not None and level.rank >= needed, levels),
        Premise(Reason.ONWARD_TRANSFER_NOT_COVERED, allowed, {"origin": origin, **onward}),
    )


def _with_scope(
    policy: PartnerPolicy, d: VerifiedDeclaration, whole: tuple[Premise, ...], scope: str, question: Question
) -> tuple[Premise, ...]:
    """All of B for one scope. What was revoked of this scope by itself belongs to the second premise."""
    single = _of_both(policy, d, scope, question)
    at = d.revoked.get(scope)
    if at is None:
        return whole + single
    gone = question.moment.committed or at <= question.moment.at
    signed, revoked, *rest = whole
    return (signed, Premise(Reason.REVOKED, revoked.holds and not gone, {**revoked.facts, "scope_revoked_at": at}), *rest, *single)


def _superseding(d: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], question: Question) -> tuple[str, ...]:
    """Give the successors that have taken effect; one that is missing or unreadable has."""
    readable = {sibling.id: sibling for sibling in siblings}
    return tuple(each for each in d.superseded_by if each not in readable or in_force(readable[each], question.moment))


def _origin(policy: PartnerPolicy, scope: str, question: Question) -> str:
    """Give where the datum came from: the client, this partner, another configured one, or nobody knows."""
    if question.direction == Direction.FROM_PARTNER:
        return policy.partner
    said = question.provenance.get(scope, SELF)
    return said if said in (SELF, policy.partner) or said in policy.partners else UNKNOWN_ORIGIN


def _pause(d: VerifiedDeclaration) -> Facts:
    if not d.pauses:
        return {}
    begun, ended = d.pauses[-1]
    return {"last_begun_at": begun, **_given({"last_ended_at": ended})}


def _given(facts: Mapping[str, str | datetime | None]) -> dict[str, str | datetime]:
    return {name: fact for name, fact in facts.items() if fact is not None}


def _word(yes: bool) -> str:
    return "yes" if yes else "no"
