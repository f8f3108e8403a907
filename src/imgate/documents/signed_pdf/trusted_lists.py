"""A trusted list (ETSI TS 119 612): which services a state's supervisory body vouches for. Believed only with the body's own signature."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509  # type: ignore[import-untyped]
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from pyhanko.sign.validation.qualified.eutl_parse import trust_list_to_registry_unsafe
from pyhanko.sign.validation.qualified.tsp import TSPRegistry
from pyhanko_certvalidator.authority import AuthorityWithCert
from signxml.exceptions import SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

_TSL = "{http://uri.etsi.org/02231/v2#}"


class ListUnusable(Exception):
    """The operator must act: this trusted list cannot be believed or read. Says why, for a sentence that begins with the file."""


@dataclass(frozen=True, slots=True)
class TrustedList:
    """A list with its publisher's signature verified. Only ``read_list`` makes it."""

    territory: str
    number: int
    issued_at: datetime
    next_update_at: datetime
    sha256: str
    registry: TSPRegistry

    def in_force(self, at: datetime) -> bool:
        """Tell whether the list may still be relied on: its publisher says until when."""
        return self.issued_at <= at <= self.next_update_at

    def issuers(self, moment: datetime) -> Iterator[x509.Certificate]:
        """Give the issuers of qualified certificates whose service was granted at this moment."""
        yield from self._granted(self.registry.known_certificate_authorities, moment)

    def time_stampers(self, moment: datetime) -> Iterator[x509.Certificate]:
        """Give the qualified time-stamping services that were granted at this moment."""
        yield from self._granted(self.registry.known_timestamp_authorities, moment)

    def _granted(self, authorities: Iterable[object], moment: datetime) -> Iterator[x509.Certificate]:
        for authority in authorities:
            if isinstance(authority, AuthorityWithCert) and any(self.registry.applicable_service_definitions(authority, moment)):
                yield authority.certificate

    def named(self) -> dict[str, object]:
        """Name the list for a report."""
        return {
            "territory": self.territory,
            "number": self.number,
            "issued_at": self.issued_at.isoformat(),
            "next_update_at": self.next_update_at.isoformat(),
            "sha256": self.sha256,
        }


def read_list(content: bytes, signers: Iterable[x509.Certificate]) -> TrustedList:
    """Verify a list's signature by one of these certificates, and read it. Raises ListUnusable."""
    signed = _signed_part(content, list(signers))
    root = etree.fromstring(signed, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    try:
        registry, _ = trust_list_to_registry_unsafe(signed.decode("utf-8"))
        return TrustedList(
            territory=_text(root, "SchemeTerritory"),
            number=int(_text(root, "TSLSequenceNumber")),
            issued_at=datetime.fromisoformat(_text(root, "ListIssueDateTime")),
            next_update_at=datetime.fromisoformat(_text(root, "NextUpdate", "dateTime")),
            sha256=hashlib.sha256(content).hexdigest(),
            registry=registry,
        )
    except Exception as error:  # the parsers raise what they like
        raise ListUnusable(f"is not a trusted list: {type(error).__name__}") from error


def _signed_part(content: bytes, signers: list[x509.Certificate]) -> bytes:
    """Give the list as it was signed: what stands in the file outside of that is never read."""
    if not signers:
        raise ListUnusable("cannot be believed: `trusted_list_signers` names nobody who may sign it")
    expected = XAdESSignatureConfiguration(require_x509=True, expect_references=True)
    for signer in signers:
        try:
            results = XAdESVerifier().verify(content, x509_cert=load_der_x509_certificate(signer.dump()), expect_config=expected)
        except (SignXMLException, etree.XMLSyntaxError, ValueError):
            continue
        for result in results:
            if result.signed_xml is not None and result.signed_xml.tag == f"{_TSL}TrustServiceStatusList":
                return bytes(result.signed_data)
    raise ListUnusable("is not signed by one of `trusted_list_signers`")


def _text(root: etree._Element, *names: str) -> str:
    path = "/".join(_TSL + name for name in ("SchemeInformation", *names))
    return (root.findtext(path) or "").strip()
