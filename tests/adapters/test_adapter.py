"""A plugin is foreign code: what it returns is checked, what it raises names it and nothing else."""

import dataclasses
import re
from base64 import b64encode
from pathlib import Path

import pytest

import imgate
from imgate.adapters.adapter import PartnerMessage
from imgate.adapters.errors import AdapterFault
from imgate.adapters.registry import load_plugins
from imgate.conformance.adapter import ENVELOPE
from imgate.conformance.released import release
from imgate.plugin_api import Attachment, Envelope, Incoming, MessageUnreadable, Reading, RowProblem, TranslationFault
from tests.adapters.conftest import MANIFEST, NAMESPACE, SCOPE, MadeUp, a_format

SECRET = "Geheimnis-4711"
RECORD = {"residence": {"file_number": SECRET}, "person": {"sex": "d"}}
ID = "6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11"
INBOUND = (
    f'<in xmlns="{NAMESPACE}" xmlns:e="urn:imgate:envelope:1"><e:header><e:messageId>{ID}</e:messageId>'
    "<e:createdAt>2026-02-02T08:00:00Z</e:createdAt><e:reference>R 1</e:reference></e:header>"
    "<content><number>32.4</number></content></in>"
).encode()


@pytest.fixture
def adapter_with(make_plugin):
    def made(**replaced):
        point = make_plugin(configure=lambda settings: MadeUp(**replaced))
        registry = load_plugins(found={"imgate.adapters": [point]})
        return registry.adapter("made-up", {})

    return made


def raising(error):
    def method(*arguments):
        raise error

    return method


def shows_nothing(error):
    return SECRET not in f"{error!r} {error} {error.args} {error.__cause__!r} {error.__context__!r}"


def test_a_sound_message_passes_and_shows_nothing_of_itself(adapter_with):
    adapter = adapter_with()
    message = adapter.translate(release(RECORD, {SCOPE}), ENVELOPE)
    valid = adapter.validate(message)
    assert valid.content == message.content
    assert valid.scopes == {SCOPE}
    assert SECRET not in f"{message!r} {valid!r} {adapter!r}"


@pytest.mark.parametrize(
    ("error", "kind", "where"),
    [
        (TranslationFault(SCOPE, SECRET), "translation_fault", SCOPE),
        (TranslationFault(SECRET, "x"), "translation_fault", "?"),
        (ValueError(SECRET), "crashed", "ValueError"),
        (RecursionError(SECRET), "crashed", "RecursionError"),
        (MessageUnreadable(SECRET), "crashed", "MessageUnreadable"),
        (AdapterFault(SECRET, SECRET), "crashed", "AdapterFault"),
        (KeyError(SECRET), "crashed", "KeyError"),
    ],
)
def test_what_a_plugin_raises_while_writing_is_its_fault_and_nothing_more(adapter_with, error, kind, where):
    with pytest.raises(AdapterFault) as caught:
        adapter_with(to_partner=raising(error)).translate(release(RECORD, {SCOPE}), ENVELOPE)
    assert (caught.value.adapter_id, caught.value.kind, caught.value.where) == ("made-up", kind, where)
    assert shows_nothing(caught.value)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_the_end_of_the_process_is_nobodys_fault(adapter_with, end):
    with pytest.raises(end):
        adapter_with(to_partner=raising(end())).translate(release(RECORD, {SCOPE}), ENVELOPE)


@pytest.mark.parametrize(
    "output", ["text", None, bytearray(b"<a/>"), memoryview(b"<a/>"), [b"<a/>"]], ids=lambda output: type(output).__name__
)
def test_only_bytes_are_a_message(adapter_with, output):
    with pytest.raises(AdapterFault, match="not_bytes"):
        adapter_with(to_partner=lambda *_: output).translate(release(RECORD, {SCOPE}), ENVELOPE)


def test_a_message_has_a_largest_size(adapter_with):
    with pytest.raises(AdapterFault, match="too_large"):
        adapter_with(to_partner=lambda *_: b"x" * (16 * 1024 * 1024 + 1)).translate(release(RECORD, {SCOPE}), ENVELOPE)


