"""An adapter that speaks JSON is held to the same: strict bytes, its schema, and exactly the released scopes in their places."""

import hashlib
import json
import threading

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.adapters.json_problems import MAX_BYTES, MAX_PROBLEMS
from imgate.adapters.json_schema import DIALECT
from imgate.adapters.published_schemas import MESSAGE
from imgate.adapters.registry import load_plugins
from imgate.conformance.adapter import ENVELOPE
from imgate.conformance.hostile import CANARY, HOSTILE, truncations
from imgate.conformance.hostile_json import HOSTILE_JSON, too_large_json
from imgate.conformance.json_partner import MESSAGE_ID, JsonPartner
from imgate.conformance.released import release
from imgate.plugin_api import Attachment, Envelope, Field, MessageUnreadable, Place, RowProblem
from imgate.plugin_api.json import JsonFormat, Member, Object, Words, both, neither
from imgate.record.catalogue import CATALOGUE

SECRET = "Geheimnis-4711"
RECORD = {"residence": {"file_number": SECRET}, "housing": {"situation": {"kind": "own_flat", "rooms": 2}}, "person": {"sex": "d"}}
NUMBER, SITUATION = "residence.file_number", "housing.situation"
WORDS = Words({"own_flat": "WHG", "homeless": "OBD"})
ITEMS = [
    both(NUMBER, "akte"),
    both(SITUATION, "wohnung/lage", Object({"kind": Member("art", WORDS), "rooms": "zimmer"}, without=("since",))),
    *(neither(scope, "The made-up partner wants none of this.") for scope in CATALOGUE.scopes if scope not in (NUMBER, SITUATION)),
]
CONTENT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "akte": {"type": "string", "maxLength": 100},
        "wohnung": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "lage": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["art"],
                    "properties": {
                        "art": {"enum": ["WHG", "OBD"]},
                        "zimmer": {"anyOf": [{"type": "number", "minimum": 0, "maximum": 20}, {"type": "null"}]},
                        "seit": {"type": "array", "items": {"type": "string", "format": "date"}, "maxItems": 30},
                    },
                }
            },
        },
    },
}


def schema_of(head, content=CONTENT, **changed):
    root = {
        "$schema": DIALECT,
        "type": "object",
        "additionalProperties": False,
        "required": [head, "content"],
        "properties": {head: {"$ref": f"{MESSAGE}#/$defs/{head}"}, "content": content},
    }
    return json.dumps({**root, **changed}).encode()


OUT, INTO = schema_of("envelope"), schema_of("header")
MANIFEST = """
id = "made-up"
api_version = 1
name = "Erfunden"
purposes = ["housing"]
[to_partner]
format = "json"
media_types = ["application/json"]
schema = "out.json"
sha256 = "@out"
scopes = ["residence.file_number", "housing.situation"]
attachments = ["declaration_bundle"]
[from_partner]
format = "json"
media_types = ["application/json"]
schema = "in.json"
sha256 = "@in"
scopes = ["residence.file_number", "housing.situation"]
attachments = ["calendar"]
"""


class MadeUp:
    """Hands out an adapter whose parts a test can replace."""

    def __init__(self, **replaced):
        self._format = JsonFormat(items=ITEMS)
        self._replaced = replaced

    def __getattr__(self, name):
        return self._replaced.get(name) or getattr(self._format, name)


@pytest.fixture
def registry_with(make_plugin, tmp_path):
    def made(out=OUT, into=INTO, configure=lambda settings: JsonFormat(items=ITEMS)):
        named = MANIFEST.replace("@out", hashlib.sha256(out).hexdigest()).replace("@in", hashlib.sha256(into).hexdigest())
        point = make_plugin(manifest=named, configure=configure)
        folder = tmp_path / point.value.removesuffix("_hooks")
        (folder / "out.json").write_bytes(out)
        (folder / "in.json").write_bytes(into)
        return load_plugins(found={"imgate.adapters": [point]})

    return made


@pytest.fixture
def adapter(registry_with):
    return registry_with().adapter("made-up", {})


@pytest.fixture
def adapter_with(registry_with):
    return lambda **replaced: registry_with(configure=lambda settings: MadeUp(**replaced)).adapter("made-up", {})


WRITTEN = JsonFormat(items=ITEMS).to_partner(release(RECORD, {NUMBER}), ENVELOPE)
PARTNER = JsonPartner(ITEMS)
PART = {scope.partition(".")[0]: RECORD[scope.partition(".")[0]] for scope in (NUMBER, SITUATION)}
INBOUND = PARTNER.write("R 1", PART)


