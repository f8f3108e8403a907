"""Check what an adapter read: known places, valid records, one entry for each reference, attachments of the kinds that are taken.

A message is refused as a whole where its format is XML or JSON, because a machine wrote it and can write it again; in a table,
which people keep, one bad row must not hold up the others.
"""

import re
from collections.abc import Collection, Mapping
from typing import cast

from imgate.adapters.errors import AdapterFault
from imgate.plugin_api import Attachment, Incoming, MessageUnreadable, Place, Reading, RowProblem
from imgate.record.validation import RecordInvalid, validate_record
from imgate.vocabulary.identifiers import is_reference, is_uuid
from imgate.vocabulary.words import Purpose

_PURPOSES = frozenset(purpose.value for purpose in Purpose)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}").fullmatch
# What Excel lets the name of a column in a table be.
_COLUMN_MAX = 255
# As in the published schemas of the envelope: a name that is safe wherever it is shown or kept, a media type, perhaps with parameters.
_ATTACHED_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?").fullmatch
_ATTACHED_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,99}(; ?[a-z0-9-]{1,40}=[A-Za-z0-9.-]{1,40}){0,4}").fullmatch


def checked_reading(
    adapter_id: str, reading: object, places: Mapping[str, Place], attachments: Collection[str], *, whole_message: bool
) -> Reading:
    """Return the reading with checked people only, their records in the record's own form (NFC, trimmed).

    ``places`` are those of the field table's direction from the partner, ``attachments`` the kinds that the manifest's has. What is
    inside an attachment is not looked at. With ``whole_message`` anything invalid raises MessageUnreadable, otherwise it becomes a
    RowProblem. Raises AdapterFault for what the plugin must not do.
    """
    if type(reading) is not Reading or not _is_shaped(reading):
        raise AdapterFault(adapter_id, "reading_shape")
    if reading.message_id is not None and not is_uuid(reading.message_id):
        raise MessageUnreadable("message_id_invalid")
    if reading.purpose is not None and reading.purpose not in _PURPOSES:
        raise MessageUnreadable("purpose_unknown")
    people: dict[str, Incoming] = {}
    problems = [RowProblem(line_shown(each.line), column_shown(each.column), each.code) for each in reading.problems]
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
    _check_attachments(adapter_id, reading, attachments)
    return Reading(tuple(people.values()), tuple(problems), reading.message_id, reading.purpose, reading.attachments)


def _is_shaped(reading: Reading) -> bool:
    """Tell whether a reading is made of exactly what its types say: a subclass of them could answer otherwise when it is asked again."""
    lists = (reading.people, reading.problems, reading.attachments)
    words = (reading.message_id, reading.purpose)
    if not all(type(each) is tuple for each in lists) or not all(word is None or type(word) is str for word in words):
        return False
    return all(map(_is_person, reading.people)) and all(type(each) is RowProblem and is_code(each.code) for each in reading.problems)


def _is_person(person: object) -> bool:
    if type(person) is not Incoming or type(person.reference) is not str or type(person.record) is not dict:
        return False
    sections = person.record.values()
    return all(type(items) is dict and _has_plain_names(items) for items in sections) and _has_plain_names(person.record)


def _has_plain_names(part: Mapping[str, object]) -> bool:
    return all(type(name) is str for name in part)


def line_shown(line: object) -> int | None:
    """Give the number of a line as a plugin told it; None where it told something else."""
    return line if type(line) is int else None


def column_shown(column: object) -> str | int | None:
    """Give the name or number of a column as a plugin told it; None for what is no name of a column: too long, or with other signs."""
    if type(column) is str:
        return column if len(column) <= _COLUMN_MAX and column.isprintable() else None
    return line_shown(column)


def is_code(code: object) -> bool:
    """Tell whether a plugin's code of a problem looks like one: a sentence or a value of the sender does not."""
    return type(code) is str and _CODE(code) is not None


def _check_attachments(adapter_id: str, reading: Reading, kinds: Collection[str]) -> None:
    for attachment in reading.attachments:
        if type(attachment) is not Attachment or type(attachment.content) is not bytes:
            raise AdapterFault(adapter_id, "reading_shape", "attachments")
        if not all(type(each) is str for each in (attachment.kind, attachment.name, attachment.media_type)):
            raise AdapterFault(adapter_id, "reading_shape", "attachments")
        if attachment.kind not in kinds:
            raise MessageUnreadable("attachment_unexpected")
        if not (attachment.content and _ATTACHED_NAME(attachment.name) and _ATTACHED_TYPE(attachment.media_type)):
            raise MessageUnreadable("attachment_invalid")


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
