"""Attacks on trust: the form is untouched, but whoever signed it, or said when, is not to be believed."""

import pytest
from asn1crypto import algos, cms, crl, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from tests.documents.signed_pdf.authority import AT, AUTHORITY, DAY, SIGNING, YEAR, answer_about, issue, list_of_revoked
from tests.documents.signed_pdf.papers import archived, contents_of, sign, signer_for, stamper, with_store


def test_a_signer_of_an_authority_that_nobody_trusts(refused, paper):
    root = issue(None, "Fremde Wurzel", key="p256#foreign", usage=AUTHORITY, ca=True)
    signer = issue(root, "Amina Beispiel", key="p256#foreign-person")
    assert refused(sign(paper, signer, root), crls=[list_of_revoked(root)]) == "signature_untrusted"


def test_an_authority_that_only_has_the_trusted_one_s_name(refused, paper, authority):
    root = issue(None, "Testwurzel", key="p256#foreign", usage=AUTHORITY, ca=True)
    signer = issue(root, "Amina Beispiel", key="p256#foreign-person")
    assert refused(sign(paper, signer, root), crls=[list_of_revoked(root)]) == "signature_untrusted"


def test_a_self_signed_certificate(refused, paper):
    assert refused(sign(paper, issue(None, "Amina Beispiel", key="p256#self"))) == "signature_untrusted"


def test_a_self_signed_certificate_that_calls_itself_trusted(refused, paper):
    signer = issue(None, "Testwurzel", key="p256#self")
    assert refused(sign(paper, signer), revocation="if_given") == "signature_untrusted"


def test_a_person_s_certificate_as_the_trusted_root_itself(refused, paper):
    signer = issue(None, "Amina Beispiel", key="p256#self")
    assert refused(sign(paper, signer), roots=(signer.asn1,), revocation="if_given") == "signature_untrusted"


def test_a_signer_certified_by_another_signer(refused, paper, authority):
    below = issue(authority.signer, "Bruno Fremd", key="p256#below")
    assert refused(sign(paper, below, authority.signer, authority.issuer), revocation="if_given") == "signature_untrusted"


def test_nobody_is_trusted_for_signatures_only_because_they_stamp_time(refused, paper, authority):
    signer = issue(authority.stamper_root, "Amina Beispiel", key="p256#person")
    assert refused(sign(paper, signer, authority.stamper_root), revocation="if_given") == "signature_untrusted"


def test_an_authority_s_own_certificate_as_a_signer_s(refused, paper, authority):
    both = issue(authority.issuer, "Amina Beispiel", key="p256#ca", usage=SIGNING | AUTHORITY, ca=True)
    assert refused(sign(paper, both, authority.issuer)) == "signature_untrusted"


@pytest.mark.parametrize(
    "changed",
    [
        {"usage": {"key_encipherment": True}},
        {"usage": {}},
        {"usage": SIGNING | {"crl_sign": True}},
        {"extended": [ExtendedKeyUsageOID.SERVER_AUTH]},
        {"extended": [ExtendedKeyUsageOID.TIME_STAMPING]},
        {"extended": [ExtendedKeyUsageOID.CODE_SIGNING]},
    ],
    ids=["encryption", "nothing", "lists", "web server", "time", "code"],
)
def test_a_certificate_that_is_not_for_signing_documents(refused, paper, authority, changed):
    holder = authority.person("Amina Beispiel", **changed)
    assert refused(sign(paper, holder, signer=signer_for(holder, authority.issuer))) == "signature_untrusted"


def test_an_expired_certificate(refused, paper, authority):
    holder = authority.person("Amina Beispiel", valid_until=AT - DAY)
    assert refused(sign(paper, holder, authority.issuer), crls=authority.lists(made_at=AT - 2 * DAY)) == "signature_expired"


def test_a_certificate_that_is_not_valid_yet(refused, paper, authority):
    holder = authority.person("Amina Beispiel", valid_from=AT + DAY)
    assert refused(sign(paper, holder, authority.issuer)) == "signature_expired"


