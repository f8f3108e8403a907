"""Check 8: the chain from a certificate to somebody who is trusted, at the moment that counts, with nobody on it revoked by then.

The shell model of ETSI EN 319 102-1: everything has to hold at one moment, that of the signature.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import crl, ocsp, x509  # type: ignore[import-untyped]
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    RevokedError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, REQUIRE_REVINFO, CertRevTrustPolicy, RevocationCheckingPolicy

from imgate.documents.signed_pdf.algorithms import POLICY, VALIDATOR
from imgate.documents.signed_pdf.findings import Check, Failed, Refusal
from imgate.documents.signed_pdf.revocation import is_named_as_revoked, signed_by_roots, usable_answers, usable_lists
from imgate.documents.signed_pdf.rules import Revocation

# A certificate that signs documents: for signatures, and not a web server's. Extended usages, if there are any, have to name one of these.
SIGNER_USAGE = KeyUsageConstraints(
    key_usage={"digital_signature", "non_repudiation"},
    key_usage_forbidden={"key_cert_sign", "crl_sign"},
    extd_key_usage={
        "email_protection",
        "client_auth",
        "1.3.6.1.5.5.7.3.36",  # document signing, RFC 9336
        "1.3.6.1.4.1.311.10.3.12",  # document signing, Microsoft
        "1.2.840.113583.1.1.5",  # authentic documents, Adobe
    },
    explicit_extd_key_usage_required=False,
)
TIME_STAMPER_USAGE = KeyUsageConstraints(extd_key_usage={"time_stamping"}, explicit_extd_key_usage_required=True)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about certificates, from the file and from the operator."""

    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = field(default=(), repr=False)
    ocsps: tuple[ocsp.OCSPResponse, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that holds at the moment asked for. Only ``chain_of`` makes it."""

    path: ValidationPath
    moment: datetime
    revocation_known: bool

    @property
    def root(self) -> x509.Certificate:
        """The trusted certificate that the chain ends in."""
        return self.path.first


async def chain_of(
    certificate: x509.Certificate,
    anchors: Iterable[x509.Certificate],
    known: Known,
    usage: KeyUsageConstraints,
    moment: datetime,
    revocation: Revocation,
) -> Chain:
    """Find a chain that holds at this moment. Raises Failed with the reason that callers are told."""
    roots = list(anchors)
    if certificate.ca or any(certificate.sha256 == root.sha256 for root in roots):
        raise _refused(Refusal.UNTRUSTED, "the certificate is an authority's and not a signer's")
    check_use(certificate, usage)
    try:
        path, revocation_known = await _path(certificate, roots, known, moment, REQUIRE_REVINFO), True
    except Failed as failure:
        if revocation is Revocation.REQUIRED or failure.refusal is not Refusal.REVOCATION_UNKNOWN:
            raise
        path, revocation_known = await _path(certificate, roots, known, moment, NO_REVOCATION), False
    if any(is_named_as_revoked(one, known.crls, known.ocsps, moment) for one in list(path)[1:]):
        raise _refused(Refusal.REVOKED, "a list or an answer names a certificate of the chain as revoked")
    return Chain(path, moment, revocation_known)


def check_use(certificate: x509.Certificate, usage: KeyUsageConstraints) -> None:
    """Demand that a certificate is meant for a use. Raises Failed."""
    try:
        usage.validate(certificate)
    except InvalidCertificateError as error:
        raise _refused(Refusal.UNTRUSTED, "the certificate is not meant for this use") from error


async def _path(
    certificate: x509.Certificate, roots: list[x509.Certificate], known: Known, moment: datetime, checking: RevocationCheckingPolicy
) -> ValidationPath:
    crls = usable_lists(known.crls, certificate)
    context = ValidationContext(
        trust_roots=roots,
        other_certs=list(known.certificates),
        moment=moment,
        crls=crls,
        ocsps=usable_answers(known.ocsps, certificate),
        allow_fetching=False,
        revinfo_policy=CertRevTrustPolicy(checking, retroactive_revinfo=True),
        algorithm_usage_policy=POLICY,
        signature_validator=VALIDATOR,
        time_tolerance=timedelta(0),
    )
    for one, issuer in signed_by_roots(crls, roots):
        context.revinfo_manager.record_crl_issuer(one, issuer)  # type: ignore[no-untyped-call]
    try:
        return await CertificateValidator(certificate, validation_context=context).async_validate_path()
    except RevokedError as error:
        if error.is_side_validation:
            raise _refused(Refusal.REVOCATION_UNKNOWN, "whoever vouches for the certificate was revoked") from error
        raise _refused(Refusal.REVOKED, f"a certificate was revoked at {error.revocation_dt.isoformat()}") from error
    except (ExpiredError, NotYetValidError) as error:
        raise _refused(Refusal.EXPIRED, f"a certificate was not valid at {moment.isoformat()}") from error
    except InsufficientRevinfoError as error:
        raise _refused(Refusal.REVOCATION_UNKNOWN, "it is not known whether a certificate was revoked") from error
    except DisallowedAlgorithmError as error:
        raise _refused(Refusal.ALGORITHM_WEAK, "a certificate of the chain is signed by a weak algorithm") from error
    except Exception as error:  # no path, a path that does not hold, or a certificate that makes the parser fail
        raise _refused(Refusal.UNTRUSTED, f"no chain to a trusted root: {type(error).__name__}") from error


def _refused(refusal: Refusal, why: str) -> Failed:
    return Failed(Check.TRUST, refusal, why)
