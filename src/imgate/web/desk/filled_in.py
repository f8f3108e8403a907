"""What stands in the form of a new declaration: from a template at first, then as somebody sent it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from imgate.consent.policy import Policy
from imgate.documents.languages import GERMAN, language_of
from imgate.vocabulary.words import Clause, SignerRole
from imgate.web.desk.offering import Template
from imgate.web.forms import Posted

# A role may stand twice: both parents have custody as a rule.
SECOND_GUARDIAN = "second_guardian"
_ROLE_OF_TICK = {SECOND_GUARDIAN: SignerRole.GUARDIAN.value}
_TERM_DAYS = 365
_LISTS = ("purposes", "scopes", "needed", "informed_of", "signers", "onward_from")


@dataclass(frozen=True, slots=True)
class FilledIn:
    """The form's fields by their names; what was not sent is empty."""

    partner: str
    purposes: Sequence[str]
    scopes: Sequence[str]
    direction: str
    valid_from: str
    valid_until: str
    language: str
    other_language: str = ""
    needed: Sequence[str] = ()
    occasion: str = field(default="", repr=False)
    interpreter: str = field(default="", repr=False)
    informed_of: Sequence[str] = ()
    signers: Sequence[str] = (SignerRole.CLIENT.value,)
    unit: str = ""
    persons: str = field(default="", repr=False)
    onward_from: Sequence[str] = ()
    supersedes: str = ""
    request: str = ""

    @classmethod
    def from_form(cls, form: Posted) -> "FilledIn":
        """Take what was sent."""
        said: dict[str, Any] = {each.name: form.one(each.name) for each in fields(cls)}
        return cls(**said | {name: form.all(name) for name in _LISTS})

    def content(self, client: str) -> dict[str, Any]:
        """Give the declaration that this asks for, in the shape of ``DeclarationRequest``."""
        # Two languages are none: which one was meant, nobody can tell.
        language = "" if self.language and self.other_language else self.language or self.other_language
        return {
            "client": client,
            "partner": self.partner,
            "discloser": {"unit": self.unit, "persons": lines(self.persons)},
            "clauses": [clause.value for clause in Clause],
            "direction": self.direction,
            "purposes": list(self.purposes),
            "occasion": self.occasion,
            "scopes": list(self.scopes),
            "onward_from": list(self.onward_from),
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
            "signers_required": [_ROLE_OF_TICK.get(tick, tick) for tick in self.signers],
            "language": language,
            "interpreter": {"name": self.interpreter, "language": language} if self.interpreter else None,
            "informed_of": list(self.informed_of),
            "supersedes": self.supersedes or None,
        }


def from_template(template: Template, policy: Policy, today: date, *, author: str, language: str | None) -> FilledIn:
    """Begin a form. ``language`` is that of the client's other declarations, where there are any."""
    first, last = term(today, policy)
    known = GERMAN if language is None else language_of(language)
    return FilledIn(
        partner=template.partner,
        purposes=(template.purpose,),
        scopes=template.scopes,
        direction=template.direction.value,
        valid_from=first,
        valid_until=last,
        language=known.tag if known else "",
        other_language="" if known or language is None else language,
        unit=policy.gateway,
        persons=author,
    )


def term(begins: date, policy: Policy) -> tuple[str, str]:
    """Give the usual term from a day on: a year, or as long as the configuration allows."""
    return begins.isoformat(), (begins + timedelta(days=min(_TERM_DAYS, policy.max_term_days) - 1)).isoformat()


def lines(text: str) -> list[str]:
    """Give what stands on each line; empty lines say nothing."""
    return [line.strip() for line in text.split("\n") if line.strip()]
