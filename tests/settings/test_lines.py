"""On which line a value stands."""

import tomllib

import pytest

from imgate.settings.lines import line_of, lines_of

TEXT = '''# a comment
[gateway]
id = "im"

name = """
several = "lines"
[not.a.table]
"""
units = [
  "a",
  "b = c",
]
[partners.one]
transport = { kind = "push", url = "x" }
evidence.special = "qualified"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("gateway",), 2),
        (("gateway", "id"), 3),
        (("gateway", "name"), 5),
        (("gateway", "units"), 9),
        (("gateway", "units", 1), 9),
        (("partners", "one"), 13),
        (("partners", "one", "transport", "kind"), 14),
        (("partners", "one", "evidence", "special"), 15),
    ],
)
def test_each_value_is_found_on_the_line_where_its_statement_begins(path, line):
    assert line_of(lines_of(TEXT), path) == line


def test_what_is_missing_is_told_at_the_table_where_it_belongs():
    assert line_of(lines_of(TEXT), ("gateway", "url")) == 2


def test_what_has_no_table_has_no_line():
    assert line_of(lines_of(TEXT), ("database", "url")) is None


def test_text_that_only_looks_like_toml_brings_no_keys():
    assert ("not",) not in lines_of(TEXT)
    assert ("gateway", "several") not in lines_of(TEXT)


def test_every_key_of_the_document_has_a_line():
    lines = lines_of(TEXT)
    document = tomllib.loads(TEXT)
    assert all((table, key) in lines for table in document for key in document[table])
