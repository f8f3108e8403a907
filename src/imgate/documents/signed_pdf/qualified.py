"""Check 9: whether the certificate is a qualified one for signatures of persons, by a trusted list that is in force.

A certificate only says of itself that it is qualified; the list says whether its issuer may. Asked both for the day the certificate was
issued and for the moment of the signature (ETSI TS 119 615).
"""

from dataclasses import dataclass
from datetime import datetime

from pyhanko.sign.validation.qualified.assess import QualificationAssessor
from pyhanko.sign.validation.qualified.q_status import QualificationResult
from pyhanko.sign.validation.qualified.tsp import QcCertType

from imgate.documents.signed_pdf.chain import Chain
from imgate.documents.signed_pdf.findings import Check, Findings
from imgate.documents.signed_pdf.trusted_lists import TrustedList


@dataclass(frozen=True, slots=True)
class Qualified:
    """By which list and which service of it a certificate is qualified."""

    trusted_list: TrustedList
    service: str
    secure_device: bool

    def named(self) -> dict[str, object]:
        """Name it for a report."""
        return {"list": self.trusted_list.named(), "service": self.service, "secure_device": self.secure_device}


def check_qualified(chain: Chain, lists: tuple[TrustedList, ...], at: datetime, findings: Findings) -> Qualified | None:
    """Tell whether the certificate is qualified. Refuses nothing: one that is not counts as written."""
    if not lists:
        findings.left_out(Check.QUALIFIED, "no trusted list is configured")
        return None
    in_force = [one for one in lists if one.in_force(at)]
    for trusted_list in in_force:
        found = _found(trusted_list, chain)
        if found is not None:
            findings.passed(Check.QUALIFIED, f"by the trusted list {trusted_list.territory} no. {trusted_list.number}")
            return found
    overdue = len(lists) - len(in_force)
    findings.left_out(Check.QUALIFIED, f"not qualified by {len(in_force)} trusted lists in force; lists that have run out: {overdue}")
    return None


def _found(trusted_list: TrustedList, chain: Chain) -> Qualified | None:
    leaf = chain.path.leaf
    if leaf is None:
        return None
    assessor = QualificationAssessor(trusted_list.registry)
    try:
        issued = assessor.check_entity_cert_qualified(chain.path, leaf.not_valid_before)
        signed = assessor.check_entity_cert_qualified(chain.path, chain.moment)
    except Exception:  # noqa: BLE001  # the library gives up on statements that it does not know: then it is not known to be qualified
        return None
    if not (_for_signatures(issued) and _for_signatures(signed)) or signed.service_definition is None:
        return None
    return Qualified(trusted_list, signed.service_definition.base_info.service_name, signed.status.qc_key_security.is_qscd)


def _for_signatures(result: QualificationResult) -> bool:
    return result.status.qualified and result.status.qc_type is QcCertType.QC_ESIGN
