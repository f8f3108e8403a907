"""Verifying a bundle: what was checked, what was not, and which part was changed. Pure: takes bytes, gives a report.

In this order: the form; the signature; whose key it is; every part against what was signed; then what the parts say, each by itself and
together. What would look at a part that was changed is not checked, so that each change is named once, and for what it is.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from imgate.consent.bundle import (
    BUNDLE,
    FORMAT,
    KIND,
    MANIFEST,
    SIGNATURE,
    SIZE_MAX,
    VERSION,
    Bundle,
    Manifest,
    canonical,
    manifest_of,
    overlong,
    part_names,
)
from imgate.consent.bundle_evidence import DocumentReader, document_checks, evidence_checks
from imgate.consent.bundle_layout import changed_parts, split
from imgate.consent.bundle_life import ZoneUnknown, contradictions, missing_roles, reached, unknown_events
from imgate.consent.bundle_report import Check, Outcome, Report, failed, not_checked, passed, some_of
from imgate.record import JsonRefusal, JsonRefused, parse_json

# A signature is over a manifest of some 120 bytes for each part, in base64: a longer one is none.
_TOKEN_MAX = 128 * 1024
# All but the evidence itself, which need not be in the file.
NEEDED = frozenset({"form", "signature", "key", "parts", "profile", "declaration", "signers", "life"})
# What makes a bundle large is base64. A file of nothing but members would take thirty times its size when it is read.
_VALUES_MAX = 250_000
_WHY = {
    JsonRefusal.NOT_JSON: "it is not JSON, or not all of it is there",
    JsonRefusal.NOT_UTF8: "it is not UTF-8",
    JsonRefusal.DUPLICATE_KEY: "a key stands twice in one object",
    JsonRefusal.LONE_SURROGATE: "half of a surrogate pair is in it",
    JsonRefusal.NUMBER_NOT_FINITE: "a number in it is not finite",
    JsonRefusal.INTEGER_TOO_LARGE: "a number in it is too large",
    JsonRefusal.TOO_DEEP: "it is nested too deeply",
}


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature was found to be over, and the thumbprint and algorithm of its key."""

    key: str
    algorithm: str
    payload: bytes


# Reads a statement of this kind; None where its signature does not hold. It says nothing about whose key it is.
SignatureReader = Callable[[str, str], Signed | None]


def verify(
    file: bytes,
    read: SignatureReader,
    profiles: Mapping[str, str],
    trusted: Collection[str] | None,
    read_document: DocumentReader | None = None,
) -> Report:
    """Check a bundle. ``profiles`` are known ones with their algorithm; ``trusted`` are thumbprints; None: whose key it is stays open.

    Without ``read_document`` the signatures inside signed documents are not checked.
    """
    return _checked(file, read, profiles, trusted, read_document)[0]


def prove(file: bytes, read: SignatureReader, profiles: Mapping[str, str], trusted: Collection[str] | None) -> tuple[Report, Bundle | None]:
    """Check a bundle that something is to rest on: it is given only where each of ``NEEDED`` passed. What was not checked is a no."""
    report, bundle = _checked(file, read, profiles, trusted, None)
    is_passed = {check.name for check in report.checks if check.outcome is Outcome.PASSED}
    return report, bundle if is_passed >= NEEDED and not report.failed else None


def _checked(
    file: bytes,
    read: SignatureReader,
    profiles: Mapping[str, str],
    trusted: Collection[str] | None,
    read_document: DocumentReader | None,
) -> tuple[Report, Bundle | None]:
    form, bundle = _form(file)
    if len(file) > SIZE_MAX:
        return Report((form,), None), None
    signature, signed, manifest, body = _signature(file, read)
    parts = _parts(bundle, manifest, body)
    checks = [form, signature, _key(signed, trusted), parts]
    if bundle is None:
        checks += [
            not_checked(name, "The form is not that of a bundle.") for name in ("profile", "declaration", "evidence", "signers", "life")
        ]
    else:
        checks += [_profile(bundle, signed, profiles), _declaration(bundle, manifest), *evidence_checks(bundle)]
        checks += [*_together(bundle, parts.parts), *document_checks(bundle, read_document, parts.parts)]
    return Report(tuple(checks), None if signed is None else signed.key), bundle


def _form(file: bytes) -> tuple[Check, Bundle | None]:
    if len(file) > SIZE_MAX:
        return failed("form", f"This is no bundle: it is over {SIZE_MAX // 1024 // 1024} MiB."), None
    if not file:
        return failed("form", "This is no bundle: the file is empty."), None
    if sum(file.count(mark) for mark in (b",", b"[", b"{")) > _VALUES_MAX:
        return failed("form", "This is no bundle: there are more values in it than any bundle has."), None
    try:
        value = parse_json(file)
    except JsonRefused as refused:
        return failed("form", f"This cannot be read: {_WHY[refused.code]}."), None
    marked = value.get("bundle") if isinstance(value, dict) else None
    if not isinstance(marked, dict) or marked.get("format") != FORMAT:
        return failed("form", f"This is no bundle: it does not say `{FORMAT}`."), None
    if type(marked.get("version")) is not int or marked["version"] != VERSION:
        return failed(
            "form", f"This is another version of the format than {VERSION}, which is the one known here: use a newer imgate."
        ), None
    # Before its members are looked at: what is wrong with each of a hundred thousand would take gigabytes to say.
    if (pointer := overlong(value)) is not None:
        return failed("form", f"This is no bundle: {pointer} is longer than in any bundle."), None
    try:
        bundle = BUNDLE.validate_python(value)
    except ValidationError as error:
        return failed("form", f"This is no bundle of version {VERSION}: what stands at {_place(error)} is not what belongs there."), None
    if canonical(value) != file:
        return failed("form", "This is not in the canonical form (RFC 8785): something was added or written differently."), None
    return passed("form", f"A bundle of version {VERSION}, in its canonical form."), bundle


