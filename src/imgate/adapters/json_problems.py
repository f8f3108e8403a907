"""Explain why a JSON message breaks its schema: the path of members, the rule, and never a value.

jsonschema-rs quotes the message in its own texts; of its errors only the keyword and the path are looked at, and of the path only
names that a schema has.
"""

from collections.abc import Iterator

import jsonschema_rs

from imgate.adapters.json_schema import JsonSchema
from imgate.plugin_api import MessageUnreadable, RowProblem
from imgate.plugin_api.json_read import parse_message

MAX_BYTES = 256 * 1024
MAX_PROBLEMS = 20

# The keywords of JSON Schema, by the stable code under which a partner sees them. Where XML has the same rule, it has the same code.
_RULES = (
    ("enum", "not_in_list"),
    ("const", "not_in_list"),
    ("pattern", "wrong_pattern"),
    ("format", "wrong_pattern"),
    ("minLength", "wrong_length"),
    ("maxLength", "wrong_length"),
    ("minItems", "wrong_length"),
    ("maxItems", "wrong_length"),
    ("minimum", "out_of_range"),
    ("maximum", "out_of_range"),
    ("exclusiveMinimum", "out_of_range"),
    ("exclusiveMaximum", "out_of_range"),
    ("multipleOf", "out_of_range"),
    ("type", "wrong_type"),
    ("uniqueItems", "twice"),
    ("required", "member_missing"),
    ("additionalProperties", "unexpected_member"),
    ("unevaluatedProperties", "unexpected_member"),
    ("falseSchema", "unexpected_member"),
)
_CODES = dict(_RULES)


def problems_of(schema: JsonSchema, body: bytes) -> tuple[RowProblem, ...]:
    """List the problems of a message that is not valid, at most 20; empty if there is none.

    ``column`` is the path of the member, of names that a published schema or the adapter's own has and of numbers of list items
    from 0; any other name is ``?``. A message that the guard refuses, or one over 256 KiB, has the one problem that the guard or
    its size is.
    """
    if len(body) > MAX_BYTES:
        return (RowProblem(None, None, "schema_invalid"),)
    try:
        root = parse_message(body)
    except MessageUnreadable as unreadable:
        return (RowProblem(None, None, unreadable.code),)
    problems: list[RowProblem] = []
    for error in schema.compiled.iter_errors(root):
        for one in _innermost(error):
            rule, place = rule_and_place(schema, one)
            problem = RowProblem(None, place, rule)
            if problem not in problems:
                problems.append(problem)
            if len(problems) == MAX_PROBLEMS:
                return tuple(problems)
    return tuple(problems)


def rule_and_place(schema: JsonSchema, error: jsonschema_rs.ValidationError) -> tuple[str, str | None]:
    """Give the code of a broken rule, and the path of the member, without any value."""
    steps = [str(step) if isinstance(step, int) or step in schema.names else "?" for step in error.instance_path]
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            steps.append(str(name) if name in schema.names else "?")
        case _:
            pass
    return _CODES.get(error.kind.name, "schema_invalid"), "/".join(steps) or None


def _innermost(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Where a value may have one of several forms, mostly "or null", show what is wrong with the first that is not the other type."""
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.AnyOf(context=branches) | jsonschema_rs.ValidationErrorKind.OneOfNotValid(context=branches):
            meant = [branch for branch in branches if branch and not any(one.kind.name == "type" for one in branch)]
            for one in (meant or branches or [[]])[0]:
                yield from _innermost(one)
        case _:
            yield error
