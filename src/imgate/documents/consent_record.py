"""The consent record: what a declaration says and what became of it, for machines (docs/consent-record.md).

The fields are those of ISO/IEC TS 27560:2023, written as JSON-LD with the Data Privacy Vocabulary of the W3C community group
(DPV 2), whose guide maps one to the other. The context stands in the document: nobody has to fetch anything to read it. What
imgate does not know is left out. Names of people and the occasion, which somebody wrote, stand in the declaration alone.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from imgate.documents.runs import Runs, plain
from imgate.documents.wording import Words
from imgate.exchange.declarations.course import Course, Happened, Turn
from imgate.exchange.listing import shown_at
from imgate.record import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Clause, DeclaredDirection, Direction, SignerRole

MEDIA_TYPE = "application/ld+json"
SCHEMA = "urn:imgate:schema:consent-record:1"

_IRI, _TIME, _DAY = {"@type": "@id"}, {"@type": "xsd:dateTime"}, {"@type": "xsd:date"}
CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "imgate": "urn:imgate:consent:",
    "dct:conformsTo": _IRI,
    "dct:references": _IRI,
    "dct:replaces": _IRI,
    "dct:isReplacedBy": _IRI,
    "dct:created": _TIME,
    "dpv:hasJurisdiction": _IRI,
    "dpv:hasLegalBasis": _IRI,
    "dpv:hasDataController": _IRI,
    "dpv:hasRecipient": _IRI,
    "dpv:hasProcessing": _IRI,
    "dpv:hasDataSource": _IRI,
    "dpv:isIndicatedBy": _IRI,
    "dpv:isIndicatedAtTime": _TIME,
    "imgate:asOf": _TIME,
    "imgate:recordedAt": _TIME,
    "imgate:signedOn": _DAY,
}

_UNIT = "_:unit"
# DPV has no word for a pause or a replacement: the term above it says that such a consent carries nothing, ours says why.
_STATUS = {
    Turn.REQUESTED: ["dpv:ConsentRequested"],
    Turn.GIVEN: ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
    Turn.PARTLY_WITHDRAWN: ["dpv:ConsentWithdrawn", "imgate:PartlyWithdrawn"],
    Turn.WITHDRAWN: ["dpv:ConsentWithdrawn"],
    Turn.PAUSED: ["dpv:ConsentStatusInvalidForProcessing", "imgate:Paused"],
    Turn.RESUMED: ["dpv:ConsentGiven", "imgate:Resumed"],
    Turn.REPLACED: ["dpv:ConsentStatusInvalidForProcessing", "imgate:Replaced"],
    Turn.EXPIRED: ["dpv:ConsentExpired"],
}
_SIGNER = {
    SignerRole.CLIENT: "dpv:DataSubject",
    SignerRole.GUARDIAN: "dpv:GuardianOfDataSubject",
    SignerRole.BETREUER: "dpv:Representative",
}


def consent_record(course: Course, words: Words) -> bytes:
    """Write the record as of the course's moment. The same course gives the same bytes."""
    return (json.dumps(_record(course, words), ensure_ascii=False, indent=1) + "\n").encode()


def _record(course: Course, words: Words) -> dict[str, Any]:
    shown = course.shown
    content = shown["content"]
    record = {
        "@context": dict(CONTEXT),
        "@id": f"urn:uuid:{shown['id']}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": SCHEMA,
        "dct:references": "https://w3id.org/dpv/schema/dpv-27560#record",
        "dct:identifier": shown["id"],
        "dct:created": shown["history"][0]["at"],
        "imgate:asOf": shown_at(course.as_of),
        "imgate:state": course.state.value,
        "imgate:sha256": shown["digest"],
        "imgate:clause": list(content["clauses"]),
        "dct:replaces": None if content["supersedes"] is None else f"urn:uuid:{content['supersedes']}",
        "dct:isReplacedBy": [f"urn:uuid:{successor}" for successor in course.replaced_by] or None,
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": content["client"]},
        "dpv:hasNotice": _notice(content),
        "dpv:hasJurisdiction": "loc:DE",
        "dpv:hasLegalBasis": _legal_basis(content) or None,
        "dpv:hasProcess": list(_processes(content, words)),
        "dpv:hasEntity": list(_entities(content)),
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dct:description": _texts(words.both("information.revocability", unit=content["discloser"]["unit"]), words),
        },
        "dpv:hasRight": [{"@type": ["dpv:DataSubjectRight", f"eu-gdpr:A{article}"]} for article in ("7-3", "15", "16", "17", "77")],
        "dpv:hasConsentStatus": [_status(turn, content, shown) for turn in course.turns],
        "imgate:evidence": [_evidence(piece) for piece in shown["evidence"]],
    }
    return {name: part for name, part in record.items() if part is not None}


def _notice(content: Mapping[str, Any]) -> dict[str, Any]:
    """Say which text was shown, and in which languages: the wording, German and what the client read."""
    languages = ["de"] if content["language"].partition("-")[0].lower() == "de" else ["de", content["language"]]
    return {
        "@type": "dpv:ConsentNotice",
        "dct:identifier": f"urn:imgate:wording:{content['wording']}",
        "dct:language": languages,
        "imgate:informedOf": list(content["informed_of"]),
    }


