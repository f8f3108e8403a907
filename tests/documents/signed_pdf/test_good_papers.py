"""What a signature may look like and be accepted."""

import hashlib

import pytest
import typst
from asn1crypto import algos
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from pyhanko.sign import signers

from tests.documents.signed_pdf.authority import AT, DAY, YEAR, answer_about, issue, where_to_ask
from tests.documents.signed_pdf.papers import DECLARATION, archived, sign, signer_for, stamper, store, with_store


def test_a_signed_form_is_accepted_and_each_check_says_so(examine, signed, authority):
    found = examine(signed, signer="Amina Beispiel")
    assert found.refused is None
    report = found.findings.report()
    assert [(check["number"], check["check"], check["result"]) for check in report["checks"]] == [
        (1, "form", "passed"),
        (2, "integrity", "passed"),
        (3, "nothing_after", "passed"),
        (4, "coverage", "passed"),
        (5, "algorithms", "passed"),
        (6, "declaration", "passed"),
        (7, "time_stamp", "not_checked"),
        (8, "trust", "passed"),
        (9, "qualified", "not_checked"),
        (10, "signer", "passed"),
    ]
    assert report["certificate"]["sha256"] == hashlib.sha256(authority.signer.der).hexdigest()
    assert report["certificate"]["subject"] == "Common Name: Amina Beispiel, Country: DE"
    assert report["trust_root"]["sha256"] == hashlib.sha256(authority.root.der).hexdigest()
    assert report["examined_at"] == report["judged_at"] == AT.isoformat()
    assert report["versions"].keys() == {"imgate", "pyhanko"}
    assert report["algorithm_profile"]["name"] == "imgate-signatures-2026"
    assert "time_stamped_at" not in report
    assert not found.qualified


def test_a_form_as_typst_makes_it_is_accepted_once_signed(examine, authority):
    attached = '"declaration.json", bytes(sys.inputs.declaration), relationship: "source", mime-type: "application/json", description: "d"'
    source = f'#set document(date: datetime(year: 2026, month: 1, day: 1), title: "Form")\n#pdf.attach({attached})\nText'.encode()
    form = typst.compile(source, format="pdf", sys_inputs={"declaration": DECLARATION.decode()}, pdf_standards=["a-3b"])
    assert examine(sign(form, authority.signer, authority.issuer)).refused is None


def test_an_intermediate_certificate_may_come_from_the_operator_instead(examine, paper, authority):
    alone = sign(paper, authority.signer)
    assert examine(alone).refused == "signature_untrusted"
    assert examine(alone, intermediates=(authority.issuer.asn1,)).refused is None


def test_a_time_stamp_says_since_when_the_signature_exists(examine, paper, authority):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - DAY))
    report = examine(stamped, time_stamp="required").findings.report()
    assert report["time_stamped_at"] == report["judged_at"] == (AT - DAY).isoformat()
    assert report["checks"][6]["result"] == "passed"


def test_archive_time_stamps_and_their_material_may_follow(examine, paper, authority):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - 20 * DAY))
    kept = with_store(stamped, [authority.issuer], authority.lists())
    once = archived(kept, stamper(authority.stamper, AT - 10 * DAY), "Archiv 1")
    twice = archived(with_store(once, [authority.stamper]), stamper(authority.stamper, AT - DAY), "Archiv 2")
    for paper_then in (once, twice):
        found = examine(paper_then, time_stamp="required", crls=())
        assert found.refused is None
        assert found.findings.report()["judged_at"] == (AT - 20 * DAY).isoformat()


def test_an_archive_time_stamp_alone_is_a_time_stamp_too(examine, signed, authority):
    found = examine(archived(signed, stamper(authority.stamper, AT - DAY)), time_stamp="required")
    assert found.refused is None
    assert found.findings.report()["time_stamped_at"] == (AT - DAY).isoformat()


def test_a_certificate_may_have_ended_after_a_proven_signature(examine, paper, authority):
    ended = authority.person("Amina Beispiel", valid_until=AT - 30 * DAY)
    made_at = AT - 60 * DAY
    stamped = sign(paper, ended, authority.issuer, clock=stamper(authority.stamper, made_at))
    then = authority.lists(made_at=made_at, next_at=made_at + 30 * DAY)
    kept = archived(with_store(stamped, [authority.issuer], then), stamper(authority.stamper, made_at + DAY))
    found = examine(kept, crls=authority.lists())
    assert found.refused is None
    assert found.findings.report()["judged_at"] == made_at.isoformat()


def test_a_time_stamper_may_have_ended_before_the_archive_time_stamp_above_it(examine, paper, authority):
    early = authority.time_stamper(valid_until=AT - 10 * DAY)
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(early, AT - 30 * DAY))
    assert examine(stamped, time_stamp="required").refused == "signature_time_stamp_missing"
    lists = authority.lists(made_at=AT - 40 * DAY)
    kept = archived(with_store(stamped, (), lists), stamper(authority.stamper, AT - 20 * DAY))
    assert examine(kept, time_stamp="required").findings.report()["judged_at"] == (AT - 30 * DAY).isoformat()


