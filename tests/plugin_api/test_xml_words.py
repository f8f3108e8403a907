"""What the XML format says when it refuses, word for word: a plugin's author and a partner's developer have nothing else to go by."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from imgate.plugin_api import Absent, Attachment, Envelope, MessageUnreadable, Release, ReleasedRecord, TranslationFault, xml_read
from imgate.plugin_api.xml import Code, Flag, Group, ListedCode, Many, Number, Text, XmlFormat, XmlItem, both, neither, taken, texts
from imgate.plugin_api.xml_read import MAX_BYTES, MAX_DEPTH, compile_reader, parse_message, parse_written
from imgate.plugin_api.xml_write import TEXT_MAX, Unwritable, compile_writer, escape_attribute, escape_text

NAMESPACE = "urn:test:1"
E = "urn:imgate:envelope:1"
STATES = Code("status", "urn:list", "1", {"employed": "01", "learning": "02"})


def table():
    return XmlFormat(
        namespace=NAMESPACE,
        to_partner="out",
        from_partner="in",
        items=[
            both("person.sex", Text("sex")),
            both("work.status", STATES),
            both("work.proposals", Many("proposals", Group("proposal", texts("employer")))),
            both("residence.title", Group("title", {"code": ListedCode("code")})),
            taken("residence.status", Group("residence", texts("code")), "not to them, for a reason"),
            neither("asylum.grounds", "for neither of the two"),
        ],
    )


def message(record, *scopes, attachments=()):
    envelope = Envelope("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "2026-02-02T08:00:00Z", "Wir", "Die", "R", "housing", attachments)
    return table().to_partner(ReleasedRecord(record, dict.fromkeys(scopes, Release("Wir", "self", "2026-12-31"))), envelope)


def fault(*asked, **more):
    with pytest.raises(TranslationFault) as caught:
        message(*asked, **more)
    assert caught.value.__context__ is None
    return caught.value.scope, caught.value.sentence


@pytest.mark.parametrize(
    ("record", "scope", "sentence"),
    [
        ({"person": {"sex": "\x00"}}, "person.sex", "a character that XML cannot carry"),
        ({"work": {"status": "asleep"}}, "work.status", "a word that the code list of status does not have"),
        ({"work": {"proposals": [{"wage": 1}]}}, "work.proposals", "proposal has a leaf that the table does not know"),
        (
            {"residence": {"title": {"code": "1", "list": "urn:\x00", "version": "1"}}},
            "residence.title",
            "a character that XML cannot carry",
        ),
        ({"residence": {"title": {"code": "1", "list": "urn:l"}}}, "residence.title", "was released and lacks something that it must have"),
        ({}, "person.sex", "was released and lacks something that it must have"),
        ({}, "asylum.grounds", "has no place in messages to this partner"),
        ({"residence": {"status": {"code": "1"}}}, "residence.status", "has no place in messages to this partner"),
    ],
)
def test_what_cannot_be_written_is_told_with_its_scope(record, scope, sentence):
    assert fault(record, scope) == (scope, sentence)


def test_of_several_scopes_without_a_place_always_the_same_is_told():
    assert fault({}, "some.thing", "asylum.grounds", "person.sex")[0] == "asylum.grounds"


def test_an_attachment_up_to_the_limit_is_written_and_a_larger_one_told():
    as_large_as_may_be = bytes(TEXT_MAX // 4 * 3)
    record = {"person": {"sex": "d"}}
    assert TEXT_MAX == 10_000_000
    written = message(record, "person.sex", attachments=(Attachment("calendar", "a.ics", "text/calendar", as_large_as_may_be),))
    assert len(parse_written(written).findtext(f"{{{E}}}envelope/{{{E}}}attachment")) == TEXT_MAX
    too_large = (Attachment("calendar", "a.ics", "text/calendar", as_large_as_may_be + b"x"),)
    sentence = "has an attachment that is too large for a message in XML"
    assert fault(record, "person.sex", attachments=too_large) == ("envelope", sentence)


@pytest.mark.parametrize("character", ["\x01", "\ud800"])
def test_a_name_of_an_attachment_that_xml_cannot_carry_is_told(character):
    attachments = (Attachment("calendar", f"{character}.ics", "text/calendar", b"x"),)
    assert fault({"person": {"sex": "d"}}, "person.sex", attachments=attachments) == ("envelope", "a character that XML cannot carry")


def test_the_envelope_is_one_line_in_the_schema_s_order():
    written = message({"person": {"sex": "d"}, "work": {"status": "employed"}}, "person.sex", "work.status").decode()
    declaration, rest = written.split("\n", 1)
    assert declaration == '<?xml version="1.0" encoding="UTF-8"?>'
    assert rest == (
        f'<m:out xmlns:m="{NAMESPACE}" xmlns:e="{E}"><e:envelope><e:messageId>0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de</e:messageId>'
        "<e:createdAt>2026-02-02T08:00:00Z</e:createdAt><e:sender>Wir</e:sender><e:recipient>Die</e:recipient>"
        "<e:reference>R</e:reference><e:purpose>housing</e:purpose><e:confidentiality>§ 203 StGB</e:confidentiality>"
        '<e:releases><e:release scopes="person.sex work.status" discloser="Wir" origin="self" until="2026-12-31"/></e:releases>'
        '</e:envelope><m:content><m:sex>d</m:sex><m:status listURI="urn:list" listVersionID="1"><code>01</code></m:status>'
        "</m:content></m:out>\n"
    )


def test_nothing_stands_between_two_releases_or_two_attachments():
    attachment = Attachment("calendar", "a.ics", "text/calendar", b"ABC")
    envelope = Envelope("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "2026-02-02T08:00:00Z", "Wir", "Die", "R", "housing", (attachment,) * 2)
    releases = {"person.sex": Release("Wir", "self", "2026-12-31"), "work.status": Release("Wir", "self", "2027-01-31")}
    written = table().to_partner(ReleasedRecord({"person": {"sex": "d"}, "work": {"status": "employed"}}, releases), envelope).decode()
    attached = '<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar">QUJD</e:attachment>'
    assert (
        '<e:releases><e:release scopes="person.sex" discloser="Wir" origin="self" until="2026-12-31"/>'
        '<e:release scopes="work.status" discloser="Wir" origin="self" until="2027-01-31"/></e:releases>'
        f"{attached}{attached}</e:envelope>"
    ) in written


def test_a_code_stands_below_its_list_and_version():
    assert compile_writer(STATES, "m:")("learning") == '<m:status listURI="urn:list" listVersionID="1"><code>02</code></m:status>'
    assert compile_writer(Code("c", 'urn:"&"', None), "")("<") == '<c listURI="urn:&quot;&amp;&quot;"><code>&lt;</code></c>'
    listed = compile_writer(Group("g", {"code": ListedCode("c")}), "m:")({"list": 'urn:"l', "version": "1&2", "code": "<"})
    assert listed == '<m:g><m:c listURI="urn:&quot;l" listVersionID="1&amp;2"><code>&lt;</code></m:c></m:g>'


def test_leaves_are_named_as_in_the_record_but_for_the_capitals():
    assert [leaf.tag for leaf in texts("at", "tested_on", "filed_on_that_day").values()] == ["at", "testedOn", "filedOnThatDay"]


def test_a_group_is_its_leaves_in_the_table_s_order_and_nothing_between():
    leaves = {"a": Text("a"), "n": Number("n"), "f": Flag("f"), "c": Code("c", "urn:l", "1"), "s": STATES, "m": Many("m", Text("t"))}
    value = {"m": ["1", "<2>"], "s": "employed", "c": '"3"', "f": False, "n": 4, "a": "5 & 6\r"}
    assert compile_writer(Group("g", leaves), "m:")(value) == (
        "<m:g><m:a>5 &amp; 6&#13;</m:a><m:n>4</m:n><m:f>false</m:f>"
        '<m:c listURI="urn:l" listVersionID="1"><code>"3"</code></m:c>'
        '<m:status listURI="urn:list" listVersionID="1"><code>01</code></m:status><m:m><m:t>1</m:t><m:t>&lt;2&gt;</m:t></m:m></m:g>'
    )


def test_the_signs_of_xml_are_escaped_wherever_they_stand():
    assert escape_text("&<>\r\"'\t\n") == "&amp;&lt;&gt;&#13;\"'\t\n"
    assert escape_attribute("&<>\r\"'\t\n") == "&amp;&lt;&gt;&#13;&quot;'&#9;&#10;"


@pytest.mark.parametrize("leaf", ["listing", "LIST", "versions"])
def test_a_leaf_beside_a_listed_code_that_the_table_does_not_know_is_told(leaf):
    with pytest.raises(Unwritable, match=r"^g has a leaf that the table does not know$"):
        compile_writer(Group("g", {"code": ListedCode("c")}), "")({"list": "l", "version": "1", "code": "1", leaf: "x"})


@pytest.mark.parametrize(("number", "written"), [(0, "0"), (-3, "-3"), (1e-7, "0.0000001"), (19.5, "19.5"), (10**18, "1" + "0" * 18)])
def test_a_number_is_written_out(number, written):
    assert compile_writer(Number("n"), "m:")(number) == f"<m:n>{written}</m:n>"


def test_tags_that_stand_twice_are_named():
    with pytest.raises(ValueError, match=r"^each element stands for one scope; twice: a, b$"):
        XmlFormat(
            namespace=NAMESPACE,
            to_partner="out",
            from_partner="in",
            items=[both(f"a.{number}", Text(tag)) for number, tag in enumerate("babac")],
        )


@pytest.mark.parametrize(("to_partner", "from_partner"), [(None, None), (None, Absent("x")), (Absent("x"), None)])
def test_a_scope_for_which_nothing_is_said_is_told(to_partner, from_partner):
    item = XmlItem("person.sex", None, to_partner, from_partner)
    with pytest.raises(ValueError, match=r"^person\.sex: neither a place nor a reason why not$"):
        XmlFormat(namespace=NAMESPACE, to_partner="out", from_partner="in", items=[item])


def test_words_that_share_a_code_are_told_by_their_element():
    with pytest.raises(ValueError, match=r"^t: two words share one code, so that it could not be read back$"):
        Code("t", "urn:l", "1", {"a": "01", "b": "01"})


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
