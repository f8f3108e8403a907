"""What the JSON format says when it refuses, word for word: a plugin's author and a partner's developer have nothing else to go by."""

import json
import math
import re

import pytest

from imgate.plugin_api import Absent, Envelope, MessageUnreadable, Release, ReleasedRecord, TranslationFault, json_read
from imgate.plugin_api.errors import TableInvalid
from imgate.plugin_api.json import AS_IS, JsonFormat, JsonItem, ListOf, Member, Object, Words, both, neither, sent
from imgate.plugin_api.json_read import MAX_BYTES, Misread, compile_reader, parse_message
from imgate.plugin_api.json_write import Unwritable, compile_writer

LISTED = {
    "work.status": Words({"employed": "A"}),
    "work.proposals": ListOf(
        Object({"employer": "betrieb", "kind": Member("art", Words({"full": "V"})), "how": Member("weg", ListOf(Words({"post": "P"})))})
    ),
}


def table():
    return JsonFormat(
        items=[
            both("person.sex", "geschlecht"),
            *(both(scope, scope.replace(".", "/"), shape) for scope, shape in LISTED.items()),
            neither("asylum.grounds", "for neither of the two"),
        ]
    )


def fault(record, scope, sender="Wir"):
    envelope = Envelope("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "2026-02-02T08:00:00Z", sender, "Die", "R", "housing")
    with pytest.raises(TranslationFault) as caught:
        table().to_partner(ReleasedRecord(record, {scope: Release("Wir", "self", "2026-12-31")}), envelope)
    return caught.value.scope, caught.value.sentence


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (math.nan, "has a value that JSON cannot carry"),
        ("\ud800", "has text that UTF-8 cannot carry"),
    ],
)
def test_a_value_that_json_has_no_form_for_is_told_with_its_scope(value, sentence):
    assert fault({"person": {"sex": value}}, "person.sex") == ("person.sex", sentence)


@pytest.mark.parametrize(
    ("scope", "value", "sentence"),
    [
        ("work.status", "asleep", "the Words of `status` lack a word of the record"),
        ("work.proposals", [{"kind": "x"}], "the Words of `kind` lack a word of the record"),
        ("work.proposals", [{"kind": 1}], "the Words of `kind` lack a word of the record"),
        ("work.proposals", [{"how": ["post", "x"]}], "the Words of `how` lack a word of the record"),
        ("work.proposals", {}, "has a value where the table has a list"),
        ("work.proposals", ["x"], "has a value where the table has an object"),
        ("work.proposals", [{"wage": 1}], "`wage` has no place in the table; give it one, or name it in `without`"),
    ],
)
def test_a_value_that_the_table_does_not_have_is_told_with_its_scope(scope, value, sentence):
    assert fault({"work": {scope.partition(".")[2]: value}}, scope) == (scope, sentence)


def test_words_that_stand_alone_are_the_item_s():
    with pytest.raises(Unwritable, match=r"^the Words of `item` lack a word of the record$"):
        compile_writer(Words({"a": "b"}))("c")


def test_a_released_scope_that_the_record_lacks_is_told():
    assert fault({}, "person.sex") == ("person.sex", "was released and lacks something that it must have")


def test_a_released_scope_without_a_place_is_told():
    assert fault({}, "asylum.grounds") == ("asylum.grounds", "has no place in messages to this partner")


def test_text_of_the_envelope_is_nobodys_scope():
    assert fault({"person": {"sex": "d"}}, "person.sex", sender="\ud800") == ("envelope", "has text that UTF-8 cannot carry")


def test_of_two_released_scopes_the_one_that_cannot_be_written_is_told():
    record = {"person": {"sex": "d"}, "work": {"proposals": [{"employer": "\ud800"}]}}
    releases = dict.fromkeys(["person.sex", "work.proposals"], Release("Wir", "self", "2026-12-31"))
    envelope = Envelope("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "2026-02-02T08:00:00Z", "Wir", "Die", "R", "housing")
    with pytest.raises(TranslationFault, match=r"^work\.proposals: "):
        table().to_partner(ReleasedRecord(record, releases), envelope)


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ([neither("person.sex", "x"), both("person.sex", "a")], "each scope stands once in a field table; twice: person.sex"),
        (
            [both("person.sex", "a"), both("contact.phone", "a")],
            "contact.phone has the place `a`, at which or in which another scope stands",
        ),
        (
            [both("person.sex", "b/a"), both("contact.phone", "b/a/c")],
            "contact.phone stands inside the place of another scope, person.sex",
        ),
        (
            [both("person.sex", "a/b"), both("contact.phone", "a")],
            "contact.phone has the place `a`, at which or in which another scope stands",
        ),
        *(
            (
                [sent("person.sex", at, not_taken="x")],
                f"person.sex has the place `{at}`; a place is one name, or several with one `/` between each two",
            )
            for at in ("a//b", "/a", "a/", "")
        ),
    ],
)
def test_a_table_that_contradicts_itself_is_told_which_scope_it_is(items, sentence):
    with pytest.raises(TableInvalid, match=f"^{re.escape(sentence)}$"):
        JsonFormat(items=items)


