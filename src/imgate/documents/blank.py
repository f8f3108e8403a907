"""The blank form for one partner: to be filled in by hand, where an office works on paper first.

It offers what a declaration to this partner could say, to be ticked; it has no digest, because there is no declaration yet.
"""

from datetime import date
from typing import Any

from imgate.consent.policy import PartnerPolicy
from imgate.documents.form import information, signer
from imgate.documents.office import Office
from imgate.documents.runs import written
from imgate.documents.typesetting import typeset
from imgate.documents.wording import Words
from imgate.record import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Clause, DeclaredDirection, Direction, Information, Purpose, SignerRole

_WORDS = (
    *("reference", "name", "birth", "client", "permissions", "discloser", "persons", "recipient", "direction", "purposes"),
    *("occasion", "scopes", "scopes_lead", "scope", "example", "special", "special_lead", "onward", "onward_none", "onward_from"),
    *("term", "information", "language", "signatures", "signature", "signer", "place_and_date", "understood"),
    *("interpreter", "interpreter_statement", "german_prevails"),
)
# The blank form carries no moment: the same configuration makes the same bytes on every day. It is dated by its first edition.
_EDITION = date(2026, 1, 1)


def blank(partner: PartnerPolicy, unit: str, words: Words, office: Office) -> bytes:
    """Set the blank form for this partner as PDF. Raises PapersUnavailable, WordingIncomplete."""
    return typeset(
        "blank",
        blank_data(partner, unit, words, office),
        words=words,
        title=words.both("blank.title"),
        dated=_EDITION,
        reference=partner.name,
    )


def blank_data(partner: PartnerPolicy, unit: str, words: Words, office: Office) -> dict[str, Any]:
    """Give what ``templates/blank.typ`` prints."""
    directions = _directions(partner)
    return {
        "w": {name: words.both(f"form.{name}") for name in _WORDS}
        | {name: words.both(f"blank.{name}") for name in ("lead", "tick", "occasion_hint", "no_digest", "from_to")},
        "unit": written(unit),
        "recipient": written(partner.name),
        "permissions": [_permission(clause, unit, partner.name, directions, words) for clause in Clause],
        "directions": [words.both(f"directions.{direction.value}", unit=unit, recipient=partner.name) for direction in directions],
        "purposes": [words.both(f"purposes.{purpose.value}") for purpose in Purpose],
        "scopes": [_scope(scope, words) for scope in offered(partner)],
        "information": information(words, unit, list(Information)),
        "contact_label": words.both("information.contact"),
        "contact": [written(line) for line in office.contact],
        "officer_label": words.both("copy.officer"),
        "officer": written(office.officer) if office.officer else None,
        "signers": [signer(role, words) for role in SignerRole],
    }


def offered(partner: PartnerPolicy) -> list[str]:
    """Name the scopes that a declaration to this partner may hold, in the catalogue's order: in its ceiling, and not closed."""
    return [scope for scope in CATALOGUE.scopes if scope in partner.either_ceiling and scope not in partner.closed]


def _directions(partner: PartnerPolicy) -> list[DeclaredDirection]:
    """Give the directions in which anything may pass at all."""
    ways = {direction.value for direction in Direction if partner.ceiling_of(direction)}
    return [direction for direction in DeclaredDirection if direction.value in ways or len(ways) == len(Direction)]


def _permission(clause: Clause, unit: str, recipient: str, directions: list[DeclaredDirection], words: Words) -> Any:
    if clause is Clause.DATA_PROTECTION_CONSENT:
        return words.both(f"clauses.{clause.value}_{words.regime}")
    widest = directions[-1] if directions else DeclaredDirection.TO_PARTNER
    return words.both(f"clauses.{clause.value}_{widest.value}", unit=unit, recipient=recipient)


def _scope(scope: str, words: Words) -> dict[str, Any]:
    return words.scope(scope) | {"special": CATALOGUE.scopes[scope].sensitivity is Sensitivity.SPECIAL}
