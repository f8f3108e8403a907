"""A message is taken apart by the places of its scopes, so that the parts of two messages can be compared."""

import pytest

from imgate.adapters.json_format import JsonForm, json_steps
from imgate.adapters.table_format import TableForm
from imgate.conformance.parts import parts_of
from imgate.conformance.promises.tried import TO
from imgate.plugin_api import Place


def test_elements_of_xml_are_the_same_whatever_their_prefix_is(fixtures_for):
    form = fixtures_for("planted")["adapter"].forms[TO]
    message = '<{0}out xmlns{1}="urn:planted:1"><{0}content><{0}phone>+49</{0}phone>\n<{0}note>x</{0}note></{0}content></{0}out>'
    (one,) = parts_of(form, message.format("m:", ":m").encode())["contact.phone"]
    assert one == '<m:phone xmlns:m="urn:planted:1">+49</m:phone>'
    assert parts_of(form, message.format("m:", ":m").encode()).keys() == {"contact.phone"}


def test_members_of_json_are_the_same_in_any_order():
    form = JsonForm(None, json_steps({"person.name": Place(("content/a/b",)), "person.birth": Place(("content/c",))}))
    message = b'{"envelope": 1, "content": {"a": {"b": {"z": 1, "y": 2}, "x": 3}, "c": null}}'
    assert parts_of(form, message) == {"person.name": ('{"y": 2, "z": 1}',), "person.birth": ("null",)}


ROWS = "a;b;c;d;e\r\n1;;ü;3;4\r\n1;2;;3;4\r\n9\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_cells_of_a_table_count_once_and_shared_columns_are_nobodys(encoding, delimiter):
    places = {"person.name": Place(("a", "b")), "person.birth": Place(("c", "d")), "needs.support": Place(("d",))}
    content = ROWS.replace(";", delimiter).encode(encoding)
    assert parts_of(TableForm(places, "text/csv"), content) == {"person.name": ("a: 1", "a: 9", "b: 2"), "person.birth": ("c: ü",)}


def test_an_unknown_format_is_no_message_without_parts():
    with pytest.raises(TypeError, match="cannot take apart: str"):
        parts_of("", b"")
