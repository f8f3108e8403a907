"""`verify --trust` looks into signed PDFs by whom it is told to trust, and says when something about them is not known."""

import base64
import hashlib
import json
import logging
import warnings

import pytest

from imgate.consent.bundle import canonical, instant
from tests.consent.bundled import FOLDER, parts_of, signed, vector

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of libraries below pyHanko, while they are imported
    from tests.documents.signed_pdf.authority import AT, TestAuthority
    from tests.documents.signed_pdf.papers import archived, form, sign, stamper, with_store

AUTHORITY = TestAuthority()


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def verify(imgate):
    """Put a signed PDF into a bundle, and verify it; give its line of the report and the exit status."""

    def verified(paper, *roots, declaration=None):
        parts = parts_of(vector("signed-document.json"))
        parts["evidence"][0] |= {
            "content": base64.b64encode(paper).decode(),
            "sha256": hashlib.sha256(paper).hexdigest(),
            "recorded_at": instant(AT),
        }
        parts["history"][1]["at"] = parts["life"]["levels"][0]["at"] = instant(AT)
        (imgate.folder / "bundle.json").write_bytes(signed(parts))
        options = []
        for place, root in enumerate(roots):
            (imgate.folder / f"{place}.pem").write_bytes(root)
            options += ["--trust", f"{place}.pem"]
        done = imgate("declaration", "verify", "bundle.json", "--jwks", str(FOLDER / "jwks.json"), "--json", *options)
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]} if done.stdout else {}
        assert [name for name, check in checks.items() if check["outcome"] == "failed" and not name.startswith("document")] == []
        return done, checks.get("document 0")

    return verified


def paper(content=None, signer=AUTHORITY.signer):
    content = content or parts_of(vector("signed-document.json"))["declaration"]["content"]
    return sign(form((("declaration.json", canonical(content)),)), signer, AUTHORITY.issuer)


def test_without_being_told_whom_to_trust_nothing_is_looked_into(verify):
    done, document = verify(paper())
    assert (done.returncode, document["outcome"]) == (0, "not_checked")


def test_a_signature_of_which_everything_is_known_passes(verify):
    kept = archived(with_store(paper(), [AUTHORITY.issuer], AUTHORITY.lists()), stamper(AUTHORITY.stamper))
    done, document = verify(kept, AUTHORITY.root.pem, AUTHORITY.stamper_root.pem)
    assert (done.returncode, document["outcome"]) == (0, "passed")


def test_one_whose_certificate_may_have_been_revoked_is_not_checked(verify):
    done, document = verify(paper(), AUTHORITY.root.pem)
    assert (done.returncode, document["outcome"]) == (0, "not_checked")
    assert "revoked or not" in document["sentence"]


def test_one_that_none_of_the_roots_vouches_for_fails(verify):
    done, document = verify(paper(), AUTHORITY.stamper_root.pem)
    assert (done.returncode, document["outcome"], document["parts"]) == (1, "failed", ["/evidence/0"])
    assert "signature_untrusted" in document["sentence"]


def test_one_over_another_declaration_fails(verify):
    done, document = verify(paper({"client": "K-1"}), AUTHORITY.root.pem)
    assert (done.returncode, "signature_declaration_differs" in document["sentence"]) == (1, True)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"no PDF at all", form()])
def test_what_is_no_signed_document_fails(verify, content):
    done, document = verify(content, AUTHORITY.root.pem)
    assert (done.returncode, document["outcome"]) == (1, "failed")


def test_a_file_that_is_no_certificate_ends_in_a_sentence(verify):
    done, _ = verify(paper(), b"no certificate")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "What --trust names cannot be used: it takes certificates as PEM or DER.\n"
