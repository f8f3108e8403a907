"""Minimising: of what was permitted, only what is needed is left (contract §2 and §4). Pure.

This is the only maker of ``ReleasedRecord``: nothing that was not permitted gets past here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from imgate.consent.judge import Decision
from imgate.consent.policy import PartnerPolicy
from imgate.plugin_api import Release, ReleasedRecord
from imgate.record import ScopeEntry
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import SELF

ADDRESS = "contact.address"
_HOUSEHOLD = "family.household"
ADULT_AGE = 18
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Minimised:
    """What is left of a record, and why each other present scope is withheld. Together they name every scope once."""

    released: ReleasedRecord
    withheld: Mapping[str, Reason]


def present_scopes(record: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Name the scopes that a record holds, in the record's order."""
    return tuple([f"{section}.{item}" for section, items in record.items() for item in items])


def minimise(
    policy: PartnerPolicy,
    decision: Decision,
    record: Mapping[str, Mapping[str, Any]],
    provenance: Mapping[str, str],
    disclosers: Mapping[str, str],
    today: date,
) -> Minimised:
    """Keep the permitted scopes and of them what may pass. ``disclosers`` names the unit per declaration id."""
    kept: dict[str, dict[str, Any]] = {}
    releases: dict[str, Release] = {}
    withheld: dict[str, Reason] = dict(decision.denied)
    under: dict[tuple[str, str], Release] = {}
    for scope, declaration in decision.permitted.items():
        entry = policy.catalogue.scopes[scope]
        value = record[entry.section][entry.item]
        if scope == ADDRESS and _blocked(value) and ADDRESS not in policy.open:
            withheld[scope] = Reason.ADDRESS_BLOCKED
            continue
        if scope == _HOUSEHOLD:
            value = [member if _is_minor(member, today) else {"relation": member["relation"]} for member in value]
        if entry.leaves_since:
            value = _without_later_leaves(entry, declaration.catalogue, value)
            if value is _NOTHING:
                withheld[scope] = Reason.NOTHING_LEFT
                continue
        kept.setdefault(entry.section, {})[entry.item] = value
        origin = provenance.get(scope, SELF)
        release = under.get((declaration.id, origin))
        if release is None:
            release = under[declaration.id, origin] = Release(disclosers[declaration.id], origin, declaration.valid_until)
        releases[scope] = release
    return Minimised(ReleasedRecord(kept, releases), withheld)


def _blocked(address: Mapping[str, Any]) -> bool:
    """An address passes only where the record says that there is no information block (§ 51 BMG); unknown means blocked."""
    return address.get("information_block") is not False


def _is_minor(member: Mapping[str, Any], today: date) -> bool:
    """Tell whether somebody is certainly under 18 today; a partly known date counts from its earliest day.

    Compared as year, month and day: who was born on a 29 February comes of age on 1 March (§ 188(3) BGB). A day that is yet
    to come is nobody's birth, and tells nothing.
    """
    said = (member.get("birth") or {}).get("date")
    if not said:
        return False
    born = date.fromisoformat(f"{said}-01-01"[:10])
    return born <= today and (today.year, today.month, today.day) < (born.year + ADULT_AGE, born.month, born.day)


def _without_later_leaves(entry: ScopeEntry, signed_under: int, value: Any) -> Any:
    """Drop leaves that came into the catalogue after the declaration was signed; give ``_NOTHING`` where nothing is left."""
    for path, since in entry.leaves_since.items():
        if since > signed_under and value is not _NOTHING:
            value = _drop(value, path.split("."))
    return value


def _drop(value: Any, path: list[str]) -> Any:
    """Drop one leaf, in each entry of a list, and with it whatever held nothing else. What was empty before stays: it was said."""
    if isinstance(value, list):
        kept = [left for entry in value if (left := _drop(entry, path)) is not _NOTHING]
        return kept if kept or not value else _NOTHING
    if not isinstance(value, Mapping) or path[0] not in value:
        return value
    left = _NOTHING if len(path) == 1 else _drop(value[path[0]], path[1:])
    rest = {name: left if name == path[0] else leaf for name, leaf in value.items() if name != path[0] or left is not _NOTHING}
    return rest or _NOTHING