def test_an_issuing_authority_that_had_ended(refused, paper, authority):
    ended = issue(authority.root, "Alte Ausstellerin", key="p256#ended", usage=AUTHORITY, ca=True, valid_until=AT - DAY)
    signer = issue(ended, "Amina Beispiel", key="p256#person")
    lists = [list_of_revoked(authority.root), list_of_revoked(ended)]
    assert refused(sign(paper, signer, ended), crls=lists) == "signature_expired"


def test_a_revoked_signer(refused, signed, authority):
    assert refused(signed, crls=authority.lists([(authority.signer, AT - DAY)])) == "signature_revoked"


def test_a_revoked_signer_also_where_revocation_data_is_optional(refused, signed, authority):
    only_the_issuer_s = [authority.lists([(authority.signer, AT - DAY)])[1]]
    assert refused(signed, crls=only_the_issuer_s, revocation="if_given") == "signature_revoked"


def test_a_revoked_signer_by_a_list_that_has_run_out(refused, signed, authority):
    old = authority.lists([(authority.signer, AT - 90 * DAY)], made_at=AT - 60 * DAY, next_at=AT - 30 * DAY)
    assert refused(signed, crls=old, revocation="if_given") == "signature_revoked"
    assert refused(signed, crls=old) == "signature_revocation_unknown"


def test_a_revoked_authority(refused, signed, authority):
    assert refused(signed, crls=authority.lists([(authority.issuer, AT - DAY)])) == "signature_revoked"


def test_a_revoked_authority_is_no_authority_with_a_time_stamp_from_after_that(refused, paper, authority):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - DAY))
    assert refused(stamped, crls=authority.lists([(authority.issuer, AT - 10 * DAY)])) == "signature_revoked"


def test_a_list_that_says_nothing_because_the_certificate_had_ended_long_ago(refused, paper, authority):
    """An ended certificate may be left out of later lists: not being named there is no proof."""
    ended = authority.person("Amina Beispiel", valid_until=AT - 30 * DAY)
    stamped = sign(paper, ended, authority.issuer, clock=stamper(authority.stamper, AT - 60 * DAY))
    assert refused(stamped, crls=authority.lists()) == "signature_revocation_unknown"


def test_revocation_lists_that_somebody_else_signed(refused, signed, authority):
    forger = issue(None, "Testausstellerin", key="p256#forger", usage=AUTHORITY, ca=True)
    lists = authority.lists()
    assert refused(signed, crls=[lists[0], list_of_revoked(forger), lists[2]]) == "signature_revocation_unknown"


def test_an_old_list_made_young_again_beside_the_genuine_one(refused, signed, authority):
    """The library takes the changed copy for genuine, because it bears the genuine one's signature."""
    genuine = list_of_revoked(authority.issuer, made_at=AT - 90 * DAY, next_at=AT - 60 * DAY)
    changed = crl.CertificateList.load(genuine.dump())
    changed["tbs_cert_list"]["next_update"] = x509.Time({"utc_time": AT + 30 * DAY})
    changed = crl.CertificateList.load(changed.dump(force=True))
    assert changed.signature == genuine.signature
    others = [list_of_revoked(authority.root), list_of_revoked(authority.stamper_root)]
    assert refused(signed, crls=[genuine, changed, *others]) == "signature_revocation_unknown"
    assert refused(signed, crls=[changed, *others]) == "signature_revocation_unknown"


