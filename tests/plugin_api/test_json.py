"""One table writes and reads; nothing is dropped, nothing gets out of its member."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.plugin_api import Absent, Attachment, Envelope, MessageUnreadable, Place, Release, ReleasedRecord, TranslationFault
from imgate.plugin_api.json import AS_IS, JsonFormat, ListOf, Member, Object, Words, both, neither, sent, taken
from imgate.plugin_api.json_read import Misread, compile_reader
from imgate.plugin_api.json_write import Unwritable, compile_writer

ID = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
ENVELOPE = Envelope(ID, "2026-02-02T08:00:00Z", "Wir", "Die", 'R"\\<1>', "housing")
VALUES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


def there_and_back(shape, value):
    return compile_reader(shape)(json.loads(json.dumps(compile_writer(shape)(value))))


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (AS_IS, 'Müßig & "Söhne" \\ \u2028'),
        (AS_IS, "zwei\nZeilen\tTabulator\rWagenrücklauf"),
        (AS_IS, ""),
        (AS_IS, 0),
        (AS_IS, False),
        (AS_IS, 19.5),
        (AS_IS, []),
        (AS_IS, {}),
        (AS_IS, {"a": [{"b": []}], "c": ""}),
        (Words({"phone": "02", "email": "01"}), "email"),
        (ListOf(Words({"phone": "02"})), ["phone", "phone"]),
        (ListOf(AS_IS), []),
        (Object({}), {}),
        (Object({"tested_on": "geprüft", "kind": Member("art", Words({"a": "A"}))}), {"tested_on": "2026", "kind": "a"}),
        (Object({"kind": "rooms", "rooms": "kind"}), {"kind": "a", "rooms": 2}),
        (ListOf(Object({"a": Member("b", ListOf(Object({"c": "d"})))})), [{"a": [{"c": [1, {"x": "y"}]}]}]),
    ],
)
def test_values_come_back(shape, value):
    assert there_and_back(shape, value) == value


@given(VALUES)
def test_any_value_comes_back_through_a_whole_message(value):
    table = JsonFormat(items=[both("person.sex", "a/b")], head="envelope")
    (person,) = table.from_partner(table.to_partner(released({"person": {"sex": value}}, "person.sex"), ENVELOPE)).people
    assert person.record == {"person": {"sex": value}}


@pytest.mark.parametrize("shape", [AS_IS, Object({"a": "a", "b": "b"}), Object({"a": "a", "b": Member("b", Words({"x": "y"}))})])
def test_null_is_absent_in_both_directions(shape):
    assert compile_writer(shape)({"a": "x", "b": None}) == {"a": "x"}
    assert compile_reader(shape)({"a": "x", "b": None}) == {"a": "x"}


def test_null_is_absent_however_deep_it_stands():
    value = {"a": [{"b": None, "c": "x"}, [{"d": None}], "y", 0], "e": {"f": None}}
    there = {"a": [{"c": "x"}, [{}], "y", 0], "e": {}}
    assert compile_reader(AS_IS)(value) == there
    assert compile_writer(AS_IS)(value) == there


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 2**53, -(2**53), b"x", object(), {"a": [math.nan]}, {"a": {"b": 2**60}}, (1, 2)]
)
def test_what_json_cannot_carry_is_a_fault_and_no_null(value):
    with pytest.raises(Unwritable):
        compile_writer(AS_IS)(value)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Object({"a": "a"}), {"a": "x", "later": "geheim"}),
        (Object({"a": "a"}), {"a": "x", "later": None}),
        (Object({"a": "a"}), "geheim"),
        (Object({"a": "a"}), ["geheim"]),
        (ListOf(AS_IS), "geheim"),
        (ListOf(AS_IS), {"geheim": 1}),
        (Words({"phone": "02"}), "geheim"),
        (Words({"phone": "02"}), ["geheim"]),
    ],
)
def test_what_the_table_does_not_know_is_a_fault_and_not_dropped(shape, value):
    with pytest.raises(Unwritable) as caught:
        compile_writer(shape)(value)
    assert "geheim" not in str(caught.value)


def test_a_leaf_named_as_left_out_is_left_out():
    assert compile_writer(Object({"a": "b"}, without=("note",)))({"a": "x", "note": "y"}) == {"b": "x"}


@pytest.mark.parametrize("make", [lambda: Words({"post": "07", "other": "07"}), lambda: Object({"a": "x", "b": "x"})])
def test_what_cannot_be_read_back_is_refused(make):
    with pytest.raises(ValueError, match=r"share|twice"):
        make()


@pytest.mark.parametrize(
    ("shape", "value", "code"),
    [
        (Object({"a": "a"}), [], "wrong_type"),
        (Object({"a": "a"}), "x", "wrong_type"),
        (Object({"a": "b"}), {"a": "x"}, "unexpected_member"),
        (ListOf(AS_IS), {}, "wrong_type"),
        (ListOf(AS_IS), "ab", "wrong_type"),
        (Words({"a": "01"}), "02", "code_unknown"),
        (Words({"a": "01"}), "a", "code_unknown"),
        (Words({"a": "01"}), ["01"], "code_unknown"),
        (Words({"a": "01"}), None, "code_unknown"),
    ],
)
def test_what_does_not_fit_the_shape_is_unreadable(shape, value, code):
    with pytest.raises(Misread) as caught:
        compile_reader(shape)(value)
    assert caught.value.code == code


FORMAT = JsonFormat(
    items=(
        both("work.proposals", "arbeit/vorschläge", ListOf(Object({"employer": "betrieb"}))),
        sent("person.sex", "geschlecht", not_taken="not from them, for a reason"),
        taken("residence.status", "status", Object({"code": "art"}, without=("since",)), not_sent="not to them, for a reason"),
        both("work.status", "arbeit/stand", Words({"employed": "A"})),
        neither("asylum.grounds", "for neither of the two"),
    ),
)


def released(record, *scopes):
    return ReleasedRecord(record, {scope: Release("Wir", "self", "2026-12-31") for scope in scopes})


def test_the_field_table_is_the_same_table():
    fields = FORMAT.fields.fields
    assert fields["person.sex"].to_partner == Place(("content/geschlecht",))
    assert fields["person.sex"].from_partner == Absent("not from them, for a reason")
    assert fields["residence.status"].from_partner == Place(("content/status",), ("since",))
    assert fields["work.status"].to_partner == Place(("content/arbeit/stand",))
    assert set(FORMAT.fields.sent()) == {"work.proposals", "person.sex", "work.status"}
    assert set(FORMAT.fields.taken()) == {"work.proposals", "residence.status", "work.status"}


def test_why_a_scope_has_no_place_is_told_for_each_direction():
    table = JsonFormat(
        items=[
            sent("person.sex", "a", not_taken="not from them"),
            taken("residence.status", "b", not_sent="not to them"),
            neither("asylum.grounds", "for neither of the two"),
            neither("notes.counselling", "not to them", "not from them"),
        ]
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
    channel = Object({"kind": "art", "name": Member("name", Object({"given": "vorname"}, without=("family",)))}, without=("note",))
    shape = Object({"unit": "stelle", "channels": Member("wege", ListOf(channel))}, without=("sign",))
    table = JsonFormat(items=[both("contact_persons.jobcenter", "a", shape), both("person.sex", "b", ListOf(Words({"d": "D"})))])
    without = ("sign", "channels.note", "channels.name.family")
    assert table.fields.fields["contact_persons.jobcenter"].to_partner == Place(("content/a",), without)
    assert table.fields.fields["contact_persons.jobcenter"].from_partner == Place(("content/a",), without)
    assert table.fields.fields["person.sex"].to_partner == Place(("content/b",))


def test_only_what_was_released_is_written_even_if_the_record_holds_more():
    record = {"person": {"sex": "d"}, "work": {"proposals": [{"employer": "Geheim"}]}}
    message = FORMAT.to_partner(released(record, "person.sex"), ENVELOPE)
    assert b"Geheim" not in message
    assert message.endswith(b'"content":{"geschlecht":"d"}}\n')


def test_bytes_depend_on_the_table_and_not_on_the_order_of_the_record():
    record = {"work": {"proposals": [{"employer": "Ä"}], "status": "employed"}, "person": {"sex": {"b": 1, "a": {"d": 1, "c": 2}}}}
    turned = json.loads(json.dumps(record), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    scopes = ("work.proposals", "person.sex", "work.status")
    message = FORMAT.to_partner(released(record, *scopes), ENVELOPE)
    assert message == FORMAT.to_partner(released(turned, *scopes), ENVELOPE)
    content = '"content":{"arbeit":{"vorschläge":[{"betrieb":"Ä"}],"stand":"A"},"geschlecht":{"a":{"c":2,"d":1},"b":1}}}\n'
    assert message.endswith(content.encode())


def test_each_item_of_a_message_is_read_wherever_it_stands():
    content = {"status": {"art": "1"}, "arbeit": {"stand": "A", "vorschläge": [{"betrieb": "Ä"}]}}
    for turned in (content, dict(reversed(content.items()))):
        message = {"header": {"messageId": "m", "reference": "r"}, "content": turned}
        (person,) = FORMAT.from_partner(json.dumps(message).encode()).people
        assert person.record == {"residence": {"status": {"code": "1"}}, "work": {"status": "employed", "proposals": [{"employer": "Ä"}]}}


def test_the_input_is_left_alone():
    record = {"person": {"sex": {"b": None, "a": [{}]}}}
    FORMAT.to_partner(released(record, "person.sex"), ENVELOPE)
    assert record == {"person": {"sex": {"b": None, "a": [{}]}}}


def test_the_envelope_says_everything_and_under_what_each_scope_passes():
    same = Release("B", "self", "2027-01-31")
    releases = {"person.sex": Release('A "&"', "abh-1", "2026-12-31"), "work.proposals": same, "work.status": same}
    record = {"person": {"sex": "d"}, "work": {"proposals": [], "status": "employed"}}
    message = json.loads(FORMAT.to_partner(ReleasedRecord(record, releases), ENVELOPE))
    assert message["envelope"] == {
        "messageId": ID,
        "createdAt": "2026-02-02T08:00:00Z",
        "sender": "Wir",
        "recipient": "Die",
        "reference": 'R"\\<1>',
        "purpose": "housing",
        "confidentiality": "§ 203 StGB",
        "releases": [
            {"scopes": ["person.sex"], "discloser": 'A "&"', "origin": "abh-1", "until": "2026-12-31"},
            {"scopes": ["work.proposals", "work.status"], "discloser": "B", "origin": "self", "until": "2027-01-31"},
        ],
    }


BUNDLE = Attachment("declaration_bundle", "declaration-1.json", "application/json", bytes(range(256)) * 20)


def test_attachments_travel_in_the_envelope_in_one_line_of_base64():
    envelope = Envelope(ID, "2026-02-02T08:00:00Z", "Wir", "Die", "R", "housing", (BUNDLE,))
    message = json.loads(FORMAT.to_partner(released({"person": {"sex": "d"}}, "person.sex"), envelope))
    (attached,) = message["envelope"]["attachments"]
    assert "\n" not in attached["content"]
    assert (attached["kind"], attached["name"], attached["mediaType"]) == ("declaration_bundle", "declaration-1.json", "application/json")


@pytest.mark.parametrize("head", ["header", "envelope"])
def test_attachments_that_came_are_handed_over_as_they_came(head):
    table = JsonFormat(items=[both("person.sex", "geschlecht")], head=head)
    envelope = Envelope(ID, "2026-02-02T08:00:00Z", "Wir", "Die", "R", "housing", (BUNDLE,))
    written = table.to_partner(released({"person": {"sex": "d"}}, "person.sex"), envelope).replace(b'"envelope"', f'"{head}"'.encode())
    reading = table.from_partner(written)
    assert reading.attachments == (BUNDLE,)
    assert (reading.message_id, reading.purpose) == (ID, "housing")


@pytest.mark.parametrize(
    "attachments",
    [
        "x",
        {},
        None,
        [1],
        [None],
        [{}],
        [{"kind": "calendar", "name": "a.ics", "mediaType": "text/calendar"}],
        [{"kind": "calendar", "name": "a.ics", "mediaType": "text/calendar", "content": 1}],
        [{"kind": "calendar", "name": "a.ics", "mediaType": "text/calendar", "content": ""}],
        [{"kind": "calendar", "name": "a.ics", "mediaType": "text/calendar", "content": "geheim"}],
        [{"kind": "calendar", "name": "a.ics", "mediaType": "text/calendar", "content": "QUJD\nQUJD"}],
        [{"kind": "calendar", "name": "a.ics", "mediaType": "text/calendar", "content": "ÄUJD"}],
        [{"kind": None, "name": "a.ics", "mediaType": "text/calendar", "content": "QUJD"}],
    ],
)
def test_an_attachment_without_its_parts_is_unreadable(attachments):
    message = {"header": {"messageId": "m", "reference": "r", "attachments": attachments}, "content": {}}
    with pytest.raises(MessageUnreadable, match="attachment_invalid"):
        FORMAT.from_partner(json.dumps(message).encode())


@pytest.mark.parametrize(
    ("record", "scope"),
    [
        ({"asylum": {"grounds": {"text": "geheim"}}}, "asylum.grounds"),
        ({"residence": {"status": {"code": "geheim"}}}, "residence.status"),
        ({"person": {}}, "person.sex"),
        ({}, "person.sex"),
        ({"person": {"sex": "geheim\ud800"}}, "person.sex"),
        ({"person": {"sex": {"geheim\ud800": 1}}}, "person.sex"),
        ({"person": {"sex": math.nan}}, "person.sex"),
        ({"person": {"sex": None}}, "person.sex"),
        ({"work": {"proposals": [{"employer": "geheim", "wage": 1}]}}, "work.proposals"),
        ({"work": {"proposals": [{"employer": "geheim\udfff"}]}}, "work.proposals"),
        ({"work": {"status": "geheim"}}, "work.status"),
        ({"some": {"thing": "geheim"}}, "some.thing"),
    ],
)
def test_what_cannot_be_written_exactly_is_a_fault_of_its_scope(record, scope):
    with pytest.raises(TranslationFault) as caught:
        FORMAT.to_partner(released(record, scope), ENVELOPE)
    assert caught.value.scope == scope
    assert "geheim" not in f"{caught.value} {caught.value.__context__!r} {caught.value.__cause__!r}"


def test_an_envelope_that_cannot_be_written_is_a_fault_of_the_envelope():
    with pytest.raises(TranslationFault, match="envelope"):
        FORMAT.to_partner(released({"person": {"sex": "d"}}, "person.sex"), Envelope(ID, "t", "W\ud800", "D", "R", "housing"))


@pytest.mark.parametrize(
    ("message", "code", "column"),
    [
        ({}, "header_missing", None),
        ({"header": []}, "header_missing", None),
        ({"header": {"messageId": "m", "reference": "r"}}, "content_missing", None),
        ({"header": {"messageId": "m", "reference": "r"}, "content": []}, "content_missing", None),
        ({"header": {"messageId": "m"}, "content": {}}, "header_missing", None),
        ({"header": {"messageId": 1, "reference": "r"}, "content": {}}, "header_missing", None),
        ({"header": {"messageId": "m", "reference": None}, "content": {}}, "header_missing", None),
        ({"header": {"messageId": "m", "reference": "r", "purpose": 1}, "content": {}}, "header_missing", None),
        ({"envelope": {"messageId": "m", "reference": "r"}, "content": {}}, "header_missing", None),
        ({"header": {"messageId": "m", "reference": "r"}, "content": {"geheim": 1}}, "unexpected_member", None),
        ({"header": {"messageId": "m", "reference": "r"}, "content": {"geschlecht": "d"}}, "unexpected_member", None),
        ({"header": {"messageId": "m", "reference": "r"}, "content": {"arbeit": {"geheim": 1}}}, "unexpected_member", None),
        ({"header": {"messageId": "m", "reference": "r"}, "content": {"arbeit": ["geheim"]}}, "wrong_type", None),
        ({"header": {"messageId": "m", "reference": "r"}, "content": {"status": "geheim"}}, "wrong_type", "content/status"),
        (
            {"header": {"messageId": "m", "reference": "r"}, "content": {"arbeit": {"stand": "geheim"}}},
            "code_unknown",
            "content/arbeit/stand",
        ),
    ],
)
def test_a_message_without_its_parts_is_unreadable(message, code, column):
    with pytest.raises(MessageUnreadable) as caught:
        FORMAT.from_partner(json.dumps(message).encode())
    assert (caught.value.code, caught.value.column) == (code, column)
    assert "geheim" not in f"{caught.value.__context__!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"[]", "root_unknown"),
        (b'"x"', "root_unknown"),
        (b"{", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"a":1,"\\u0061":1}', "duplicate_key"),
        (b'{"a":NaN}', "number_not_finite"),
        (b'{"a":1e999}', "number_not_finite"),
        (b'{"a":9007199254740992}', "integer_too_large"),
        (b'{"a":"\\ud800"}', "lone_surrogate"),
        (b'{"a":"\xff"}', "not_utf8"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too_deep"),
        (b" " * (16 * 1024 * 1024 + 1), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_be_understood_in_two_ways_is_not_read(body, code):
    with pytest.raises(MessageUnreadable) as caught:
        FORMAT.from_partner(body)
    assert caught.value.code == code
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "items",
    [
        [both("person.sex", "a"), neither("person.sex", "for a reason given here")],
        [both("person.sex", "a"), both("contact.phone", "a")],
        [sent("person.sex", "a", not_taken="x"), taken("contact.phone", "a", not_sent="x")],
        [both("person.sex", "a"), both("contact.phone", "a/b")],
        [both("person.sex", "a/b"), both("contact.phone", "a")],
        [both("person.sex", "")],
        [both("person.sex", "/a")],
        [both("person.sex", "a//b")],
        [both("person.sex", "a/")],
    ],
)
def test_tables_that_contradict_themselves_are_refused(items):
    with pytest.raises(ValueError, match=r"twice|place"):
        JsonFormat(items=items)
