"""What a partner may write, and what reading says when it refuses, word for word and with the line."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from imgate.plugin_api import MessageUnreadable, xml_read
from imgate.plugin_api.xml import Code, Flag, Group, ListedCode, Number, Text
from imgate.plugin_api.xml_read import MAX_BYTES, MAX_DEPTH, compile_reader, parse_message, parse_written
from imgate.plugin_api.xml_write import TEXT_MAX
from tests.plugin_api.test_xml_words import NAMESPACE, E, table


def read(shape, xml):
    return compile_reader(shape, NAMESPACE)(etree.fromstring(f'<r xmlns="{NAMESPACE}">\n\n{xml}</r>')[0])


@pytest.mark.parametrize(
    ("shape", "xml", "value"),
    [
        (Number("t"), "<t> 7\n</t>", 7),
        (Number("t"), "<t>+7.50</t>", 7.5),
        (Number("t"), "<t>7.0</t>", 7.0),
        *((Flag("t"), f"<t> {form}\n</t>", form in "true 1") for form in ("true", "false", "1", "0")),
        (Code("t", "urn:l", "1"), '<t><code xmlns=""> 01\n</code><name xmlns="">x</name></t>', "01"),
        (Group("t", {"code": ListedCode("c"), "until": Text("until")}), "<t><until>x</until></t>", {"until": "x"}),
        (
            Group("t", {"code": ListedCode("c")}),
            '<t><c listURI=" urn:l\n" listVersionID=" 1 "><code xmlns=""> 9 </code></c></t>',
            {"list": "urn:l", "version": "1", "code": "9"},
        ),
    ],
)
def test_what_a_partner_may_write_otherwise_than_we_do_is_read(shape, xml, value):
    found = read(shape, xml)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("attributes", ['listURI="urn:l"', 'listVersionID="1"', ""])
def test_a_listed_code_names_its_list_and_the_version(attributes):
    with pytest.raises(MessageUnreadable, match=r"^code_list_missing$") as caught:
        read(ListedCode("t"), f'<t {attributes}><code xmlns="">1</code></t>')
    assert caught.value.line == 3


def incoming(content, header="<e:messageId>m</e:messageId><e:reference>r</e:reference>", root="in"):
    body = f'<{root} xmlns="{NAMESPACE}" xmlns:e="{E}">\n<e:header>\n{header}</e:header>\n<content>\n{content}</content></{root}>'
    return table().from_partner(body.encode())


def test_a_message_says_who_it_is_about_and_where_it_began():
    reading = incoming(
        "<sex>d</sex><status><code xmlns=''>02</code></status>",
        "<e:messageId>m</e:messageId><e:reference>r</e:reference><e:purpose>housing</e:purpose>",
    )
    (person,) = reading.people
    assert (reading.message_id, reading.purpose, person.reference, person.line) == ("m", "housing", "r", 1)
    assert person.record == {"person": {"sex": "d"}, "work": {"status": "learning"}}
    assert incoming("").purpose is None


@pytest.mark.parametrize(
    ("asked", "code", "line"),
    [
        ({"content": "", "root": "out"}, "root_unknown", 1),
        ({"content": "", "header": "<e:messageId>m</e:messageId>"}, "header_missing", 2),
        ({"content": "", "header": "<e:reference>r</e:reference>"}, "header_missing", 2),
        ({"content": "<sex>d</sex>\n<sex>d</sex>"}, "unexpected_element", 6),
        ({"content": "<other/>"}, "unexpected_element", 5),
        ({"content": "\n<status><code xmlns=''>99</code></status>"}, "code_unknown", 6),
        ({"content": "<status/>"}, "code_missing", 5),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(asked, code, line):
    with pytest.raises(MessageUnreadable, match=f"^{code}$") as caught:
        incoming(**asked)
    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize(("body", "code"), [("<in>\n<content/></in>", "header_missing"), ("<in>\n<e:header/></in>", "content_missing")])
def test_a_message_without_a_part_is_told_with_the_line_of_its_root(body, code):
    with pytest.raises(MessageUnreadable, match=f"^{code}$") as caught:
        table().from_partner(b"\n" + body.replace("<in>", f'<in xmlns="{NAMESPACE}" xmlns:e="{E}">').encode())
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        (b" \n", "empty", None),
        (b"\xef\xbb\xbf", "empty", None),
        (b"<a>\x00</a>", "not_utf8", None),
        (b'<?xml version="1.0" encoding="latin1"?>\n<a/>', "not_utf8", 1),
        (b"<a>\n\n\xff</a>", "not_utf8", 3),
        (b"\n\xff\n\n", "not_utf8", 2),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="latin1"?>\n<a/>', "not_utf8", 1),
        (b"\xef\xbb\xbf \n", "empty", None),
        (b"\n<!DOCTYPE a>\n<a>\n</a>", "dtd_refused", 2),
        (b"\xff<a/>", "not_utf8", 1),
        (b"<!doctype a><a/>", "dtd_refused", 1),
        (b"<a>\n\n<!ENTITY x></a>", "dtd_refused", 3),
        (b"<a>\n<b></a>", "not_wellformed", 2),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "too_deep", None),
    ],
)
def test_what_the_guard_refuses_is_told_with_its_line(body, code, line):
    with pytest.raises(MessageUnreadable, match=f"^{code}$") as caught:
        parse_message(body)
    assert (caught.value.code, caught.value.line) == (code, line)


def test_a_message_that_is_not_wellformed_is_told_with_its_column():
    with pytest.raises(MessageUnreadable) as caught:
        parse_message(b"<a>\n<b></a>")
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_a_message_that_libxml2_finds_too_deep_is_too_deep():
    with pytest.raises(MessageUnreadable, match=r"^too_deep$"):
        parse_message(b"<a>" * 300 + b"</a>" * 300)


def test_a_text_that_libxml2_finds_too_long_is_too_large():
    with pytest.raises(MessageUnreadable, match=r"^too_large$"):
        parse_message(b"<a>" + b"x" * (TEXT_MAX + 1) + b"</a>")


def test_a_message_as_long_as_may_be_is_read_and_no_longer_one():
    assert MAX_BYTES == 16 * 1024 * 1024
    assert parse_message(b"<a/>", 4).tag == "a"
    with pytest.raises(MessageUnreadable, match=r"^too_large$"):
        parse_message(b"<a/> ", 4)


def test_a_parser_that_has_failed_is_not_used_again():
    for parse in (parse_message, parse_written):
        for broken in (b"<a>", b"<a></b>"):
            with pytest.raises(MessageUnreadable, match=r"^not_wellformed$") as caught:
                parse(broken)
            assert caught.value.__context__ is None
            assert parse(b"<a><b/></a>").tag == "a"


@pytest.mark.parametrize("body", [b"<a>\n<!-- x --><b/></a>", b"<a><b/><?p i?></a>", b"<!-- x --><a><b/></a>"])
def test_comments_and_instructions_are_no_elements(body):
    assert [child.tag for child in parse_written(body)] == ["b"]


def test_the_parser_by_itself_expands_nothing_and_adds_nothing():
    body = b'<!DOCTYPE a [<!ENTITY x "y"><!ATTLIST a b CDATA "c">]><a>&x;</a>'
    root = parse_written(body)
    assert (root.text, dict(root.attrib)) == (None, {})


@pytest.mark.parametrize("document_type", ['<!ATTLIST a b CDATA "c">', "<!ELEMENT a (b)", "<"])
def test_the_parser_by_itself_fetches_no_document_type(tmp_path, document_type):
    (tmp_path / "a.dtd").write_text(document_type, encoding="utf-8")
    root = parse_written(f'<!DOCTYPE a SYSTEM "{(tmp_path / "a.dtd").as_uri()}"><a/>'.encode())
    assert dict(root.attrib) == {}
    assert root.getroottree().docinfo.externalDTD is None


def test_each_thread_has_one_parser_for_all_its_messages(monkeypatch):
    made = []
    new = xml_read._new_parser
    monkeypatch.setattr(xml_read, "_new_parser", lambda: made.append(new()) or made[-1])

    def read_some():
        for _ in range(3):
            parse_message(b"<a/>")
            parse_written(b"<a/>")

    read_some()
    assert len(made) == 1
    with ThreadPoolExecutor(1) as another:
        another.submit(read_some).result()
    assert len(made) == 2


def test_what_our_own_plugins_write_is_utf8_whatever_it_declares():
    assert parse_written('<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>'.encode()).text == "ü"


@pytest.mark.parametrize("content", ["QUJD!", "QU JD?", "Q.U.J.D"])
def test_an_attachment_with_other_characters_than_base64_has_is_refused_and_not_guessed(content):
    attached = f'<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar">{content}</e:attachment>'
    with pytest.raises(MessageUnreadable, match=r"^attachment_invalid$"):
        incoming("", f"<e:messageId>m</e:messageId><e:reference>r</e:reference>{attached}")