def test_a_list_that_is_signed_with_sha1(refused, signed, authority):
    weak = list_of_revoked(authority.issuer)
    weak["tbs_cert_list"]["signature"] = weak["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})
    weak["signature"] = authority.issuer.key.sign(weak["tbs_cert_list"].dump(force=True), ec.ECDSA(hashes.SHA1()))  # noqa: S303
    weak = crl.CertificateList.load(weak.dump(force=True))
    assert refused(signed, crls=[list_of_revoked(authority.root), weak]) == "signature_revocation_unknown"


def test_an_answer_that_names_the_signer_as_revoked(refused, paper, authority):
    answer = answer_about(authority.issuer, authority.signer, revoked_at=AT - DAY)
    signed = with_store(sign(paper, authority.signer, authority.issuer), (), (), [answer])
    stamped = archived(signed, stamper(authority.stamper))
    assert refused(stamped) == "signature_revoked"
    assert refused(stamped, revocation="if_given", crls=()) == "signature_revoked"


def test_no_revocation_data_where_it_is_required(refused, signed):
    assert refused(signed, crls=()) == "signature_revocation_unknown"


# Time


def test_no_time_stamp_where_it_is_required(refused, signed):
    assert refused(signed, time_stamp="required") == "signature_time_stamp_missing"


def test_a_time_stamp_of_an_authority_that_nobody_trusts(refused, examine, paper, authority):
    root = issue(None, "Fremde Zeitwurzel", key="p256#foreign", usage=AUTHORITY, ca=True)
    foreign = issue(root, "Zeit", key="rsa2048#foreign", usage={"digital_signature": True}, extended=[ExtendedKeyUsageOID.TIME_STAMPING])
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(foreign, AT - DAY, root))
    lists = [*authority.lists(), list_of_revoked(root)]
    assert refused(stamped, time_stamp="required", crls=lists) == "signature_time_stamp_missing"
    found = examine(stamped, crls=lists)
    assert found.refused is None
    assert found.findings.report()["judged_at"] == AT.isoformat()


def test_a_foreign_time_stamp_does_not_bring_an_ended_certificate_back(refused, paper, authority):
    root = issue(None, "Fremde Zeitwurzel", key="p256#foreign", usage=AUTHORITY, ca=True)
    foreign = issue(root, "Zeit", key="rsa2048#foreign", usage={"digital_signature": True}, extended=[ExtendedKeyUsageOID.TIME_STAMPING])
    ended = authority.person("Amina Beispiel", valid_until=AT - 10 * DAY)
    stamped = sign(paper, ended, authority.issuer, clock=stamper(foreign, AT - 20 * DAY, root))
    assert refused(stamped, crls=authority.lists(made_at=AT - 20 * DAY)) == "signature_expired"


@pytest.mark.parametrize(
    "changed",
    [{"extended": []}, {"extended": [ExtendedKeyUsageOID.CODE_SIGNING]}, {"valid_until": AT - DAY}, {"valid_from": AT + DAY}],
    ids=["no usage", "other usage", "ended", "not yet"],
)
def test_a_time_stamp_by_a_certificate_that_may_not(refused, paper, authority, changed):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.time_stamper(**changed), AT - 2 * DAY))
    assert refused(stamped, time_stamp="required") == "signature_time_stamp_missing"


def test_a_revoked_time_stamper(refused, paper, authority):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - 2 * DAY))
    lists = [*authority.lists()[:2], list_of_revoked(authority.stamper_root, [(authority.stamper, AT - DAY)])]
    assert refused(stamped, time_stamp="required", crls=lists) == "signature_time_stamp_missing"


def test_a_time_stamp_of_the_future(refused, paper, authority):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT + DAY))
    assert refused(stamped, time_stamp="required") == "signature_time_stamp_missing"


class WrongStamper(DummyTimeStamper):
    """Stamps other bytes than it was asked to."""

    def request_tsa_response(self, req):
        req["message_imprint"]["hashed_message"] = b"\x13" * 32
        return super().request_tsa_response(req)

    async def async_request_tsa_response(self, req):
        return self.request_tsa_response(req)


def test_a_time_stamp_over_other_bytes(refused, paper, authority):
    wrong = WrongStamper(authority.stamper.asn1, authority.stamper.asn1_key, fixed_dt=AT - DAY)
    assert refused(sign(paper, authority.signer, authority.issuer, clock=wrong)) == "signature_invalid"


def test_an_archive_time_stamp_over_other_bytes(refused, signed, authority):
    wrong = WrongStamper(authority.stamper.asn1, authority.stamper.asn1_key, fixed_dt=AT - DAY)
    assert refused(archived(signed, wrong)) == "signature_invalid"


def test_a_signature_proven_only_after_the_certificate_ended(refused, paper, authority):
    """pyHanko's own verdict with time lets this one pass."""
    ended = authority.person("Amina Beispiel", valid_until=AT - 30 * DAY)
    stamped = sign(paper, ended, authority.issuer, clock=stamper(authority.stamper, AT - 10 * DAY))
    assert refused(stamped, crls=authority.lists(made_at=AT - 40 * DAY)) == "signature_expired"


