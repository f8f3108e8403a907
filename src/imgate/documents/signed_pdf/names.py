"""Check 10: the certificate's holder is whom the request names. Names are compared as written, but for case and blanks."""

import unicodedata
from collections.abc import Iterable

from asn1crypto import x509  # type: ignore[import-untyped]

from imgate.documents.signed_pdf.findings import Check, Failed, Findings, Refusal

_NAME_MAX = 500


def check_signer(certificate: x509.Certificate, signer: str | None, findings: Findings) -> None:
    """Demand that the certificate names this person, if the request does. Raises Failed."""
    if signer is None:
        findings.left_out(Check.SIGNER, "the request names nobody")
        return
    wanted, named = _plain([signer]), _plain(_names(certificate))
    if not wanted & named:
        raise Failed(Check.SIGNER, Refusal.SIGNER_DIFFERS, "the certificate names another person")
    findings.passed(Check.SIGNER, "the certificate names the person of the request")


def _names(certificate: x509.Certificate) -> list[str]:
    """Give how the holder is called: by the common name, and by given name and surname together."""
    parts: dict[str, list[str]] = {}
    for attribute in certificate.subject.chosen:
        for one in attribute:
            value = one["value"].native
            if isinstance(value, str):
                parts.setdefault(one["type"].native, []).append(value)
    given, surname = " ".join(parts.get("given_name", [])), " ".join(parts.get("surname", []))
    both = [f"{given} {surname}"] if given and surname else []
    return [*parts.get("common_name", []), *both]


def _plain(names: Iterable[str]) -> frozenset[str]:
    """Give names as they are compared. What is longer than any name is none: composing takes the square of the length."""
    folded = (unicodedata.normalize("NFC", name).casefold() for name in names if len(name) <= _NAME_MAX)
    return frozenset(" ".join(unicodedata.normalize("NFC", name).split()) for name in folded) - {""}
