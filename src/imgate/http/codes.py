"""The catalogue of error codes: every ``code`` that a caller can see, with its status and what it asks for.

``docs/reference/errors.md`` is this list, written by ``python -m imgate.http.codes``; a test compares the two, and another one the
catalogue with the codes that the source raises.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a problem document: a stable name, its HTTP status, a title that never changes with the input, and what to do."""

    name: str
    status: int
    title: str
    advice: str

    @property
    def type(self) -> str:
        """The ``type`` member of RFC 9457: a name and no address, because nothing is to be fetched to understand it."""
        return f"urn:imgate:problem:{self.name}"


_CODES = (
    # reading the request
    Code("not_json", 400, "The body is not JSON", "Send one JSON value as RFC 8259 defines it."),
    Code("not_utf8", 400, "The body is not UTF-8", "Encode JSON in UTF-8, without a byte order mark."),
    Code("duplicate_key", 400, "A key stands twice in one object", "Send each key once; two parsers could read such a body differently."),
    Code("lone_surrogate", 400, "Half of a surrogate pair", "Send whole characters; an escape such as \\ud800 alone is none."),
    Code("number_not_finite", 400, "A number that is not finite", "Send numbers that a double can hold; NaN and Infinity are not JSON."),
    Code("integer_too_large", 400, "An integer beyond 2^53 - 1", "Send large numbers as strings; many readers would see another number."),
    Code("too_deep", 400, "More than 64 levels of nesting", "Send a flatter document."),
    Code("bad_request", 400, "The request cannot be read", "Check method, headers and framing."),
    Code("idempotency_key_invalid", 400, "The Idempotency-Key cannot be used", "Send it once, 1 to 255 visible ASCII characters."),
    Code("evaluation_invalid", 400, "Not an AuthZEN request", "Send subject, action and resource as AuthZEN 1.0 requires them."),
    Code("body_too_large", 413, "The body is over 16 MiB", "Send less at once; larger files go through `imgate messages import`."),
    Code("media_type_unsupported", 415, "The body is of another media type", "Send `application/json` in UTF-8, not compressed."),
    Code("request_invalid", 422, "The request has the wrong shape", "Mend what `problems` names."),
    # who asks
    Code("token_missing", 401, "No access token", "Fetch one at `/oauth/token` and send it in the Authorization header."),
    Code("token_invalid", 401, "The access token does not hold", "Fetch a new one; they last five minutes and end with the access."),
    Code("callback_not_genuine", 401, "Not a call of the partner's system", "Sign it with the secret that both sides configured."),
    Code("forbidden", 403, "Not for this caller", "Use an access with the right role; a partner sees its own path only."),
    # what is asked for
    Code("not_found", 404, "There is no such thing", "Check the id. What belongs to somebody else is not found either."),
    Code("method_not_allowed", 405, "Not with this method", "The Allow header names the methods."),
    Code("cursor_invalid", 422, "The cursor cannot be used", "Send `after` as `next` gave it."),
    # declarations
    Code("declaration_invalid", 422, "The declaration cannot be made", "Mend what `problems` names; all of it is named at once."),
    Code("declaration_unreadable", 409, "The stored declaration does not match its seal", "The operator must look: `imgate audit verify`."),
    Code("evidence_kind_unsupported", 422, "This kind of evidence is not validated here", "Use oral_record, paper_scan or drawn."),
    Code("evidence_content_missing", 422, "The evidence has no content", "Send the scan or drawing itself, with its media type."),
    Code("evidence_too_large", 422, "The evidence is over 10 MB", "Scan it with less resolution."),
    Code("evidence_media_type_unsupported", 422, "Not a media type for this kind", "Use PDF, PNG, JPEG or TIFF; SVG if drawn."),
    Code("evidence_content_mismatch", 422, "The content is of another type", "Send content that begins as its media type does."),
    Code("evidence_unreadable", 422, "The evidence cannot be read", "Send the file as it was made: whole, without a password."),
    Code("evidence_too_many_pages", 422, "The evidence has too many pages", "Send the declaration's own pages only."),
    Code("evidence_too_many", 422, "The declaration has too much evidence", "It holds 100 pieces at most; renew it."),
    Code("evidence_digest_differs", 422, "Another declaration was on the screen", "Show this declaration, and let it be signed again."),
    Code("evidence_reason_unexpected", 422, "A reason where there is a written form", "Leave `reason` out, or record what was said."),
    Code("authority_unexpected", 422, "A client needs nobody's authority", "Leave `authority` out, or name the role that signs."),
    Code("authority_ended", 422, "The authority had ended on the day of signing", "Ask for the order that holds now."),
    Code("signature_missing", 422, "The document is not signed", "Send the signed file, not the one that was to be signed."),
    Code("signature_invalid", 422, "A signature does not hold", "Have the document signed again, and send the file as it was signed."),
    Code("signature_changed_after", 422, "The document was changed after it was signed", "Send the file as it was signed."),
    Code("signature_partial", 422, "No signature covers the whole document", "Have the whole document signed."),
    Code("signature_algorithm_weak", 422, "A signature by a weak algorithm", "Sign with SHA-256 or better, and a long enough key."),
    Code("signature_declaration_differs", 422, "Another declaration was signed", "Send the form of this declaration."),
    Code("signature_untrusted", 422, "Nobody trusted vouches for the signer", "Sign with a certificate that the operator trusts."),
    Code("signature_expired", 422, "The certificate had expired at the signing", "Sign with a certificate that holds."),
    Code("signature_revoked", 422, "The certificate was revoked", "Sign with a certificate that holds."),
    Code("signature_revocation_unknown", 422, "It is not known whether the certificate was revoked", "Embed revocation data when signing."),
    Code("signature_time_stamp_missing", 422, "No trusted time-stamp says when it was signed", "Sign with a time-stamp."),
    Code("signature_signer_differs", 422, "Somebody else signed", "Name in `signer` whom the certificate names, or leave it out."),
    Code("signature_reused", 422, "This signature counts already", "Each signer signs for themselves; one signature counts once."),
    Code("eid_invalid", 422, "Not an assertion as it has to be", "Send what the service gave, with the claims that are asked for."),
    Code("eid_untrusted", 422, "No configured service made this assertion", "Use a service of `[eid]` in imgate.toml."),
    Code("eid_expired", 422, "The assertion is too old", "Have the client identify again, and send the assertion at once."),
    Code("eid_declaration_differs", 422, "The assertion is about something else", "Have this declaration confirmed, in this role."),
    Code("role_not_required", 422, "This role does not sign this declaration", "Use one of the declaration's `signers_required`."),
    Code("scopes_empty", 422, "No scope is named", "Name at least one scope, or send null for all."),
    Code("scope_not_in_declaration", 422, "A scope that the declaration does not have", "Name scopes of this declaration."),
    Code("bundle_too_large", 409, "The bundle would be larger than anybody reads", "Export it without the evidence: it may have 64 MiB."),
    Code("annex_too_long", 422, "More than a paper can show", "Send the part of the record that this declaration is about."),
    Code("paper_too_long", 422, "More than a message on paper can hold", "Send less at once: this partner takes messages on paper."),
    Code("language_unsupported", 422, "There are no papers in this language", "Use de, en, fr, ar, prs, fa, uk, ru, tr, ti, so or ps."),
    Code("papers_unavailable", 501, "Papers cannot be made here", "The operator installs the extra `imgate[forms]`."),
    Code("wording_unknown", 501, "This release does not hold the declaration's wording", "The operator installs a release that does."),
    # exchanges
    Code("partner_unknown", 422, "No such partner is configured", "Use an id of imgate.toml."),
    Code("purpose_unknown", 422, "No such purpose", "Use a word of the closed list."),
    Code(
        "provenance_required",
        422,
        "It is not said where a datum comes from",
        "Say it in `provenance` for each of `scopes`.",
    ),
    Code("scope_unknown", 422, "No such scope in the catalogue", "Use a name of the catalogue."),
    Code("client_invalid", 422, "This can be no client", "Use 1 to 64 of A-Z a-z 0-9 . _ -"),
    Code("adapter_fault", 500, "The partner's adapter failed", "Nothing was stored or sent; the operator tells the plugin's author."),
    Code("link_missing", 409, "The client has no link to this partner", "Set the reference the partner knows this person by."),
    Code("reference_taken", 409, "The reference belongs to another client", "Check the reference; it belongs to one client per partner."),
    # messages and boxes
    Code("message_unreadable", 422, "The message is not in the agreed format", "Mend what `message_problems` names by line and column."),
    Code("already_acknowledged", 409, "The message was acknowledged before", "Nothing is left to reject."),
    Code("already_rejected", 409, "The message was rejected before", "Nothing is left to acknowledge."),
    Code("statute_missing", 422, "It is not said under which statute", "Name the provision in `statute`."),
    Code("statute_unexpected", 422, "A statute is named for another answer", "Leave `statute` out, or answer `kept_under_statute`."),
    Code("client_erased", 409, "The client was erased", "Nothing more can be put on record about this revocation."),
    Code("not_failed", 409, "The exchange has not failed", "`imgate exchange retry` takes failed ones only."),
    # once only
    Code("idempotency_key_reused", 409, "The Idempotency-Key was used with another body", "Use a new key for a new request."),
    Code("busy", 503, "Others change the same thing at this moment", "Send the request again."),
    # ours to mend
    Code(
        "evidence_examiner_unavailable",
        503,
        "Signed documents cannot be examined now",
        "Nothing was stored; the operator mends the files of `[signatures]`, which the log and `imgate check` name. Send it again then.",
    ),
    Code("unavailable", 503, "The database or the signing key does not answer", "Send the request again later; the operator sees why."),
    Code("internal_error", 500, "A fault of the gateway", "Try again; if it stays, tell the operator the time of the request."),
)

