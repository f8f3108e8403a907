"""What the rules for a partner were at some time, as the log says: the configuration at each start, and the office's word on openings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imgate.audit.events import EventName
from imgate.consent.four_eyes import Office, open_now
from imgate.consent.policy import LEVEL_FLOOR, PartnerPolicy
from imgate.exchange.ports import LogEntry
from imgate.record import Catalogue
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction, EvidenceLevel, UserRole

CONFIGURING = frozenset(
    {
        EventName.GATEWAY_STARTED,
        EventName.PARTNER_CONFIGURED,
        EventName.OPENING_SINGLE,
        EventName.OPENING_CONFIRMED,
        EventName.OPENING_WITHDRAWN,
        EventName.USER_ADDED,
        EventName.USER_CHANGED,
        EventName.USER_REVOKED,
    }
)


@dataclass(slots=True)
class RulesThen:
    """The rules, as far as the log was read: give it the entries in their order.

    Of several gateways the one that started last counts: which one took a decision is not on record. After an entry that is not genuine
    nothing is known until the next start.
    """

    catalogue: int | None = None
    _known: bool = False
    _partners: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _single: set[str] = field(default_factory=set)
    _confirmed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _roles: dict[str, str] = field(default_factory=dict)
    _office_in_use: bool = False

    def take(self, entry: LogEntry) -> None:
        """Take the next entry; one that says nothing about rules changes nothing."""
        if not entry.sound:
            self._known = False
            return
        fields = entry.fields
        match entry.event:
            case EventName.GATEWAY_STARTED:
                self._known, self.catalogue = True, fields.get("catalogue")
                self._partners, self._single = {}, set()
            case EventName.PARTNER_CONFIGURED:
                self._partners[fields["partner"]] = fields
            case EventName.OPENING_SINGLE:
                self._single.add(fields["partner"])
            case EventName.OPENING_CONFIRMED:
                self._confirmed.setdefault((fields["partner"], fields["scope"]), set()).add(fields["user"])
            case EventName.OPENING_WITHDRAWN:
                self._confirmed.get((fields["partner"], fields["scope"]), set()).discard(fields["user"])
            case EventName.USER_ADDED | EventName.USER_CHANGED:
                self._roles[fields["user"]] = fields["role"]
                self._office_in_use |= fields["role"] == UserRole.OFFICE
            case EventName.USER_REVOKED:
                self._roles.pop(fields["user"], None)
            case _:
                pass

    def of(self, partner: str, catalogue: Catalogue) -> PartnerPolicy | None:
        """Give the rules for this partner, over today's catalogue; None where the log does not tell them."""
        said = self._partners.get(partner) if self._known else None
        if said is None:
            return None
        scopes: dict[Direction, set[str]] = {direction: set() for direction in Direction}
        for entry in said["ceiling"]:
            direction, _, scope = entry.partition(":")
            scopes[Direction(direction)].add(scope)
        levels = dict(entry.split(":") for entry in said.get("evidence", ()))
        opened = open_now(partner, frozenset(said["open"]), self._office(), accept_single=partner in self._single)
        return PartnerPolicy(
            partner=partner,
            name=said["name"],
            formerly=frozenset(said.get("formerly", ())),
            ceiling={direction: frozenset(found) for direction, found in scopes.items()},
            open=opened,
            levels={**LEVEL_FLOOR, **{Sensitivity(word): EvidenceLevel(level) for word, level in levels.items()}},
            partners=frozenset(self._partners),
            catalogue=catalogue,
        )

    def _office(self) -> Office:
        of_office = {user for user, role in self._roles.items() if role == UserRole.OFFICE}
        return Office(self._office_in_use, {opening: frozenset(by & of_office) for opening, by in self._confirmed.items()})