WELL_WRITTEN = a_format().to_partner(release(RECORD, {SCOPE}), ENVELOPE)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (re.sub(rb"<m:number>.*</m:number>", b"", WELL_WRITTEN), "scope_missing"),
        (re.sub(rb"<m:number>.*</m:number>", b"<m:sex>d</m:sex>", WELL_WRITTEN), "scope_unreleased"),
        (re.sub(rb"<m:number>.*</m:number>", b"<!-- <m:number/> -->", WELL_WRITTEN), "scope_missing"),
        (WELL_WRITTEN.replace(b"m:out", b"m:in"), "schema_invalid"),
        (WELL_WRITTEN.replace(b"m:number", b"m:unknown"), "schema_invalid"),
        (WELL_WRITTEN.replace(b"<e:sender>Integrationsmanagement Winnenden</e:sender>", b""), "schema_invalid"),
        (WELL_WRITTEN.replace("§ 203 StGB".encode(), b"open"), "schema_invalid"),
        (WELL_WRITTEN[:-5], "schema_invalid"),
        (INBOUND, "schema_invalid"),
        (b"", "schema_invalid"),
        (f"<!DOCTYPE x><x>{SECRET}</x>".encode(), "schema_invalid"),
    ],
)
def test_what_is_not_valid_or_lacks_a_scope_does_not_leave(adapter_with, content, kind):
    adapter = adapter_with(to_partner=lambda *_: content)
    with pytest.raises(AdapterFault) as caught:
        adapter.validate(adapter.translate(release(RECORD, {SCOPE}), ENVELOPE))
    assert caught.value.kind == kind
    assert shows_nothing(caught.value)


def test_what_was_not_released_does_not_leave(adapter_with):
    adapter = adapter_with()
    message = PartnerMessage(WELL_WRITTEN, "application/xml", frozenset())
    with pytest.raises(AdapterFault, match="scope_unreleased") as caught:
        adapter.validate(message)
    assert caught.value.where == SCOPE


BUNDLE = Attachment("declaration_bundle", "declaration.json", "application/json", b"{}" * 100)


def with_attachments(*attachments):
    return Envelope(**{name: getattr(ENVELOPE, name) for name in ENVELOPE.__slots__ if name != "attachments"}, attachments=attachments)


def test_what_is_attached_stands_in_the_message_that_leaves(adapter_with):
    adapter = adapter_with()
    valid = adapter.validate(adapter.translate(release(RECORD, {SCOPE}), with_attachments(BUNDLE)))
    assert b64encode(BUNDLE.content) in valid.content


@pytest.mark.parametrize(
    ("standing", "handed_in", "kind", "where"),
    [
        ((), (BUNDLE,), "attachment_missing", "declaration_bundle"),
        ((BUNDLE,), (), "attachment_unasked", None),
        ((BUNDLE, BUNDLE), (BUNDLE,), "attachment_unasked", None),
        ((dataclasses.replace(BUNDLE, content=b"{}"),), (BUNDLE,), "attachment_missing", "declaration_bundle"),
        ((dataclasses.replace(BUNDLE, kind="photo"),), (BUNDLE,), "schema_invalid", None),
    ],
)
def test_other_attachments_than_were_handed_in_do_not_leave(adapter_with, standing, handed_in, kind, where):
    content = a_format().to_partner(release(RECORD, {SCOPE}), with_attachments(*standing))
    adapter = adapter_with(to_partner=lambda *_: content)
    with pytest.raises(AdapterFault) as caught:
        adapter.validate(adapter.translate(release(RECORD, {SCOPE}), with_attachments(*handed_in)))
    assert caught.value.kind == kind
    assert where in (None, caught.value.where)


def test_a_table_has_no_place_for_an_attachment(make_plugin):
    point = make_plugin(
        manifest=MANIFEST_OF_A_TABLE, configure=lambda settings: MadeUp(to_partner=lambda *_: b"a\n1\n", media_type="text/csv")
    )
    adapter = load_plugins(found={"imgate.adapters": [point]}).adapter("made-up", {})
    with pytest.raises(AdapterFault, match="attachment_missing"):
        adapter.validate(adapter.translate(release(RECORD, {SCOPE}), with_attachments(BUNDLE)))


