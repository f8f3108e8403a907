"""The consent record says what was allowed and what became of it, in terms that resolve without a network, and nothing more."""

import contextlib
import json
import re
import sqlite3
from pathlib import Path

import pytest

from imgate.documents.consent_record import consent_record
from imgate.documents.wording import words_of
from imgate.exchange.declarations.course import course_of
from imgate.exchange.refusals import Refused
from tests.documents.worlds import opened
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER

# The terms that a record uses, looked up in DPV 2 and in its guide to TS 27560 (w3id.org/dpv/guides/consent-27560).
_TERMS = """
ConsentExpired ConsentGiven ConsentNotice ConsentRecord ConsentRequested ConsentStatusInvalidForProcessing ConsentWithdrawn
DataController DataSubject DataSubjectDataSource DataSubjectRight ExplicitlyExpressedConsent GuardianOfDataSubject
OrganisationalUnit PersonalData Process Purpose Recipient Representative SpecialCategoryPersonalData Transfer UntilTimeDuration
WithdrawConsent hasConsentControl hasConsentStatus hasDataController hasDataSource hasDataSubject hasDuration hasEntity
hasIndicationMethod hasJurisdiction hasLegalBasis hasName hasNotice hasPersonalData hasProcess hasProcessing hasPurpose
hasRecipient hasRight isIndicatedAtTime isIndicatedBy
"""
DPV = frozenset(_TERMS.split())
GDPR = {"A6-1-a", "A9-2-a", "A7-3", "A15", "A16", "A17", "A77"}
DCT = {"conformsTo", "created", "description", "identifier", "isReplacedBy", "language", "references", "replaces", "title", "valid"}
KNOWN = {"https://w3id.org/dpv#": DPV, "https://w3id.org/dpv/legal/eu/gdpr#": GDPR, "http://purl.org/dc/terms/": DCT}
KEYWORDS = {"@context", "@id", "@type", "@value", "@language"}


@pytest.fixture
def world(tmp_path):
    with opened(tmp_path) as world:
        yield world


def record_of(world, declaration, tag="ar"):
    return json.loads(consent_record(course_of(world.corridor, declaration), words_of("1", tag)))


def statuses(record):
    return [tuple(status["@type"]) for status in record["dpv:hasConsentStatus"]]


def expand(term, context):
    """Give the IRI of a compact IRI, as JSON-LD 1.1 does with an inline context; None where it is none."""
    prefix, colon, rest = term.partition(":")
    if colon and prefix in context and isinstance(context[prefix], str):
        return context[prefix] + rest
    if colon and re.fullmatch(r"urn|https?|_", prefix):
        return term
    return None


def iris(node, context):
    """Yield each key, each type and each value that the context says is an IRI, expanded: None for one that resolves to nothing."""
    if isinstance(node, list):
        for entry in node:
            yield from iris(entry, context)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "@context":
            continue
        if key not in KEYWORDS:
            yield expand(key, context)
        values = value if isinstance(value, list) else [value]
        if key in ("@type", "@id") or context.get(key) == {"@type": "@id"}:
            for name in values:
                if isinstance(name, str):
                    yield expand(name, context)
        yield from iris(value, context)


def all_lives(world):
    """Give a record of each kind: draft, given, both directions, withdrawn, paused, replaced, expired."""
    whole = world.declare("language.level", "residence.status", onward_from=[ABH])
    yield record_of(world, world.declare("language.level", signed=False))
    yield record_of(world, world.declare("residence.title", partner=ABH))
    yield record_of(world, whole)
    world.revoke(whole, ["residence.status"])
    world.pause(whole)
    yield record_of(world, whole)
    newer = world.declare("language.level", supersedes=whole)
    yield record_of(world, whole)
    yield record_of(world, newer)
    world.later(days=400)
    yield record_of(world, newer)


def test_every_key_type_and_reference_resolves_by_the_inline_context(world):
    for record in all_lives(world):
        found = list(iris(record, record["@context"]))
        assert None not in found
        for iri in found:
            for namespace, terms in KNOWN.items():
                if iri.startswith(namespace):
                    assert iri.removeprefix(namespace) in terms, iri


def test_the_context_is_inline_and_defines_nothing_twice_or_in_vain(world):
    used = set()
    for record in all_lives(world):
        context = record["@context"]
        assert isinstance(context, dict)
        assert context["@version"] == 1.1
        text = json.dumps({key: value for key, value in record.items() if key != "@context"})
        used |= {name for name in context if f'"{name}"' in text or f'"{name}:' in text}
        prefixes = {value["@type"].partition(":")[0] for value in context.values() if isinstance(value, dict)} & set(context)
        used |= prefixes
    assert set(context) - used == {"@version"}