def _legal_basis(content: Mapping[str, Any]) -> list[str]:
    """Give the basis for passing the data on. The release from confidentiality is none: DPV has no word for § 203 StGB."""
    if Clause.DATA_PROTECTION_CONSENT not in content["clauses"]:
        return []
    special = CATALOGUE.by_sensitivity[Sensitivity.SPECIAL].intersection(content["scopes"])
    return ["eu-gdpr:A6-1-a", *(["eu-gdpr:A9-2-a"] if special else [])]


def _processes(content: Mapping[str, Any], words: Words) -> Iterator[dict[str, Any]]:
    """Give one process for each direction: who gives what to whom, and for which purposes."""
    declared = DeclaredDirection(content["direction"])
    partner = _partner(content["partner"])
    for direction, giver, taker in ((Direction.TO_PARTNER, _UNIT, partner), (Direction.FROM_PARTNER, partner, _UNIT)):
        if declared.covers(direction):
            ours = direction is Direction.TO_PARTNER
            yield {
                "@type": "dpv:Process",
                "imgate:direction": direction.value,
                "dpv:hasProcessing": "dpv:Transfer",
                "dpv:hasDataController": giver,
                "dpv:hasRecipient": taker,
                "dpv:hasDataSource": ["dpv:DataSubjectDataSource", *map(_partner, content["onward_from"])] if ours else giver,
                "dpv:hasPurpose": [
                    {"@type": "dpv:Purpose", "dct:identifier": purpose, "dct:title": _texts(words.both(f"purposes.{purpose}"), words)}
                    for purpose in content["purposes"]
                ],
                "dpv:hasPersonalData": [_kind_of_data(scope, words) for scope in content["scopes"]],
            }


def _kind_of_data(scope: str, words: Words) -> dict[str, Any]:
    sensitivity = CATALOGUE.scopes[scope].sensitivity
    kind = "dpv:SpecialCategoryPersonalData" if sensitivity is Sensitivity.SPECIAL else "dpv:PersonalData"
    return {
        "@id": _scope(scope),
        "@type": kind,
        "dct:identifier": scope,
        "dct:title": _texts(words.scope(scope)["words"], words),
        "imgate:sensitivity": sensitivity.value,
    }


def _entities(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"@id": _UNIT, "@type": ["dpv:OrganisationalUnit", "dpv:DataController"], "dpv:hasName": content["discloser"]["unit"]}
    yield {
        "@id": _partner(content["partner"]),
        "@type": ["dpv:OrganisationalUnit", "dpv:Recipient"],
        "dct:identifier": content["partner"],
        "dpv:hasName": content["recipient"],
    }


def _status(turn: Happened, content: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Write one event. Who withdrew or paused is not known: the case system says that it was done, not by whom."""
    status: dict[str, Any] = {"@type": _STATUS[turn.turn]}
    if turn.at is not None:
        status["dpv:isIndicatedAtTime"] = shown_at(turn.at)
    if turn.turn is Turn.GIVEN:
        roles = dict.fromkeys(piece["role"] for piece in shown["evidence"])
        kinds = dict.fromkeys(piece["kind"] for piece in shown["evidence"])
        until = {"@type": "dpv:UntilTimeDuration", "rdf:value": {"@value": content["valid_until"], "@type": "xsd:date"}}
        status |= {
            "dct:valid": f"{content['valid_from']}/{content['valid_until']}",
            "dpv:hasDuration": until,
            "dpv:isIndicatedBy": [_SIGNER[SignerRole(role)] for role in roles],
            "dpv:hasIndicationMethod": list(kinds),
        }
    if turn.scopes:
        status["dpv:hasPersonalData"] = [{"@id": _scope(scope)} for scope in turn.scopes]
    return status


def _evidence(piece: Mapping[str, Any]) -> dict[str, Any]:
    """Write one piece: what it is, when, and the digest by which it can be recognised. Whose name it bears stands in the declaration."""
    parts = {
        "@type": "imgate:Evidence",
        "imgate:role": piece["role"],
        "imgate:kind": piece["kind"],
        "imgate:level": piece["level"],
        "imgate:signedOn": piece["signed_on"],
        "imgate:recordedAt": piece["recorded_at"],
        "imgate:sha256": piece.get("sha256"),
    }
    return {name: part for name, part in parts.items() if part is not None}


def _texts(both: Mapping[str, Runs | None], words: Words) -> list[dict[str, str]]:
    german = [{"@value": plain(both["de"]), "@language": "de"}]
    if words.other is None:
        return german
    return [*german, {"@value": plain(both["tr"]), "@language": words.other.language.tag}]


def _partner(partner: str) -> str:
    return f"urn:imgate:partner:{partner}"


def _scope(scope: str) -> str:
    return f"urn:imgate:scope:{scope}"
