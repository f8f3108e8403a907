"""Tell what is wrong with an input without repeating any of it.

pydantic's errors carry the input, in text and in ``errors()``, and their place contains whatever keys the sender made up.
A problem is made of two things that cannot: a code of our own, and an RFC 6901 pointer in which only names that occur in our own types
are shown. Anything else is `?`, so that nobody can put a name or a diagnosis into a log by using it as a key.
"""

import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic_core import core_schema
from typing_extensions import is_typeddict

from imgate.record.name_hint import NameHint, name_hint
from imgate.record.problem_code import ProblemCode
from imgate.record.text import TEXT_TYPES

PROBLEMS_MAX = 100
# Listing each of a million problems would take gigabytes.
_COUNTED_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``code`` is a ``ProblemCode``, or a code that a type of another room gives itself.

    ``hint`` says more of a name that is not of its data type; it is no part of what makes two problems the same.
    """

    code: str
    pointer: str
    hint: NameHint | None = field(default=None, compare=False)

    def below(self, pointer: str) -> "Problem":
        """Return the same problem as seen from further up: ``pointer`` is where the checked value stands in the whole."""
        return Problem(self.code, pointer + self.pointer, self.hint)


def problems_of(error: ValidationError, names: frozenset[str]) -> tuple[Problem, ...]:
    """Return the problems in the order in which they were found, each once, at most a hundred.

    ``names`` are those that may be shown (``field_names``). Takes any pydantic error, not only those of a record.
    """
    if error.error_count() > _COUNTED_MAX:
        return (Problem(ProblemCode.TOO_MANY_PROBLEMS, ""),)
    found: dict[Problem, None] = {}
    for detail in error.errors(include_url=False):
        context = detail.get("ctx", {})
        code = _code(detail["type"], detail["input"], context)
        hint = name_hint(context.get("pattern", ""), detail["input"]) if code == ProblemCode.NOT_DIN91379 else None
        found[Problem(code, _pointer(detail["loc"], names), hint)] = None
        if len(found) == PROBLEMS_MAX:
            break
    return tuple(found)


def field_names(*kinds: object) -> frozenset[str]:
    """Return the names of all fields of these types and of the types within them (TypedDicts and pydantic models)."""
    seen: set[object] = set()
    return frozenset(name for kind in kinds for name in _names(kind, seen))


def _names(kind: object, seen: set[object]) -> Iterator[str]:
    if isinstance(kind, type) and (is_typeddict(kind) or issubclass(kind, BaseModel)):
        if kind in seen:
            return
        seen.add(kind)
        below: Iterable[Any]
        if issubclass(kind, BaseModel):
            yield from kind.model_fields
            for field in kind.model_fields.values():
                choices = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else [field.validation_alias]
                yield from (alias for alias in [field.alias, *choices] if isinstance(alias, str))
            below = [field.annotation for field in kind.model_fields.values()]
        else:
            hints = typing.get_type_hints(kind)
            yield from hints
            below = hints.values()
        for inner in below:
            yield from _names(inner, seen)
    for inner in typing.get_args(kind):
        yield from _names(inner, seen)


def _pointer(place: tuple[int | str, ...], names: frozenset[str]) -> str:
    return "".join(f"/{step}" if isinstance(step, int) or step in names else "/?" for step in place)


_PATTERNS: dict[str, ProblemCode] = {kind.pattern: kind.problem for kind in TEXT_TYPES}

_CODES: dict[str, ProblemCode] = {
    "extra_forbidden": ProblemCode.UNKNOWN_FIELD,
    "invalid_key": ProblemCode.UNKNOWN_FIELD,
    "missing": ProblemCode.MISSING,
    "string_too_short": ProblemCode.EMPTY,
    "too_short": ProblemCode.EMPTY,
    "string_too_long": ProblemCode.TOO_LONG,
    "url_too_long": ProblemCode.TOO_LONG,
    "too_long": ProblemCode.TOO_MANY,
    "enum": ProblemCode.NOT_IN_LIST,
    "literal_error": ProblemCode.NOT_IN_LIST,
    "union_tag_invalid": ProblemCode.NOT_IN_LIST,
    "union_tag_not_found": ProblemCode.MISSING,
    "string_unicode": ProblemCode.LONE_SURROGATE,
    "greater_than": ProblemCode.OUT_OF_RANGE,
    "greater_than_equal": ProblemCode.OUT_OF_RANGE,
    "less_than": ProblemCode.OUT_OF_RANGE,
    "less_than_equal": ProblemCode.OUT_OF_RANGE,
    "finite_number": ProblemCode.OUT_OF_RANGE,
    "int_parsing_size": ProblemCode.OUT_OF_RANGE,
    "date_parsing": ProblemCode.DATE_INVALID,
    "date_from_datetime_parsing": ProblemCode.DATE_INVALID,
    "date_from_datetime_inexact": ProblemCode.DATE_INVALID,
    "datetime_parsing": ProblemCode.TIME_INVALID,
    "datetime_from_date_parsing": ProblemCode.TIME_INVALID,
    "datetime_object_invalid": ProblemCode.TIME_INVALID,
    "time_parsing": ProblemCode.TIME_INVALID,
    "timezone_aware": ProblemCode.TIME_INVALID,
    "string_pattern_mismatch": ProblemCode.SHAPE,
    "string_not_ascii": ProblemCode.SHAPE,
    "url_parsing": ProblemCode.SHAPE,
    "url_scheme": ProblemCode.SHAPE,
    "url_syntax_violation": ProblemCode.SHAPE,
    "uuid_parsing": ProblemCode.SHAPE,
    "uuid_version": ProblemCode.SHAPE,
    "int_from_float": ProblemCode.WRONG_TYPE,
    "none_required": ProblemCode.WRONG_TYPE,
    "is_instance_of": ProblemCode.WRONG_TYPE,
    "dataclass_exact_type": ProblemCode.WRONG_TYPE,
    "model_attributes_type": ProblemCode.WRONG_TYPE,
}
_PYDANTICS_OWN: frozenset[str] = frozenset(typing.get_args(core_schema.ErrorType))


def _code(kind: str, found: object, context: dict[str, Any]) -> str:
    """Name the problem. ``found`` is looked at for being null or no text, and for nothing else."""
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], ProblemCode.SHAPE)
    code = _CODES.get(kind)
    if code is None and kind.endswith("_type") and kind in _PYDANTICS_OWN:
        code = ProblemCode.WRONG_TYPE
    if code is ProblemCode.WRONG_TYPE or kind in ("literal_error", "enum"):
        if found is None:
            return ProblemCode.NULL
        if not isinstance(found, str):
            return ProblemCode.WRONG_TYPE
    if code is None:
        # What is not pydantic's own is the constant of a PydanticCustomError in our types, and a code by agreement.
        return ProblemCode.INVALID if kind in _PYDANTICS_OWN else kind
    return code
