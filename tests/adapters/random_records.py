"""Random valid records, read off the record's types."""

import typing

from hypothesis import strategies as st
from typing_extensions import is_typeddict

from imgate.record import CaseRecord, RecordInvalid, validate_record
from imgate.record.fields import element_of, fields_of
from imgate.record.text import CodedText, WrittenText

# What the types of text have in common, and the characters that XML treats in a way of its own.
_NAME = st.text(st.sampled_from("aBäßÉŁşḤʿ' -"), min_size=1, max_size=12)
_PLACE = st.text(st.sampled_from("aBäß 019/&<>\"'.-"), min_size=1, max_size=12)
_LINE = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=20)
_FREE = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff", include_characters="\n\t"), min_size=1)
_WRITTEN = {"line": _LINE, "free_text": _FREE, "person_name": _NAME, "place_name": _PLACE, "organisation_name": _PLACE}


def _text(marks):
    for mark in marks:
        if isinstance(mark, CodedText):
            return st.from_regex(mark.pattern.replace("$", r"\Z"))
        if isinstance(mark, WrittenText):
            return _WRITTEN.get(mark.name, st.sampled_from(["a@example.org", "ä+b'c@exämple.org"]))
    raise TypeError("text of no known kind")


def _of(kind, marks):
    if typing.get_origin(kind) is typing.Literal:
        return st.sampled_from(typing.get_args(kind))
    if typing.get_origin(kind) is list:
        return st.lists(_of(*element_of(kind)), max_size=2)
    if is_typeddict(kind):
        fields = fields_of(kind)
        values = {field.name: _of(field.kind, field.marks) for field in fields}
        values = {field.name: values[field.name] | st.none() if field.nullable else values[field.name] for field in fields}
        required = {field.name: values[field.name] for field in fields if field.required}
        return st.fixed_dictionaries(required, optional={name: value for name, value in values.items() if name not in required})
    return {bool: st.booleans(), int: st.integers(0, 200)}[kind] if kind in (bool, int) else _text(marks)


def is_valid(record):
    try:
        validate_record(record)
    except RecordInvalid:
        return False
    return True


def _item(section, item):
    alone = _of(item.kind, item.marks).map(lambda value: {section.name: {item.name: value}})
    return alone.filter(is_valid).map(validate_record)


ITEMS = {f"{section.name}.{item.name}": _item(section, item) for section in fields_of(CaseRecord) for item in fields_of(section.kind)}


def records(scopes):
    """Make records out of some of these scopes, at least one."""

    def joined(parts):
        whole = {}
        for part in parts:
            for section, items in part.items():
                whole.setdefault(section, {}).update(items)
        return whole

    some = st.lists(st.sampled_from(sorted(scopes)), min_size=1, max_size=6, unique=True)
    return some.flatmap(lambda chosen: st.tuples(*(ITEMS[scope] for scope in chosen))).map(joined)
