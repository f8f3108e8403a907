"""A genericode file is read as it is meant, or refused with a code, a line and a sentence; never anything else."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgate.codelists import CodeListUnreadable, genericode, read_code_list
from imgate.codelists.genericode import ListProblem
from tests.codelists.made_up import COLUMNS, FILE, IDENTIFICATION, KEY, ROWS, URI, document, row

PUBLISHED = {
    "erreichbarkeit_3.xml": ("urn:de:xoev:codeliste:erreichbarkeit", "3", "code", "Beschreibung", 9, ("09", "Web")),
    "familienstand_2.xml": ("urn:de:dsmeld:schluesseltabelle:familienstand", "2", "key", "name", 10, ("VH", "verheiratet")),
    "geschlecht_1.xml": ("urn:xoev-de:xinneres:codeliste:geschlecht", "1", "code", "beschreibung", 4, ("d", "divers")),
    "gesetzlicher_vertreter_1.xml": (
        "urn:xoev-de:xunternehmen:codeliste:artgesetzlichervertreter",
        "1",
        "Code",
        "Beschreibung",
        14,
        ("4", "Gesetzlicher Vertreter trotz Volljährigkeit"),
    ),
    "staatsangehoerigkeit_2024-08-01.xml": (
        "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit",
        "2024-08-01",
        "DESTATIS-Schluessel-Staatsangehoerigkeit",
        "Suchbegriff",
        211,
        ("423", "Afghanistan"),
    ),
}


def refusal(content, **choice):
    with pytest.raises(CodeListUnreadable) as raised:
        read_code_list(content, **choice)
    assert raised.value.__context__ is None
    return raised.value.code, raised.value.line


@pytest.mark.parametrize("file", PUBLISHED)
def test_a_published_list_is_read_by_the_column_that_its_key_names(shared, file):
    uri, version, key, names, rows, (code, name) = PUBLISHED[file]
    read = read_code_list((shared / "data" / "xoev" / file).read_bytes())
    assert (read.uri, read.version, read.key_column, read.name_column, len(read.entries)) == (uri, version, key, names, rows)
    assert {entry.code: entry.name for entry in read.entries}[code] == name


def test_the_key_is_not_the_first_column_but_the_one_that_is_named():
    read = read_code_list(FILE.read_bytes())
    assert [(entry.code, entry.name, entry.last_day, dict(entry.cells)) for entry in read.entries] == [
        ("01", "größte Stufe", None, {"Kurzzeichen": "G"}),
        ("02", "mittlere Stufe", "2025-12-30", {"Kurzzeichen": "M", "meldbar-bis": "2025-12-30"}),
    ]
    assert (read.uri, read.version, read.version_uri, read.title) == (URI, "1", f"{URI}_1", "Beispielstufen")
    assert [column.name for column in read.columns] == ["Kurzzeichen", "Schluessel", "Beschreibung", "meldbar bis"]


def test_a_value_that_is_missing_or_empty_is_absent():
    read = read_code_list(
        document(rows=row(c="1", n=" ") + '<Row><Value ColumnRef="c"><SimpleValue> 2 </SimpleValue></Value><Value ColumnRef="n"/></Row>')
    )
    assert [(entry.code, entry.name) for entry in read.entries] == [("1", None), ("2", None)]


def test_a_value_without_a_reference_stands_in_the_next_column():
    cells = "<Row><Value><SimpleValue>1</SimpleValue></Value><Value><SimpleValue>eins</SimpleValue></Value></Row>"
    (entry,) = read_code_list(document(rows=cells)).entries
    assert (entry.code, entry.name) == ("1", "eins")
    assert refusal(document(rows=cells.replace("</Row>", "<Value/></Row>")))[0] is ListProblem.COLUMN_UNKNOWN


def test_of_several_keys_the_recommended_or_the_wanted_one_counts():
    other = '<Key Id="k2">{}<ColumnRef Ref="n"/></Key>'
    marked = other.format('<Annotation><AppInfo><x:recommendedKeyColumn xmlns:x="urn:x"/></AppInfo></Annotation>')
    rows = row(c="1", n="eins")
    assert read_code_list(document(key=KEY + marked, rows=rows)).key_column == "n"
    assert read_code_list(document(key=KEY + marked, rows=rows), key="k").key_column == "c"
    assert refusal(document(key=KEY + other.format(""), rows=rows)) == (ListProblem.SEVERAL_KEYS, 3)
    assert refusal(document(key=KEY + marked, rows=rows), key="k3") == (ListProblem.KEY_UNKNOWN, 3)


def test_the_column_of_names_can_be_chosen():
    assert read_code_list(FILE.read_bytes(), column_of_names="Kurzzeichen").entries[0].name == "G"
    for column in ("Schluessel", "Name"):
        assert refusal(FILE.read_bytes(), column_of_names=column)[0] is ListProblem.NAME_COLUMN_UNKNOWN


def test_a_list_of_nothing_but_codes_has_no_names():
    read = read_code_list(document(columns='<Column Id="c"/>', rows=row(c="1")))
    assert (read.name_column, read.entries[0].name) == (None, None)


REFUSED = {
    "nothing": (b"", ListProblem.EMPTY, None),
    "blanks": (b" \n", ListProblem.EMPTY, None),
    "cut": (FILE.read_bytes()[:1500], ListProblem.NOT_WELLFORMED, None),
    "no XML": (b"code;name\n01;eins\n", ListProblem.NOT_WELLFORMED, None),
    "another encoding": (FILE.read_bytes().replace(b"UTF-8", b"ISO-8859-1"), ListProblem.NOT_UTF8, 1),
    "bytes of another encoding": (FILE.read_text("utf-8").encode("cp1252"), ListProblem.NOT_UTF8, 2),
    "UTF-16": (FILE.read_text("utf-8").encode("utf-16"), ListProblem.NOT_UTF8, None),
    "an entity": (b'<!DOCTYPE x [<!ENTITY e "a">]>' + document(), ListProblem.DTD_REFUSED, 1),
    "deep": (document(rows="<Row>" * 80 + "</Row>" * 80), ListProblem.TOO_DEEP, None),
    "another root": (b"<CodeList/>", ListProblem.ROOT_UNKNOWN, 1),
    "a set of lists": (document().replace(b"g:CodeList", b"g:CodeListSet"), ListProblem.ROOT_UNKNOWN, 1),
    "another version of genericode": (document().replace(b"genericode/1.0/", b"genericode/1.1/"), ListProblem.ROOT_UNKNOWN, 1),
    "no identification": (document(identification=""), ListProblem.IDENTIFICATION_MISSING, 1),
    "no version": (document(identification=IDENTIFICATION.replace("<Version>1</Version>", "")), ListProblem.IDENTIFICATION_MISSING, 2),
    "no URI": (document(identification=IDENTIFICATION.replace(f">{URI}<", "> <")), ListProblem.IDENTIFICATION_MISSING, 2),
    "no real URI": (
        document(identification=IDENTIFICATION.replace(f">{URI}<", ">Beispiel Liste<")),
        ListProblem.IDENTIFICATION_UNUSABLE,
        2,
    ),
    "a long URI": (
        document(identification=IDENTIFICATION.replace(f">{URI}<", f">urn:{'x' * 91}<")),
        ListProblem.IDENTIFICATION_UNUSABLE,
        2,
    ),
    "a version in words": (document(identification=IDENTIFICATION.replace(">1<", ">Version 1<")), ListProblem.IDENTIFICATION_UNUSABLE, 2),
    "no columns": (document(column_set="<ColumnSet/>"), ListProblem.COLUMNS_MISSING, 3),
    "no column set": (document(column_set="<Annotation/>"), ListProblem.COLUMNS_MISSING, 1),
    "columns in another file": (document(column_set="<ColumnSetRef/>"), ListProblem.COLUMNS_ELSEWHERE, 1),
    "a column of another file": (document(columns=COLUMNS + '<ColumnRef Id="x" ExternalRef="y"/>'), ListProblem.COLUMNS_ELSEWHERE, 3),
    "a key of another file": (document(key='<KeyRef Id="k" ExternalRef="y"/>'), ListProblem.COLUMNS_ELSEWHERE, 3),
    "a column twice": (document(columns=COLUMNS + '<Column Id="c"/>'), ListProblem.COLUMNS_UNUSABLE, 3),
    "a column without id": (document(columns=COLUMNS + "<Column/>"), ListProblem.COLUMNS_UNUSABLE, 3),
    "too many columns": (document(columns="".join(f'<Column Id="c{n}"/>' for n in range(101))), ListProblem.COLUMNS_UNUSABLE, 3),
    "no key": (document(key=""), ListProblem.KEY_MISSING, 3),
    "a key of a column that is not there": (document(key=KEY.replace('"c"', '"x"')), ListProblem.KEY_UNKNOWN, 3),
    "a key of no column": (document(key='<Key Id="k"/>'), ListProblem.KEY_UNKNOWN, 3),
    "two keys without id": (document(key=KEY.replace(' Id="k"', "") + '<Key><ColumnRef Ref="n"/></Key>'), ListProblem.KEY_UNKNOWN, 3),
    "two keys of one id": (document(key=KEY + '<Key Id="k"><ColumnRef Ref="n"/></Key>'), ListProblem.KEY_UNKNOWN, 3),
    "a key of another file's column": (
        document(key='<Key Id="k"><ColumnRef Ref="c" ExternalRef="y"/></Key>'),
        ListProblem.COLUMNS_ELSEWHERE,
        3,
    ),
    "two versions": (
        document(identification=IDENTIFICATION.replace("<Version>", "<Version>0</Version><Version>")),
        ListProblem.IDENTIFICATION_UNUSABLE,
        2,
    ),
    "a version of elements": (
        document(identification=IDENTIFICATION.replace("<Version>1", "<Version>1<b>7</b>")),
        ListProblem.IDENTIFICATION_UNUSABLE,
        2,
    ),
    "two identifications": (document(identification=IDENTIFICATION * 2), ListProblem.IDENTIFICATION_UNUSABLE, 2),
    "two values in one": (
        document(rows=row(c="1").replace("</Value>", "<SimpleValue>2</SimpleValue></Value>")),
        ListProblem.VALUE_NOT_SIMPLE,
        5,
    ),
    "a key of two columns": (
        document(key='<Key Id="k"><ColumnRef Ref="c"/><ColumnRef Ref="n"/></Key>'),
        ListProblem.KEY_OF_SEVERAL_COLUMNS,
        3,
    ),
    "no rows": (document(rows=""), ListProblem.NO_ROWS, 1),
    "a code twice": (document(rows=ROWS + "\n" + row(c=" 1")), ListProblem.CODE_TWICE, 6),
    "a row without its code": (document(rows=ROWS + "\n" + row(n="x")), ListProblem.CODE_MISSING, 6),
    "a row with an empty code": (document(rows=row(c="")), ListProblem.CODE_MISSING, 5),
    "an unknown column": (document(rows=row(c="1", x="y")), ListProblem.COLUMN_UNKNOWN, 5),
    "two values in one column": (
        document(rows=row(c="1").replace("</Row>", '<Value ColumnRef="c"/></Row>')),
        ListProblem.VALUE_TWICE,
        5,
    ),
    "a value of elements": (document(rows=row(c="<b>1</b>")), ListProblem.VALUE_NOT_SIMPLE, 5),
    "a complex value": (document(rows=row(c="1").replace("SimpleValue", "ComplexValue")), ListProblem.VALUE_NOT_SIMPLE, 5),
    "a long code": (document(rows=row(c="1" * 201)), ListProblem.VALUE_TOO_LONG, 5),
    "a long name": (document(rows=row(c="1", n="x" * 10_001)), ListProblem.VALUE_TOO_LONG, 5),
}


@pytest.mark.parametrize(("content", "code", "line"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_with_its_line(content, code, line):
    found, where = refusal(content)
    assert found is code
    assert line is None or where == line


def test_every_problem_has_its_sentence_and_its_test(monkeypatch):
    assert set(genericode._SENTENCES) == set(ListProblem)
    assert all(str(CodeListUnreadable(problem, 3)).startswith("line 3: ") for problem in ListProblem)
    elsewhere = {ListProblem.SEVERAL_KEYS, ListProblem.NAME_COLUMN_UNKNOWN, ListProblem.TOO_LARGE, ListProblem.TOO_MANY_ROWS}
    assert {code for _, code, _ in REFUSED.values()} | elsewhere == set(ListProblem)


def test_a_file_and_a_list_have_a_size_beyond_which_they_are_refused(monkeypatch):
    monkeypatch.setattr(genericode, "ROWS_MAX", 2)
    assert len(read_code_list(document()).entries) == 2
    assert refusal(document(rows=ROWS + "\n" + row(c="3"))) == (ListProblem.TOO_MANY_ROWS, 6)
    monkeypatch.setattr(genericode, "MAX_BYTES", 100)
    assert refusal(document()) == (ListProblem.TOO_LARGE, None)


def test_choices_are_named_and_none_that_would_spoil_a_terminal():
    columns = COLUMNS + '<Column Id="\u009b31m"/><Column Id="andere"/>'
    with pytest.raises(CodeListUnreadable, match=r"there are: n, andere\)$"):
        read_code_list(document(columns=columns), column_of_names="x")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_leads_to_anything_but_a_list_or_a_refusal(data):
    content = bytearray(FILE.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=8))
    with suppress(CodeListUnreadable):
        assert read_code_list(bytes(content)).entries
