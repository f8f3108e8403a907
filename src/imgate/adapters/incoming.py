"""Check what an adapter read: known places, valid records, one entry for each reference.

A message is refused as a whole where its format is XML, because a machine wrote it and can write it again; in a table, which
people keep, one bad row must not hold up the others.
"""

from collections.abc import Mapping
from typing import cast

from imgate.adapters.errors import AdapterFault
from imgate.plugin_api import Incoming, MessageUnreadable, Place, Reading, RowProblem
from imgate.record.validation import RecordInvalid, validate_record
from imgate.vocabulary.identifiers import is_reference, is_uuid
from imgate.vocabulary.words import Purpose

_PURPOSES = frozenset(purpose.value for purpose in Purpose)


def checked_reading(adapter_id: str, reading: object, places: Mapping[str, Place], *, whole_message: bool) -> Reading:
    """Return the reading with checked people only, their records in the record's own form (NFC, trimmed).

    ``places`` are those of the field table's direction from the partner. With ``whole_message`` anything invalid raises
    MessageUnreadable, otherwise it becomes a RowProblem. Raises AdapterFault for what the plugin must not do.
    """
    if not isinstance(reading, Reading):
        raise AdapterFault(adapter_id, "reading_shape", type(reading).__name__)
    if reading.message_id is not None and not is_uuid(reading.message_id):
        raise MessageUnreadable("message_id_invalid")
    if reading.purpose is not None and reading.purpose not in _PURPOSES:
        raise MessageUnreadable("purpose_unknown")
    people: dict[str, Incoming] = {}
    problems = list(reading.problems)
    for person in reading.people:
        _stay_within(adapter_id, person, places)
        if person.reference in people:
            raise AdapterFault(adapter_id, "reference_twice")
        try:
            people[person.reference] = _checked(person)
        except RecordInvalid as error:
            found = [RowProblem(person.line, _column(problem.pointer, places), problem.code) for problem in error.problems]
        except MessageUnreadable as error:
            found = [RowProblem(person.line, None, error.code)]
        else:
            continue
        if whole_message:
            raise MessageUnreadable(found[0].code, found[0].line, found[0].column)
        problems += found
    return Reading(tuple(people.values()), tuple(problems), reading.message_id, reading.purpose)


def _stay_within(adapter_id: str, person: Incoming, places: Mapping[str, Place]) -> None:
    for section, items in person.record.items():
        for item in items:
            if f"{section}.{item}" not in places:
                raise AdapterFault(adapter_id, "reading_beyond_table")


def _checked(person: Incoming) -> Incoming:
    if not is_reference(person.reference):
        raise MessageUnreadable("reference_invalid")
    record = cast("Mapping[str, Mapping[str, object]]", validate_record(person.record))
    return Incoming(person.reference, record, person.line)


def _column(pointer: str, places: Mapping[str, Place]) -> str | None:
    """Find the place of the scope that a problem's pointer begins with; a pointer shows known names only."""
    place = places.get(".".join(pointer.split("/")[1:3]))
    return None if place is None else place.at[0]