CODES = {code.name: code for code in _CODES}

# What a status means that was raised by a library and not by us.
CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "media_type_unsupported"}

# The codes inside `problems`, each at one place of the request.
PLACES = {
    "unknown_field": "a key that is not in the schema; keys made up by the sender are shown as `?`",
    "missing": "a key that has to be there",
    "one_of_missing": "at least one of several keys has to be there",
    "null": "null where it says nothing; leave the key out",
    "wrong_type": "another JSON type than the schema's",
    "empty": "nothing where something has to be",
    "too_long": "text that is too long",
    "too_many": "too many entries",
    "not_in_list": "a word that is not in the closed list",
    "out_of_range": "a number beyond its limits",
    "control_character": "a control character",
    "lone_surrogate": "half of a surrogate pair",
    "not_din91379": "a character outside DIN 91379",
    "date_invalid": "not a calendar date, or not of the form asked for",
    "time_invalid": "not a time with offset",
    "shape": "text that is not of the form asked for",
    "too_many_problems": "more problems than are listed",
    "invalid": "refused by a rule without a code of its own",
    "scopes_empty": "a declaration without a scope",
    "purposes_empty": "a declaration without a purpose",
    "clauses_empty": "a declaration without a clause",
    "signers_empty": "a declaration that nobody has to sign",
    "scope_unknown": "not in the catalogue of scopes",
    "scope_closed": "closed, and not opened for this partner",
    "scope_beyond_ceiling": "this partner's messages have no place for it in either direction",
    "purpose_unknown": "not a purpose of the closed list",
    "partner_unknown": "no partner of the configuration",
    "term_reversed": "the last day is before the first",
    "term_too_long": "longer than `max_term_days`",
    "occasion_too_short": "under 20 characters",
    "occasion_blanket": "a phrase that names no occasion",
    "information_missing": "not all four were told",
    "supersedes_unknown": "no declaration of this client and partner",
    "unit_unknown": "no unit of `[gateway] units`",
    "evidence_kind_unsupported": "a kind that this gateway does not validate",
    "evidence_content_missing": "this kind of evidence needs content",
    "evidence_too_large": "over 10 MB",
    "evidence_media_type_unsupported": "not a media type for this kind of evidence",
    "evidence_content_mismatch": "the first bytes are of another type",
    "evidence_unreadable": "not a file that can be read",
    "evidence_too_many_pages": "more pages than a declaration has",
    "evidence_too_many": "more pieces of evidence than a declaration holds",
    "evidence_digest_differs": "the digest of another declaration",
    "evidence_reason_unexpected": "only what was said needs a reason why it is not in writing",
    "authority_unexpected": "a client signs in their own right",
    "authority_ended": "before the day of signing",
    "signature_missing": "no signature in the document",
    "signature_invalid": "a signature that does not hold",
    "signature_changed_after": "changed after it was signed",
    "signature_partial": "something in the document that no signature covers",
    "signature_algorithm_weak": "signed by an algorithm or a key that is too weak",
    "signature_declaration_differs": "not the form of this declaration",
    "signature_untrusted": "no chain to a trusted authority",
    "signature_expired": "the certificate had expired",
    "signature_revoked": "the certificate was revoked",
    "signature_revocation_unknown": "no answer about revocation for a certificate of the chain",
    "signature_time_stamp_missing": "no trusted time-stamp",
    "signature_signer_differs": "the certificate or assertion names somebody else than `signer`",
    "signature_reused": "the signature counts for this declaration already",
    "eid_invalid": "an assertion that lacks a claim, has one of another form, or a level that does not suffice",
    "eid_untrusted": "issuer, key or signature of no configured service",
    "eid_expired": "an assertion that is older than the service's limit",
    "eid_declaration_differs": "an assertion for another declaration, role or gateway",
    "role_not_required": "a role that does not sign this declaration",
    "scope_not_in_declaration": "a scope that the declaration does not have",
    "annex_too_long": "more than two thousand lines, or 100,000 letters",
    "paper_too_long": "more than two thousand lines, 100,000 letters or 16 MiB, for a partner that takes messages on paper",
    "language_unsupported": "a language that there are no papers in",
    "client_invalid": "not of the form of a client's reference",
    "statute_missing": "data is kept under a statute that is not named",
    "statute_unexpected": "a statute for an answer that needs none",
}

