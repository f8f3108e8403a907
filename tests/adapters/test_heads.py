"""A message says of itself what the core told the plugin, and hides nothing where no schema looks."""

import dataclasses
import json
import re

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.adapters.heads import Told, differs_in_json
from imgate.plugin_api import Incoming, MessageUnreadable, Reading, Release, RowProblem
from imgate.plugin_api.json_write import write_envelope
from tests.adapters.test_adapter import (
    ENVELOPE,
    INBOUND,
    RECORD,
    SECRET,
    WELL_WRITTEN,
    adapter_with,  # noqa: F401  # the fixture
    release,
    shows_nothing,
)

SCOPE = "residence.file_number"


def sent(adapter, envelope=ENVELOPE):
    return adapter.validate(adapter.translate(release(RECORD, {SCOPE}), envelope))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("reference", {"reference": "somebody else"}),
        ("messageId", {"message_id": "5f1de3a2-11c4-4a55-8f0e-9b7f6c1d2e30"}),
        ("createdAt", {"created_at": "2027-01-01T00:00:00Z"}),
        ("sender", {"sender": "Somebody"}),
        ("recipient", {"recipient": "Somebody"}),
        ("purpose", {"purpose": "case_documentation"}),
    ],
)
def test_a_message_under_another_head_does_not_leave(adapter_with, name, change):  # noqa: F811  # the fixture
    adapter = adapter_with(to_partner=lambda *_: WELL_WRITTEN)
    sent(adapter)
    with pytest.raises(AdapterFault, match="envelope_differs") as caught:
        sent(adapter, dataclasses.replace(ENVELOPE, **change))
    assert caught.value.where == name
    assert shows_nothing(caught.value)


@pytest.mark.parametrize(("attribute", "other"), [("until", "2999-12-31"), ("discloser", "X"), ("origin", "x"), ("scopes", "person.sex")])
def test_a_message_that_passes_under_another_permission_does_not_leave(adapter_with, attribute, other):  # noqa: F811  # the fixture
    message = re.sub(rf'{attribute}="[^"]*"'.encode(), f'{attribute}="{other}"'.encode(), WELL_WRITTEN)
    assert message != WELL_WRITTEN
    with pytest.raises(AdapterFault, match="envelope_differs") as caught:
        sent(adapter_with(to_partner=lambda *_: message))
    assert caught.value.where == "releases"


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        ("comment", WELL_WRITTEN + b"<!-- x -->"),
        ("comment", WELL_WRITTEN.replace(b"</m:content>", b"<!-- x --></m:content>")),
        ("comment", WELL_WRITTEN.replace(b"</m:content>", b"<?x y?></m:content>")),
        ("comment", WELL_WRITTEN + b"<?x y?>"),
        ("document type", b"<!DOCTYPE x [<!-- y -->]>" + WELL_WRITTEN[WELL_WRITTEN.index(b"<m:") :]),
        ("namespace", WELL_WRITTEN.replace(b"<m:content", b'<m:content xmlns:x="urn:x"')),
        ("namespace", WELL_WRITTEN.replace(b"<m:content", b"<m:content xmlns:x\n=\n'urn:x&amp;y'")),
        (
            "schema location",
            WELL_WRITTEN.replace(
                b"<m:content", b'<m:content xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x y"'
            ),
        ),
    ],
)
def test_what_no_schema_looks_at_does_not_leave(adapter_with, hidden, message):  # noqa: F811  # the fixture
    with pytest.raises(AdapterFault, match="hidden") as caught:
        sent(adapter_with(to_partner=lambda *_: message))
    assert caught.value.where == hidden


@pytest.mark.parametrize(
    "text",
    [b"<![CDATA[<!-- x -->]]>", b"&lt;!-- x --&gt;", b' xmlns:x="urn:x" ', b"xsi:schemaLocation"],
    ids=["cdata", "text", "ns", "xsi"],
)
def test_what_only_looks_like_it_leaves(adapter_with, text):  # noqa: F811  # the fixture
    sent(adapter_with(to_partner=lambda *_: WELL_WRITTEN.replace(b"</m:number>", text + b"</m:number>")))


RELEASES = {"a.b": Release("A", "self", "2026-12-31"), "a.c": Release("B", "self", "2026-12-31")}
TOLD = Told(ENVELOPE, RELEASES)


@pytest.mark.parametrize("name", ["messageId", "createdAt", "sender", "recipient", "reference", "purpose"])
def test_a_head_in_json_says_what_it_was_told(name):
    head = json.loads(json.dumps(write_envelope(ENVELOPE, RELEASES)))
    assert differs_in_json(head, TOLD) is None
    assert differs_in_json({**head, name: SECRET}, TOLD) == name


@pytest.mark.parametrize(
    "releases", [[], None, [{}], [{"scopes": ["a.b", "a.c"], "discloser": "A", "origin": "self", "until": "2026-12-31"}]]
)
def test_a_head_in_json_names_each_permission(releases):
    assert differs_in_json({**write_envelope(ENVELOPE, RELEASES), "releases": releases}, TOLD) == "releases"


@pytest.mark.parametrize("head", [None, "x", {}, {"sender": {"name": "X"}}])
def test_a_head_of_the_partners_own_is_not_compared(head):
    assert differs_in_json(head, TOLD) is None


def test_what_was_told_shows_nobody():
    assert ENVELOPE.reference not in repr(TOLD)


PERSON = Incoming("R-1", {"residence": {"file_number": "1"}})


@pytest.mark.parametrize(
    "reading",
    [
        Reading([PERSON]),
        Reading(None),
        Reading(({"reference": "R-1"},)),
        Reading((Incoming(5, {}),)),
        Reading((Incoming("R-1", [SECRET]),)),
        Reading((Incoming("R-1", {"residence": SECRET}),)),
        Reading((PERSON,), message_id=5),
        Reading((PERSON,), purpose=[SECRET]),
        Reading((PERSON,), (SECRET,)),
        Reading((PERSON,), (RowProblem(1, None, f"unknown: {SECRET}"),)),
        Reading((PERSON,), (RowProblem(1, None, None),)),
        Reading((PERSON,), attachments=None),
    ],
)
def test_a_reading_of_another_shape_is_the_plugins_fault(adapter_with, reading):  # noqa: F811  # the fixture
    with pytest.raises(AdapterFault, match="reading_shape") as caught:
        adapter_with(from_partner=lambda _: reading).read(INBOUND)
    assert shows_nothing(caught.value)


def test_a_refusal_whose_code_is_a_sentence_is_the_plugins_fault(adapter_with):  # noqa: F811  # the fixture
    def refuses(_):
        raise MessageUnreadable(f"cannot read {SECRET}")

    with pytest.raises(AdapterFault, match="reading_shape") as caught:
        adapter_with(from_partner=refuses).read(INBOUND)
    assert shows_nothing(caught.value)


def test_a_panic_is_the_plugins_fault(adapter_with):  # noqa: F811  # the fixture
    class Panic(BaseException):
        """As a library in Rust raises it."""

    def panics(*_):
        raise Panic(SECRET)

    with pytest.raises(AdapterFault, match="crashed") as caught:
        sent(adapter_with(to_partner=panics))
    assert shows_nothing(caught.value)
