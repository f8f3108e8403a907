"""Importing a list is one unit of work with its audit entry; names and last days come from the very version, never from another."""

import hashlib

import pytest

from imgate.codelists import read_code_list
from imgate.exchange.code_lists import (
    Differences,
    Import,
    NoNames,
    StoredNames,
    differences,
    import_code_list,
    last_day_of,
    remove_code_list,
)
from tests.codelists.made_up import URI, document, row, version

PERMITS = "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis"


def imported(world, content, *, replace=False, names=None):
    code_list = read_code_list(content, column_of_names=names)
    return import_code_list(world.corridor, code_list, hashlib.sha256(content).hexdigest(), replace=replace)


def test_other_content_stays_out_until_it_is_told_to_replace(world):
    assert imported(world, version("1")) is Import.NEW
    assert imported(world, version("1")) is Import.UNCHANGED
    assert imported(world, version("1", name="anders")) is Import.DIFFERS
    names = StoredNames(world.corridor.store)
    assert names.name(URI, "1", "1") == "eins"
    assert imported(world, version("1", name="anders"), replace=True) is Import.REPLACED
    assert names.name(URI, "1", "1") == "anders"


def test_what_is_removed_is_on_record_and_what_is_not_there_is_not(world):
    for number in ("1", "2"):
        imported(world, version(number, name=f"aus {number}"))
    assert remove_code_list(world.corridor, URI, "2") is True
    names = StoredNames(world.corridor.store)
    assert (names.name(URI, None, "1"), names.name(URI, "2", "1")) == ("aus 1", None)
    assert remove_code_list(world.corridor, URI, "2") is False
    assert remove_code_list(world.corridor, URI + "x", "1") is False
    assert imported(world, version("2")) is Import.NEW


def test_a_file_is_compared_code_by_code_with_what_is_kept():
    kept = read_code_list(document(rows=row(c="1", n="eins") + row(c="2", n="zwei") + row(c="3", n="drei"))).entries
    other = read_code_list(document(rows=row(c="1", n="eins") + row(c="2", n="zwo") + row(c="4") + row(c="5")))
    assert differences(kept, other) == Differences(more=2, fewer=1, otherwise=1)
    assert differences(other.entries, other) == Differences(0, 0, 0)


def test_another_column_of_names_is_other_content(world):
    content = version("1", last_column="kurz", last_day="e")
    assert imported(world, content, names="n") is Import.NEW
    assert imported(world, content, names="kurz") is Import.DIFFERS


def test_without_a_version_the_newest_counts_and_with_one_no_other(world):
    for number in ("9", "10"):
        imported(world, version(number, name=f"aus {number}"))
    names = StoredNames(world.corridor.store)
    assert names.name(URI, None, "1") == "aus 10"
    assert names.name(URI, "9", "1") == "aus 9"
    assert names.name(URI, "8", "1") is None
    assert names.name(URI, None, "2") is None
    assert names.name("urn:x:y", None, "1") is None
    assert NoNames().name(URI, None, "1") is None


@pytest.mark.parametrize(
    ("uri", "number", "code", "day"),
    [
        (URI, "1", "1", "2031-12-30"),
        (URI, "1", "2", None),
        (URI, "2", "1", None),
        (PERMITS, "17", "488", "2025-12-30"),
        (PERMITS, "18", "488", None),
    ],
)
def test_the_last_day_is_what_the_imported_version_says_or_what_is_known_without(world, uri, number, code, day):
    imported(world, version("1", last_column="entfaellt-ab", last_day="2031-12-31"))
    with world.corridor.store.reading() as tx:
        assert last_day_of(tx, uri, number, code) == day


def test_an_imported_list_overrules_what_is_known_without_it(world):
    content = version("17", uri=PERMITS, last_column="meldbar-bis", last_day="2027-06-30").replace(b"<SimpleValue>1<", b"<SimpleValue>488<")
    imported(world, content)
    with world.corridor.store.reading() as tx:
        assert last_day_of(tx, PERMITS, "17", "488") == "2027-06-30"
