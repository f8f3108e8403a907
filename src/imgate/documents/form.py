"""The form: one declaration in words, as the client reads and signs it, with every element of ``domain.md`` §2.2.

It is made from what ``GET /v1/declarations/{id}`` shows. The declaration itself travels inside the PDF, byte for byte what its
digest stands for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785

from imgate.documents.declared import Parties, clause, day, interpreter_named, language_named, scope_in_words
from imgate.documents.digest_code import digest_code
from imgate.documents.office import Office
from imgate.documents.runs import written
from imgate.documents.typesetting import Attachment, typeset
from imgate.documents.wording import Both, Words
from imgate.vocabulary.words import Clause, DeclarationState, Information, SignerRole

_WORDS = (
    *("reference", "wording", "name", "birth", "client", "permissions", "discloser", "persons", "persons_none", "recipient"),
    *("direction", "purposes", "occasion", "scopes", "scopes_lead", "scope", "example", "special", "special_lead", "onward"),
    *("onward_none", "onward_from", "term", "information", "language", "signatures", "signature", "signer", "place_and_date"),
    *("understood", "interpreter", "interpreter_none", "interpreter_statement", "digest", "digest_lead", "german_prevails"),
)
# What a form says on every page where it no longer holds. Before and after the signing it is the same sheet, byte for byte.
_MARK_OF_STATE = {
    DeclarationState.REVOKED: "states.revoked",
    DeclarationState.EXPIRED: "states.expired",
    DeclarationState.PAUSED: "states.paused",
}
# The line that a role has beyond name, place, date and signature: on what the right to sign for somebody rests.
_AUTHORITY_OF_ROLE = {SignerRole.GUARDIAN: "form.custody", SignerRole.BETREUER: "form.area"}


def recorded_on(shown: Mapping[str, Any], zone: ZoneInfo) -> date:
    """Give the day on which a declaration was recorded, which dates its form: the same form is the same bytes on every day."""
    return datetime.fromisoformat(shown["history"][0]["at"]).astimezone(zone).date()


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
    unit, parties = content["discloser"]["unit"], Parties.of(content)
    scopes = [scope_in_words(scope, words) for scope in content["scopes"]]
    return {
        "w": {name: words.both(f"form.{name}") for name in _WORDS},
        "client": written(content["client"]),
        "wording": content["wording"],
        "clauses": [clause(which, content, words) for which in Clause],
        "discloser": parties.giving,
        "recipient": parties.receiving,
        "direction": words.both(f"directions.{content['direction']}", unit=unit, recipient=content["recipient"]),
        "purposes": [words.both(f"purposes.{purpose}") for purpose in content["purposes"]],
        "occasion": written(content["occasion"]),
        "scopes": scopes,
        "any_special": any(scope["special"] for scope in scopes),
        "onward": [written(partners.get(partner, partner)) for partner in content["onward_from"]],
        "term": words.both("form.term_span", **{"from": day(content["valid_from"]), "until": day(content["valid_until"])}),
        "information": information(words, unit, content["informed_of"]),
        "contact_label": words.both("information.contact"),
        "contact": [written(line) for line in office.contact],
        "officer_label": words.both("copy.officer"),
        "officer": written(office.officer) if office.officer else None,
        "language": language_named(content["language"], content["wording"]),
        "signers": [signer(SignerRole(role), words) for role in _in_order(content["signers_required"])],
        "interpreter": interpreter_named(content["interpreter"], content["wording"]),
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