def changed(message, change):
    root = json.loads(message)
    change(root)
    return json.dumps(root).encode()


def test_a_sound_message_passes_and_shows_nothing_of_itself(adapter):
    message = adapter.translate(release(RECORD, {NUMBER, SITUATION}), ENVELOPE)
    valid = adapter.validate(message)
    assert valid.media_type == "application/json"
    assert valid.scopes == {NUMBER, SITUATION}
    assert PARTNER.read(valid.content) == PART
    assert SECRET not in f"{message!r} {valid!r} {adapter!r}"


def test_a_partners_message_is_read(adapter):
    reading = adapter.read(INBOUND, "application/json; charset=utf-8")
    assert [(person.reference, person.record) for person in reading.people] == [("R 1", PART)]
    assert (reading.message_id, reading.purpose) == (MESSAGE_ID, None)
    assert adapter.explain(INBOUND) == ()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (changed(WRITTEN, lambda root: root["content"].clear()), "scope_missing"),
        (changed(WRITTEN, lambda root: root.update(content={"wohnung": {"lage": {"art": "WHG"}}})), "scope_unreleased"),
        (changed(WRITTEN, lambda root: root["content"].update(wohnung={"lage": {"art": "WHG"}})), "scope_unreleased"),
        (changed(WRITTEN, lambda root: root["content"].update(akte=1)), "schema_invalid"),
        (changed(WRITTEN, lambda root: root["content"].update({SECRET: 1})), "schema_invalid"),
        (changed(WRITTEN, lambda root: root.update({SECRET: 1})), "schema_invalid"),
        (changed(WRITTEN, lambda root: root["envelope"].pop("sender")), "schema_invalid"),
        (changed(WRITTEN, lambda root: root["envelope"].update(confidentiality="open")), "schema_invalid"),
        (changed(WRITTEN, lambda root: root["envelope"].update(reference=SECRET * 10)), "schema_invalid"),
        (changed(WRITTEN, lambda root: root["envelope"].update(createdAt="2026-02-02T08:00:00+01:00")), "schema_invalid"),
        (WRITTEN[:-3], "schema_invalid"),
        (WRITTEN + b"{}", "schema_invalid"),
        (WRITTEN.replace(b'"akte"', b'"akte":"x","akte"'), "schema_invalid"),
        (INBOUND, "schema_invalid"),
        (b"", "schema_invalid"),
        (b"[]", "schema_invalid"),
    ],
)
def test_what_is_not_valid_or_lacks_a_scope_does_not_leave(adapter_with, content, kind):
    adapter = adapter_with(to_partner=lambda *_: content)
    with pytest.raises(AdapterFault) as caught:
        adapter.validate(adapter.translate(release(RECORD, {NUMBER}), ENVELOPE))
    assert caught.value.kind == kind
    assert SECRET not in f"{caught.value} {caught.value.where} {caught.value.__context__!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    "more", [{"akte": "x", "extra": {}}, {"akte": "x", "wohnung": {"extra": 1}}, {"akte": "x", "wohnung": {"lage": {"art": "WHG"}}}]
)
def test_a_schema_that_takes_anything_lets_nothing_out_beside_the_places(registry_with, more):
    """The places are looked at for themselves, so that a careless schema is no way out."""
    lax = schema_of("envelope", {"type": "object", "additionalProperties": True, "properties": {"akte": {}, "wohnung": {}}})
    content = changed(WRITTEN, lambda root: root.update(content=more))
    adapter = registry_with(out=lax, configure=lambda settings: MadeUp(to_partner=lambda *_: content)).adapter("made-up", {})
    with pytest.raises(AdapterFault, match="scope_unreleased"):
        adapter.validate(adapter.translate(release(RECORD, {NUMBER}), ENVELOPE))


BUNDLE = Attachment("declaration_bundle", "declaration.json", "application/json", b'{"a": 1}' * 100)


def with_bundle(*attachments):
    return Envelope(**{name: getattr(ENVELOPE, name) for name in ENVELOPE.__slots__ if name != "attachments"}, attachments=attachments)


def test_an_attachment_stands_in_the_bytes(adapter):
    valid = adapter.validate(adapter.translate(release(RECORD, {NUMBER}), with_bundle(BUNDLE)))
    assert json.loads(valid.content)["envelope"]["attachments"][0]["name"] == "declaration.json"


def test_an_attachment_that_was_left_out_is_a_fault(adapter_with):
    adapter = adapter_with(to_partner=lambda *_: WRITTEN)
    with pytest.raises(AdapterFault) as caught:
        adapter.validate(adapter.translate(release(RECORD, {NUMBER}), with_bundle(BUNDLE)))
    assert (caught.value.kind, caught.value.where) == ("attachment_missing", "declaration_bundle")