# /oauth/token answers as RFC 6749 §5.2, without descriptions.
OAUTH_ERRORS = {
    "invalid_request": "a parameter is missing, stands twice, or two ways to authenticate were used",
    "invalid_client": "the client could not be authenticated",
    "unauthorized_client": "the client may not use this grant",
    "unsupported_grant_type": "only `client_credentials` is offered",
    "invalid_scope": "scopes are not used; leave `scope` out",
}


def error_reference() -> str:
    """Write ``docs/reference/errors.md``."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Errors"
    yield ""
    yield "*Written by `python -m imgate.http.codes` from `src/imgate/http/codes.py`; a test compares the two.*"
    yield ""
    yield "Every refusal is an RFC 9457 problem document (`application/problem+json`): `type`, `title`, `status` and the stable `code`;"
    yield "scripts go by `code`. Where several places are wrong, `problems` lists a `code` and an RFC 6901 `pointer` for each,"
    yield "into the body, or into the query for a GET; of a name, `hint` says what kind of characters do not fit and what to do,"
    yield "of an occasion that is too short how many characters it takes."
    yield "Nothing that was sent is repeated."
    yield ""
    yield "| code | status | meaning | what to do |"
    yield "|---|---|---|---|"
    for code in _CODES:
        yield f"| `{code.name}` | {code.status} | {code.title} | {code.advice} |"
    yield ""
    yield "## Inside `problems`"
    yield ""
    yield "| code | meaning |"
    yield "|---|---|"
    for name, meaning in PLACES.items():
        yield f"| `{name}` | {meaning} |"
    yield ""
    yield "## `/oauth/token`"
    yield ""
    yield "Answers as RFC 6749 §5.2: `error` alone, with 401 for `invalid_client`, else 400 (413 for a body over 64 KiB)."
    yield ""
    yield "| error | meaning |"
    yield "|---|---|"
    for name, meaning in OAUTH_ERRORS.items():
        yield f"| `{name}` | {meaning} |"


if __name__ == "__main__":
    sys.stdout.write(error_reference())
