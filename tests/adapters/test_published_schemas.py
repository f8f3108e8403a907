"""The published schemas say what the vocabulary says, and narrow nothing that the contract leaves open."""

import hashlib
import json

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from imgate.adapters.json_schema import DIALECT, compile_json_schema
from imgate.adapters.published_schemas import CODE, ENVELOPE, MESSAGE, PUBLISHED, PUBLISHED_JSON, published_schema
from imgate.adapters.xml_format import SchemaUnusable, compile_schema
from imgate.plugin_api import CONFIDENTIALITY_NOTICE, Attachment, Envelope, Release
from imgate.plugin_api import json_write as in_json
from imgate.plugin_api.xml_write import ENVELOPE_NAMESPACE, write_envelope
from imgate.record.catalogue import CATALOGUE
from imgate.vocabulary.identifiers import is_reference
from imgate.vocabulary.words import AttachmentKind, Purpose

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMA = compile_schema(published_schema(ENVELOPE))
RELEASES = {scope: Release("Wir & <die>", "self", "2026-12-31") for scope in CATALOGUE.scopes}
PRINTABLE = st.text(min_size=1, max_size=64).filter(is_reference)


JSON_SCHEMA = json.loads(published_schema(PUBLISHED_JSON[MESSAGE]))


def head_schema(name):
    return compile_json_schema(
        json.dumps(
            {
                "$schema": DIALECT,
                "additionalProperties": False,
                "properties": {name: {"$ref": f"{MESSAGE}#/$defs/{name}"}},
            }
        ).encode()
    ).compiled


JSON_ENVELOPE, JSON_HEADER = head_schema("envelope"), head_schema("header")


def valid(envelope, releases=RELEASES):
    """Validate one envelope as XML and as JSON; the two schemas have to say the same."""
    written = write_envelope(envelope, releases).replace("<e:envelope>", f'<e:envelope xmlns:e="{ENVELOPE_NAMESPACE}">', 1)
    as_xml = SCHEMA.validate(etree.fromstring(written))
    assert JSON_ENVELOPE.is_valid({"envelope": in_json.write_envelope(envelope, releases)}) == as_xml
    return as_xml


