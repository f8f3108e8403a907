"""Verifying a signed receipt: what was checked, what was not, and what is wrong. Pure: takes bytes, gives a report.

In this order: the form; what kind of statement it is; its signature; whose key that is; what it says; its times; the bytes of the
message; and, where there is a proof, whether the log has it so. What rests on a check that failed is not checked.
"""

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from imgate.consent.bundle_checks import SignatureReader, Signed
from imgate.consent.bundle_report import Check, Report, failed, not_checked, passed
from imgate.consent.receipt import KIND, Receipt, decided_at, read_payload, scopes_of, signed_at
from imgate.consent.receipt_log import LogProof, log_checks
from imgate.record import JsonRefused, parse_json

# Far above what any gateway signs, and little to read.
FILE_MAX = 64 * 1024
_CLOCKS_DIFFER = timedelta(minutes=5)
_parts = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+").fullmatch


@dataclass(frozen=True, slots=True)
class Verified:
    """The report, and what the receipt says where its signature holds and it is one; by whose key, the report says."""

    report: Report
    receipt: Receipt | None


def verify(
    file: bytes,
    read: SignatureReader,
    algorithms: Collection[str],
    trusted: Collection[str] | None,
    now: datetime,
    message_sha256: str | None = None,
    proof: LogProof | None = None,
) -> Verified:
    """Check a receipt. ``trusted`` are thumbprints; None: whose key it is stays open. So does what no digest or proof is given for.

    ``algorithms`` are those that a statement may be signed with, ``file`` a compact JWS, with a line's end after it or without.
    """
    token = file.removesuffix(b"\n").removesuffix(b"\r")
    form, kind = _form(token), _kind(token, algorithms)
    signed = read(token.decode("ascii"), KIND) if form is None and kind is None else None
    receipt = None if signed is None else read_payload(signed.payload)
    checks = [form or passed("form", "A compact JWS in its one spelling."), _type(form, kind), _signature(form or kind, signed)]
    checks += [_key(signed, trusted), _says(signed, receipt)]
    if receipt is None:
        checks += [not_checked(name, "It is not known what the receipt says.") for name in ("times", "message", "log", "checkpoint")]
    else:
        checks += [_times(receipt, now), _message(receipt, message_sha256), *log_checks(receipt, proof)]
    return Verified(Report(tuple(checks), None if signed is None else signed.key), receipt)


def _form(token: bytes) -> Check | None:
    if len(token) > FILE_MAX:
        return failed("form", f"This is no receipt: it is over {FILE_MAX // 1024} KiB.")
    if _parts(token) is None:
        return failed("form", "This is no receipt: not three parts in base64url with dots between them.")
    if any(_decoded(part) is None for part in token.split(b".")):
        return failed("form", "A part of it is not in the one spelling that base64url has for it.")
    return None


def _decoded(part: bytes) -> bytes | None:
    try:
        decoded = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.urlsafe_b64encode(decoded).rstrip(b"=") == part else None


def _kind(token: bytes, algorithms: Collection[str]) -> Check | None:
    """Look at the header, which nobody has vouched for yet: what it must say, so that the rest is looked at."""
    unverified = _decoded(token.partition(b".")[0]) if len(token) <= FILE_MAX else None
    try:
        header = None if unverified is None else parse_json(unverified)
    except JsonRefused:
        header = None
    if not isinstance(header, dict):
        return failed("type", "Its header is no JSON object.")
    if header.get("typ") != KIND:
        return failed("type", "It is a statement of another kind, and no receipt.")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        return failed("type", "It is signed by an algorithm that no gateway signs with, or by none.")
    return None


def _type(form: Check | None, kind: Check | None) -> Check:
    if form is not None:
        return not_checked("type", "The form is not that of a receipt.")
    return kind or passed("type", "It says that it is a receipt, signed by an algorithm that gateways use.")


def _signature(before: Check | None, signed: Signed | None) -> Check:
    if before is not None:
        return not_checked("signature", "There is none that could be one of a receipt.")
    if signed is None:
        return failed("signature", "The signature does not hold: header, content or signature were changed.")
    return passed("signature", f"Signed with {signed.algorithm} by the key {signed.key}.")


def _key(signed: Signed | None, trusted: Collection[str] | None) -> Check:
    if signed is None:
        return not_checked("key", "There is no signature that holds.")
    if trusted is None:
        return not_checked("key", f"Whose key {signed.key} is was not checked: compare it with what the gateway publishes.")
    if signed.key not in trusted:
        return failed("key", f"The key {signed.key} is none of those that were named as the gateway's.")
    return passed("key", "The key is one of those that were named as the gateway's.")


def _says(signed: Signed | None, receipt: Receipt | None) -> Check:
    if signed is None:
        return not_checked("content", "There is no signature that holds.")
    if receipt is None:
        return failed("content", "What was signed is not what a receipt says: something is missing, or not known here.")
    scopes = len(scopes_of(receipt))
    about = f"exchange {receipt['exchange']} with {receipt['partner']}"
    return passed("content", f"It is about the {about}: {scopes} scopes under {len(receipt['released'])} declarations.")


def _times(receipt: Receipt, now: datetime) -> Check:
    decided, signed = decided_at(receipt), signed_at(receipt)
    if decided > signed + _CLOCKS_DIFFER:
        return failed("times", "It was signed before it was decided.")
    if max(decided, signed) > now + _CLOCKS_DIFFER:
        return failed("times", "It is from the future, by the clock of this machine.")
    return passed("times", f"Decided at {receipt['decided_at']}, signed at {signed.isoformat().replace('+00:00', 'Z')}.")


def _message(receipt: Receipt, message_sha256: str | None) -> Check:
    if message_sha256 is None:
        return not_checked("message", "No message was given to compare.")
    if message_sha256 != receipt["message"]["sha256"]:
        return failed("message", "The message is not the one that left: its bytes are others.")
    return passed("message", f"The message is the one that left, to the last byte (SHA-256 {message_sha256}).")
