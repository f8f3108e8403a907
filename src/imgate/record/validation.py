"""Check a case record: the one way to come by a ``CaseRecord``."""

from functools import cache

from pydantic import TypeAdapter, ValidationError

from imgate.record.case_record import CaseRecord
from imgate.record.problems import Problem, field_names, problems_of


class RecordInvalid(Exception):
    """The record is not what docs/reference/record.md asks for; the sender must act. Carries codes and places, never a value."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems in the record")
        self.problems = problems


def validate_record(value: object) -> CaseRecord:
    """Return a checked copy of a record that was read by ``parse_json`` or put together by an adapter.

    Text comes back in NFC and, but for free text, trimmed; everything else as it was. Nothing is filled in: what is absent stays
    absent. Whether codes of published lists exist, and whether dates follow each other, is not checked. Raises RecordInvalid with
    all problems at once (the first hundred).
    """
    try:
        return _adapter().validate_python(value)
    except ValidationError as error:
        problems = problems_of(error, record_field_names())
    raise RecordInvalid(problems)  # outside of `except`, because pydantic's error carries the values


@cache
def record_field_names() -> frozenset[str]:
    """The names that a problem in a record may show."""
    return field_names(CaseRecord)


@cache
def _adapter() -> TypeAdapter[CaseRecord]:
    # Built when first needed: it takes tens of milliseconds, and most commands never see a record.
    return TypeAdapter(CaseRecord)