@pytest.mark.parametrize(("to_partner", "from_partner"), [(None, None), (None, Absent("x")), (Absent("x"), None)])
def test_a_scope_for_which_nothing_is_said_is_told(to_partner, from_partner):
    with pytest.raises(TableInvalid, match=r"^person\.sex: neither a place nor a reason why not$"):
        JsonFormat(items=[JsonItem("person.sex", None, AS_IS, to_partner, from_partner)])


def test_a_member_that_stands_twice_is_named():
    with pytest.raises(TableInvalid, match=r"^each member stands once; twice: a, b$"):
        Object({"1": "b", "2": "a", "3": Member("a"), "4": "b", "5": "c"})


def test_a_shape_in_place_of_a_member_is_told_with_its_detail():
    with pytest.raises(TableInvalid, match=r"^`kind` is given a shape and no name; write Member\(name, shape\)$"):
        Object({"since": "seit", "kind": Words({"a": "b"})})


def test_what_is_wrong_with_a_table_is_a_value_error_for_everybody_else():
    with pytest.raises(ValueError, match="twice"):
        Object({"1": "b", "2": "b"})


def test_the_table_names_each_detail_by_its_path_in_the_record():
    channel = Object({"kind": "art", "name": Member("name", Object({"given": "vorname"}, without=("family",)))}, without=("note",))
    shape = Object({"unit": "stelle", "channels": Member("wege", ListOf(channel))}, without=("sign",))
    place = JsonFormat(items=[both("contact_persons.jobcenter", "a", shape), both("person.sex", "b")]).fields.sent()
    assert place["contact_persons.jobcenter"].details == ("unit", "channels", "channels.kind", "channels.name", "channels.name.given")
    assert place["person.sex"].details == ()


def test_two_words_that_become_one_are_refused_with_the_reason():
    with pytest.raises(
        TableInvalid, match=r"^two words of the record share one of the partner's, so that it could not be read back: 07, 08$"
    ):
        Words({"post": "08", "other": "07", "e": "07", "f": "08", "g": "09"})


@pytest.mark.parametrize("attachments", ["x", [1], [{"kind": "a", "name": "b", "mediaType": "c", "content": "?"}]])
def test_an_attachment_that_cannot_be_read_is_told_by_one_code(attachments):
    message = {"header": {"messageId": "m", "reference": "r", "attachments": attachments}, "content": {}}
    with pytest.raises(MessageUnreadable) as caught:
        table().from_partner(json.dumps(message).encode())
    assert (caught.value.code, str(caught.value), caught.value.line) == ("attachment_invalid", "attachment_invalid", None)


def test_a_value_of_another_type_says_so_and_nothing_of_the_value():
    with pytest.raises(Misread, match=r"^wrong_type$"):
        compile_reader(ListOf(AS_IS))("geheim")


def test_a_message_as_long_as_may_be_is_read_and_no_longer_one():
    assert MAX_BYTES == 16 * 1024 * 1024
    assert parse_message(b'{"a":1}', 7) == {"a": 1}
    with pytest.raises(MessageUnreadable, match=r"^too_large$"):
        parse_message(b'{"a":1} ', 7)


def test_a_message_of_as_many_values_as_may_be_is_read_and_of_no_more(monkeypatch):
    monkeypatch.setattr(json_read, "MAX_VALUES", 10)
    assert parse_message(b'{"a":"%s"}' % (b"x" * 100)) == {"a": "x" * 100}
    assert parse_message(b'{"a":[%s]}' % b",".join([b"1"] * 9)) == {"a": [1] * 9}
    assert parse_message(b'{"a":[{},{},[],[]]}') == {"a": [{}, {}, [], []]}
    for more in (b'{"a":[%s]}' % b",".join([b"1"] * 10), b'{"a":[{},{},{},[],[]]}', b'{"a":[[],[],[],[],[]]}'):
        with pytest.raises(MessageUnreadable, match=r"^too_large$"):
            parse_message(more)