def test_the_page_of_the_docs_names_every_key_and_every_state(world):
    page = (Path(__file__).resolve().parents[2] / "docs/consent-record.md").read_text(encoding="utf-8")

    def keys(node):
        if isinstance(node, list):
            for entry in node:
                yield from keys(entry)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key != "@context":
                    yield key
                    yield from keys(value)

    for record in all_lives(world):
        spelled = {key for key in keys(record) if key.startswith(("dpv:", "imgate:"))}
        spelled |= {kind for status in statuses(record) for kind in status}
        plain = {"imgate:sha256", "imgate:role", "imgate:kind", "imgate:level", "imgate:signedOn", "imgate:recordedAt"}
        assert [name for name in sorted(spelled - plain) if name not in page] == []


def test_header_and_principal(world):
    declaration = world.declare("language.level")
    record = record_of(world, declaration)
    shown = course_of(world.corridor, declaration).shown
    assert record["@id"] == f"urn:uuid:{declaration}"
    assert record["@type"] == "dpv:ConsentRecord"
    assert record["dct:conformsTo"] == "urn:imgate:schema:consent-record:1"
    assert record["imgate:sha256"] == shown["digest"]
    assert record["dpv:hasDataSubject"] == {"@type": "dpv:DataSubject", "dct:identifier": CLIENT}


def test_the_processing_names_purposes_scopes_parties_and_direction(world):
    record = record_of(world, world.declare("language.level", "residence.title", partner=ABH, onward_from=[JOBCENTER]))
    to, back = record["dpv:hasProcess"]
    assert [purpose["dct:identifier"] for purpose in to["dpv:hasPurpose"]] == ["residence_matters"]
    assert {data["dct:identifier"]: data["@type"] for data in to["dpv:hasPersonalData"]} == {
        "language.level": "dpv:PersonalData",
        "residence.title": "dpv:SpecialCategoryPersonalData",
    }
    assert (to["dpv:hasDataController"], to["dpv:hasRecipient"]) == ("_:unit", f"urn:imgate:partner:{ABH}")
    assert (back["dpv:hasDataController"], back["dpv:hasRecipient"]) == (f"urn:imgate:partner:{ABH}", "_:unit")
    assert to["dpv:hasDataSource"] == ["dpv:DataSubjectDataSource", f"urn:imgate:partner:{JOBCENTER}"]
    assert [entity["dpv:hasName"] for entity in record["dpv:hasEntity"]] == [
        "Integrationsmanagement Winnenden",
        "Ausländerbehörde Winnenden",
    ]
    assert record["dpv:hasLegalBasis"] == ["eu-gdpr:A6-1-a", "eu-gdpr:A9-2-a"]


@pytest.mark.parametrize(("direction", "taken"), [("to_partner", ["to_partner"]), ("from_partner", ["from_partner"])])
def test_one_direction_is_one_process(world, direction, taken):
    record = record_of(world, world.declare("language.level", direction=direction))
    assert [process["imgate:direction"] for process in record["dpv:hasProcess"]] == taken


def test_without_the_consent_clause_there_is_no_legal_basis(world):
    record = record_of(world, world.declare("language.level", clauses=["confidentiality_release"]))
    assert "dpv:hasLegalBasis" not in record
    assert record["imgate:clause"] == ["confidentiality_release"]


def test_special_consent_is_claimed_only_for_special_scopes(world):
    assert record_of(world, world.declare("language.level"))["dpv:hasLegalBasis"] == ["eu-gdpr:A6-1-a"]


def test_the_wording_is_the_notice_in_the_languages_it_was_read_in(world):
    notice = record_of(world, world.declare("language.level"))["dpv:hasNotice"]
    assert notice["dct:identifier"] == "urn:imgate:wording:1"
    assert notice["dct:language"] == ["de", "ar"]
    assert record_of(world, world.declare("language.level", language="de-DE"))["dpv:hasNotice"]["dct:language"] == ["de"]


# ---- the state after each event of its life ----


def test_a_draft_was_only_asked_for(world):
    record = record_of(world, world.declare("language.level", signed=False))
    assert statuses(record) == [("dpv:ConsentRequested",)]
    assert record["imgate:state"] == "draft"
    assert record["imgate:evidence"] == []


def test_signed_is_given_with_time_term_and_evidence(world):
    declaration = world.declare("language.level")
    record = record_of(world, declaration)
    given = record["dpv:hasConsentStatus"][-1]
    piece = course_of(world.corridor, declaration).shown["evidence"][0]
    assert given["@type"] == ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"]
    assert given["dpv:isIndicatedAtTime"] == "2026-03-02T09:00:00.000Z"
    assert given["dct:valid"] == "2026-01-15/2026-12-31"
    assert given["dpv:isIndicatedBy"] == ["dpv:DataSubject"]
    assert given["dpv:hasIndicationMethod"] == ["paper_scan"]
    assert record["imgate:evidence"] == [
        {
            "@type": "imgate:Evidence",
            "imgate:role": "client",
            "imgate:kind": "paper_scan",
            "imgate:level": "written",
            "imgate:signedOn": "2026-01-14",
            "imgate:recordedAt": "2026-03-02T09:00:00.000Z",
            "imgate:sha256": piece["sha256"],
        }
    ]


def test_half_signed_is_still_asked_for_and_shows_its_evidence(world):
    declaration = world.declare("language.level", signed=False, signers_required=["client", "guardian"])
    world.sign(declaration)
    record = record_of(world, declaration)
    assert (statuses(record), len(record["imgate:evidence"])) == ([("dpv:ConsentRequested",)], 1)


