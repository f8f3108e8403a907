"""What a trusted list says is believed as long as its publisher signed it, for as long as it runs, and for nothing else."""

import pytest
from asn1crypto import x509

from imgate.documents.signed_pdf.trusted_lists import ListUnusable, read_list
from tests.documents.signed_pdf.authority import AT, AUTHORITY, DAY, YEAR, issue, qualified_statements
from tests.documents.signed_pdf.lists import list_of, service, signed_list
from tests.documents.signed_pdf.papers import archived, sign, stamper


@pytest.fixture(scope="module")
def publisher():
    return issue(None, "Aufsicht", key="p256#publisher")


@pytest.fixture(scope="module")
def qualified_paper(authority, paper):
    holder = authority.person("Amina Beispiel", extensions=[qualified_statements()])
    return sign(paper, holder, authority.issuer)


@pytest.fixture
def listed(publisher):
    """Write, sign and read a list."""

    def read(*services, **changed):
        return read_list(signed_list(publisher, *services, **changed), [publisher.asn1])

    return read


def test_a_qualified_certificate_of_a_granted_service(examine, qualified_paper, authority, listed):
    found = examine(qualified_paper, lists=[listed(service(authority.issuer))])
    assert found.refused is None
    assert found.qualified
    report = found.findings.report()
    assert report["qualified"]["service"] == "Testdienst"
    assert report["qualified"]["secure_device"] is True
    assert report["qualified"]["list"]["territory"] == "DE"
    assert report["qualified"]["list"]["number"] == 7
    assert report["qualified"]["list"]["issued_at"] == (AT - 10 * DAY).isoformat()
    assert report["checks"][8] == {"number": 9, "check": "qualified", "result": "passed", "found": "by the trusted list DE no. 7"}


def test_a_trusted_list_is_a_root_of_trust_of_its_own(examine, qualified_paper, authority, listed):
    found = examine(qualified_paper, roots=(), lists=[listed(service(authority.issuer))])
    assert found.refused is None
    assert found.qualified


def test_a_qualified_time_stamping_service_is_trusted_by_the_list(examine, paper, authority, listed):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - DAY))
    services = listed(service(authority.stamper_root, kind="TSA/QTST"))
    assert examine(stamped, time_stamp="required", time_stamp_roots=(), lists=[services]).refused is None
    assert examine(stamped, time_stamp="required", time_stamp_roots=()).refused == "signature_time_stamp_missing"


def test_a_list_of_today_vouches_for_time_stamps_of_the_past(examine, signed, authority, listed):
    stamped = archived(archived(signed, stamper(authority.stamper, AT - 40 * DAY)), stamper(authority.stamper, AT - 20 * DAY), "Archiv 2")
    services = listed(service(authority.stamper_root, kind="TSA/QTST"), issued_at=AT - 10 * DAY)
    found = examine(stamped, time_stamp="required", time_stamp_roots=(), lists=[services])
    assert found.findings.report()["judged_at"] == (AT - 40 * DAY).isoformat()


@pytest.mark.parametrize(("changed", "refused"), [({}, None), ({"valid_until": AT - DAY}, "signature_time_stamp_missing")])
def test_a_list_may_name_the_stamping_certificate_itself(examine, paper, authority, listed, changed, refused):
    its_own = authority.time_stamper(**changed)
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(its_own, AT - 2 * DAY))
    services = listed(service(its_own, kind="TSA/QTST"))
    assert examine(stamped, time_stamp="required", time_stamp_roots=(), lists=[services]).refused == refused


def test_a_signer_is_no_time_stamper_because_a_list_names_them(examine, paper, authority, listed):
    signer = authority.person("Zeit", key="rsa2048#stamping-person")
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(signer, AT - DAY))
    services = listed(service(signer, kind="TSA/QTST"))
    assert examine(stamped, time_stamp="required", lists=[services]).refused == "signature_time_stamp_missing"


def test_a_time_stamping_service_that_was_withdrawn_before(examine, paper, authority, listed):
    stamped = sign(paper, authority.signer, authority.issuer, clock=stamper(authority.stamper, AT - DAY))
    withdrawn = service(authority.stamper_root, kind="TSA/QTST", status="withdrawn", since=AT - 30 * DAY, before=("granted", AT - 2 * YEAR))
    found = examine(stamped, time_stamp="required", time_stamp_roots=(), lists=[listed(withdrawn)])
    assert found.refused == "signature_time_stamp_missing"


def test_a_withdrawn_service_qualifies_nobody_any_more(examine, qualified_paper, authority, listed):
    withdrawn = listed(service(authority.issuer, status="withdrawn", since=AT - 30 * DAY, before=("granted", AT - 2 * YEAR)))
    found = examine(qualified_paper, lists=[withdrawn])
    assert found.refused is None
    assert not found.qualified
    assert examine(qualified_paper, roots=(), lists=[withdrawn]).refused == "signature_untrusted"