def test_an_attachment_that_nobody_handed_in_is_a_fault(adapter_with):
    content = JsonFormat(items=ITEMS).to_partner(release(RECORD, {NUMBER}), with_bundle(BUNDLE, BUNDLE))
    for attachments in ((), (BUNDLE,)):
        adapter = adapter_with(to_partner=lambda *_: content)
        with pytest.raises(AdapterFault, match="attachment_unasked"):
            adapter.validate(adapter.translate(release(RECORD, {NUMBER}), with_bundle(*attachments)))


ATTACHED = {"kind": "calendar", "name": "termin.ics", "mediaType": "text/calendar", "content": "QUJD"}


def test_an_attachment_that_came_is_handed_over(adapter):
    reading = adapter.read(changed(INBOUND, lambda root: root["header"].update(attachments=[ATTACHED])))
    assert reading.attachments == (Attachment("calendar", "termin.ics", "text/calendar", b"ABC"),)


@pytest.mark.parametrize(
    ("attached", "code"),
    [
        ({**ATTACHED, "kind": "declaration_bundle"}, "attachment_unexpected"),
        ({**ATTACHED, "kind": "photo"}, "schema_invalid"),
        ({**ATTACHED, "name": "../x"}, "schema_invalid"),
        ({**ATTACHED, "name": ".x"}, "schema_invalid"),
        ({**ATTACHED, "name": ""}, "schema_invalid"),
        ({**ATTACHED, "name": "x" * 101}, "schema_invalid"),
        ({**ATTACHED, "mediaType": "text"}, "schema_invalid"),
        ({**ATTACHED, "content": "QUJ"}, "schema_invalid"),
        ({**ATTACHED, "content": "QUJDR"}, "attachment_invalid"),
        ({**ATTACHED, "content": "QUJD\nQUJD"}, "schema_invalid"),
        ({**ATTACHED, "content": ""}, "schema_invalid"),
        ({**ATTACHED, "more": 1}, "schema_invalid"),
    ],
)
def test_an_attachment_that_is_not_taken_refuses_the_message(adapter, attached, code):
    with pytest.raises(MessageUnreadable) as caught:
        adapter.read(changed(INBOUND, lambda root: root["header"].update(attachments=[attached])))
    assert caught.value.code == code


@pytest.mark.parametrize("attack", [*HOSTILE, *HOSTILE_JSON, "too large"])
def test_hostile_input_is_unreadable_and_repeated_nowhere(adapter, attack):
    body = too_large_json() if attack == "too large" else {**HOSTILE, **HOSTILE_JSON}[attack]
    with pytest.raises(MessageUnreadable) as caught:
        adapter.read(body)
    told = f"{caught.value!r} {caught.value.line} {caught.value.column} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert CANARY not in told + repr(adapter.explain(body))


def test_half_a_message_is_never_half_taken(adapter):
    for piece in truncations(INBOUND):
        with pytest.raises(MessageUnreadable):
            adapter.read(piece)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda root: root["content"].update(akte=1), RowProblem(None, "content/akte", "wrong_type")),
        (lambda root: root["content"].update(akte=SECRET * 10), RowProblem(None, "content/akte", "wrong_length")),
        (lambda root: root["content"].update({SECRET: 1}), RowProblem(None, "content", "unexpected_member")),
        (lambda root: root.update({SECRET: 1}), RowProblem(None, None, "unexpected_member")),
        (lambda root: root.pop("header"), RowProblem(None, "header", "member_missing")),
        (lambda root: root["content"]["wohnung"]["lage"].update(art=SECRET), RowProblem(None, "content/wohnung/lage/art", "not_in_list")),
        (lambda root: root["content"]["wohnung"]["lage"].pop("art"), RowProblem(None, "content/wohnung/lage/art", "member_missing")),
        (
            lambda root: root["content"]["wohnung"]["lage"].update(zimmer=21),
            RowProblem(None, "content/wohnung/lage/zimmer", "out_of_range"),
        ),
        (
            lambda root: root["content"]["wohnung"]["lage"].update(zimmer=SECRET),
            RowProblem(None, "content/wohnung/lage/zimmer", "wrong_type"),
        ),
        (
            lambda root: root["content"]["wohnung"]["lage"].update(seit=["2026-01-01", SECRET]),
            RowProblem(None, "content/wohnung/lage/seit/1", "wrong_pattern"),
        ),
        (lambda root: root["header"].update(messageId=SECRET), RowProblem(None, "header/messageId", "wrong_pattern")),
        (lambda root: root["header"].update(createdAt=SECRET), RowProblem(None, "header/createdAt", "wrong_pattern")),
        (lambda root: root["header"].update(purpose=SECRET), RowProblem(None, "header/purpose", "not_in_list")),
    ],
)
def test_the_rule_and_the_place_are_told_and_no_value(adapter, change, problem):
    body = changed(INBOUND, change)
    with pytest.raises(MessageUnreadable, match="schema_invalid") as caught:
        adapter.read(body)
    assert SECRET not in f"{caught.value!r} {caught.value.__context__!r}"
    problems = adapter.explain(body)
    assert problem in problems
    assert SECRET not in repr(problems)


