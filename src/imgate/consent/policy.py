"""What the configuration says about one partner, as far as the judge needs it. It can narrow, never widen."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from imgate.record import Catalogue
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import DIRECTIONS, Direction, EvidenceLevel

# The floor of contract §3; a configuration can raise it.
LEVEL_FLOOR: Mapping[Sensitivity, EvidenceLevel] = {
    Sensitivity.INTERNAL: EvidenceLevel.RECORDED,
    Sensitivity.CONFIDENTIAL: EvidenceLevel.WRITTEN,
    Sensitivity.SPECIAL: EvidenceLevel.WRITTEN,
}


@dataclass(frozen=True)
class PartnerPolicy:
    """One configured partner.

    ``ceiling`` holds, per direction, the scopes that the adapter has a place for, already narrowed by the
    configuration; ``open`` the closed scopes that this partner may have, and ``contact.address`` where a blocked
    address may pass; ``partners`` all configured ids, because a datum from an unknown one goes nowhere.
    """

    partner: str
    name: str
    formerly: frozenset[str]
    ceiling: Mapping[Direction, frozenset[str]]
    open: frozenset[str]
    levels: Mapping[Sensitivity, EvidenceLevel]
    partners: frozenset[str]
    catalogue: Catalogue

    def ceiling_of(self, direction: str) -> frozenset[str]:
        """Give the ceiling of this direction; a direction that nothing was configured for has an empty one.

        A word that is no direction is measured by both ceilings together, so that it is denied at its own step.
        """
        if direction in DIRECTIONS:
            return self.ceiling.get(Direction(direction), frozenset())
        return self.either_ceiling

    @cached_property
    def either_ceiling(self) -> frozenset[str]:
        """The scopes that may pass in at least one direction."""
        return frozenset().union(*self.ceiling.values())

    @cached_property
    def needed_rank(self) -> Mapping[str, int]:
        """The evidence level, as its rank, that each scope of the catalogue needs with this partner."""
        return {
            scope: max(LEVEL_FLOOR[entry.sensitivity].rank, self.levels.get(entry.sensitivity, LEVEL_FLOOR[entry.sensitivity]).rank)
            for scope, entry in self.catalogue.scopes.items()
        }

    @cached_property
    def closed(self) -> frozenset[str]:
        """The scopes that are closed and that this partner's configuration does not open."""
        return frozenset(scope for scope, entry in self.catalogue.scopes.items() if entry.closed) - self.open


@dataclass(frozen=True, slots=True)
class Policy:
    """The gateway as the judge sees it: its name and zone, its units, its longest term, and its partners.

    ``wording`` is the version of the form's text that new declarations are made with.
    """

    gateway: str
    zone: ZoneInfo
    units: frozenset[str] | None
    max_term_days: int
    catalogue: Catalogue
    partners: Mapping[str, PartnerPolicy]
    wording: str

    def partner(self, partner: str) -> PartnerPolicy:
        """Give the partner's policy; an unconfigured partner has an empty ceiling."""
        configured = self.partners.get(partner)
        if configured is not None:
            return configured
        return PartnerPolicy(
            partner=partner,
            name="",
            formerly=frozenset(),
            ceiling={},
            open=frozenset(),
            levels=LEVEL_FLOOR,
            partners=frozenset(self.partners),
            catalogue=self.catalogue,
        )
