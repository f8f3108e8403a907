"""What `imgate declaration verify --trust` finds inside signed PDFs: the examination that they had when they were recorded, once more."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imgate.cli.output import Failed

if TYPE_CHECKING:
    from imgate.consent.bundle_evidence import SignedDocument
    from imgate.documents.signed_pdf.rules import Revocation

_UNKNOWN = "signature_revocation_unknown"


def reader_of(roots: Sequence[Path]) -> "Callable[[SignedDocument], tuple[bool | None, str]]":
    """Give what looks into a signed PDF. Trusts these roots for signers and time-stamps; judges as of when the gateway recorded it."""
    from imgate.documents.signed_pdf.process import is_installed

    if not is_installed():
        raise Failed("Looking into signed documents needs the extra: install imgate[forms], or leave --trust out.")
    return lambda document: _read(document, roots)


def _read(document: "SignedDocument", roots: Sequence[Path]) -> tuple[bool | None, str]:
    from imgate.documents.signed_pdf.rules import Revocation

    refused = _refused(document, roots, Revocation.REQUIRED)
    since = f"as of {document.recorded_at.isoformat()}, when it was recorded"
    if refused is None:
        return True, f"The signature inside holds {since}: intact, over this declaration, by somebody whom these roots vouch for."
    if refused == _UNKNOWN and _refused(document, roots, Revocation.IF_GIVEN) is None:
        return None, f"The signature inside is intact, over this declaration, and by a certificate of these roots; revoked or not {since}?"
    return False, f"The signature inside does not hold {since}: {refused}."


def _refused(document: "SignedDocument", roots: Sequence[Path], revocation: "Revocation") -> str | None:
    from imgate.documents.signed_pdf.process import NoAnswer, SignatureFilesUnusable, examine_signature
    from imgate.documents.signed_pdf.rules import SignatureRules

    rules = SignatureRules(trust_roots=tuple(roots), time_stamp_roots=tuple(roots), revocation=revocation)
    try:
        found = examine_signature(document.content, document.digest, document.signer, rules, document.recorded_at)
    except NoAnswer:
        return "evidence_unreadable"
    except SignatureFilesUnusable:
        raise Failed("What --trust names cannot be used: it takes certificates as PEM or DER.") from None
    refused = found["refused"]
    return None if refused is None else str(refused)