def an_envelope(**changed):
    said = {"message_id": "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "created_at": "2026-02-02T08:00:00Z", "sender": "Wir", "recipient": "Die"}
    return Envelope(**{**said, "reference": "R 1", "purpose": "housing", **changed})


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_compiles(name):
    compile_schema(published_schema(name))


def test_nothing_else_can_be_read():
    with pytest.raises(KeyError):
        published_schema("../pyproject.toml")


def test_purposes_are_those_of_the_vocabulary():
    listed = etree.fromstring(published_schema(ENVELOPE)).xpath("//xs:simpleType[@name='Purpose']//@value", namespaces={"xs": XS[1:-1]})
    assert listed == [purpose.value for purpose in Purpose]


def test_purposes_and_kinds_of_attachments_are_those_of_the_vocabulary_in_json_too():
    assert JSON_SCHEMA["$defs"]["purpose"]["enum"] == [purpose.value for purpose in Purpose]
    assert JSON_SCHEMA["$defs"]["attachments"]["items"]["properties"]["kind"]["enum"] == [kind.value for kind in AttachmentKind]


def test_kinds_of_attachments_are_those_of_the_vocabulary():
    listed = etree.fromstring(published_schema(ENVELOPE)).xpath(
        "//xs:attribute[@name='kind']//xs:enumeration/@value", namespaces={"xs": XS[1:-1]}
    )
    assert listed == [kind.value for kind in AttachmentKind]


def test_the_schema_of_messages_is_a_schema_and_named_by_the_name_under_which_it_is_found():
    for urn, name in PUBLISHED_JSON.items():
        schema = json.loads(published_schema(name))
        jsonschema_rs.meta.validate(schema)
        assert (schema["$id"], schema["$schema"]) == (urn, DIALECT)


def test_the_two_heads_have_the_members_that_xml_has():
    root = etree.fromstring(published_schema(ENVELOPE))
    for head in ("envelope", "header"):
        (sequence,) = root.xpath(f"/xs:schema/xs:element[@name='{head}']/xs:complexType/xs:sequence", namespaces={"xs": XS[1:-1]})
        members = {one.get("name"): one.get("minOccurs") != "0" for one in sequence if one.get("name") != "attachment"}
        in_json = JSON_SCHEMA["$defs"][head]
        assert list(in_json["properties"]) == [*members, "attachments"]
        assert in_json["required"] == [name for name, required in members.items() if required]


def test_the_notice_is_the_cores():
    (notice,) = etree.fromstring(published_schema(ENVELOPE)).xpath("//*[@name='confidentiality']")
    assert notice.get("fixed") == CONFIDENTIALITY_NOTICE
    assert JSON_SCHEMA["$defs"]["envelope"]["properties"]["confidentiality"]["const"] == CONFIDENTIALITY_NOTICE


@given(PRINTABLE)
def test_no_reference_is_narrowed(reference):
    assert valid(an_envelope(reference=reference))


@pytest.mark.parametrize("reference", ["x" * 64, "𝔛" * 64, "-", "'\"&<>", "é  è", "\U0001f600", "\u0e33\u0301"])
def test_odd_references(reference):
    assert is_reference(reference)
    assert valid(an_envelope(reference=reference))


@pytest.mark.parametrize("purpose", [purpose.value for purpose in Purpose])
def test_each_purpose(purpose):
    assert valid(an_envelope(purpose=purpose))


@pytest.mark.parametrize(
    "changed",
    [
        {"message_id": "0B8C2C6E-58A1-4F0F-9F55-5A4DE9F2C0DE"},
        {"message_id": "4711"},
        {"created_at": "2026-02-02T08:00:00+01:00"},
        {"created_at": "2026-02-02T08:00:00"},
        {"created_at": "2026-02-02"},
        {"sender": ""},
        {"recipient": ""},
        {"reference": ""},
        {"reference": "x" * 65},
        {"purpose": "spying"},
        {"purpose": ""},
    ],
)
def test_what_an_envelope_must_not_say(changed):
    assert not valid(an_envelope(**changed))


@pytest.mark.parametrize(
    "releases",
    [
        {},
        {"*": Release("Wir", "self", "2026-12-31")},
        {"language": Release("Wir", "self", "2026-12-31")},
        {"language.level": Release("Wir", "ABH Winnenden", "2026-12-31")},
        {"language.level": Release("Wir", "self", "")},
        {"language.level": Release("Wir", "self", "2026-02-30")},
    ],
)
def test_what_a_release_must_not_say(releases):
    assert not valid(an_envelope(), releases)


@pytest.mark.parametrize(
    "attachment",
    [
        Attachment("declaration_bundle", "declaration-0198c0de.json", "application/json", b"{}"),
        Attachment("calendar", "a", "text/calendar; charset=utf-8; method=PUBLISH", bytes(range(256)) * 1000),
        Attachment("calendar", "termin.2026-02-17.ics", "text/calendar", b"x"),
    ],
)
def test_attachments_after_the_releases(attachment):
    assert valid(an_envelope(attachments=(attachment,)))
    assert valid(an_envelope(attachments=(attachment, attachment)))


@pytest.mark.parametrize(
    "attachment",
    [
        Attachment("photo", "a.png", "image/png", b"x"),
        Attachment("", "a.ics", "text/calendar", b"x"),
        Attachment("calendar", "", "text/calendar", b"x"),
        Attachment("calendar", "A.ics", "text/calendar", b"x"),
        Attachment("calendar", "../a.ics", "text/calendar", b"x"),
        Attachment("calendar", ".ics", "text/calendar", b"x"),
        Attachment("calendar", "a.", "text/calendar", b"x"),
        Attachment("calendar", "a b", "text/calendar", b"x"),
        Attachment("calendar", "a" * 101, "text/calendar", b"x"),
        Attachment("calendar", "a.ics", "text", b"x"),
        Attachment("calendar", "a.ics", "", b"x"),
        Attachment("calendar", "a.ics", "text/calendar", b""),
    ],
)
def test_what_an_attachment_must_not_be(attachment):
    assert not valid(an_envelope(attachments=(attachment,)))


def test_a_header_in_json_says_less_than_an_envelope():
    header = {"messageId": "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "createdAt": "2026-02-02T08:00:00+01:00", "reference": "R 1"}
    assert JSON_HEADER.is_valid({"header": header})
    assert JSON_HEADER.is_valid({"header": {**header, "purpose": "housing"}})
    for wrong in ({"purpose": None}, {"purpose": "spying"}, {"sender": "Wir"}, {"createdAt": "2026-02-02T08:00:00"}, {"reference": ""}):
        assert not JSON_HEADER.is_valid({"header": {**header, **wrong}})
    for missing in header:
        assert not JSON_HEADER.is_valid({"header": {name: value for name, value in header.items() if name != missing}})


def test_the_preview_without_id_and_time_is_valid_too():
    assert valid(an_envelope(message_id="00000000-0000-0000-0000-000000000000", created_at="1970-01-01T00:00:00Z"))


def test_a_schema_reaches_nothing_but_these():
    for location in ("pyproject.toml", "../pyproject.toml", "file:///etc/hostname", "http://127.0.0.1:9/x", "IMGATE-ENVELOPE.XSD"):
        with pytest.raises(SchemaUnusable):
            compile_schema(
                f'<xs:schema xmlns:xs="{XS[1:-1]}"><xs:import namespace="urn:x" schemaLocation="{location}"/></xs:schema>'.encode()
            )
        with pytest.raises(SchemaUnusable):
            compile_schema(f'<xs:schema xmlns:xs="{XS[1:-1]}"><xs:include schemaLocation="{location}"/></xs:schema>'.encode())


def test_the_code_type_is_a_pattern_and_not_the_published_file(shared):
    """The file of KoSIT is under CC BY-ND; ours has a namespace of its own and shares children and attributes only."""
    theirs = (shared / "data" / "xoev" / "xoev-code.xsd").read_bytes()
    ours = published_schema(CODE)
    assert hashlib.sha256(ours).digest() != hashlib.sha256(theirs).digest()

    def said(schema):
        root = etree.fromstring(schema)
        return {
            (element.tag, element.get("name"), element.get("type"), element.get("form"))
            for element in root.iter(f"{XS}element", f"{XS}attribute")
        }

    assert said(ours) == said(theirs)
    assert etree.fromstring(ours).get("targetNamespace") != etree.fromstring(theirs).get("targetNamespace")
