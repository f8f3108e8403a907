"""Steps 8 to 10 once more, by a policy engine that somebody else wrote: Cedar answers as ``decide`` does."""

import json

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgate.vocabulary.words import Purpose
from tests.consent.specimen import PARTNER, decision, declaration

SCOPES = ["contact_persons.jobcenter", "language.level", "residence.status"]
ACTIONS = {"to_partner": ["to_partner"], "from_partner": ["from_partner"], "both": ["to_partner", "from_partner"]}


def as_cedar(direction, purposes, scopes):
    """Write one declaration as a Cedar policy."""
    actions = ", ".join(f'Action::"{action}"' for action in ACTIONS[direction])
    resources = " || ".join(f'resource == Scope::"{scope}"' for scope in scopes)
    condition = f"{json.dumps(sorted(purposes))}.contains(context.purpose) && ({resources})"
    return f'permit(principal == Partner::"{PARTNER}", action in [{actions}], resource) when {{ {condition} }};'


declared = st.tuples(
    st.sampled_from(list(ACTIONS)),
    st.sets(st.sampled_from([purpose.value for purpose in Purpose]), min_size=1),
    st.sets(st.sampled_from(SCOPES), min_size=1),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(declared, max_size=3),
    st.sampled_from(["to_partner", "from_partner", "sideways"]),
    st.sampled_from([*Purpose, "everything", ""]),
    st.sampled_from(SCOPES),
)
def test_cedar_permits_what_decide_permits(papers, direction, purpose, scope):
    """For any declarations: direction, purpose and scope have to be covered by one and the same."""
    request = {
        "principal": f'Partner::"{PARTNER}"',
        "action": f'Action::"{direction}"',
        "resource": f'Scope::"{scope}"',
        "context": {"purpose": str(purpose)},
    }
    answer = cedarpy.is_authorized(request, "\n".join(as_cedar(*paper) for paper in papers), [])
    signed = [
        declaration(id_=f"{number}0000000-0000-4000-8000-000000000000", direction=way, purposes=sorted(purposes), scopes=sorted(scopes))
        for number, (way, purposes, scopes) in enumerate(papers)
    ]
    found = decision(*signed, scopes=(scope,), direction=direction, purpose=str(purpose))
    assert answer.allowed is (scope in found.permitted)


@pytest.mark.parametrize(("direction", "allowed"), [("to_partner", True), ("from_partner", False)])
def test_the_oracle_understands_the_policies(direction, allowed):
    """An engine that answers every question with an error would agree with every denial."""
    request = {"principal": f'Partner::"{PARTNER}"', "action": f'Action::"{direction}"', "resource": f'Scope::"{SCOPES[0]}"'}
    answer = cedarpy.is_authorized(request | {"context": {"purpose": "housing"}}, as_cedar("to_partner", {"housing"}, SCOPES[:1]), [])
    assert answer.allowed is allowed
    assert answer.diagnostics.errors == []
