"""Where the law has a way of its own, a permission may be superfluous: then a form asks whether it is needed for all that.

Nothing may be asked of a client that a statute orders anyway (domain §2.2). The page says what the law does, and a person answers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imgate.exchange.context import Partner
from imgate.vocabulary.words import Body, DeclaredDirection, Direction
from imgate.web.texts import _


@dataclass(frozen=True, slots=True)
class Question:
    """One fact of the law, and the scopes of this partner that it concerns. ``fact`` is German and is translated where it is shown."""

    name: str
    fact: str
    scopes: tuple[str, ...]


# Domain §2.9. The Agentur für Arbeit is not named there, so it is not asked about.
_AZR = _(
    "Das Jobcenter kann den Aufenthaltsstatus selbst im Ausländerzentralregister nachsehen (§ 18b AZRG). "
    "Wenn das genügt, lassen Sie diese Angabe weg."
)
# Domain §2.8.
_NOTICES = _(
    "Gesetzliche Mitteilungen an die Ausländerbehörde (§ 87 Abs. 2 AufenthG, § 8 Abs. 1c AsylG) beruhen nicht auf einer Erlaubnis "
    "und gehen nie auf diesem Weg. Wählen Sie nur, was darüber hinaus gebraucht wird."
)


def questions(partner: Partner) -> Sequence[Question]:
    """Give the questions that a form for this partner asks."""
    sent = partner.policy.ceiling_of(Direction.TO_PARTNER)
    match partner.body:
        case Body.JOBCENTER:
            found = [Question("azr", _AZR, _in_order({"residence.status"} & sent, partner))]
        case Body.AUSLAENDERBEHOERDE:
            found = [Question("notices", _NOTICES, _in_order(sent - partner.policy.closed, partner))]
        case _:
            found = []
    return [question for question in found if question.scopes]


def unanswered(partner: Partner, direction: str, scopes: Iterable[str], answered: Iterable[str]) -> Sequence[Question]:
    """Give the questions that concern what was chosen and were not answered with yes. What only comes from the partner is no matter."""
    if direction == DeclaredDirection.FROM_PARTNER:
        return []
    chosen = frozenset(scopes)
    return [question for question in questions(partner) if not chosen.isdisjoint(question.scopes) and question.name not in answered]


def _in_order(scopes: Iterable[str], partner: Partner) -> tuple[str, ...]:
    wanted = frozenset(scopes)
    return tuple(scope for scope in partner.policy.catalogue.scopes if scope in wanted)
