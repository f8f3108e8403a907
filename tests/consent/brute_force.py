"""Contract §4 read aloud: slow, plain, and written from the contract's text without a look at ``imgate.consent``.

It knows neither heads nor caches nor ranks. A declaration is its content and what happened to it, in the order in which it was
committed; each numbered premise is one function that looks at all of that again. Only the words of the contract are shared.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ORDER_OF_LEVELS = ["recorded", "written", "qualified"]
LEVEL_OF_KIND = {"oral_record": "recorded", "paper_scan": "written", "drawn": "written", "eid": "qualified"}
LEAST = {"internal": "recorded", "confidential": "written", "special": "written"}
NINE_PURPOSES = [
    *("labour_market_integration", "language_support", "residence_matters", "housing", "benefit_coordination"),
    *("qualification_recognition", "case_handover", "case_documentation", "family_support"),
]


@dataclass(frozen=True)
class Happening:
    """Something that was committed. ``scopes`` None means all; ``role`` and ``kind`` describe a piece of evidence."""

    at: datetime
    what: str  # signed, revoked, paused, resumed
    role: str = ""
    kind: str = ""
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Paper:
    """One declaration. One that is not readable cannot permit anything, and counts as in force where it supersedes another."""

    id: str
    content: dict[str, Any]
    happened: tuple[Happening, ...] = ()
    readable: bool = True


@dataclass(frozen=True)
class World:
    """The gateway's configuration as far as one partner is concerned, and the catalogue: scope → (sensitivity, closed)."""

    catalogue: dict[str, tuple[str, bool]]
    partner: str
    name: str
    formerly: tuple[str, ...]
    adapter: dict[str, frozenset[str]]  # direction → scopes with a place in that direction's messages
    ceiling: frozenset[str] | None
    open: frozenset[str]
    evidence: dict[str, str]
    partners: frozenset[str]
    zone: ZoneInfo


@dataclass(frozen=True)
class Asked:
    """One question about one scope. ``about_now``: what is committed counts, whatever the clocks say."""

    direction: str
    purpose: str | None
    scope: str
    at: datetime
    about_now: bool
    provenance: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """``named`` and ``passing`` for a permit, ``reason`` for a denial."""

    named: str | None = None
    passing: tuple[str, ...] = ()
    reason: str | None = None


def judge(world: World, papers: list[Paper], asked: Asked) -> Verdict:
    """Answer as §4 does."""
    about_itself = objection_to_scope(world, asked)
    if about_itself is not None:
        return Verdict(reason=about_itself)
    readable = [paper for paper in papers if paper.readable and paper.content["partner"] == world.partner]
    if not readable:
        return Verdict(reason="no_declaration")
    objections = {paper.id: objection_to_paper(world, papers, paper, asked) for paper in readable}
    passing = [paper for paper in readable if objections[paper.id] is None]
    if passing:
        earliest = min(paper.content["valid_until"] for paper in passing)
        named = min(paper.id for paper in passing if paper.content["valid_until"] == earliest)
        return Verdict(named=named, passing=tuple(sorted(paper.id for paper in passing)))
    names = [name for name, _ in PREMISES]
    return Verdict(reason=max((found for found in objections.values() if found is not None), key=names.index))


def objection_to_scope(world: World, asked: Asked) -> str | None:
    """A: the scope itself."""
    if asked.scope not in world.catalogue:
        return "unknown_scope"
    _, closed = world.catalogue[asked.scope]
    opened = world.partner in world.partners and asked.scope in world.open
    if closed and not opened:
        return "scope_closed"
    directions = [asked.direction] if asked.direction in ("to_partner", "from_partner") else ["to_partner", "from_partner"]
    has_a_place = any(asked.scope in world.adapter.get(direction, frozenset()) for direction in directions)
    narrowed_away = world.ceiling is not None and asked.scope not in world.ceiling
    if world.partner not in world.partners or not has_a_place or narrowed_away:
        return "beyond_partner_ceiling"
    return None


