"""A problem is a stable code and a place in known names; it never carries input."""

import typing
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypedDict

from imgate.record import Problem, ProblemCode, field_names, problems_of
from imgate.record.problems import _CODES, PROBLEMS_MAX


def _own_rule(value):
    raise PydanticCustomError("own_code", "canary {value}", {"value": value})


def _value_error(value):
    raise ValueError(f"canary {value}")


class Inner(TypedDict):
    word: Literal["a", "b"]


class Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    client: Annotated[str, Field(pattern="^K")] = "K"
    provenance: dict[str, Literal["self"]] = {}
    scopes: list[Annotated[str, Field(max_length=3)]] = []
    inner: Inner | None = None
    sent: int = Field(default=1, alias="sent_at")
    own: Annotated[str, AfterValidator(_own_rule)] | None = None
    broken: Annotated[str, AfterValidator(_value_error)] | None = None


NAMES = field_names(Envelope)


def problems(value):
    with pytest.raises(ValidationError) as error:
        Envelope.model_validate(value)
    return problems_of(error.value, NAMES)


def test_names_are_collected_from_models_typed_dicts_and_aliases():
    assert {"client", "provenance", "scopes", "inner", "word", "sent", "sent_at", "own", "broken"} == NAMES


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"Krebs": 1}, Problem("unknown_field", "/?")),
        ({"word": 1}, Problem("unknown_field", "/word")),
        ({"a/b~c": 1}, Problem("unknown_field", "/?")),
        ({"provenance": {"Krebs": "canary"}}, Problem("not_in_list", "/provenance/?")),
        ({"provenance": {"0": "canary"}}, Problem("not_in_list", "/provenance/?")),
        ({"provenance": {"word": None}}, Problem("null", "/provenance/word")),
        ({"scopes": ["abc", "canary"]}, Problem("too_long", "/scopes/1")),
        ({"scopes": "canary"}, Problem("wrong_type", "/scopes")),
        ({"client": "canary"}, Problem("shape", "/client")),
        ({"client": None}, Problem("null", "/client")),
        ({"inner": {}}, Problem("missing", "/inner/word")),
        ({"inner": {"word": "canary"}}, Problem("not_in_list", "/inner/word")),
        ({"inner": {"word": ["canary"]}}, Problem("wrong_type", "/inner/word")),
        ({"sent_at": "canary"}, Problem("wrong_type", "/sent_at")),
        ({"own": "canary"}, Problem("own_code", "/own")),
        ({"broken": "canary"}, Problem("invalid", "/broken")),
        ("canary", Problem("wrong_type", "")),
        (None, Problem("null", "")),
    ],
    ids=repr,
)
def test_the_code_is_ours_and_the_place_shows_known_names_only(value, problem):
    found = problems(value)
    assert found == (problem,)
    assert "canary" not in repr(found)


def test_the_same_problem_at_the_same_place_is_told_once():
    assert problems({"Krebs": 1, "HIV": 2}) == (Problem("unknown_field", "/?"),)


def test_no_more_than_a_hundred_are_told():
    assert len(problems({"scopes": ["canary"] * 500})) == PROBLEMS_MAX


def test_so_many_that_listing_them_would_hurt_are_told_as_one():
    assert problems({"scopes": ["canary"] * 30_000}) == (Problem("too_many_problems", ""),)


def test_a_problem_can_be_seen_from_further_up():
    assert Problem("null", "/person").below("/record") == Problem("null", "/record/person")


def test_the_table_names_only_errors_that_pydantic_has():
    assert set(_CODES) <= set(typing.get_args(core_schema.ErrorType))


def test_codes_of_a_record_are_listed():
    # Any custom error of our own types has to be in the enumeration that the error reference is made of.
    assert ProblemCode("one_of_missing")


def test_every_error_of_pydantic_gets_a_code_of_ours():
    from imgate.record.problems import _code

    for kind in typing.get_args(core_schema.ErrorType):
        code = _code(kind, "canary", {"pattern": "canary"})
        assert code in set(ProblemCode), kind


def test_a_long_pattern_of_another_room_is_a_matter_of_shape():
    with pytest.raises(ValidationError) as error:
        TypeAdapter(Annotated[str, Field(pattern="^(?:canary)$")]).validate_python("x")
    assert problems_of(error.value, frozenset()) == (Problem("shape", ""),)
