"""The form: one declaration in words, as the client reads and signs it, with every element of ``domain.md`` §2.2.

It is made from what ``GET /v1/declarations/{id}`` shows. The declaration itself travels inside the PDF, byte for byte what its
digest stands for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import rfc8785

from imgate.documents.clients_copy import Office
from imgate.documents.digest_code import digest_code
from imgate.documents.languages import language_of, written_day
from imgate.documents.runs import Runs, written
from imgate.documents.typesetting import Attachment, typeset
from imgate.documents.wording import Both, Words, words_of
from imgate.record import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Clause, DeclarationState, DeclaredDirection, Information, SignerRole

_WORDS = (
    *("reference", "wording", "name", "birth", "client", "permissions", "discloser", "persons", "persons_none", "recipient"),
    *("direction", "purposes", "occasion", "scopes", "scopes_lead", "scope", "example", "special", "special_lead", "onward"),
    *("onward_none", "onward_from", "term", "information", "language", "signatures", "signature", "signer", "place_and_date"),
    *("understood", "interpreter", "interpreter_none", "interpreter_statement", "digest", "digest_lead", "german_prevails"),
)
# What a form says on every page where it is not one that holds.
_MARK_OF_STATE = {
    DeclarationState.DRAFT: "form.draft",
    DeclarationState.REVOKED: "states.revoked",
    DeclarationState.EXPIRED: "states.expired",
    DeclarationState.PAUSED: "states.paused",
}
# The line that a role has beyond name, place, date and signature: on what the right to sign for somebody rests.
_AUTHORITY_OF_ROLE = {SignerRole.GUARDIAN: "form.custody", SignerRole.BETREUER: "form.area"}


def form(shown: Mapping[str, Any], words: Words, office: Office, *, partners: Mapping[str, str], made_on: date) -> bytes:
    """Set the form as PDF. ``partners`` gives the names of partners by id, ``made_on`` the day on which it was recorded.

    Not for a declaration that is shown as ``unreadable``. Raises PapersUnavailable, WordingIncomplete.
    """
    content = shown["content"]
    mark = _MARK_OF_STATE.get(shown["state"])
    return typeset(
        "form",
        form_data(shown, words, office, partners),
        words=words,
        title=words.both("form.title"),
        dated=made_on,
        reference=f"{content['client']} · {shown['id']}",
        digest=shown["digest"],
        marks=[] if mark is None else [words.both(mark)],
        attachments=[Attachment("declaration.json", rfc8785.dumps(dict(content)), description="The declaration, RFC 8785")],
    )


def form_data(shown: Mapping[str, Any], words: Words, office: Office, partners: Mapping[str, str]) -> dict[str, Any]:
    """Give what ``templates/form.typ`` prints."""
    content = shown["content"]
    direction, recipient, discloser = content["direction"], content["recipient"], content["discloser"]
    ours = {"unit": written(discloser["unit"]), "persons": [written(person) for person in discloser["persons"]], "named": True}
    theirs = {"unit": written(recipient), "persons": [], "named": False}
    giving, receiving = (theirs, ours) if direction == DeclaredDirection.FROM_PARTNER else (ours, theirs)
    scopes = [_scope(scope, words) for scope in content["scopes"]]
    return {
        "w": {name: words.both(f"form.{name}") for name in _WORDS},
        "client": written(content["client"]),
        "wording": content["wording"],
        "clauses": [_clause(clause, content, words) for clause in Clause],
        "discloser": giving,
        "recipient": receiving,
        "direction": words.both(f"directions.{direction}", unit=discloser["unit"], recipient=recipient),
        "purposes": [words.both(f"purposes.{purpose}") for purpose in content["purposes"]],
        "occasion": written(content["occasion"]),
        "scopes": scopes,
        "any_special": any(scope["special"] for scope in scopes),
        "onward": [written(partners.get(partner, partner)) for partner in content["onward_from"]],
        "term": words.both("form.term_span", **{"from": _day(content["valid_from"]), "until": _day(content["valid_until"])}),
        "information": information(words, discloser["unit"], content["informed_of"]),
        "contact_label": words.both("information.contact"),
        "contact": [written(line) for line in office.contact],
        "officer_label": words.both("copy.officer"),
        "officer": written(office.officer) if office.officer else None,
        "language": _language(content["language"], content["wording"]),
        "signers": [signer(SignerRole(role), words) for role in _in_order(content["signers_required"])],
        "interpreter": _interpreter(content["interpreter"], content["wording"]),
        "digest": shown["digest"],
        "code": digest_code(shown["digest"]),
    }


def information(words: Words, unit: str, informed_of: Sequence[str]) -> list[dict[str, Both | None]]:
    """Give what the client must know; what ``informed_of`` does not name is marked so, and printed all the same."""
    not_told = words.both("information.not_told")
    return [{"text": _informed(told, words, unit), "note": None if told in informed_of else not_told} for told in Information]


def _informed(told: Information, words: Words, unit: str) -> Both:
    return words.both(f"information.{told.value}", **({"unit": unit} if told is Information.REVOCABILITY else {}))


def signer(role: SignerRole, words: Words) -> dict[str, Both | None]:
    """Give the lines for one signature."""
    authority = _AUTHORITY_OF_ROLE.get(role)
    return {"role": words.both(f"roles.{role.value}"), "authority": None if authority is None else words.both(authority)}


def _in_order(roles: Sequence[str]) -> list[str]:
    """Give each role as often as it stands there, the client first."""
    asked = Counter(roles)
    return [role.value for role in SignerRole for _ in range(asked[role.value])]


def _clause(clause: Clause, content: Mapping[str, Any], words: Words) -> Both:
    """Say which of the two permissions is given, and which is not."""
    if clause not in content["clauses"]:
        return words.both(f"clauses.{clause.value}_absent")
    if clause is Clause.DATA_PROTECTION_CONSENT:
        return words.both(f"clauses.{clause.value}_{words.regime}")
    unit, recipient = content["discloser"]["unit"], content["recipient"]
    return words.both(f"clauses.{clause.value}_{content['direction']}", unit=unit, recipient=recipient)


def _scope(scope: str, words: Words) -> dict[str, Any]:
    return words.scope(scope) | {"special": CATALOGUE.scopes[scope].sensitivity is Sensitivity.SPECIAL}


def _day(day: str) -> str:
    return written_day(date.fromisoformat(day))


def _language(tag: str, wording: str) -> Runs:
    """Name a language: as it calls itself, where we know that, and by its tag."""
    language = language_of(tag)
    if language is None:
        return [written(tag)]
    words = words_of(wording, language.tag)
    return [written((words.other or words.german).text("language.name")), f" ({tag})"]


def _interpreter(interpreter: str | Mapping[str, Any] | None, wording: str) -> dict[str, Any] | None:
    """Name who interpreted, and the language where it was said."""
    if interpreter is None:
        return None
    if isinstance(interpreter, str):
        return {"name": written(interpreter), "language": None}
    language = interpreter.get("language")
    return {"name": written(interpreter["name"]), "language": None if language is None else _language(language, wording)}
