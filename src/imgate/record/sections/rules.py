"""What all types of the record have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from imgate.record.problem_code import ProblemCode

RECORD_CONFIG = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

# More entries than any case has; without a bound one hostile body could cause millions of problems. All lists have it.
ENTRIES_MAX = 10_000
ENTRIES = Field(max_length=ENTRIES_MAX)

Fields = TypeVar("Fields", bound=Mapping[str, object])

# Years at school, hours a week (there are 168), rooms or people. All numbers of the record are of this kind.
NUMBER_MAX = 200
SmallNumber = Annotated[int, Field(ge=0, le=NUMBER_MAX)]


@dataclass(frozen=True, slots=True)
class AtLeastOneOf:
    """At least one of these leaves is there and not null."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Look at the leaves once each of them is known to be right."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say the same in JSON Schema."""
        said = [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in self.names]
        return {**handler(schema), "anyOf": said}

    def _check(self, fields: Fields) -> Fields:
        if all(fields.get(name) is None for name in self.names):
            raise PydanticCustomError(ProblemCode.ONE_OF_MISSING.value, "at least one of several fields is needed")
        return fields
