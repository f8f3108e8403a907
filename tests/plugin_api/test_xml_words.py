"""What the XML format writes, sign for sign, and what it says of what it cannot write: a plugin's author has nothing else to go by."""

import pytest

from imgate.plugin_api import Absent, Attachment, Envelope, Release, ReleasedRecord, TranslationFault
from imgate.plugin_api.errors import TableInvalid
from imgate.plugin_api.xml import Code, Flag, Group, ListedCode, Many, Number, Text, XmlFormat, XmlItem, both, neither, taken, texts
from imgate.plugin_api.xml_read import parse_written
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
        (
            {"work": {"proposals": [{"wage": 1}]}},
            "work.proposals",
            "`wage` of proposal has no place in the table; give it one, or name it in `without`",
        ),
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
    with pytest.raises(Unwritable, match=rf"^`{leaf}` of g has no place in the table; give it one, or name it in `without`$"):
        compile_writer(Group("g", {"code": ListedCode("c")}), "")({"list": "l", "version": "1", "code": "1", leaf: "x"})


@pytest.mark.parametrize(("number", "written"), [(0, "0"), (-3, "-3"), (1e-7, "0.0000001"), (19.5, "19.5"), (10**18, "1" + "0" * 18)])
def test_a_number_is_written_out(number, written):
    assert compile_writer(Number("n"), "m:")(number) == f"<m:n>{written}</m:n>"


def test_tags_that_stand_twice_are_named():
    with pytest.raises(TableInvalid, match=r"^each element stands for one scope; twice: a, b$"):
        XmlFormat(
            namespace=NAMESPACE,
            to_partner="out",
            from_partner="in",
            items=[both(f"a.{number}", Text(tag)) for number, tag in enumerate("babac")],
        )


@pytest.mark.parametrize(("to_partner", "from_partner"), [(None, None), (None, Absent("x")), (Absent("x"), None)])
def test_a_scope_for_which_nothing_is_said_is_told(to_partner, from_partner):
    item = XmlItem("person.sex", None, to_partner, from_partner)
    with pytest.raises(TableInvalid, match=r"^person\.sex: neither a place nor a reason why not$"):
        XmlFormat(namespace=NAMESPACE, to_partner="out", from_partner="in", items=[item])


def test_the_table_names_each_detail_by_its_path_in_the_record():
    channel = Group("channel", {"kind": Text("kind"), "name": Group("name", texts("given"), without=("family",))}, without=("note",))
    shape = Group("contact", {"unit": Text("unit"), "channels": Many("channels", channel)}, without=("sign",))
    items = [both("contact_persons.jobcenter", shape), both("person.sex", Text("sex"))]
    place = XmlFormat(namespace=NAMESPACE, to_partner="out", from_partner="in", items=items).fields.sent()
    assert place["contact_persons.jobcenter"].details == ("unit", "channels", "channels.kind", "channels.name", "channels.name.given")
    assert place["person.sex"].details == ()


def test_words_that_share_a_code_are_told_by_their_element():
    with pytest.raises(TableInvalid, match=r"^t: two words share one code, so that it could not be read back$"):
        Code("t", "urn:l", "1", {"a": "01", "b": "01"})
