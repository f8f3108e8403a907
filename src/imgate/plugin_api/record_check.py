"""Check a part of a case record while it is read, so that an adapter can say which row of a table a problem came from.

The core checks each person's record again; this only makes the report precise.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """One thing that is wrong: a stable code, and an RFC 6901 pointer that shows names of the record's own fields only."""

    code: str
    pointer: str


def record_problems(part: object) -> tuple[RecordProblem, ...]:
    """List what is wrong with a partial case record; empty if it is valid. No problem repeats a value."""
    from imgate.record.validation import RecordInvalid, validate_record  # imported late, with pydantic behind it

    try:
        validate_record(part)
    except RecordInvalid as invalid:
        return tuple(RecordProblem(str(problem.code), problem.pointer) for problem in invalid.problems)
    return ()
