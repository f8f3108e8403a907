"""The plugin's own list of leaves says the same as the record's types."""

import typing

import pytest

from imgate.record.case_record import CaseRecord
from imgate.record.catalogue import CATALOGUE
from imgate.record.fields import element_of, fields_of
from imgate_jobkraftwerk.leaves import ABSENT, ITEMS, Form, is_known
from imgate_jobkraftwerk.words import read_value_lists

# What a form may hold, by the name of the record's kind of text or by its type.
FORMS = {
    Form.DATE: {"date"},
    Form.PARTIAL_DATE: {"partial_date"},
    Form.TIME: {"time"},
    Form.PHONE: {"phone"},
    Form.NUMBER: {int},
    Form.YES_NO: {bool},
}
TEXTS = {"line", "free_text", "person_name", "place_name", "organisation_name", "email", "postal_code", "ags"}


def item_field(scope):
    section, _, item = scope.partition(".")
    holder = next(field for field in fields_of(CaseRecord) if field.name == section)
    return next(field for field in fields_of(holder.kind) if field.name == item)


def leaves_of(kind, above=""):
    for field in fields_of(kind):
        if isinstance(field.kind, type) and hasattr(field.kind, "__total__"):
            yield from ((path, leaf, False) for path, leaf, _ in leaves_of(field.kind, f"{above}{field.name}."))
        else:
            yield above + field.name, field, field.required


def text_name(field):
    return next((mark.name for mark in field.marks if hasattr(mark, "name")), field.kind)


def literals(kind):
    return set(typing.get_args(kind)) if typing.get_origin(kind) is typing.Literal else None


def test_every_scope_is_held_or_absent():
    assert ITEMS.keys() | ABSENT.keys() == CATALOGUE.scopes.keys()
    assert not ITEMS.keys() & ABSENT.keys()


def test_no_special_or_closed_scope_is_held():
    assert not CATALOGUE.closed & ITEMS.keys()
    assert not {scope for scope in ITEMS if CATALOGUE.scopes[scope].sensitivity.value == "special"}


@pytest.mark.parametrize("scope", ITEMS)
def test_leaves_are_those_of_the_record(scope):
    item, field = ITEMS[scope], item_field(scope)
    kind, _ = element_of(field.kind)
    if "" in item.leaves:
        return
    assert item.many == (kind is not field.kind)
    expected = {path: (leaf, required) for path, leaf, required in leaves_of(kind)}
    ours = {path: leaf for path, leaf in item.leaves.items() if leaf.kind is None}
    assert ours.keys() == expected.keys()
    for path, leaf in ours.items():
        record_leaf, required = expected[path]
        if leaf.form is not Form.CHANNELS:
            assert leaf.required == required, path
        if leaf.form in FORMS:
            assert text_name(record_leaf) in FORMS[leaf.form], path
        elif leaf.form is Form.TEXT:
            assert text_name(record_leaf) in TEXTS, path


@pytest.mark.parametrize("scope", ITEMS)
def test_value_lists_have_every_word_of_a_closed_list(scope):
    lists = read_value_lists({})
    kind, _ = element_of(item_field(scope).kind)
    found = {"": kind} if "" in ITEMS[scope].leaves else {path: leaf.kind for path, leaf, _ in leaves_of(kind)}
    for path, leaf in ITEMS[scope].leaves.items():
        if leaf.form is Form.WORD and (codes := literals(found[path])) is not None:
            assert lists[leaf.words].by_code.keys() == codes


def test_a_leaf_of_a_later_catalogue_is_not_known():
    assert is_known(ITEMS["residence.status"], {"code": "1", "since": None})
    assert not is_known(ITEMS["residence.status"], {"code": "1", "new": "x"})
    assert not is_known(ITEMS["residence.status"], {"since": "2026-01-01"})
    assert not is_known(ITEMS["residence.status"], "1")
    person = ITEMS["contact_persons.jobcenter"]
    assert is_known(person, {"name": {"family": "A", "given": None}, "channels": [{"kind": "fax", "value": "1"}]})
    assert not is_known(person, {"name": {"family": "A", "title": "Dr."}, "channels": []})
    assert not is_known(person, {"channels": [{"kind": "fax", "value": "1", "new": "x"}]})
