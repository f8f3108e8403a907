"""Signatures of webhooks, against what is wrong; the published vectors stand in ``test_webhook_vectors``."""

import pytest

from imgate.transports.webhook import is_signed, secret_key, signed_headers

KEY = secret_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
OTHER = b"x" * 24


def test_several_keys_sign_so_that_either_can_verify():
    signature = signed_headers([KEY, OTHER], "id", 1, b"body")["webhook-signature"]
    assert is_signed([KEY], "id", 1, b"body", signature)
    assert is_signed([OTHER], "id", 1, b"body", signature)


@pytest.mark.parametrize(
    ("keys", "message_id", "timestamp", "body"),
    [
        ([OTHER], "id", 1, b"body"),
        ([KEY], "other", 1, b"body"),
        ([KEY], "id", 2, b"body"),
        ([KEY], "id", 1, b"Body"),
        ([], "id", 1, b"body"),
    ],
)
def test_a_signature_holds_for_nothing_else(keys, message_id, timestamp, body):
    signature = signed_headers([KEY], "id", 1, b"body")["webhook-signature"]
    assert not is_signed(keys, message_id, timestamp, body, signature)


@pytest.mark.parametrize("signature", ["", "v1,", "v2,abc", "v1,ü", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="])
def test_what_is_no_signature_is_none(signature):
    assert not is_signed([KEY], "id", 1, b"body", signature)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "whsec_" + "A" * 200])
def test_a_weak_or_broken_secret_is_refused_and_not_shown(secret):
    with pytest.raises(ValueError, match=r"base64|bytes") as refused:
        secret_key(secret)
    assert len(secret) < 10 or secret.removeprefix("whsec_") not in str(refused.value)
