"""The client's copy: what I allowed and to whom, how it stands today, who signed, and how I revoke it (§ 36a(2b) SGB I).

Handed over after the signing, in the client's language beside German. The declaration and the consent record travel inside it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import rfc8785

from imgate.documents.consent_record import MEDIA_TYPE, consent_record
from imgate.documents.declared import Parties, clause, day, interpreter_named, language_named, scope_in_words
from imgate.documents.digest_code import address_code, digest_code
from imgate.documents.languages import GERMAN, written_day
from imgate.documents.office import Office
from imgate.documents.runs import runs_of, written
from imgate.documents.typesetting import Attachment, Relationship, typeset
from imgate.documents.wording import Both, Words
from imgate.exchange.client_page import in_groups
from imgate.exchange.declarations.course import Course
from imgate.vocabulary.words import Clause, DeclarationState, SignerRole

_OF_COPY = ("signed", "revoked_scopes", "how_to_revoke", "history", "no_evidence", "attached", "further_rights", "all_revoked")
_OF_FORM = (
    "permissions",
    "recipient",
    "discloser",
    "persons",
    "persons_none",
    "direction",
    "purposes",
    "occasion",
    "scopes",
    "special",
    "onward",
)
_OF_FORM_TOO = ("onward_none", "onward_from", "term", "language", "interpreter", "digest", "digest_lead", "scope", "example")
_OVER = (DeclarationState.REVOKED, DeclarationState.EXPIRED)


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Where the client's own page is, and the code that opens it together with a number from the office."""

    address: str
    code: str = field(repr=False)


def clients_copy(course: Course, words: Words, office: Office, own_page: OwnPage | None = None) -> bytes:
    """Set the copy as PDF; ``own_page`` is told where there is one. Raises PapersUnavailable, WordingIncomplete."""
    shown, content = course.shown, course.shown["content"]
    unit, recipient = content["discloser"]["unit"], content["recipient"]
    parties = Parties.of(content)
    over = course.state in _OVER
    left = [scope for scope in content["scopes"] if scope not in shown["revoked_scopes"]]
    data = {
        "w": {name: words.both(f"copy.{name}") for name in _OF_COPY}
        | {name: words.both(f"form.{name}") for name in (*_OF_FORM, *_OF_FORM_TOO)},
        "lead": words.both("copy.lead", unit=unit),
        "day": words.both("copy.state", day=written_day(course.as_of.date())),
        "state": words.both(f"states.{course.state.value}"),
        "over": over,
        "clauses": [clause(which, content, words) for which in Clause],
        "discloser": parties.giving,
        "recipient": parties.receiving,
        "direction": words.both(f"directions.{content['direction']}", unit=unit, recipient=recipient),
        "purposes": [words.both(f"purposes.{purpose}") for purpose in content["purposes"]],
        "occasion": written(content["occasion"]),
        "onward": [written(name) for name in course.onward_from],
        "term": words.both("form.term_span", **{"from": day(content["valid_from"]), "until": day(content["valid_until"])}),
        "language": language_named(content["language"], content["wording"]),
        "interpreter": interpreter_named(content["interpreter"], content["wording"]),
        "scopes": [scope_in_words(scope, words) for scope in left],
        "revoked": [scope_in_words(scope, words) for scope in shown["revoked_scopes"]],
        "evidence": [_piece(piece, course, words) for piece in shown["evidence"]],
        "history": list(_history(course, words)),
        "revocation": [words.both(f"information.{told}", unit=unit) for told in ("revocability", "statutory_duties")],
        "officer_label": words.both("copy.officer"),
        "contact_label": words.both("information.contact"),
        "contact": [written(line) for line in office.contact],
        "officer": written(office.officer) if office.officer else None,
        "own_page": None if own_page is None else _told(own_page, words),
        "id": shown["id"],
        "digest": shown["digest"],
        "code": digest_code(shown["digest"]),
    }
    return typeset(
        "copy",
        data,
        words=words,
        title=words.both("copy.title"),
        dated=course.as_of.date(),
        reference=f"{content['client']} · {shown['id']}",
        digest=shown["digest"],
        marks=[words.both("form.draft")] if course.state is DeclarationState.DRAFT else (),
        attachments=(
            Attachment("declaration.json", rfc8785.dumps(dict(content))),
            Attachment("consent-record.jsonld", consent_record(course, words), MEDIA_TYPE, Relationship.SUPPLEMENT),
        ),
    )


def _told(own_page: OwnPage, words: Words) -> dict[str, Any]:
    """Say how the page is opened. In the QR code the code stands behind the ``#``, which no browser sends anywhere."""
    return {
        "title": _said("title", words),
        "lead": _said("lead", words),
        "address": own_page.address,
        "code": in_groups(own_page.code),
        "picture": address_code(f"{own_page.address}#{own_page.code}"),
    }


def _said(name: str, words: Words) -> Both:
    """Give a text about the page in both languages. It is part of no wording: nobody signs it, and it may be changed."""
    other = None if words.other is None else words.other.language
    texts = _page_texts()
    return {"de": runs_of(texts["de"][name], GERMAN, {}), "tr": None if other is None else runs_of(texts[other.tag][name], other, {})}


@cache
def _page_texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((resources.files("imgate.documents") / "client_page_words.toml").read_text(encoding="utf-8"))


def _piece(piece: Mapping[str, Any], course: Course, words: Words) -> dict[str, Any]:
    """Give one piece of evidence: pairs of a label and what stands behind it. Who attests is the case system's statement."""
    rows = [
        (words.both("copy.signed_by"), words.both(f"roles.{piece['role']}")),
        (words.both("copy.kind"), words.both(f"kinds.{piece['kind']}")),
        (words.both("copy.signed_on"), written(day(piece["signed_on"]))),
        (words.both("copy.recorded_on"), written(_local_day(piece["recorded_at"], course))),
        (words.both("copy.attested_by"), written(piece["attested_by"])),
    ]
    if "signer" in piece:
        rows.insert(1, (words.both("form.signer"), written(piece["signer"])))
    if "authority" in piece:
        label = "form.area" if piece["role"] == SignerRole.BETREUER else "form.custody"
        rows.append((words.both(label), written(_authority(piece["authority"]))))
    if "interpreter" in piece:
        rows.append((words.both("form.interpreter"), written(piece["interpreter"])))
    return {
        "rows": [{"label": label, "value": value} for label, value in rows],
        "digest_label": words.both("copy.evidence_digest"),
        "sha256": piece.get("sha256"),
    }


def _authority(authority: Mapping[str, Any]) -> str:
    """Write on what a right to sign rests: the areas, the order, and its last day where it has one."""
    until = authority.get("until")
    return "; ".join([*authority["areas"], authority["order"], *([f"bis {day(until)}"] if until else [])])


def _history(course: Course, words: Words) -> Iterator[dict[str, Any]]:
    """Give what happened and when. An event for which there is no word is left out: the history in full is the gateway's."""
    for line in course.shown["history"]:
        if line["event"] in words.german.texts["events"]:
            yield {"day": written(_local_day(line["at"], course)), "event": words.both(f"events.{line['event']}")}


def _local_day(at: str, course: Course) -> str:
    """Write the day of a moment, as it was in the gateway's zone."""
    return written_day(datetime.fromisoformat(at).astimezone(course.as_of.tzinfo).date())