def test_a_sender_s_own_names_on_the_way_are_not_repeated(registry_with):
    anything = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "integer"}}}
    adapter = registry_with(into=schema_of("header", anything)).adapter("made-up", {})
    body = changed(INBOUND, lambda root: root.update(content={SECRET: {SECRET: "x"}}))
    assert adapter.explain(body) == (RowProblem(None, "content/?/?", "wrong_type"),)


def test_problems_are_counted_out(adapter):
    many = changed(INBOUND, lambda root: root["content"]["wohnung"]["lage"].update(seit=[str(number) for number in range(100)]))
    assert len(adapter.explain(many)) == MAX_PROBLEMS


def test_a_large_message_is_not_explained(adapter):
    body = changed(INBOUND, lambda root: root["content"].update(akte="x" * MAX_BYTES))
    assert adapter.explain(body) == (RowProblem(None, None, "schema_invalid"),)


def test_what_the_guard_refuses_is_explained_by_the_guard(adapter):
    assert adapter.explain(b'{"a":1,"a":2}') == (RowProblem(None, None, "duplicate_key"),)


def test_several_threads_may_check_at_once(adapter):
    results = []

    def check():
        for _ in range(200):
            adapter.read(INBOUND)
            try:
                adapter.read(INBOUND.replace(b"WHG", b"XXX"))
            except MessageUnreadable as error:
                results.append(error.code)

    threads = [threading.Thread(target=check) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["schema_invalid"] * 800


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (schema_of("envelope", {"$ref": "file:///etc/hostname"}), "refers to a schema that imgate does not publish"),
        (schema_of("envelope", {"$ref": "http://127.0.0.1:9/x"}), "refers to a schema that imgate does not publish"),
        (schema_of("envelope", {"properties": {"akte": {}}}), "leaves open what else may stand in #/properties/content"),
        (schema_of("envelope", {"type": "nobody"}), "does not compile"),
        (b"{", "is not JSON"),
        (b"{}", "does not say"),
    ],
)
def test_a_schema_that_is_no_check_is_refused_at_start(registry_with, schema, said):
    problems = registry_with(out=schema).problems
    assert said in " ".join(map(str, problems))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("content/akte",), ("content/akte/x",)),
        (("content/a/b",), ("content/a/b",)),
        (("content/a",), ("content/a/b/c",)),
        (("content/a/b/c",), ("content/a",)),
        (("content/a", "content/b"), ("content/c",)),
        ((), ("content/c",)),
        (("content",), ("elsewhere/c",)),
        (("content/",), ("content/c",)),
        (("/content",), ("content/c",)),
    ],
)
def test_places_that_say_nothing_about_the_bytes_are_refused_at_start(registry_with, first, second):
    """A translator need not be a JsonFormat; its places are looked at all the same."""
    table = JsonFormat(items=ITEMS).fields
    fields = dict(table.fields)
    for scope, at in ((NUMBER, first), (SITUATION, second)):
        fields[scope] = Field(scope, Place(at), Place(at))
    odd = MadeUp(fields=type(table)(fields))
    assert "cannot be checked" in " ".join(map(str, registry_with(configure=lambda settings: odd).problems))


@pytest.mark.parametrize("wohnung", ["WHG", ["WHG"], None, 1])
def test_something_else_where_the_places_lie_is_not_let_out(registry_with, wohnung):
    lax = schema_of("envelope", {"type": "object", "additionalProperties": True})
    content = changed(WRITTEN, lambda root: root["content"].update(wohnung=wohnung))
    adapter = registry_with(out=lax, configure=lambda settings: MadeUp(to_partner=lambda *_: content)).adapter("made-up", {})
    with pytest.raises(AdapterFault, match="scope_unreleased"):
        adapter.validate(adapter.translate(release(RECORD, {NUMBER}), ENVELOPE))
