"""Revocation lists and answers: which of them may be used, and whom they name.

They come from the operator or with the file, and may be made later than the signature; they must not have run out by then. What is made
after a certificate ended is left aside, because it need not name ended certificates any more.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from asn1crypto import crl, ocsp, x509  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature

from imgate.documents.signed_pdf.algorithms import POLICY, VALIDATOR


def usable_lists(crls: Iterable[crl.CertificateList], certificate: x509.Certificate) -> list[crl.CertificateList]:
    """Give the lists that may say something about a certificate.

    The library remembers who issued a list by the list's signature alone: of a genuine list and a changed one with the same signature it
    would believe both. So neither is used.
    """
    different = {one.dump(): one for one in crls}.values()
    signatures = Counter(one.signature for one in different)
    return [
        one
        for one in different
        if signatures[one.signature] == 1
        and _made_in_time(one["tbs_cert_list"]["this_update"].native, certificate)
        and POLICY.signature_algorithm_allowed(one["signature_algorithm"], None, None)
    ]


def usable_answers(answers: Iterable[ocsp.OCSPResponse], certificate: x509.Certificate) -> list[ocsp.OCSPResponse]:
    """Give the answers that may say something about a certificate."""
    return [
        one
        for one in answers
        if (singles := _singles(one))
        and all(_made_in_time(single["this_update"].native, certificate) for single in singles)
        and POLICY.signature_algorithm_allowed(one.basic_ocsp_response["signature_algorithm"], None, None)
    ]


def signed_by_roots(
    crls: Iterable[crl.CertificateList], roots: Iterable[x509.Certificate]
) -> Iterator[tuple[crl.CertificateList, x509.Certificate]]:
    """Give the lists that a trusted authority signed itself, with the authority.

    The library finds them only where the authority stands below another one. A trusted list names authorities that do not.
    """
    for root in roots:
        usage = root.key_usage_value
        if usage is not None and "crl_sign" not in usage.native:
            continue
        for one in crls:
            if one.issuer == root.subject and _is_signed_by(one, root):
                yield one, root


def is_named_as_revoked(
    certificate: x509.Certificate, crls: Iterable[crl.CertificateList], answers: Iterable[ocsp.OCSPResponse], moment: datetime
) -> bool:
    """Look into everything, also what is outdated or whose own signature does not hold: being named there is enough for no."""
    for one in crls:
        if one.issuer == certificate.issuer:
            for entry in one["tbs_cert_list"]["revoked_certificates"]:
                if entry["user_certificate"].native == certificate.serial_number and entry["revocation_date"].native <= moment:
                    return True
    for answer in answers:
        for single in _singles(answer):
            status = single["cert_status"]
            if status.name == "revoked" and _is_about(single, certificate) and status.chosen["revocation_time"].native <= moment:
                return True
    return False


def _is_signed_by(one: crl.CertificateList, root: x509.Certificate) -> bool:
    try:
        VALIDATOR.validate_signature(one["signature"].native, one["tbs_cert_list"].dump(), root.public_key, one["signature_algorithm"])
    except (InvalidSignature, ValueError):
        return False
    return True


def _made_in_time(made_at: datetime, certificate: x509.Certificate) -> bool:
    return bool(made_at <= certificate.not_valid_after)


def _singles(answer: ocsp.OCSPResponse) -> list[ocsp.SingleResponse]:
    if answer["response_status"].native != "successful":
        return []
    return list(answer.response_data["responses"])


def _is_about(single: ocsp.SingleResponse, certificate: x509.Certificate) -> bool:
    asked = single["cert_id"]
    issuer = getattr(certificate.issuer, asked["hash_algorithm"]["algorithm"].native, None)
    return bool(asked["serial_number"].native == certificate.serial_number and asked["issuer_name_hash"].native == issuer)