def objection_to_paper(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> str | None:
    """B: the first premise that fails."""
    for name, fails in PREMISES:
        if fails(world, papers, paper, asked):
            return name
    return None


def happened_by_then(paper: Paper, asked: Asked) -> list[Happening]:
    """What is committed counts, whatever the clocks say; times are compared only for questions about another time."""
    return [happening for happening in paper.happened if asked.about_now or happening.at <= asked.at]


def level_of(content: dict[str, Any], happenings: list[Happening]) -> str | None:
    """The level of the weakest role; a role asked for n times counts its n strongest pieces. None: evidence incomplete."""
    roles = content["signers_required"]
    counted = []
    for role in set(roles):
        pieces = [LEVEL_OF_KIND[h.kind] for h in happenings if h.what == "signed" and h.role == role]
        pieces.sort(key=ORDER_OF_LEVELS.index, reverse=True)
        if len(pieces) < roles.count(role):
            return None
        counted += pieces[: roles.count(role)]
    return min(counted, key=ORDER_OF_LEVELS.index) if counted else None


def wholly_revoked(content: dict[str, Any], happenings: list[Happening]) -> bool:
    """All at once, or one after another until none is left."""
    gone: set[str] = set()
    for happening in happenings:
        if happening.what == "revoked":
            gone |= set(content["scopes"] if happening.scopes is None else happening.scopes)
    return bool(gone) and gone >= set(content["scopes"])


def midnight(world: World, day: str, days_later: int = 0) -> datetime:
    """00:00 of that day in the gateway's zone."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days_later), time(0), tzinfo=world.zone)


def not_signed(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """Evidence incomplete."""
    return level_of(paper.content, happened_by_then(paper, asked)) is None


def revoked(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """For all scopes or for this one; superseding revokes."""
    happenings = happened_by_then(paper, asked)
    this_one = any(h.what == "revoked" and h.scopes is not None and asked.scope in h.scopes for h in happenings)
    successors = [other for other in papers if other.content["supersedes"] == paper.id]
    return wholly_revoked(paper.content, happenings) or this_one or any(took_effect(world, other, asked) for other in successors)


def took_effect(world: World, successor: Paper, asked: Asked) -> bool:
    """At the later of complete evidence and valid_from 00:00, unless wholly revoked before; nothing later undoes it."""
    if not successor.readable:
        return True
    happenings = happened_by_then(successor, asked)
    first_day = midnight(world, successor.content["valid_from"])
    for count in range(1, len(happenings) + 1):
        if level_of(successor.content, happenings[:count]) is not None:
            when_complete = happenings[count - 1].at
            before = [h for index, h in enumerate(happenings) if index < count - 1 or (h.at < first_day and when_complete < first_day)]
            return asked.at >= first_day and not wholly_revoked(successor.content, before)
    return False


def paused(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """Paused and not resumed since."""
    turns = [h.what for h in happened_by_then(paper, asked) if h.what in ("paused", "resumed")]
    return bool(turns) and turns[-1] == "paused"


def not_yet_valid(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """Before valid_from 00:00."""
    return asked.at < midnight(world, paper.content["valid_from"])


def expired(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """At or after the day after valid_until 00:00."""
    return asked.at >= midnight(world, paper.content["valid_until"], 1)


def recipient_changed(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """Neither the name signed for nor one that has it in ``formerly``."""
    names = [world.name, *world.formerly] if world.partner in world.partners else []
    return paper.content["recipient"] not in names


def clause_missing(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """One of the two clauses is absent."""
    return not {"confidentiality_release", "data_protection_consent"} <= set(paper.content["clauses"])


def direction_not_covered(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """Neither both nor this one; a word that is no direction is never covered."""
    return asked.direction not in ("to_partner", "from_partner") or paper.content["direction"] not in (asked.direction, "both")


def purpose_not_covered(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """Not among the signed ones, or no purpose at all."""
    return asked.purpose not in NINE_PURPOSES or asked.purpose not in paper.content["purposes"]


def scope_not_covered(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """No wildcards, no prefixes."""
    return asked.scope not in paper.content["scopes"]


def evidence_too_weak(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """For this scope's sensitivity and this partner; a configuration raises what is needed and never lowers it."""
    sensitivity, _ = world.catalogue[asked.scope]
    needed = max(LEAST[sensitivity], world.evidence.get(sensitivity, "recorded"), key=ORDER_OF_LEVELS.index)
    level = level_of(paper.content, happened_by_then(paper, asked))
    return level is None or ORDER_OF_LEVELS.index(level) < ORDER_OF_LEVELS.index(needed)


def onward_transfer_not_covered(world: World, papers: list[Paper], paper: Paper, asked: Asked) -> bool:
    """The datum came from another partner that ``onward_from`` does not name; an unknown partner's goes nowhere."""
    origin = world.partner if asked.direction == "from_partner" else asked.provenance.get(asked.scope, "self")
    if origin in ("self", world.partner):
        return False
    return origin not in world.partners or origin not in paper.content["onward_from"]


PREMISES = [
    (premise.__name__, premise)
    for premise in (
        *(not_signed, revoked, paused, not_yet_valid, expired, recipient_changed, clause_missing, direction_not_covered),
        *(purpose_not_covered, scope_not_covered, evidence_too_weak, onward_transfer_not_covered),
    )
]