def test_a_service_withdrawn_after_a_proven_signature_qualified_it(examine, paper, authority, listed):
    holder = authority.person("Amina Beispiel", extensions=[qualified_statements()])
    stamped = sign(paper, holder, authority.issuer, clock=stamper(authority.stamper, AT - 60 * DAY))
    withdrawn = listed(service(authority.issuer, status="withdrawn", since=AT - 30 * DAY, before=("granted", AT - 2 * YEAR)))
    assert examine(stamped, lists=[withdrawn]).qualified


def test_a_service_granted_only_after_the_certificate_was_issued(examine, qualified_paper, authority, listed):
    assert not examine(qualified_paper, lists=[listed(service(authority.issuer, since=AT - 30 * DAY))]).qualified


def test_a_certificate_that_does_not_say_that_it_is_qualified(examine, signed, authority, listed):
    found = examine(signed, lists=[listed(service(authority.issuer))])
    assert found.refused is None
    assert not found.qualified


def test_a_certificate_that_says_so_of_an_issuer_that_is_not_listed(examine, qualified_paper, authority, listed):
    found = examine(qualified_paper, lists=[listed(service(authority.stamper_root))])
    assert found.refused is None
    assert not found.qualified


def test_a_certificate_for_seals_is_no_person_s(examine, paper, authority, listed):
    seal = authority.person("Amt Winnenden", extensions=[qualified_statements(seal=True)])
    found = examine(sign(paper, seal, authority.issuer), lists=[listed(service(authority.issuer))])
    assert found.refused is None
    assert not found.qualified


def test_without_a_list_nobody_is_qualified(examine, qualified_paper):
    assert not examine(qualified_paper).qualified


@pytest.mark.parametrize("times", [{"next_at": AT - DAY}, {"issued_at": AT + DAY}], ids=["has run out", "is of the future"])
def test_a_list_that_is_not_in_force_vouches_for_nobody(examine, qualified_paper, authority, listed, times):
    the_list = listed(service(authority.issuer), **times)
    found = examine(qualified_paper, lists=[the_list])
    assert found.refused is None
    assert not found.qualified
    assert examine(qualified_paper, roots=(), lists=[the_list]).refused == "signature_untrusted"


def test_a_list_that_nobody_signed_is_not_read(authority, publisher):
    with pytest.raises(ListUnusable, match="not signed"):
        read_list(list_of(service(authority.issuer)), [publisher.asn1])


def test_a_list_that_somebody_else_signed_is_not_read(authority, publisher):
    forger = issue(None, "Aufsicht", key="p256#list-forger")
    with pytest.raises(ListUnusable, match="not signed"):
        read_list(signed_list(forger, service(authority.issuer)), [publisher.asn1])


def test_a_list_without_anybody_who_may_sign_it_is_not_read(authority, publisher):
    with pytest.raises(ListUnusable, match="trusted_list_signers"):
        read_list(signed_list(publisher, service(authority.issuer)), [])


def test_a_list_that_was_changed_is_not_read(authority, publisher):
    content = signed_list(publisher, service(authority.issuer, status="withdrawn"))
    assert content.count(b"Svcstatus/withdrawn") == 1
    with pytest.raises(ListUnusable, match="not signed"):
        read_list(content.replace(b"Svcstatus/withdrawn", b"Svcstatus/granted"), [publisher.asn1])


def test_a_signed_list_wrapped_in_a_forged_one_is_not_read_as_the_forged_one(authority, publisher):
    """What stands outside of the signed part is never looked at (signature wrapping)."""
    genuine = signed_list(publisher, service(authority.stamper_root)).decode()
    forged = list_of(service(authority.issuer), number=99).decode().replace('Id="liste"', 'Id="andere"')
    wrapped = forged.replace("</TrustServiceStatusList>", f"{genuine}</TrustServiceStatusList>").encode()
    try:
        found = read_list(wrapped, [publisher.asn1])
    except ListUnusable:
        return
    assert found.number == 7
    assert [certificate.sha256 for certificate in found.issuers(AT)] == [authority.stamper_root.asn1.sha256]


@pytest.mark.parametrize("content", [b"", b"<a/>", b"\0\0", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>"])
def test_what_is_no_list_is_not_read(publisher, content):
    with pytest.raises(ListUnusable):
        read_list(content, [publisher.asn1])


def test_an_authority_is_trusted_by_its_certificate_and_not_by_its_name(examine, qualified_paper, listed):
    namesake = issue(None, "Testausstellerin", key="p256#namesake", usage=AUTHORITY, ca=True)
    assert isinstance(namesake.asn1, x509.Certificate)
    assert examine(qualified_paper, roots=(), lists=[listed(service(namesake))]).refused == "signature_untrusted"
