"""The stable codes of what can be wrong with a field (docs/reference/errors.md lists them for callers)."""

from enum import StrEnum


class ProblemCode(StrEnum):
    """One thing that is wrong at one place. The code never says what stood there."""

    UNKNOWN_FIELD = "unknown_field"
    MISSING = "missing"
    ONE_OF_MISSING = "one_of_missing"  # at least one of several leaves has to be given
    NULL = "null"  # null where it says nothing; the field is to be left out
    WRONG_TYPE = "wrong_type"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    NOT_IN_LIST = "not_in_list"
    OUT_OF_RANGE = "out_of_range"
    CONTROL_CHARACTER = "control_character"
    LONE_SURROGATE = "lone_surrogate"
    NOT_DIN91379 = "not_din91379"
    DATE_INVALID = "date_invalid"
    TIME_INVALID = "time_invalid"
    SHAPE = "shape"  # text that is not of the form that this field asks for
    TOO_MANY_PROBLEMS = "too_many_problems"  # so many that they are not listed
    INVALID = "invalid"  # refused by a rule that has no code of its own
