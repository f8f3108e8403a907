"""One table writes and reads; nothing is dropped, nothing gets out of its element."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from imgate.plugin_api import Absent, Attachment, Envelope, MessageUnreadable, Place, Release, ReleasedRecord, TranslationFault
from imgate.plugin_api.xml import Code, Flag, Group, ListedCode, Many, Number, Text, XmlFormat, both, neither, sent, taken, texts
from imgate.plugin_api.xml_read import compile_reader
from imgate.plugin_api.xml_write import Unwritable, compile_writer, escape_attribute, escape_text

NAMESPACE = "urn:test:1"
E = "urn:imgate:envelope:1"
ENVELOPE = Envelope("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "2026-02-02T08:00:00Z", "Wir", "Die", "R&<1>", "housing")
XML_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff", include_characters="\n\t"))


def there_and_back(shape, value):
    written = compile_writer(shape, "m:")(value)
    root = etree.fromstring(f'<m:r xmlns:m="{NAMESPACE}">{written}</m:r>')
    (element,) = root
    return compile_reader(shape, NAMESPACE)(element)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Text("t"), "Müßig & Söhne <GmbH> ]]>"),
        (Text("t"), " Blank am Rand "),
        (Text("t"), "zwei\nZeilen\tTabulator"),
        (Text("t"), "Wagenrücklauf\rbleibt"),
        (Text("t"), ""),
        (Number("n"), 0),
        (Number("n"), -12),
        (Number("n"), 19.5),
        (Flag("f"), True),
        (Flag("f"), False),
        (Code("c", "urn:list", "1"), "007"),
        (Code("c", "urn:list", None), "a<b"),
        (Code("c", "urn:list", "1", {"phone": "02", "email": "01"}), "email"),
        (Many("m", Text("t")), []),
        (Many("m", Text("t")), ["", "a", "a"]),
        (Many("m", Many("n", Flag("f"))), [[], [True]]),
        (Group("g", {}), {}),
        (Group("g", texts("tested_on") | {"list": Many("l", Text("t"))}), {"tested_on": "2026", "list": []}),
        (
            Group("g", {"in": Group("h", texts("a_b")), "all": Many("l", Group("i", {"n": Number("n")}))}),
            {"in": {"a_b": "x"}, "all": [{"n": 1}, {}, {"n": 2.5}]},
        ),
        (Group("g", {"code": ListedCode("c")} | texts("until")), {"list": "urn:l", "version": "1", "code": "036", "until": "2026-01-01"}),
    ],
)
def test_values_come_back(shape, value):
    assert there_and_back(shape, value) == value


@given(XML_TEXT)
def test_any_text_comes_back(text):
    assert there_and_back(Group("g", texts("a")), {"a": text}) == {"a": text}


@given(XML_TEXT)
def test_any_attribute_comes_back(text):
    assert etree.fromstring(f'<r a="{escape_attribute(text)}"/>').get("a") == text


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
@pytest.mark.parametrize("escape", [escape_text, escape_attribute])
def test_what_xml_cannot_carry_is_refused(escape, character):
    with pytest.raises(Unwritable) as caught:
        escape(f"geheim{character}")
    assert "geheim" not in str(caught.value)


def test_null_is_absent():
    assert there_and_back(Group("g", texts("a", "b")), {"a": None, "b": "x"}) == {"b": "x"}


def test_number_is_never_written_with_an_exponent():
    assert compile_writer(Number("n"), "")(1e22) == "<n>10000000000000000000000</n>"


def test_unknown_leaf_is_a_fault_and_not_dropped():
    with pytest.raises(Unwritable):
        compile_writer(Group("g", texts("a")), "")({"a": "x", "later": "y"})


def test_leaf_named_as_left_out_is_left_out():
    assert compile_writer(Group("g", texts("a"), without=("note",)), "")({"a": "x", "note": "y"}) == "<g><a>x</a></g>"


def test_word_without_a_code_is_a_fault():
    with pytest.raises(Unwritable):
        compile_writer(Code("c", "urn:l", "1", {"phone": "02"}), "")("post")


def test_code_map_that_cannot_be_read_back_is_refused():
    with pytest.raises(ValueError, match="share one code"):
        Code("c", "urn:l", "1", {"post": "07", "other": "07"})


@pytest.mark.parametrize(
    ("shape", "xml", "code"),
    [
        (Text("t"), "<t><x/></t>", "unexpected_element"),
        (Number("t"), "<t>viele</t>", "not_a_number"),
        (Number("t"), "<t/>", "not_a_number"),
        (Number("t"), "<t>１２</t>", "not_a_number"),
        (Number("t"), "<t>1e9</t>", "not_a_number"),
        (Number("t"), f"<t>{'9' * 5000}</t>", "not_a_number"),
        (Flag("t"), "<t>ja</t>", "not_a_flag"),
        (Code("t", "urn:l", "1"), "<t>01</t>", "code_missing"),
        (Code("t", "urn:l", "1", {"a": "01"}), '<t><code xmlns="">02</code></t>', "code_unknown"),
        (ListedCode("t"), '<t><code xmlns="">02</code></t>', "code_list_missing"),
        (Group("t", texts("a")), "<t><b/></t>", "unexpected_element"),
        (Group("t", texts("a")), "<t><a/><a/></t>", "unexpected_element"),
        (Group("t", texts("a")), '<t><a xmlns="urn:other"/></t>', "unexpected_element"),
        (Many("t", Text("a")), "<t><b/></t>", "unexpected_element"),
    ],
)
def test_what_does_not_fit_the_shape_is_unreadable(shape, xml, code):
    root = etree.fromstring(f'<r xmlns="{NAMESPACE}">\n{xml}</r>')
    with pytest.raises(MessageUnreadable) as caught:
        compile_reader(shape, NAMESPACE)(root[0])
    assert (caught.value.code, caught.value.line) == (code, 2)


def a_format(*items):
    return XmlFormat(namespace=NAMESPACE, to_partner="out", from_partner="in", items=items)


FORMAT = a_format(
    both("work.proposals", Many("proposals", Group("proposal", texts("employer")))),
    sent("person.sex", Text("sex"), "not from them, for a reason"),
    taken("residence.status", Group("status", texts("code"), without=("since",)), "not to them, for a reason"),
    neither("asylum.grounds", "for neither of the two"),
)


def released(record, *scopes):
    return ReleasedRecord(record, {scope: Release("Wir", "self", "2026-12-31") for scope in scopes})


def test_the_field_table_is_the_same_table():
    assert FORMAT.fields.fields["person.sex"].to_partner == Place(("content/sex",))
    assert FORMAT.fields.fields["person.sex"].from_partner == Absent("not from them, for a reason")
    assert FORMAT.fields.fields["residence.status"].from_partner == Place(("content/status",), ("since",))
    assert set(FORMAT.fields.sent()) == {"work.proposals", "person.sex"}
    assert set(FORMAT.fields.taken()) == {"work.proposals", "residence.status"}


def test_why_a_scope_has_no_place_is_told_for_each_direction():
    table = a_format(
        sent("person.sex", Text("a"), "not from them"),
        taken("residence.status", Text("b"), "not to them"),
        neither("asylum.grounds", "for neither of the two"),
        neither("notes.counselling", "not to them", "not from them"),
    )
    why = {
        scope: tuple(way.because if isinstance(way, Absent) else None for way in (field.to_partner, field.from_partner))
        for scope, field in table.fields.fields.items()
    }
    assert why == {
        "person.sex": (None, "not from them"),
        "residence.status": ("not to them", None),
        "asylum.grounds": ("for neither of the two", "for neither of the two"),
        "notes.counselling": ("not to them", "not from them"),
    }


def test_leaves_that_the_format_has_no_place_for_are_told_by_their_path():
    channel = Group("channel", {"kind": Text("kind"), "name": Group("name", texts("given"), without=("family",))}, without=("note",))
    shape = Group("contact", {"unit": Text("unit"), "channels": Many("channels", channel)}, without=("sign",))
    table = a_format(both("contact_persons.jobcenter", shape), both("person.sex", Many("sexes", Text("sex"))))
    without = ("sign", "channels.note", "channels.name.family")
    assert table.fields.fields["contact_persons.jobcenter"].to_partner == Place(("content/contact",), without)
    assert table.fields.fields["contact_persons.jobcenter"].from_partner == Place(("content/contact",), without)
    assert table.fields.fields["person.sex"].to_partner == Place(("content/sexes",))


def test_only_what_was_released_is_written_even_if_the_record_holds_more():
    record = {"person": {"sex": "d"}, "work": {"proposals": [{"employer": "Geheim"}]}}
    message = FORMAT.to_partner(released(record, "person.sex"), ENVELOPE)
    assert b"Geheim" not in message
    assert b"<m:content><m:sex>d</m:sex></m:content>" in message


def test_the_envelope_says_under_what_each_scope_passes():
    releases = {"person.sex": Release('A "&"', "abh-1", "2026-12-31"), "work.proposals": Release("B", "self", "2027-01-31")}
    record = {"person": {"sex": "d"}, "work": {"proposals": []}}
    root = etree.fromstring(FORMAT.to_partner(ReleasedRecord(record, releases), ENVELOPE))
    found = {line.get("scopes"): (line.get("discloser"), line.get("origin"), line.get("until")) for line in root.iter(f"{{{E}}}release")}
    assert found == {"person.sex": ('A "&"', "abh-1", "2026-12-31"), "work.proposals": ("B", "self", "2027-01-31")}


def test_scopes_that_pass_under_the_same_are_named_together_and_once():
    release = Release("B", "self", "2027-01-31")
    record = {"person": {"sex": "d"}, "work": {"proposals": []}}
    message = FORMAT.to_partner(ReleasedRecord(record, {"person.sex": release, "work.proposals": release}), ENVELOPE)
    (line,) = etree.fromstring(message).iter(f"{{{E}}}release")
    assert line.get("scopes") == "person.sex work.proposals"


def test_the_rest_of_the_envelope_stands_in_its_places():
    root = etree.fromstring(FORMAT.to_partner(released({"person": {"sex": "d"}}, "person.sex"), ENVELOPE))
    assert root.findtext(f".//{{{E}}}confidentiality") == "§ 203 StGB"
    assert root.findtext(f".//{{{E}}}reference") == "R&<1>"


BUNDLE = Attachment("declaration_bundle", "declaration-1.json", "application/json", bytes(range(256)) * 20)


def with_attachments(*attachments):
    return Envelope("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "2026-02-02T08:00:00Z", "Wir", "Die", "R", "housing", attachments)


def test_attachments_stand_behind_the_releases_in_one_line_of_base64():
    message = FORMAT.to_partner(released({"person": {"sex": "d"}}, "person.sex"), with_attachments(BUNDLE, BUNDLE))
    first, second = etree.fromstring(message).findall(f"{{{E}}}envelope/{{{E}}}attachment")
    assert first.getprevious().tag == f"{{{E}}}releases"
    assert dict(first.attrib) == {"kind": "declaration_bundle", "name": "declaration-1.json", "mediaType": "application/json"}
    assert first.text == second.text == b64encode(BUNDLE.content).decode()


def test_an_attachment_that_no_reader_of_xml_takes_is_a_fault():
    with pytest.raises(TranslationFault, match="too large"):
        FORMAT.to_partner(
            released({"person": {"sex": "d"}}, "person.sex"),
            with_attachments(Attachment("calendar", "a.ics", "text/calendar", bytes(7_500_003))),
        )


def a_message_with(attachment):
    return (
        f'<in xmlns="{NAMESPACE}" xmlns:e="{E}"><e:header><e:messageId>m</e:messageId><e:reference>r</e:reference>{attachment}</e:header>'
        "<content/></in>"
    ).encode()


def test_attachments_that_came_are_handed_over_as_they_came():
    attached = '<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar">QUJD\n  QUJD</e:attachment>'
    reading = FORMAT.from_partner(a_message_with(attached * 2))
    assert reading.attachments == (Attachment("calendar", "a.ics", "text/calendar", b"ABCABC"),) * 2
    assert reading.people[0].reference == "r"


@pytest.mark.parametrize(
    "attachment",
    [
        "<e:attachment/>",
        '<e:attachment name="a.ics" mediaType="text/calendar">QUJD</e:attachment>',
        '<e:attachment kind="calendar" mediaType="text/calendar">QUJD</e:attachment>',
        '<e:attachment kind="calendar" name="a.ics">QUJD</e:attachment>',
        '<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar"/>',
        '<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar">geheim</e:attachment>',
        '<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar">ÄUJD</e:attachment>',
        '<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar">QUJDR</e:attachment>',
        '<e:attachment kind="calendar" name="a.ics" mediaType="text/calendar">QU-_</e:attachment>',
    ],
)
def test_an_attachment_without_its_parts_is_unreadable(attachment):
    with pytest.raises(MessageUnreadable) as caught:
        FORMAT.from_partner(a_message_with(attachment))
    assert (caught.value.code, caught.value.line) == ("attachment_invalid", 1)
    assert caught.value.__cause__ is None


def test_one_text_that_the_parser_does_not_take_is_too_large_and_not_too_deep():
    with pytest.raises(MessageUnreadable, match="too_large"):
        FORMAT.from_partner(a_message_with(f"<e:purpose>{'x' * 10_000_001}</e:purpose>"))


@pytest.mark.parametrize(
    ("record", "scope"),
    [
        ({"asylum": {"grounds": {"text": "geheim"}}}, "asylum.grounds"),
        ({"residence": {"status": {"code": "geheim"}}}, "residence.status"),
        ({"person": {}}, "person.sex"),
        ({"person": {"sex": "geheim\x00"}}, "person.sex"),
        ({"work": {"proposals": [{"employer": "geheim", "wage": 1}]}}, "work.proposals"),
        ({"some": {"thing": "geheim"}}, "some.thing"),
    ],
)
def test_what_cannot_be_written_exactly_is_a_fault_of_its_scope(record, scope):
    with pytest.raises(TranslationFault) as caught:
        FORMAT.to_partner(released(record, scope), ENVELOPE)
    assert caught.value.scope == scope
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("<in/>", "header_missing"),
        ("<out/>", "root_unknown"),
        ("<in><e:header/></in>", "content_missing"),
        ("<in><e:header/><content/></in>", "header_missing"),
        ("<in><e:header><e:messageId>m</e:messageId></e:header><content/></in>", "header_missing"),
        ("<in>@<content><sex>d</sex></content></in>", "unexpected_element"),
        ("<in>@<content><status/><status/></content></in>", "unexpected_element"),
    ],
)
def test_a_message_without_its_parts_is_unreadable(message, code):
    header = "<e:header><e:messageId>m</e:messageId><e:reference>r</e:reference></e:header>"
    body = message.replace("@", header).replace("<in", f'<in xmlns="{NAMESPACE}" xmlns:e="{E}"', 1)
    with pytest.raises(MessageUnreadable) as caught:
        FORMAT.from_partner(body.encode())
    assert caught.value.code == code


def test_comments_and_cdata_are_no_hiding_place():
    body = (
        f'<in xmlns="{NAMESPACE}" xmlns:e="{E}"><e:header><e:messageId>m</e:messageId><e:reference>r<!-- x -->1</e:reference></e:header>'
        "<content><status><code>1<![CDATA[<2>]]><?p i?></code></status></content></in>"
    )
    (person,) = FORMAT.from_partner(body.encode()).people
    assert person.reference == "r1"
    assert person.record == {"residence": {"status": {"code": "1<2>"}}}


def test_tables_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="twice"):
        a_format(both("person.sex", Text("sex")), neither("person.sex", "for a reason given here"))
    with pytest.raises(ValueError, match="twice"):
        a_format(both("person.sex", Text("x")), both("contact.phone", Text("x")))
