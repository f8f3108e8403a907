"""Check 10: the certificate's holder is whom the request names. Names are compared as written, but for case and blanks."""

import unicodedata

from asn1crypto import x509  # type: ignore[import-untyped]

from imgate.documents.signed_pdf.findings import Check, Failed, Findings, Refusal


def check_signer(certificate: x509.Certificate, signer: str | None, findings: Findings) -> None:
    """Demand that the certificate names this person, if the request does. Raises Failed."""
    if signer is None:
        findings.left_out(Check.SIGNER, "the request names nobody")
        return
    if _plain(signer) not in {_plain(name) for name in _names(certificate)} - {""}:
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


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())
