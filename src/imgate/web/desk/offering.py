"""What a form offers for one partner: purposes, directions, scopes by section, and what a template chooses beforehand."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from imgate.exchange.context import Corridor, Partner
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Body, DeclaredDirection, Direction, Purpose


@dataclass(frozen=True, slots=True)
class OfferedScope:
    """A scope that a declaration to this partner may hold, and which way it can pass at all."""

    scope: str
    special: bool
    way: DeclaredDirection


@dataclass(frozen=True, slots=True)
class Template:
    """A beginning: one partner, one purpose, and what such a matter needs as a rule."""

    partner: str
    purpose: str
    scopes: tuple[str, ...]
    direction: DeclaredDirection


def purposes_of(partner: Partner) -> tuple[str, ...]:
    """Give the purposes that the partner's adapter offers."""
    return tuple(purpose.value for purpose in partner.adapter.manifest.purposes)


def directions_of(partner: Partner) -> tuple[DeclaredDirection, ...]:
    """Give the directions in which anything may pass, the widest first."""
    ways = {direction.value for direction in Direction if partner.policy.ceiling_of(direction)}
    found = [direction for direction in DeclaredDirection if direction.value in ways or len(ways) == len(Direction)]
    return tuple(reversed(found))


def sections_of(partner: Partner) -> Sequence[tuple[str, Sequence[OfferedScope]]]:
    """Give the scopes that may be asked for, by the record's sections: within the ceiling, and not closed."""
    policy = partner.policy
    sections: dict[str, list[OfferedScope]] = {}
    for scope, entry in policy.catalogue.scopes.items():
        if scope in policy.either_ceiling and scope not in policy.closed:
            special = entry.sensitivity is Sensitivity.SPECIAL
            sections.setdefault(entry.section, []).append(OfferedScope(scope, special, _way(partner, scope)))
    return list(sections.items())


def templates(corridor: Corridor) -> Sequence[Template]:
    """Give all beginnings: one for each partner and each purpose that its adapter offers."""
    return [template_of(partner, purpose) for partner in corridor.partners.values() for purpose in purposes_of(partner)]


def template_of(partner: Partner, purpose: str) -> Template:
    """Give the beginning for a purpose; one that no template knows begins with nothing chosen."""
    open_to_it = {offered.scope for _section, scopes in sections_of(partner) for offered in scopes}
    chosen = tuple(scope for scope in _scopes_for(purpose, partner.body) if scope in open_to_it)
    return Template(partner.policy.partner, purpose, chosen, next(iter(directions_of(partner)), DeclaredDirection.TO_PARTNER))


def _way(partner: Partner, scope: str) -> DeclaredDirection:
    ways = [direction for direction in Direction if scope in partner.policy.ceiling_of(direction)]
    return DeclaredDirection.BOTH if len(ways) == len(Direction) else DeclaredDirection(ways[0].value)


def _scopes_for(purpose: str, body: Body) -> tuple[str, ...]:
    fitting = (entry for entry in _written() if entry[0] == purpose and (not entry[1] or body in entry[1]))
    return next((scopes for _purpose, _bodies, scopes in fitting), ())


@cache
def _written() -> tuple[tuple[Purpose, frozenset[Body], tuple[str, ...]], ...]:
    content = tomllib.loads((resources.files("imgate.web.desk") / "templates.toml").read_text(encoding="utf-8"))
    return tuple(
        (Purpose(entry["purpose"]), frozenset(map(Body, entry.get("bodies", ()))), tuple(entry["scopes"])) for entry in content["templates"]
    )
