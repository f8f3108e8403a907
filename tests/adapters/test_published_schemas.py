"""The published schemas say what the vocabulary says, and narrow nothing that the contract leaves open."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from imgate.adapters.published_schemas import CODE, ENVELOPE, PUBLISHED, published_schema
from imgate.adapters.xml_format import SchemaUnusable, compile_schema
from imgate.plugin_api import CONFIDENTIALITY_NOTICE, Envelope, Release
from imgate.plugin_api.xml_write import ENVELOPE_NAMESPACE, write_envelope
from imgate.record.catalogue import CATALOGUE
from imgate.vocabulary.identifiers import is_reference
from imgate.vocabulary.words import Purpose

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMA = compile_schema(published_schema(ENVELOPE))
RELEASES = {scope: Release("Wir & <die>", "self", "2026-12-31") for scope in CATALOGUE.scopes}
PRINTABLE = st.text(min_size=1, max_size=64).filter(is_reference)


def valid(envelope, releases=RELEASES):
    written = write_envelope(envelope, releases).replace("<e:envelope>", f'<e:envelope xmlns:e="{ENVELOPE_NAMESPACE}">', 1)
    return SCHEMA.validate(etree.fromstring(written))


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


def test_the_notice_is_the_cores():
    (notice,) = etree.fromstring(published_schema(ENVELOPE)).xpath("//*[@name='confidentiality']")
    assert notice.get("fixed") == CONFIDENTIALITY_NOTICE


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
