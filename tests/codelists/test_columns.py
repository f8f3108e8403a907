"""Which column people read, which day a code ends, and which version is the newest."""

import pytest

from imgate.codelists import is_newer, newest
from imgate.codelists.columns import ending_columns, last_day, name_column
from imgate.codelists.model import Column


@pytest.mark.parametrize(
    ("columns", "required", "recommended"),
    [
        ("key name", "", "name"),
        ("key Kommentar beschreibung name", "", "beschreibung"),
        ("key Langbezeichnung Kurzbeschreibung", "", "Kurzbeschreibung"),
        ("key Staat Suchbegriff", "key Suchbegriff", "Suchbegriff"),
        ("key Staat", "key", "Staat"),
        ("key Staat Hinweis", "key", None),
        ("key", "key", None),
    ],
)
def test_a_column_of_names_is_known_by_its_name_or_by_what_it_holds(columns, required, recommended):
    assert name_column([Column(id_, id_) for id_ in columns.split()], "key", required.split()) == recommended


def test_a_column_that_is_only_numbered_is_known_by_its_name_for_people():
    columns = [Column("s1", "Code"), Column("s2", "Hinweis"), Column("s3", "Langbezeichnung"), Column("s4", "Meldbar bis")]
    assert name_column(columns, "s1", ["s1", "s2"]) == "s3"
    assert ending_columns(columns) == {"s4": "Meldbar bis"}


def test_of_two_columns_of_one_word_the_id_counts_and_not_the_name():
    assert name_column([Column("k", "k"), Column("x", "Name"), Column("name", "y")], "k", []) == "name"
    assert ending_columns([Column("meldbar-bis", "entfaellt ab")]) == {"meldbar-bis": "meldbar-bis"}


def test_the_key_is_never_the_column_of_names():
    assert name_column([Column("name", "name"), Column("wert", "wert")], "name", ["name"]) == "wert"


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        ({"meldbar-bis": "2025-12-30"}, "2025-12-30"),
        ({"Meldbar_bis": "30.12.2025"}, "2025-12-30"),
        ({"entfaellt-ab": "2025-12-31"}, "2025-12-30"),
        ({"entfällt ab": "2026-01-01", "meldbar-bis": "2025-12-30"}, "2025-12-30"),
        ({"meldbar-ab": "2022-12-31"}, None),
        ({"meldbar-bis": "unbefristet"}, None),
        ({"meldbar-bis": "31.02.2025"}, None),
        ({"entfaellt-ab": "0001-01-01"}, None),
        # That a state does not exist any more does not end the code of its nationality.
        ({"Existenz-bis": "1991-12-25"}, None),
        ({}, None),
    ],
)
def test_the_last_day_is_what_the_list_says_and_nothing_else(cells, day):
    assert last_day(cells.items()) == day


@pytest.mark.parametrize(
    ("versions", "last"),
    [
        (["9", "17"], "17"),
        (["Version2", "Version10", "Version9"], "Version10"),
        (["2024-08-01", "2023-12-31"], "2024-08-01"),
        (["1"], "1"),
        (["1²", "1"], "1²"),
        ([], None),
    ],
)
def test_numbers_in_versions_are_compared_as_numbers(versions, last):
    assert newest(versions) == newest(reversed(versions)) == last


def test_a_version_is_not_newer_than_itself():
    assert not is_newer("17", "17")
    assert is_newer("18", "17")
    assert not is_newer("9", "17")
