"""The catalogue is what contract §2 says, is read off the types, and notices what a later one adds."""

from typing import Annotated, NotRequired

import pytest
from typing_extensions import TypedDict

from imgate.record import CATALOGUE, CaseRecord, Catalogue, Label, Scope, Since
from imgate.record.fields import fields_of, record_types_within
from imgate.vocabulary.sensitivity import Sensitivity

# contract §2, written out here a second time on purpose: a change of the types must not change the contract unnoticed.
SCOPES = [
    f"{section}.{item}"
    for section, items in {
        "person": "name birth sex nationality marital_status arrival",
        "identifiers": "jobcenter_number azr_number",
        "contact": "address phone email preferred_language",
        "contact_persons": "integration_management jobcenter auslaenderbehoerde guardian",
        "residence": "status title fictional_effect work_permission domicile_restriction file_number applications",
        "language": "level course",
        "education": "school vocational recognition",
        "work": "status history job_search measures proposals",
        "housing": "situation",
        "family": "household",
        "benefits": "regime cooperation_plan",
        "plan": "goals steps",
        "appointments": "upcoming",
        "needs": "support",
        "health": "constraints",
        "asylum": "grounds",
        "notes": "counselling",
    }.items()
    for item in items.split()
]
SPECIAL = {"health.constraints", "asylum.grounds", "notes.counselling", "residence.title"}
INTERNAL = {scope for scope in SCOPES if scope.startswith("contact_persons.")} | {"language.course"}
CLOSED = {"identifiers.azr_number", "asylum.grounds", "health.constraints"}


def test_the_scopes_of_catalogue_1_are_those_of_the_contract_in_its_order():
    assert CATALOGUE.version == 1
    assert list(CATALOGUE.scopes) == SCOPES
    assert len(SCOPES) == 44


def test_sensitivity_and_closed_scopes_are_those_of_the_contract():
    assert CATALOGUE.by_sensitivity[Sensitivity.SPECIAL] == SPECIAL
    assert CATALOGUE.by_sensitivity[Sensitivity.INTERNAL] == INTERNAL
    assert CATALOGUE.by_sensitivity[Sensitivity.CONFIDENTIAL] == set(SCOPES) - SPECIAL - INTERNAL
    assert CATALOGUE.closed == CLOSED


@pytest.mark.parametrize(
    "scope", ["", "person", "person.", ".name", "person.*", "*", "person.name.family", "person.Name", " person.name", "contact_persons"]
)
def test_nothing_but_the_whole_name_is_a_scope(scope):
    assert scope not in CATALOGUE


def test_an_entry_names_its_section_and_item():
    for scope, entry in CATALOGUE.scopes.items():
        assert entry.scope == scope == f"{entry.section}.{entry.item}"
        assert entry.label


def test_no_leaf_of_catalogue_1_is_newer_than_it():
    assert all(not entry.leaves_since for entry in CATALOGUE.scopes.values())


def test_the_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        CATALOGUE.scopes["person.shoe_size"] = CATALOGUE.scopes["person.name"]
    with pytest.raises(AttributeError):
        CATALOGUE.version = 2


def test_every_leaf_has_a_german_label():
    sections = {field.kind for field in fields_of(CaseRecord)}
    for record_type in record_types_within(CaseRecord):
        for field in fields_of(record_type):
            mark = field.mark(Scope if record_type in sections else Label)
            assert mark is not None, f"{record_type.__name__}.{field.name}"


def test_every_type_refuses_unknown_fields_and_coercion_of_its_own_accord():
    for record_type in record_types_within(CaseRecord):
        config = vars(record_type)["__pydantic_config__"]
        assert config["extra"] == "forbid"
        assert config["strict"] is True


# ---- a later catalogue


class Employer(TypedDict):
    name: Annotated[str, Label("Name")]
    reason: NotRequired[Annotated[str | None, Label("Grund"), Since(3)]]


class JobSearch(TypedDict):
    hours: Annotated[int, Label("Stunden")]
    shift_work: NotRequired[Annotated[bool | None, Label("Schichtarbeit"), Since(2)]]
    declined: NotRequired[Annotated[list[Employer] | None, Label("abgelehnt")]]


class Work(TypedDict, total=False):
    job_search: Annotated[JobSearch, Scope("Suche", Sensitivity.CONFIDENTIAL)]
    history: Annotated[list[Employer], Scope("Verlauf", Sensitivity.SPECIAL, closed=True)]


class Later(TypedDict, total=False):
    work: Annotated[Work, Label("Arbeit")]


def test_leaves_that_came_later_are_named_with_their_catalogue_also_within_lists():
    later = Catalogue.of(Later, version=3)
    assert later.scopes["work.job_search"].leaves_since == {"shift_work": 2, "declined.reason": 3}
    assert later.scopes["work.history"].leaves_since == {"reason": 3}
    assert later.closed == {"work.history"}
    assert later.section_labels == {"work": "Arbeit"}


def test_a_leaf_of_a_later_catalogue_than_the_types_claim_is_a_mistake():
    with pytest.raises(TypeError, match="later catalogue"):
        Catalogue.of(Later, version=2)


class Unmarked(TypedDict, total=False):
    shoe_size: int


class WithUnmarked(TypedDict, total=False):
    person: Annotated[Unmarked, Label("Person")]


class WithoutLabel(TypedDict, total=False):
    work: Work


@pytest.mark.parametrize("record_type", [WithUnmarked, WithoutLabel])
def test_an_item_that_does_not_say_how_sensitive_it_is_is_a_mistake(record_type):
    with pytest.raises(TypeError):
        Catalogue.of(record_type, version=1)
