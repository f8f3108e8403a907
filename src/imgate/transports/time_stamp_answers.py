"""What the answer of a time-stamping authority (RFC 3161) is worth: only this module decides that.

Two questions are asked of an answer. As it comes in: is it the answer to what we asked, by somebody whose certificate holds today?
Years later: did the text exist when the authority says? For the second the certificates had to hold then (RFC 3161, appendix B).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.x509 import (
    Certificate,
    ExtendedKeyUsage,
    ExtensionNotFound,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

# A stamp that is further off our own clock says that one of the two clocks is wrong, and not when.
_CLOCKS_DIFFER = timedelta(hours=1)
_DETAILS = re.compile(r":| <")


class TimeStampInvalid(Exception):
    """An answer that proves nothing. Its text says why, without anything of the answer."""


@dataclass(frozen=True, slots=True)
class TimeStampTrust:
    """Whose time-stamps count: roots, and certificates below them that answers may leave out."""

    roots: tuple[Certificate, ...]
    others: tuple[Certificate, ...] = ()

    @classmethod
    def of(cls, certificates: Sequence[Certificate]) -> "TimeStampTrust":
        """Sort certificates: a root issued itself. Raises ValueError where there is none."""
        roots = tuple(each for each in certificates if _issued(each, each))
        if not roots:
            raise ValueError("holds no root certificate, which has issued itself")
        return cls(roots, tuple(each for each in certificates if each not in roots))

    @property
    def names_signer(self) -> bool:
        """Tell whether an authority's own certificate is among them: then it need not send any.

        Some send theirs in an order that is none in DER, and what reads them is strict.
        """
        return any(_stamps(each) for each in self.others)

    @classmethod
    def read(cls, file: Path) -> "TimeStampTrust":
        """Read a PEM file. Raises ValueError, which says what is wrong with it."""
        try:
            certificates = load_pem_x509_certificates(file.read_bytes())
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror}") from None
        except ValueError:
            raise ValueError("holds no certificates in PEM") from None
        return cls.of(certificates)


def verify_time_stamp(
    answer: bytes, text: bytes, trust: TimeStampTrust, *, nonce: int | None = None, arrived_at: datetime | None = None
) -> datetime:
    """Verify the answer for this text; give the time that it proves.

    ``nonce`` is that of the request. ``arrived_at`` is set for an answer that has just come: then its certificate has to hold now.
    Raises TimeStampInvalid, and ModuleNotFoundError without the extra ``tsa``.
    """
    from rfc3161_client import TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        response: TimeStampResponse = decode_timestamp_response(answer)
        if response.status != 0:
            raise TimeStampInvalid("the authority did not grant a time-stamp")
        signer = _signer(response.signed_data.certificates, trust, _sid(response))
        builder = VerifierBuilder(nonce=nonce, roots=list(trust.roots), intermediates=list(trust.others), tsa_certificate=signer)
        builder.build().verify_message(response, text)
        proved: datetime = response.tst_info.gen_time
    except TimeStampInvalid:
        raise
    except VerificationError as error:  # behind the sentence stand what OpenSSL says, and objects out of the answer
        raise TimeStampInvalid(f"it does not verify: {_DETAILS.split(str(error))[0].rstrip('.')}") from None
    except Exception:  # noqa: BLE001  # the decoders of foreign bytes raise whatever they like
        raise TimeStampInvalid("it is no answer of a time-stamping authority") from None
    if arrived_at is not None:
        _check_arrival(signer, proved, arrived_at)
    return proved


def _sid(response: object) -> tuple[object, int]:
    infos = list(response.signed_data.signer_infos)  # type: ignore[attr-defined]
    if len(infos) != 1:
        raise TimeStampInvalid("it is not signed by exactly one authority")
    return infos[0].issuer, infos[0].serial_number


def _signer(embedded: set[bytes], trust: TimeStampTrust, sid: tuple[object, int]) -> Certificate:
    """Find the signer's certificate, and refuse an answer that brings others than its chain: they are not signed and were put there."""
    brought = [load_der_x509_certificate(each) for each in embedded]
    signer = next((each for each in (*trust.others, *brought) if (each.issuer, each.serial_number) == sid), None)
    if signer is None:
        raise TimeStampInvalid("the certificate of its signer is missing")
    chain = [signer]
    for below in chain:  # grows while it is walked
        chain += [above for above in brought if above not in chain and _issued(above, below)]
    if any(each not in chain for each in brought):
        raise TimeStampInvalid("it brings certificates that do not belong to its signer")
    return signer


def _check_arrival(signer: Certificate, proved: datetime, arrived_at: datetime) -> None:
    if not signer.not_valid_before_utc <= arrived_at <= signer.not_valid_after_utc:
        raise TimeStampInvalid("the certificate of its signer has expired, or does not hold yet")
    if abs(proved - arrived_at) > _CLOCKS_DIFFER:
        raise TimeStampInvalid("its time is more than an hour off ours: one of the two clocks is wrong")


def _stamps(certificate: Certificate) -> bool:
    try:
        use = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except (ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in use


def _issued(above: Certificate, below: Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