@pytest.mark.parametrize(
    ("attachment", "code"),
    [
        (BUNDLE, "attachment_unexpected"),
        (dataclasses.replace(BUNDLE, kind="calendar", name="../a.ics"), "attachment_invalid"),
        (dataclasses.replace(BUNDLE, kind="calendar", name=""), "attachment_invalid"),
        (dataclasses.replace(BUNDLE, kind="calendar", name="a\n"), "attachment_invalid"),
        (dataclasses.replace(BUNDLE, kind="calendar", media_type="text"), "attachment_invalid"),
        (dataclasses.replace(BUNDLE, kind="calendar", content=b""), "attachment_invalid"),
    ],
)
def test_an_attachment_that_is_not_taken_refuses_the_message(make_plugin, attachment, code):
    manifest = MANIFEST.replace("[from_partner]", '[from_partner]\nattachments = ["calendar"]')
    reading = Reading((person(),), attachments=(attachment,))
    point = make_plugin(manifest=manifest, configure=lambda settings: MadeUp(from_partner=lambda message: reading))
    with pytest.raises(MessageUnreadable, match=code):
        load_plugins(found={"imgate.adapters": [point]}).adapter("made-up", {}).read(INBOUND)


def test_an_attachment_that_came_is_kept(make_plugin):
    manifest = MANIFEST.replace("[from_partner]", '[from_partner]\nattachments = ["declaration_bundle"]')
    reading = Reading((person(),), attachments=(BUNDLE,))
    point = make_plugin(manifest=manifest, configure=lambda settings: MadeUp(from_partner=lambda message: reading))
    assert load_plugins(found={"imgate.adapters": [point]}).adapter("made-up", {}).read(INBOUND).attachments == (BUNDLE,)


def test_a_partners_message_is_read(adapter_with):
    reading = adapter_with().read(INBOUND, "text/xml; charset=utf-8")
    assert [(person.reference, person.record) for person in reading.people] == [("R 1", {"residence": {"file_number": "32.4"}})]
    assert (reading.message_id, reading.purpose) == (ID, None)


def test_text_is_taken_in_the_records_own_form(adapter_with):
    (person,) = adapter_with().read(INBOUND.replace(b"32.4", "  Mu\u0308ller ".encode())).people
    assert person.record == {"residence": {"file_number": "Müller"}}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b"32.4", b""), "empty"),
        ((b"32.4", "\u0085".encode()), "control_character"),
        ((b"R 1", b" R 1"), "reference_invalid"),
        ((b"R 1", "R\u202e1".encode()), "reference_invalid"),
        ((b"R 1", "\u00a0".encode()), "reference_invalid"),
        ((b"R 1", b""), "schema_invalid"),
        ((b"R 1", b"x" * 65), "schema_invalid"),
        ((ID.encode(), ID.upper().encode()), "schema_invalid"),
        ((b"</e:reference>", b"</e:reference><e:purpose>spying</e:purpose>"), "schema_invalid"),
        ((b"08:00:00Z", b"08:00:00"), "schema_invalid"),
        ((b"<number>32.4</number>", b"<number>1</number><number>2</number>"), "unexpected_element"),
        ((b"<number>32.4</number>", b"<sex>d</sex>"), "unexpected_element"),
        ((b"<number>", b"<number xsi:type='x' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"), "schema_invalid"),
        ((b"<number>", b"<number xsi:nil='true' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"), "schema_invalid"),
        ((b"<in ", b"<out "), "not_wellformed"),
        ((b"in xmlns", b"out xmlns"), "not_wellformed"),
    ],
)
def test_a_message_with_something_wrong_is_refused_as_a_whole(adapter_with, change, code):
    with pytest.raises(MessageUnreadable) as caught:
        adapter_with().read(INBOUND.replace(*change))
    assert caught.value.code == code


def test_a_message_of_the_other_direction_is_refused(adapter_with):
    with pytest.raises(MessageUnreadable, match="root_unknown"):
        adapter_with().read(WELL_WRITTEN)


@pytest.mark.parametrize("media_type", ["application/json", "text/csv", "", "application/xmlx", "*/*"])
def test_another_media_type_is_refused(adapter_with, media_type):
    with pytest.raises(MessageUnreadable, match="media_type_unsupported"):
        adapter_with().read(INBOUND, media_type)


def person(reference="R 1", record=None, line=3):
    return Incoming(reference, {"residence": {"file_number": "32.4"}} if record is None else record, line)