def test_a_part_withdrawn_names_the_scopes_and_the_rest_still_holds(world):
    declaration = world.declare("language.level", "residence.status")
    world.later(days=1)
    world.revoke(declaration, ["residence.status"])
    record = record_of(world, declaration)
    part = record["dpv:hasConsentStatus"][-1]
    assert part["@type"] == ["dpv:ConsentWithdrawn", "imgate:PartlyWithdrawn"]
    assert part["dpv:hasPersonalData"] == [{"@id": "urn:imgate:scope:residence.status"}]
    assert part["dpv:isIndicatedAtTime"] == "2026-03-03T09:00:00.000Z"
    assert record["imgate:state"] == "active"


def test_wholly_withdrawn_is_the_last_word_whatever_comes_after(world):
    declaration = world.declare("language.level")
    world.later(hours=1)
    world.revoke(declaration)
    world.later(hours=1)
    world.pause(declaration)
    record = record_of(world, declaration)
    assert statuses(record)[-1] == ("dpv:ConsentWithdrawn",)
    assert record["dpv:hasConsentStatus"][-1]["dpv:isIndicatedAtTime"] == "2026-03-02T10:00:00.000Z"
    assert "dpv:isIndicatedBy" not in record["dpv:hasConsentStatus"][-1]


def test_a_draft_that_was_withdrawn_and_then_signed_was_never_given(world):
    declaration = world.declare("language.level", signed=False)
    world.revoke(declaration)
    world.later(hours=1)
    world.sign(declaration)
    assert statuses(record_of(world, declaration)) == [("dpv:ConsentRequested",), ("dpv:ConsentWithdrawn",)]


def test_paused_and_resumed(world):
    declaration = world.declare("language.level")
    world.later(hours=1)
    world.pause(declaration)
    assert statuses(record_of(world, declaration))[-1] == ("dpv:ConsentStatusInvalidForProcessing", "imgate:Paused")
    world.later(hours=1)
    world.resume(declaration)
    record = record_of(world, declaration)
    assert statuses(record)[-2:] == [("dpv:ConsentStatusInvalidForProcessing", "imgate:Paused"), ("dpv:ConsentGiven", "imgate:Resumed")]
    assert record["imgate:state"] == "active"


def test_replaced_names_the_successor_and_the_moment_it_took_effect(world):
    older = world.declare("language.level")
    world.later(hours=1)
    newer = world.declare("language.level", signed=False, supersedes=older)
    assert statuses(record_of(world, older))[-1][0] == "dpv:ConsentGiven"
    world.later(hours=1)
    world.sign(newer)
    record = record_of(world, older)
    assert statuses(record)[-1] == ("dpv:ConsentStatusInvalidForProcessing", "imgate:Replaced")
    assert record["dpv:hasConsentStatus"][-1]["dpv:isIndicatedAtTime"] == "2026-03-02T11:00:00.000Z"
    assert record["dct:isReplacedBy"] == [f"urn:uuid:{newer}"]
    assert record_of(world, newer)["dct:replaces"] == f"urn:uuid:{older}"


def test_expired_says_since_when(world):
    declaration = world.declare("language.level")
    world.later(days=400)
    record = record_of(world, declaration)
    assert statuses(record)[-1] == ("dpv:ConsentExpired",)
    assert record["dpv:hasConsentStatus"][-1]["dpv:isIndicatedAtTime"] == "2026-12-31T23:00:00.000Z"
    assert record["imgate:state"] == "expired"


# ---- and nothing more ----


def test_no_name_of_a_person_and_no_occasion_stands_in_it(world):
    declaration = world.declare("language.level", occasion="Vermittlung, weil GEHEIM etwas geschah", interpreter="Ida Dolmetsch")
    text = consent_record(course_of(world.corridor, declaration), words_of("1", "ar")).decode()
    for secret in ("GEHEIM", "Vera Beispiel", "Ida Dolmetsch"):
        assert secret not in text


def test_a_declaration_that_does_not_match_its_seal_has_no_record(world):
    declaration = world.declare("language.level")
    with contextlib.closing(sqlite3.connect(world.gateway.settings.database.file, isolation_level=None)) as connection:
        connection.execute("update declaration_heads set mac = x'00'")
    with pytest.raises(Refused, match="declaration_unreadable"):
        course_of(world.corridor, declaration)


def test_an_unknown_declaration_has_none(world):
    with pytest.raises(Refused, match="not_found"):
        course_of(world.corridor, "00000000-0000-4000-8000-000000000000")


def test_the_same_life_gives_the_same_bytes(world):
    declaration = world.declare("language.level")
    words = words_of("1", "ar")
    assert consent_record(course_of(world.corridor, declaration), words) == consent_record(course_of(world.corridor, declaration), words)


def test_no_value_stands_in_the_repr_of_a_course(world):
    declaration = world.declare("language.level")
    assert CLIENT not in repr(course_of(world.corridor, declaration))
