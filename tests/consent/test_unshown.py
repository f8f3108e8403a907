"""Nothing of this room shows who somebody is when it is printed, logged, or part of an error."""

import traceback
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from imgate.consent.declaration import Discloser, Interpreter, complete_content, problems_of_declaration
from imgate.consent.minimise import minimise
from tests.consent.specimen import CLIENT, ID, POSTED, decision, declaration, draft, partner, policy, question, request, signed

SECRETS = ["K-2026-0815", "Vera", "Beispiel", "Samira", "Winnenden", "Pflegefachkraft", "Muster", "1990", "c" * 64, "'ar'"]
SPOKEN = {"interpreter": {"name": "Samira Beispiel", "language": "ar"}}
RECORD: dict[str, Any] = {
    "person": {"name": {"family": "Muster"}},
    "family": {"household": [{"relation": "spouse", "birth": {"date": "1990"}}]},
}


def minimised():
    """Give a record that was released in part."""
    found = decision(declaration(scopes=["person.name"]), scopes=("person.name", "family.household"))
    return minimise(partner(), found, RECORD, {}, {ID: "Integrationsmanagement Winnenden"}, date(2026, 6, 1))


SHOWN = {
    "a request": lambda: request(**SPOKEN),
    "a discloser": lambda: Discloser(unit="Integrationsmanagement Winnenden", persons=["Vera Beispiel"]),
    "an interpreter": lambda: Interpreter(name="Samira Beispiel", language="ar"),
    "its problems": lambda: problems_of_declaration(request(scopes=["Muster.Vera"], partner="Muster"), policy(), supersedes_known=False),
    "a draft": draft,
    "a head": signed,
    "a declaration": declaration,
    "a question": question,
    "a decision": lambda: decision(declaration()),
    "what was released": lambda: minimised().released,
    "what was minimised": lambda: minimised().released.record and str(minimised().withheld),
}


@pytest.mark.parametrize("what", SHOWN)
@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda thing: f"{[thing]}"])
def test_no_repr_shows_a_person(what, show):
    """Neither the client nor who discloses, interprets, or why."""
    shown = show(SHOWN[what]())
    assert not [secret for secret in SECRETS if secret in shown]


@pytest.mark.parametrize("name", list(POSTED))
def test_what_is_wrong_with_a_posted_declaration_is_said_without_repeating_it(name):
    """The text of the error; its ``errors()`` do carry input, and only ``problems_of`` may look at them."""
    with pytest.raises(ValidationError) as refused:
        request(**SPOKEN | {name: {"Muster": "Vera"}})
    assert not [secret for secret in SECRETS if secret in str(refused.value).replace("Muster\n", "")]


def test_the_specimen_really_holds_what_must_not_be_shown():
    """A test that looks for what is not there would always pass."""
    content = str(complete_content(request(**SPOKEN), policy()))
    assert [secret for secret in SECRETS if secret not in content + str(RECORD) + CLIENT] == []


def test_a_fault_while_minimising_names_no_value():
    """Python prints no locals; the message is the type's own."""
    found = decision(declaration(scopes=["person.name"]), scopes=("person.name",))
    with pytest.raises(KeyError) as fault:
        minimise(partner(), found, RECORD, {}, {}, date(2026, 6, 1))
    shown = "".join(traceback.format_exception(fault.value))
    assert not [secret for secret in SECRETS if secret in shown]
