"""The verdict on a signed PDF: ten numbered checks, made in this order, each building on what the ones before it made sure of.

Nobody but a machine read this file before, so every doubt is a no. The checks and their order are the whole verdict; there is no second
list, and what is not listed in the report was not checked.
"""

import asyncio
import hashlib
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, TypeVar

from asn1crypto import crl, ocsp, x509  # type: ignore[import-untyped]
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, extract_tst_data_iter

from imgate.documents.signed_pdf.algorithms import PROFILE
from imgate.documents.signed_pdf.attached import check_declaration
from imgate.documents.signed_pdf.chain import SIGNER_USAGE, Chain, Known, chain_of
from imgate.documents.signed_pdf.findings import Check, Failed, Findings, Refusal
from imgate.documents.signed_pdf.integrity import form_and_integrity
from imgate.documents.signed_pdf.material import Material
from imgate.documents.signed_pdf.names import check_signer
from imgate.documents.signed_pdf.opened import OpenedPdf
from imgate.documents.signed_pdf.qualified import check_qualified
from imgate.documents.signed_pdf.rules import SignatureRules
from imgate.documents.signed_pdf.timing import Timing, check_time

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say: refused, or good for ``qualified`` or not; and the findings behind it."""

    refused: Refusal | None
    qualified: bool
    findings: Findings


def form_and_integrity_verdict(content: bytes) -> Verdict:
    """Make checks 1 to 5 alone: an untouched signed PDF. Whose signature it is, and what it is about, is not asked."""
    findings = Findings()
    _made(form_and_integrity(content, findings), findings)
    return Verdict(findings.refused, False, findings)


def verdict(content: bytes, digest: str, signer: str | None, rules: SignatureRules, material: Material, at: datetime) -> Verdict:
    """Make all the checks: a signature of ``signer``, whom somebody trusted vouches for, over the declaration with this digest."""
    findings = Findings()
    findings.facts(
        examined_at=at.isoformat(),
        algorithm_profile={"name": PROFILE.name, "since": PROFILE.since.isoformat(), "source": PROFILE.source},
        versions={"imgate": version("imgate"), "pyhanko": version("pyhanko")},
        rules={"time_stamp": rules.time_stamp.value, "revocation": rules.revocation.value},
    )
    qualified = _made(_all_checks(content, digest, signer, rules, material, at, findings), findings) or False
    return Verdict(findings.refused, qualified, findings)


def _made(checks: Coroutine[Any, Any, Result], findings: Findings) -> Result | None:
    """Make checks to their end or to the first that fails."""
    try:
        return asyncio.run(checks)
    except Failed as failure:
        findings.failed(failure)
    except Exception as error:  # noqa: BLE001  # the parsers raise what they like, and a doubt is a no
        findings.broken(error)
    return None


async def _all_checks(
    content: bytes, digest: str, signer: str | None, rules: SignatureRules, material: Material, at: datetime, findings: Findings
) -> bool:
    pdf = await form_and_integrity(content, findings)
    certificate = pdf.unverified_signatures[0].signer_cert
    findings.facts(certificate=_certificate(certificate), **_signature(pdf))
    check_declaration(pdf.reader, digest)
    findings.passed(Check.DECLARATION, "the file carries this declaration and nothing else")
    known = _known(pdf, material)
    timing = await check_time(pdf, rules, material, known, at, findings)
    findings.facts(judged_at=timing.moment.isoformat(), time_stamped_at=timing.moment.isoformat() if timing.proven else None)
    chain = await _check_trust(certificate, rules, material, known, timing, at, findings)
    qualified = check_qualified(chain, material.lists, at, findings)
    findings.facts(qualified=None if qualified is None else qualified.named())
    check_signer(certificate, signer, findings)
    return qualified is not None


async def _check_trust(
    certificate: x509.Certificate, rules: SignatureRules, material: Material, known: Known, timing: Timing, at: datetime, findings: Findings
) -> Chain:
    anchors = [*material.roots]
    for trusted_list in material.lists:
        if trusted_list.in_force(at):
            anchors += trusted_list.issuers(timing.moment)
    chain = await chain_of(certificate, anchors, known, SIGNER_USAGE, timing.moment, rules.revocation)
    revocation = "nobody was revoked" if chain.revocation_known else "whether somebody was revoked is not known, and need not be"
    findings.passed(Check.TRUST, f"a chain of {len(list(chain.path))} certificates held at {timing.moment.isoformat()}; {revocation}")
    findings.facts(trust_root={"subject": chain.root.subject.human_friendly, "sha256": chain.root.sha256.hex()})
    return chain


def _certificate(certificate: x509.Certificate) -> dict[str, object]:
    return {
        "sha256": certificate.sha256.hex(),
        "subject": certificate.subject.human_friendly,
        "issuer": certificate.issuer.human_friendly,
        "serial": format(certificate.serial_number, "x"),
        "valid_from": certificate.not_valid_before.isoformat(),
        "valid_until": certificate.not_valid_after.isoformat(),
    }


def _signature(pdf: OpenedPdf) -> dict[str, object]:
    """Give the mark by which one signature is known again, whatever is wrapped around it: what it was made over."""
    signature = pdf.unverified_signatures[0]
    claimed = signature.self_reported_timestamp
    mark = hashlib.sha256(signature.signer_info["signed_attrs"].untag().dump()).hexdigest()
    return {"signature": mark, "claimed_at": None if claimed is None else claimed.isoformat()}


def _known(pdf: OpenedPdf, material: Material) -> Known:
    """Gather certificates and revocation data: from the signatures, from the file's own store, from the operator."""
    certificates = list(material.intermediates)
    try:
        for embedded in pdf.embedded:
            for signed in (embedded.signed_data, *extract_tst_data_iter(embedded.signer_info, signed=False)):
                found = extract_certs_for_validation(signed)
                certificates += [found.signer_cert, *found.other_certs]
        stored, crls, ocsps = _stored(pdf.reader)
    except Exception as error:  # whatever a hostile file makes the parsers raise
        raise Failed(Check.TIME_STAMP, Refusal.INVALID, f"what came with the signature cannot be read: {type(error).__name__}") from error
    return Known((*certificates, *stored), (*crls, *material.crls), tuple(ocsps))


def _stored(reader: PdfFileReader) -> tuple[list[x509.Certificate], list[crl.CertificateList], list[ocsp.OCSPResponse]]:
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return [], [], []
    crls = [crl.CertificateList.load(one.get_object().read_data(DecodePurpose.CRL)) for one in store.crls]
    ocsps = [ocsp.OCSPResponse.load(one.get_object().read_data(DecodePurpose.OCSP_RESPONSE)) for one in store.ocsps]
    return list(store.load_certs()), crls, ocsps