@pytest.mark.parametrize(
    ("returned", "kind"),
    [
        (None, "reading_shape"),
        ({"people": []}, "reading_shape"),
        (Reading((person(), person())), "reference_twice"),
        (Reading((person(record={"person": {"sex": "d"}}),)), "reading_beyond_table"),
        (Reading((person(record={"asylum": {"grounds": {"text": SECRET}}}),)), "reading_beyond_table"),
        (Reading((person(record={SECRET: {SECRET: 1}}),)), "reading_beyond_table"),
        (Reading((), attachments=(SECRET,)), "reading_shape"),
        (Reading((), attachments=(Attachment("calendar", "a.ics", "text/calendar", SECRET),)), "reading_shape"),
    ],
)
def test_what_a_plugin_must_not_return_is_its_fault(adapter_with, returned, kind):
    with pytest.raises(AdapterFault) as caught:
        adapter_with(from_partner=lambda message: returned).read(INBOUND)
    assert caught.value.kind == kind
    assert shows_nothing(caught.value)


@pytest.mark.parametrize("error", [ValueError(SECRET), TranslationFault(SECRET, SECRET), AdapterFault(SECRET, SECRET)])
def test_what_a_plugin_raises_while_reading_is_its_fault_and_nothing_more(adapter_with, error):
    with pytest.raises(AdapterFault, match="crashed") as caught:
        adapter_with(from_partner=raising(error)).read(INBOUND)
    assert shows_nothing(caught.value)


@pytest.mark.parametrize(
    ("reading", "code"),
    [(Reading((), message_id="4711"), "message_id_invalid"), (Reading((), purpose="spying"), "purpose_unknown")],
)
def test_what_a_message_says_about_itself_has_its_form(adapter_with, reading, code):
    with pytest.raises(MessageUnreadable, match=code):
        adapter_with(from_partner=lambda message: reading).read(INBOUND)


def test_a_plugins_refusal_passes_on_without_what_caused_it(adapter_with):
    def read(message):
        try:
            raise ValueError(SECRET)
        except ValueError:
            raise MessageUnreadable("header_missing", 2, "Name")  # noqa: B904  # as careless as a plugin may be

    with pytest.raises(MessageUnreadable) as caught:
        adapter_with(from_partner=read).read(INBOUND)
    assert (caught.value.code, caught.value.line, caught.value.column) == ("header_missing", 2, "Name")
    assert shows_nothing(caught.value)


def test_one_maker_for_each_step():
    """Only the steps themselves make their results; nothing else in imgate can put bytes past a step."""
    sources = {path: path.read_text(encoding="utf-8") for path in Path(imgate.__file__).parent.rglob("*.py")}
    for name in ("PartnerMessage", "ValidMessage", "LoadedAdapter"):
        makers = [path.name for path, text in sources.items() for _ in re.findall(rf"(?<!class )(?<!f\")\b{name}\(", text)]
        assert makers == ["registered.py" if name == "LoadedAdapter" else "adapter.py"], name


def test_row_problems_of_a_table_are_kept(make_plugin):
    manifest = re.sub(r"root = .*\nschema = .*\nsha256 = .*\n", "", MANIFEST_OF_A_TABLE)
    reading = Reading(
        (person("R 1"), person("R 2", {"residence": {"file_number": ""}}, 7), person(" ", None, 8)), (RowProblem(2, "Name", "x"),)
    )
    point = make_plugin(manifest=manifest, configure=lambda settings: MadeUp(from_partner=lambda message: reading, media_type="text/csv"))
    adapter = load_plugins(found={"imgate.adapters": [point]}).adapter("made-up", {})
    checked = adapter.read(b"a;b\n1;2\n")
    assert [found.reference for found in checked.people] == ["R 1"]
    assert checked.problems == (
        RowProblem(2, "Name", "x"),
        RowProblem(7, "content/number", "empty"),
        RowProblem(8, None, "reference_invalid"),
    )
    assert adapter.explain(b"a;b\n") == ()


MANIFEST_OF_A_TABLE = """
id = "made-up"
api_version = 1
name = "Erfunden"
purposes = ["housing"]
[to_partner]
format = "table"
media_types = ["text/csv"]
scopes = ["residence.file_number"]
[from_partner]
format = "table"
media_types = ["text/csv"]
scopes = ["residence.file_number"]
"""