def test_a_signature_proven_only_after_the_revocation(refused, paper, authority):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - 10 * DAY))
    assert refused(stamped, crls=authority.lists([(authority.signer, AT - 20 * DAY)])) == "signature_revoked"


def test_a_signature_from_before_the_certificate(refused, paper, authority):
    later = authority.person("Amina Beispiel", valid_from=AT - 10 * DAY)
    stamped = sign(paper, later, authority.issuer, clock=stamper(authority.stamper, AT - 20 * DAY))
    assert refused(stamped) == "signature_expired"


def test_an_archive_time_stamp_that_nobody_trusts_saves_no_ended_time_stamper(refused, paper, authority):
    early = authority.time_stamper(valid_until=AT - 10 * DAY)
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(early, AT - 30 * DAY))
    root = issue(None, "Fremde Zeitwurzel", key="p256#foreign", usage=AUTHORITY, ca=True)
    foreign = issue(root, "Zeit", key="rsa2048#foreign", usage={"digital_signature": True}, extended=[ExtendedKeyUsageOID.TIME_STAMPING])
    kept = archived(with_store(stamped, (), authority.lists(made_at=AT - 40 * DAY)), stamper(foreign, AT - 20 * DAY, root))
    assert refused(kept, time_stamp="required") == "signature_time_stamp_missing"


# Algorithms and names


@pytest.mark.parametrize(("key", "md"), [("p256#person", "sha1"), ("rsa1024", "sha256"), ("k256", "sha256"), ("rsa2048", "sha1")])
def test_a_weak_algorithm(refused, paper, authority, key, md):
    holder = authority.person("Amina Beispiel", key=key)
    assert refused(sign(paper, holder, authority.issuer, md=md)) == "signature_algorithm_weak"


def test_an_archive_time_stamp_by_a_weak_hash(refused, signed, authority):
    assert refused(archived(signed, stamper(authority.stamper), md="sha1")) == "signature_algorithm_weak"


def test_an_authority_with_a_weak_key(refused, paper, authority):
    weak = issue(authority.root, "Schwache Ausstellerin", key="rsa1024#weak", usage=AUTHORITY, ca=True)
    signer = issue(weak, "Amina Beispiel", key="p256#person")
    lists = [list_of_revoked(authority.root), list_of_revoked(weak)]
    assert refused(sign(paper, signer, weak), crls=lists) == "signature_algorithm_weak"


def test_another_certificate_put_in_for_the_one_that_signed(refused, paper, authority):
    """Same key, better name: the signed attribute names the certificate that was meant."""
    poor = authority.person("Niemand Wichtig")
    signer = signer_for(poor, authority.issuer)
    signed = sign(paper, poor, signer=signer)
    rich = authority.person("Amina Beispiel")
    first, last = contents_of(signed)
    inside = cms.ContentInfo.load(bytes.fromhex(signed[first:last].decode()))
    data = inside["content"]
    data["certificates"] = cms.CertificateSet([rich.asn1, authority.issuer.asn1])
    data["signer_infos"][0]["sid"] = cms.SignerIdentifier(
        {"issuer_and_serial_number": cms.IssuerAndSerialNumber({"issuer": rich.asn1.issuer, "serial_number": rich.asn1.serial_number})}
    )
    swapped = inside.dump(force=True).hex().encode().ljust(last - first, b"0")
    assert refused(signed[:first] + swapped + signed[last:], signer="Amina Beispiel") == "signature_invalid"


@pytest.mark.parametrize("name", ["Bruno Beispiel", "Amina", "Beispiel", "", "Amina Beispiel Alias", "Beispiel Amina"])
def test_a_signer_whom_the_request_does_not_name(refused, signed, name):
    assert refused(signed, signer=name) == "signature_signer_differs"


def test_the_years_of_the_authority_are_not_the_reason_for_these_refusals(examine, signed):
    assert examine(signed, at=AT + YEAR / 2, revocation="if_given", crls=()).refused is None
