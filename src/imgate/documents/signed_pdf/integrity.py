"""Whether what was signed is what lies here: checks 2 to 5, for signatures and archive time-stamps. Trust is another question."""

from asn1crypto import cms, x509  # type: ignore[import-untyped]
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity, validate_tst_signed_data
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from imgate.documents.signed_pdf.algorithms import POLICY, PROFILE, VALIDATOR
from imgate.documents.signed_pdf.findings import Check, Failed, Findings, Refusal
from imgate.documents.signed_pdf.opened import OpenedPdf, open_pdf

_UNTOUCHED = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)


async def form_and_integrity(content: bytes, findings: Findings) -> OpenedPdf:
    """Make checks 1 to 5: a signed PDF that nobody touched. Says nothing about whose signature it is. Raises Failed."""
    pdf = open_pdf(content)
    findings.passed(Check.FORM, f"signatures: {len(pdf.unverified_signatures)}, archive time-stamps: {len(pdf.unverified_time_stamps)}")
    for embedded in pdf.embedded:
        await _intact(embedded)
    findings.passed(Check.INTEGRITY, "every signature and time-stamp fits the bytes that it is about")
    for embedded in pdf.embedded:
        _contiguous(embedded, pdf.content)
    for embedded in pdf.embedded:
        _untouched_after(embedded)
    if len(pdf.unverified_signatures) > 1:
        raise Failed(Check.NOTHING_AFTER, Refusal.CHANGED_AFTER, "more than one signature: each signer signs a file of their own")
    findings.passed(Check.NOTHING_AFTER, "nothing, or nothing but archive time-stamps and their material, was added later")
    _whole(pdf)
    findings.passed(Check.COVERAGE, "the signature or the last archive time-stamp covers the whole file")
    for embedded in pdf.embedded:
        check_algorithms(embedded.signed_data)
    findings.passed(Check.ALGORITHMS, _told(pdf.unverified_signatures[0].signed_data))
    return pdf


async def _intact(embedded: EmbeddedPdfSignature) -> None:
    try:
        embedded.compute_integrity_info()  # type: ignore[no-untyped-call]
        if embedded.sig_object_type == "/DocTimeStamp":
            intact, valid = await time_stamp_holds(embedded.signed_data, embedded.compute_digest)
        else:
            intact, valid = validate_sig_integrity(
                embedded.signer_info, signer_of(embedded.signed_data), "data", embedded.compute_digest(), VALIDATOR
            )
    except Exception as error:  # whatever a hostile signature makes the parsers raise
        raise Failed(Check.INTEGRITY, Refusal.INVALID, f"a signature cannot be verified: {type(error).__name__}") from error
    if not intact:
        raise Failed(Check.INTEGRITY, Refusal.INVALID, "the document is not the one that was signed")
    if not valid:
        raise Failed(Check.INTEGRITY, Refusal.INVALID, "the signature does not fit its certificate")


async def time_stamp_holds(token: cms.SignedData, imprint: object) -> tuple[bool, bool]:
    """Tell whether a time-stamp is about these bytes, and whether its own signature is valid. Trusts nobody and asks for no trust."""
    nobody = ValidationContext(trust_roots=[], allow_fetching=False, algorithm_usage_policy=POLICY, signature_validator=VALIDATOR)
    found = await validate_tst_signed_data(token, nobody, imprint)  # type: ignore[arg-type]  # a function from hash name to digest
    return bool(found.get("intact")), bool(found.get("valid"))


def signer_of(signed: cms.SignedData) -> x509.Certificate:
    """Give the signer's certificate out of a signature, checked against the attribute that names it. Raises SignatureValidationError."""
    return extract_certs_for_validation(signed).signer_cert


def _contiguous(embedded: EmbeddedPdfSignature, content: bytes) -> None:
    """Look at the byte range ourselves: the library is content if the lengths add up, wherever the gap lies."""
    ranges = [int(number) for number in embedded.byte_range]
    refused = Failed(Check.COVERAGE, Refusal.PARTIAL, "the gap in the signed bytes is not exactly the signature")
    if len(ranges) != 4 or ranges[0] != 0 or min(ranges) < 0:
        raise refused
    _, first, second, length = ranges
    gap = content[first:second]
    if second + length > len(content) or gap[:1] != b"<" or gap[-1:] != b">":
        raise refused
    try:
        inside = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError:
        raise refused from None
    used = len(cms.ContentInfo.load(inside).dump())
    if inside != embedded.pkcs7_content or inside[used:].strip(b"\0"):
        raise refused


def _untouched_after(embedded: EmbeddedPdfSignature) -> None:
    found = embedded.summarise_integrity_info()
    if found["coverage"] < SignatureCoverageLevel.ENTIRE_REVISION:
        raise Failed(Check.NOTHING_AFTER, Refusal.PARTIAL, "a signature does not cover its own revision of the file")
    result = found["diff_result"]
    if not isinstance(result, DiffResult) or result.modification_level not in _UNTOUCHED or not found["docmdp_ok"]:
        raise Failed(Check.NOTHING_AFTER, Refusal.CHANGED_AFTER, "the file was changed after it was signed")


def _whole(pdf: OpenedPdf) -> None:
    for embedded in pdf.embedded:
        _, _, second, length = (int(number) for number in embedded.byte_range)
        covered = embedded.summarise_integrity_info()["coverage"]
        if covered is SignatureCoverageLevel.ENTIRE_FILE and second + length == len(pdf.content):
            return
    raise Failed(Check.COVERAGE, Refusal.PARTIAL, "no signature covers the file to its end")


def check_algorithms(signed: cms.SignedData) -> None:
    """Hold a signature against the profile; of a time-stamp also the hash of what it is about. Raises Failed."""
    info, contained = signed["signer_infos"][0], signed["encap_content_info"]
    scheme, digest = info["signature_algorithm"], info["digest_algorithm"]
    is_stamp = contained["content_type"].native == "tst_info"
    stamped = contained["content"].parsed["message_imprint"]["hash_algorithm"] if is_stamp else digest
    key = signer_of(signed).public_key
    for answer in (
        POLICY.digest_algorithm_allowed(digest, None),
        POLICY.digest_algorithm_allowed(stamped, None),
        POLICY.signature_algorithm_allowed(scheme, None, key),
        POLICY.digest_combination_allowed(scheme, digest, None),
    ):
        if not answer:
            raise Failed(Check.ALGORITHMS, Refusal.ALGORITHM_WEAK, f"{answer.failure_reason} ({PROFILE.name})")


def _told(signed: cms.SignedData) -> str:
    info = signed["signer_infos"][0]
    key = signer_of(signed).public_key
    told = f"{info['signature_algorithm']['algorithm'].native} with {info['digest_algorithm']['algorithm'].native}"
    if key.algorithm in {"rsa", "rsassa_pss"} and key.bit_size < PROFILE.rsa_bits_recommended:
        told += f"; an RSA key of {key.bit_size} bits, less than the {PROFILE.rsa_bits_recommended} that the sources recommend"
    return told
