"""The keyring keeps uses apart, and secrets to itself."""

import os
from datetime import date, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from imgate.keys import Key, Keyring, KeyUse, SignatureAlgorithm
from imgate.keys.keyring import PAIRS, ROTATABLE, ROTATED_AFTER

ON = date(2026, 1, 1)


@pytest.fixture(scope="module")
def keyring():
    return Keyring.made(ON)


def test_every_derived_key_is_another_one(keyring):
    derived = [keyring.derived(key, use) for key in ("index", "audit", "intake") for use in ("client", "link", "check", "log")]
    assert len({*derived, *keyring.wrapping.values()}) == len(derived) + 1
    assert all(len(key) == 32 for key in derived)
    assert keyring.derived("index", "client") == keyring.derived("index", "client")


def test_nothing_secret_is_shown(keyring):
    shown = repr(keyring) + repr(keyring.keys)
    for key in keyring.keys:
        secret = key.secret["d"] if not isinstance(key.secret, bytes) else repr(key.secret)[2:-1]
        assert secret not in shown
    assert all("d" not in public for public in keyring.jwks()["keys"])


def test_keys_that_sign_are_named_by_their_thumbprints(keyring):
    shown = keyring.jwks()["keys"]
    assert [public["kid"] for public in shown] == [keyring.current(KeyUse.TOKENS).id, keyring.current(KeyUse.SIGNING).id]
    for public in shown:
        assert public["kid"] == ECKey.import_key(public).thumbprint()
        assert (public["kty"], public["crv"], public["alg"], public["use"]) == ("EC", "P-256", "ES256", "sig")


def test_a_published_key_says_what_it_signs(keyring):
    rotated = Keyring([*keyring.keys, Key.made(KeyUse.TOKENS, ON), Key.made(KeyUse.SIGNING, ON, SignatureAlgorithm.ED25519)])
    signs = {KeyUse.TOKENS: "access-tokens", KeyUse.SIGNING: "statements"}
    said = {public["kid"]: public["imgate_use"] for public in rotated.jwks()["keys"]}
    assert said == {key.id: signs[key.use] for key in rotated.keys if key.use in PAIRS}


def test_one_key_is_not_for_tokens_and_for_statements(keyring):
    tokens = keyring.current(KeyUse.TOKENS)
    both = Key(tokens.id, KeyUse.SIGNING, ON, tokens.secret)
    for signing in ([both], [keyring.current(KeyUse.SIGNING), both]):
        with pytest.raises(ValueError, match="a signing key is a tokens key as well"):
            Keyring([*(key for key in keyring.keys if key.use is not KeyUse.SIGNING), *signing])


def test_what_was_signed_before_a_rotation_still_verifies(keyring):
    token = jwt.encode({"alg": "ES256", "kid": keyring.signing_key.kid}, {"sub": "x"}, keyring.signing_key)
    rotated = Keyring([*keyring.keys, Key.made(KeyUse.TOKENS, ON)])
    assert rotated.signing_key.kid != keyring.signing_key.kid
    assert jwt.decode(token, rotated.verifying_keys[keyring.signing_key.kid], algorithms=["ES256"]).claims == {"sub": "x"}


@pytest.mark.parametrize("missing", list(KeyUse))
def test_a_missing_key_is_named(keyring, missing):
    with pytest.raises(ValueError, match=f"no {missing} key"):
        Keyring([key for key in keyring.keys if key.use is not missing])


@pytest.mark.parametrize("use", [KeyUse.INDEX, KeyUse.AUDIT, KeyUse.INTAKE])
def test_a_second_key_where_there_can_be_only_one_is_refused(keyring, use):
    with pytest.raises(ValueError, match="more than one"):
        Keyring([*keyring.keys, Key.made(use, ON)])


def given():
    return {use: ECKey.generate_key("P-256", private=True).as_pem(private=True) if use in PAIRS else os.urandom(32) for use in KeyUse}


def test_keys_from_elsewhere_are_the_same_at_each_start():
    secrets = given()
    one, two = Keyring.from_bytes(secrets, ON), Keyring.from_bytes(secrets, ON)
    assert [key.id for key in one.keys] == [key.id for key in two.keys]
    assert one.derived("index", "client") == two.derived("index", "client")
    assert one.signing_key.thumbprint() == one.signing_key.kid


@pytest.mark.parametrize("length", [0, 16, 31, 33])
@pytest.mark.parametrize("use", [KeyUse.WRAPPING, KeyUse.INDEX, KeyUse.INTAKE])
def test_a_key_of_the_wrong_length_is_refused(use, length):
    with pytest.raises(ValueError, match=f"{use} key"):
        Keyring.from_bytes(given() | {use: os.urandom(length)}, ON)


@pytest.mark.parametrize(
    "tokens",
    [
        ECKey.generate_key("P-384", private=True).as_pem(private=True),
        ECKey.generate_key("P-256", private=True).as_pem(private=False),
        b"",
        b"x" * 32,
    ],
)
def test_a_tokens_key_that_cannot_sign_es256_is_refused(tokens):
    with pytest.raises(ValueError, match="tokens key"):
        Keyring.from_bytes(given() | {KeyUse.TOKENS: tokens}, ON)


def test_a_signing_key_under_another_name_is_refused(keyring):
    key = Key.made(KeyUse.TOKENS, ON)
    renamed = Key("another", key.use, key.created_on, key.secret)
    with pytest.raises(ValueError, match="thumbprint"):
        Keyring([renamed if known.use is KeyUse.TOKENS else known for known in keyring.keys])


def test_a_symmetric_key_is_no_tokens_key(keyring):
    secret = OctKey.generate_key(256).as_dict(private=True)
    wrong = Key("x", KeyUse.TOKENS, ON, secret)
    with pytest.raises(ValueError, match="tokens key"):
        Keyring([wrong if known.use is KeyUse.TOKENS else known for known in keyring.keys])


def test_keys_are_due_after_two_years_and_not_a_day_before():
    made = date(2026, 1, 1)
    keyring = Keyring.made(made)
    assert keyring.due(made + ROTATED_AFTER - timedelta(days=1)) == ()
    assert {key.use for key in keyring.due(made + ROTATED_AFTER)} == ROTATABLE


def test_a_key_that_was_rotated_is_due_no_more():
    made = date(2026, 1, 1)
    earlier, later = Keyring.made(made), Keyring.made(made + ROTATED_AFTER)
    newer = [key for key in later.keys if key.use in ROTATABLE]
    both = Keyring([*earlier.keys, *newer])
    assert both.due(made + ROTATED_AFTER) == ()
    assert KeyUse.AUDIT not in {key.use for key in earlier.due(made + 10 * ROTATED_AFTER)}
