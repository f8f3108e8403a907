"""Check 7: since when the signature exists, by time-stamps of somebody who is trusted. What the signer's own clock said proves nothing.

Archive time-stamps are read from the newest to the oldest: each vouches for what it covers, so the one before it has to hold only at
the time of the one after it, and the newest has to hold now.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import cms, x509  # type: ignore[import-untyped]
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter, message_imprint_checker

from imgate.documents.signed_pdf.chain import TIME_STAMPER_USAGE, Known, chain_of, check_use
from imgate.documents.signed_pdf.findings import Check, Failed, Findings, Refusal
from imgate.documents.signed_pdf.integrity import check_algorithms, signer_of, time_stamp_holds
from imgate.documents.signed_pdf.material import Material
from imgate.documents.signed_pdf.opened import OpenedPdf
from imgate.documents.signed_pdf.rules import SignatureRules, TimeStamps

# The clocks of a time-stamping authority and of the gateway may differ by so much.
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Timing:
    """The moment at which the signature is judged: a proven one, or the moment of the examination."""

    moment: datetime
    proven: bool


async def check_time(pdf: OpenedPdf, rules: SignatureRules, material: Material, known: Known, at: datetime, findings: Findings) -> Timing:
    """Find the earliest moment at which the signature is proven to exist. Raises Failed where one is required, and where one lies."""
    judge = _Judge(rules, material, known, at)
    latest, trusted, doubts = at, 0, list[str]()
    for embedded in reversed(pdf.unverified_time_stamps):
        stamped_at = await judge.trusted(embedded.signed_data, latest, doubts)
        if stamped_at is not None:
            latest, trusted = min(latest, stamped_at), trusted + 1
    signature = pdf.unverified_signatures[0]
    for token in extract_tst_data_iter(signature.signer_info, signed=False):
        await _holds(token, message_imprint_checker(signature.signer_info))
        stamped_at = await judge.trusted(token, latest, doubts)
        if stamped_at is not None:
            latest, trusted = min(latest, stamped_at), trusted + 1
    if trusted:
        findings.passed(Check.TIME_STAMP, f"the signature existed at {latest.isoformat()}; time-stamps trusted: {trusted}")
        return Timing(latest, proven=True)
    why = "; ".join(doubts) or "there is no time-stamp"
    if rules.time_stamp is TimeStamps.REQUIRED:
        raise Failed(Check.TIME_STAMP, Refusal.TIME_STAMP_MISSING, why)
    findings.left_out(Check.TIME_STAMP, f"{why}; judged as of the examination")
    return Timing(at, proven=False)


async def _holds(token: cms.SignedData, imprint: object) -> None:
    """Refuse a signature with a time-stamp that lies, whether or not one is required. Archive time-stamps were looked at before."""
    try:
        intact, valid = await time_stamp_holds(token, imprint)
    except Exception as error:  # whatever a hostile time-stamp makes the parsers raise
        raise Failed(Check.TIME_STAMP, Refusal.INVALID, f"the time-stamp cannot be verified: {type(error).__name__}") from error
    if not (intact and valid):
        raise Failed(Check.TIME_STAMP, Refusal.INVALID, "the time-stamp is not about this signature")


@dataclass(frozen=True, slots=True)
class _Judge:
    rules: SignatureRules
    material: Material
    known: Known
    at: datetime

    async def trusted(self, token: cms.SignedData, latest: datetime, doubts: list[str]) -> datetime | None:
        """Give a time-stamp's time if its authority is trusted at ``latest``; else note the doubt."""
        stamped_at: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
        if stamped_at > latest + _CLOCKS_DIFFER:
            doubts.append("a time-stamp is of a later time than what vouches for it")
            return None
        moment = max(latest, stamped_at)
        listed = [
            one for trusted_list in self.material.lists if trusted_list.in_force(self.at) for one in trusted_list.time_stampers(stamped_at)
        ]
        try:
            check_algorithms(token)
            await self._trusted(signer_of(token), listed, moment)
        except Failed as failure:
            doubts.append(f"a time-stamp is not trusted: {failure.why}")
            return None
        return stamped_at

    async def _trusted(self, certificate: x509.Certificate, listed: list[x509.Certificate], moment: datetime) -> None:
        """Trust the services of lists, which name the stamping certificate itself or its authority, and the operator's roots."""
        if any(one.sha256 == certificate.sha256 for one in listed):
            check_use(certificate, TIME_STAMPER_USAGE)
            if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
                raise Failed(Check.TIME_STAMP, Refusal.TIME_STAMP_MISSING, f"its certificate was not valid at {moment.isoformat()}")
            return
        anchors = [*self.material.time_stamp_roots, *listed]
        await chain_of(certificate, anchors, self.known, TIME_STAMPER_USAGE, moment, self.rules.revocation)
