"""Published answers of time-stamping authorities get the verdict that their file's name says.

They are years old, so nearly all are judged as what was kept; one question is about today: an expired certificate.
"""

from datetime import UTC, datetime

import pytest
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificates

from imgate.transports.time_stamp_answers import TimeStampInvalid, TimeStampTrust, verify_time_stamp

pytest.importorskip("rfc3161_client", reason="the extra tsa is not installed")
NONCE = {"test_tsa": 3937359519792308179}  # of request.der beside; those of sigstage were not kept
GOOD = ""

# What the answer is refused for, GOOD if it is not: with the certificates of the file beside, and with its root alone.
VERDICTS = {
    "identrust/issue-104.tsr": (GOOD, GOOD),  # the signer's certificate is not the first one
    "sigstage/response-invalid-signature.tsr": ("Error while verifying", "Error while verifying"),
    "sigstage/response-no-embedded-cert.tsr": (GOOD, "the certificate of its signer is missing"),
    "sigstage/response-sha256.tsr": (GOOD, GOOD),
    "sigstage/response-sha384.tsr": (GOOD, GOOD),
    "sigstage/response-sha512.tsr": (GOOD, GOOD),
    "sigstore.mock/response-expired.tsr": (GOOD, "the certificate of its signer is missing"),
    "test_tsa/other_response.tsr": ("Error while verifying", "Error while verifying"),
    "test_tsa/response-injected-certs.tsr": ("do not belong to its signer", "do not belong to its signer"),
    "test_tsa/response.tsr": (GOOD, "Error while verifying"),  # what is between signer and root stands beside, not in the answer
}


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "data" / "vectors" / "rfc3161"


def trust_of(file):
    content = (file.parent / "ts_chain.pem").read_bytes()
    pem = content.startswith(b"-----")
    return TimeStampTrust.of(load_pem_x509_certificates(content) if pem else [load_der_x509_certificate(content)])


def text_of(file):
    payload = file.parent / "payload"
    return payload.read_bytes() if payload.exists() else b"hello"


def verified(file, trust, **options):
    return verify_time_stamp(file.read_bytes(), text_of(file), trust, nonce=NONCE.get(file.parent.name), **options)


def test_each_published_answer_has_its_verdict_here(folder):
    assert {str(file.relative_to(folder)) for file in folder.rglob("*.tsr")} == set(VERDICTS)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_answer_gets_the_verdict_of_its_name(folder, name):
    file = folder / name
    trust = trust_of(file)
    for trusted, why in zip((trust, TimeStampTrust(trust.roots)), VERDICTS[name], strict=True):
        if why == GOOD:
            assert verified(file, trusted).tzinfo is not None
            with pytest.raises(TimeStampInvalid, match="Mismatch between messages"):
                verify_time_stamp(file.read_bytes(), b"another text", trusted)
        else:
            with pytest.raises(TimeStampInvalid, match=why):
                verified(file, trusted)


def test_the_answer_to_another_request_is_refused(folder):
    file = folder / "test_tsa" / "response.tsr"
    with pytest.raises(TimeStampInvalid, match="Nonce mismatch"):
        verify_time_stamp(file.read_bytes(), b"hello", trust_of(file), nonce=12786969291874243110)  # of other_request.der


def test_an_expired_certificate_proves_what_it_proved_and_nothing_new(folder):
    file = folder / "sigstore.mock" / "response-expired.tsr"
    assert verified(file, trust_of(file)) == datetime(2023, 2, 1, tzinfo=UTC)
    with pytest.raises(TimeStampInvalid, match="has expired"):
        verified(file, trust_of(file), arrived_at=datetime(2026, 3, 2, tzinfo=UTC))


def test_nobody_else_is_believed(folder):
    files = [folder / name for name, verdicts in VERDICTS.items() if verdicts[0] == GOOD]
    for file in files:
        for other in files:
            if other.parent != file.parent:
                with pytest.raises(TimeStampInvalid):
                    verified(file, trust_of(other))
