"""One authority for all tests of this folder, and the examination with it."""

import logging

import pytest

from imgate.documents.signed_pdf.material import Material
from imgate.documents.signed_pdf.rules import Revocation, SignatureRules, TimeStamps
from imgate.documents.signed_pdf.verdict import verdict
from tests.documents.signed_pdf.authority import AT, TestAuthority
from tests.documents.signed_pdf.papers import DIGEST, fillable, form, sign


@pytest.fixture(autouse=True)
def _quiet():
    """As in the child: what pyHanko says in its log quotes what it reads."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def authority():
    return TestAuthority()


@pytest.fixture(scope="session")
def paper():
    """The unsigned form."""
    return form()


@pytest.fixture(scope="session")
def signed(authority, paper):
    """The form as it should come back: signed by the person, with the issuer's certificate along."""
    return sign(paper, authority.signer, authority.issuer)


@pytest.fixture(scope="session")
def filled(authority):
    """A signed form with a field to fill in: refused as it is, and for graver reasons once the field is changed."""
    return sign(form(change=fillable), authority.signer, authority.issuer)


@pytest.fixture
def examine(authority):
    """Examine a paper. The operator trusts both roots and has the lists of the day, unless a test says otherwise."""

    def examined(paper, *, digest=DIGEST, signer=None, at=AT, time_stamp="optional", revocation="required", crls=None, lists=(), **changed):
        material = {
            "roots": (authority.root.asn1,),
            "time_stamp_roots": (authority.stamper_root.asn1,),
            "intermediates": (),
            "crls": authority.lists() if crls is None else tuple(crls),
            "lists": tuple(lists),
        }
        rules = SignatureRules(time_stamp=TimeStamps(time_stamp), revocation=Revocation(revocation))
        return verdict(paper, digest, signer, rules, Material(**(material | changed)), at)

    return examined


@pytest.fixture
def refused(examine):
    """Examine a paper that has to be refused; give the code."""

    def examined(paper, **changed):
        found = examine(paper, **changed)
        failed = [check["check"] for check in found.findings.report()["checks"] if check["result"] == "failed"]
        assert found.refused is not None
        assert len(failed) == 1
        return found.refused.value

    return examined


@pytest.fixture
def reason(examine, authority):
    """Sign a form after a change, and give why its declaration check refuses it."""

    def why(change):
        found = examine(sign(form(change=change), authority.signer, authority.issuer))
        check = found.findings.report()["checks"][5]
        assert (check["check"], check["result"]) == ("declaration", "failed")
        assert found.refused == "signature_declaration_differs"
        return check["found"]

    return why