def _place(error: ValidationError) -> str:
    """Say where the first problem is. A key that nobody knows is not repeated."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = [str(step) for step in problem["loc"]]
    if problem["type"] == "extra_forbidden":
        path[-1] = "?"
    return "/" + "/".join(path)


def _signature(file: bytes, read: SignatureReader) -> tuple[Check, Signed | None, Manifest | None, memoryview | None]:
    found = split(file)
    if found is None or len(found[1]) > _TOKEN_MAX:
        return failed("signature", "The file does not end in a signature.", SIGNATURE), None, None, None
    body, unverified_token = found
    signed = read(unverified_token, KIND)
    if signed is None:
        return failed("signature", "The signature does not hold: it was changed, or is none of a bundle.", SIGNATURE), None, None, body
    manifest = _manifest(signed.payload)
    if manifest is None:
        return failed("signature", "What was signed is no manifest of a bundle of this version.", SIGNATURE), signed, None, body
    sentence = f"The manifest was signed under {signed.algorithm} by the key {signed.key}."
    return passed("signature", sentence), signed, manifest, body


def _manifest(payload: bytes) -> Manifest | None:
    try:
        manifest = MANIFEST.validate_python(parse_json(payload))
    except (JsonRefused, ValidationError):
        return None
    parts = [entry["part"] for entry in manifest["parts"]]
    pieces = sum(part.startswith("/evidence/") for part in parts)
    return manifest if parts == part_names(pieces) else None


def _key(signed: Signed | None, trusted: Collection[str] | None) -> Check:
    if signed is None:
        return not_checked("key", "No signature holds.")
    if trusted is None:
        return not_checked("key", "Whose key this is: nobody said which keys are the gateway's. Anybody can sign with a key of their own.")
    if signed.key not in trusted:
        return failed("key", "The key that signed is none of those that were given.", SIGNATURE)
    return passed("key", "The key that signed is one of those that were given.")


def _parts(bundle: Bundle | None, manifest: Manifest | None, body: memoryview | None) -> Check:
    if manifest is None or body is None:
        return not_checked("parts", "Nothing says what was signed.")
    changed = changed_parts(body, manifest["parts"])
    if changed and bundle is not None:
        changed = _changed_values(bundle, manifest) or changed
    if changed:
        return failed("parts", f"Changed since it was signed: {some_of(changed)}.", *changed)
    return passed("parts", f"All {len(manifest['parts'])} parts are as they were signed.")


def _changed_values(bundle: Bundle, manifest: Manifest) -> tuple[str, ...]:
    """Compare part by part, also where several were changed, moved, added or taken out."""
    signed = {entry["part"]: entry["sha256"] for entry in manifest["parts"]}
    found = {entry["part"]: entry["sha256"] for entry in manifest_of(bundle)["parts"]}
    return tuple(part for part in {**found, **signed} if found.get(part) != signed.get(part))


def _profile(bundle: Bundle, signed: Signed | None, profiles: Mapping[str, str]) -> Check:
    named = bundle["profile"]
    if signed is None:
        return not_checked("profile", "No signature holds.")
    if signed.algorithm != named["algorithm"]:
        return failed("profile", "The signature is under another algorithm than the profile says.", "/profile")
    known = profiles.get(named["name"])
    if known is None:
        return not_checked("profile", "No profile of this name is known here.")
    if known != named["algorithm"]:
        return failed("profile", "The profile of this name says another algorithm.", "/profile")
    return passed("profile", f"Signed under the profile {named['name']}, which is known here.")


def _declaration(bundle: Bundle, manifest: Manifest | None) -> Check:
    declared = bundle["declaration"]
    if manifest is not None and manifest["digest"] != declared["digest"]:
        return failed("declaration", "The signature is over another declaration.", "/declaration")
    if hashlib.sha256(canonical(declared["content"])).hexdigest() != declared["digest"]:
        return failed("declaration", "The content is not the one that the digest was made of.", "/declaration")
    return passed("declaration", f"The content has the digest {declared['digest']}.")


def _together(bundle: Bundle, changed: tuple[str, ...]) -> list[Check]:
    """Check what holds between the parts, unless one of them was changed."""
    if changed:
        return [not_checked(name, "A part that it would look at was changed.") for name in ("signers", "life")]
    return [_signers(bundle), _life(bundle)]


def _signers(bundle: Bundle) -> Check:
    missing = missing_roles(bundle)
    levels = reached(bundle)
    if missing or not levels:
        lacking = some_of(missing) or "anybody"
        return failed("signers", f"Evidence is missing from: {lacking}. The declaration never took effect.")
    given = some_of([f"{piece['role']} ({piece['kind']}, {piece['level']})" for piece in bundle["evidence"]])
    return passed("signers", f"Every signer that is required gave evidence: {given}. As a whole: {levels[-1][1]}.")


def _life(bundle: Bundle) -> Check:
    try:
        found = contradictions(bundle)
    except ZoneUnknown:
        return not_checked("life", "This machine does not know the time zone of the gateway.")
    if found:
        return failed("life", f"It does not fit together: {some_of(found, '; ')}.")
    if unknown_events(bundle):
        return not_checked("life", "The history holds events that are not known here: use a newer imgate.")
    told, made_at = bundle["life"]["state"], bundle["made_at"]
    return passed("life", f"Evidence, history and state fit together. On {made_at} the declaration was {told}.")