def test_who_was_revoked_after_a_proven_signature_had_signed(examine, paper, authority):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - 30 * DAY))
    assert examine(stamped, crls=authority.lists([(authority.signer, AT - 10 * DAY)])).refused is None


def test_an_issuer_s_own_answer_is_as_good_as_a_list(examine, paper, authority):
    holder = authority.person("Amina Beispiel", extensions=[where_to_ask()])
    answers, lists = [answer_about(authority.issuer, holder)], authority.lists()[:1]
    signed = archived(with_store(sign(paper, holder, authority.issuer), (), lists, answers), stamper(authority.stamper))
    assert examine(signed, crls=()).refused is None


def test_without_revocation_data_the_setting_decides(examine, signed):
    assert examine(signed, crls=()).refused == "signature_revocation_unknown"
    found = examine(signed, crls=(), revocation="if_given")
    assert found.refused is None
    assert "not known" in found.findings.report()["checks"][7]["found"]


@pytest.mark.parametrize("key", ["p384", "brainpool384", "rsa2048", "rsa3072", "ed25519"])
def test_keys_of_the_profile_are_accepted(examine, paper, authority, key):
    holder = authority.person("Amina Beispiel", key=key)
    md = {"p384": "sha384", "brainpool384": "sha384", "ed25519": "sha512"}.get(key, "sha256")
    assert examine(sign(paper, holder, authority.issuer, md=md)).refused is None


def test_a_short_but_allowed_rsa_key_is_told(examine, paper, authority):
    found = examine(sign(paper, authority.person("Amina Beispiel", key="rsa2048"), authority.issuer))
    assert "less than the 3000" in found.findings.report()["checks"][4]["found"]


def test_rsa_pss_is_accepted(examine, paper, authority):
    holder = authority.person("Amina Beispiel", key="rsa3072")
    assert examine(sign(paper, holder, signer=signer_for(holder, authority.issuer, prefer_pss=True))).refused is None


class PlainSigner(signers.SimpleSigner):
    """Signs as German cards do: r and s one behind the other (BSI TR-03111)."""

    cut = 0

    def sign_raw(self, data, digest_algorithm):
        key = serialization.load_der_private_key(self.signing_key.dump(), password=None)
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return (r.to_bytes(32, "big") + s.to_bytes(32, "big"))[: 64 - self.cut]


def plain_signer(authority, oid="0.4.0.127.0.7.1.1.4.1.3"):
    holder = authority.signer
    mechanism = algos.SignedDigestAlgorithm({"algorithm": oid})
    return PlainSigner(holder.asn1, holder.asn1_key, store(holder, authority.issuer), signature_mechanism=mechanism)


def test_plain_ecdsa_of_german_cards_is_accepted(examine, paper, authority):
    found = examine(sign(paper, authority.signer, signer=plain_signer(authority)))
    assert found.refused is None
    assert "0.4.0.127.0.7.1.1.4.1.3" in found.findings.report()["checks"][4]["found"]


def test_plain_ecdsa_of_another_length_is_invalid(refused, paper, authority):
    signer = plain_signer(authority)
    signer.cut = 1
    assert refused(sign(paper, authority.signer, signer=signer)) == "signature_invalid"


def test_plain_ecdsa_with_another_hash_than_the_document_is_weak(refused, paper, authority):
    assert refused(sign(paper, authority.signer, signer=plain_signer(authority), md="sha512")) == "signature_algorithm_weak"


def test_plain_ecdsa_with_sha1_is_not_even_verified(refused, paper, authority):
    signer = plain_signer(authority, "0.4.0.127.0.7.1.1.4.1.1")
    assert refused(sign(paper, authority.signer, signer=signer)) == "signature_invalid"


@pytest.mark.parametrize("name", ["Amina Beispiel", "  amina   BEISPIEL ", "Amina\tBeispiel"])
def test_names_agree_but_for_case_and_blanks(examine, signed, name):
    assert examine(signed, signer=name).refused is None


def test_given_name_and_surname_are_a_name_too(examine, paper, authority):
    holder = authority.person("Beispiel, Amina Jose\u0301", given_surname=("Amina Jos\u00e9", "Beispiel"))
    assert examine(sign(paper, holder, authority.issuer), signer="Amina Jose\u0301 Beispiel").refused is None


def test_the_same_signature_has_the_same_mark_whatever_is_wrapped_around_it(examine, signed, paper, authority):
    mark = examine(signed).findings.report()["signature"]
    assert examine(archived(signed, stamper(authority.stamper, AT))).findings.report()["signature"] == mark
    assert examine(sign(paper, authority.signer, authority.issuer)).findings.report()["signature"] != mark


def test_a_signature_of_a_root_s_own_signer_needs_no_authority_between(examine, paper, authority):
    direct = issue(authority.root, "Amina Beispiel", key="p256#direct", valid_until=AT + YEAR)
    assert examine(sign(paper, direct)).refused is None
