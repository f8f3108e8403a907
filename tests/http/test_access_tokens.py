"""An access token holds if this gateway signed exactly this text, for itself, less than five minutes ago; nothing else does."""

import base64
import hashlib
import hmac
import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from imgate.bootstrap.callers import TokenKeys
from imgate.http.access_tokens import LIFETIME, TOKEN_MAX, AccessTokens
from imgate.keys.signatures import SignatureRefused
from imgate.vocabulary.words import Role

URL = "http://gateway.test"


@pytest.fixture
def tokens(keyring) -> AccessTokens:
    return AccessTokens(URL, TokenKeys(keyring))


@pytest.fixture
def claims(now):
    return {"iss": URL, "aud": URL, "sub": "case", "client_id": "case", "role": "case-system", "iat": now, "exp": now + 300, "jti": "1"}


@pytest.fixture
def signed(keyring):
    def sign(claims, *, key: ECKey = keyring.signing_key, **header) -> str:
        header = {"alg": "ES256", "typ": "at+jwt", "kid": keyring.signing_key.kid} | header
        return jwt.encode({name: value for name, value in header.items() if value is not None}, claims, key, ["ES256"], default_type=None)

    return sign


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_issued_token_holds_until_it_expires(tokens, now):
    token = tokens.issue("case", Role.PARTNER, "abh", now)
    caller = tokens.verify(token, now + LIFETIME - 1)
    assert (caller.id, caller.role, caller.partner) == ("case", Role.PARTNER, "abh")
    with pytest.raises(SignatureRefused):
        tokens.verify(token, now + LIFETIME)


def test_the_unchanged_claims_would_hold(tokens, signed, claims, now):
    assert tokens.verify(signed(claims), now).id == "case"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "http://other.test"},
        {"aud": "http://other.test"},
        {"aud": [URL]},
        {"aud": URL + "/"},
        {"sub": "somebody-else"},
        {"client_id": 7},
        {"role": "root"},
        {"role": ["case-system"]},
        {"role": "partner"},
        {"partner": "abh"},
        {"partner": None},
        {"exp": None},
        {"exp": True},
        {"exp": 1},
        {"iat": "0"},
        {"scope": "everything"},
    ],
    ids=str,
)
def test_a_claim_that_is_not_as_we_write_it_is_refused(tokens, signed, claims, now, change):
    with pytest.raises(SignatureRefused):
        tokens.verify(signed(claims | change), now)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "client_id", "role", "iat", "exp", "jti"])
def test_a_missing_claim_is_refused(tokens, signed, claims, now, name):
    del claims[name]
    with pytest.raises(SignatureRefused):
        tokens.verify(signed(claims), now)


def test_a_longer_life_than_ours_is_refused(tokens, signed, claims, now):
    with pytest.raises(SignatureRefused):
        tokens.verify(signed(claims | {"exp": now + LIFETIME + 1}), now)


def test_a_token_from_the_future_is_refused(tokens, signed, claims, now):
    with pytest.raises(SignatureRefused):
        tokens.verify(signed(claims | {"iat": now + 60, "exp": now + 120}), now)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "AT+JWT", "application/at+jwt", None])
def test_another_type_is_refused(tokens, signed, claims, now, typ):
    with pytest.raises(SignatureRefused):
        tokens.verify(signed(claims, typ=typ), now)


def test_a_header_with_anything_more_is_refused(tokens, signed, claims, now, keyring):
    for more in ({"cty": "JWT"}, {"jwk": keyring.signing_key.as_dict(private=False)}, {"jku": "http://evil.test"}):
        with pytest.raises(SignatureRefused):
            tokens.verify(signed(claims, **more), now)


def test_a_key_of_somebody_else_is_refused(tokens, signed, claims, now, other_key, keyring):
    with pytest.raises(SignatureRefused):
        tokens.verify(signed(claims, key=other_key), now)
    with pytest.raises(SignatureRefused):
        tokens.verify(signed(claims, key=other_key, kid=other_key.thumbprint()), now)


def test_alg_none_is_refused(tokens, claims, now, keyring):
    header = {"alg": "none", "typ": "at+jwt", "kid": keyring.signing_key.kid}
    for signature in ("", "AA"):
        with pytest.raises(SignatureRefused):
            tokens.verify(f"{encoded(header)}.{encoded(claims)}.{signature}", now)


def test_hmac_under_the_public_key_is_refused(tokens, claims, now, keyring):
    public = keyring.signing_key.as_pem(private=False)
    header = {"alg": "HS256", "typ": "at+jwt", "kid": keyring.signing_key.kid}
    head = f"{encoded(header)}.{encoded(claims)}"
    signature = base64.urlsafe_b64encode(hmac.digest(public, head.encode(), hashlib.sha256)).rstrip(b"=").decode()
    with pytest.raises(SignatureRefused):
        tokens.verify(f"{head}.{signature}", now)


def test_another_spelling_of_the_same_token_is_refused(tokens, now):
    token = tokens.issue("case", Role.CASE_SYSTEM, None, now)
    last = token[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bits = alphabet[alphabet.index(last) | 0b11]
    spellings = [token[:-1] + same_bits, token + "=", token + "==", token + "\n", " " + token, token.replace(".", "..", 1), token + "."]
    spellings += [token.replace("-", "+").replace("_", "/")] if "-" in token or "_" in token else []
    for spelling in spellings:
        if spelling != token:
            with pytest.raises(SignatureRefused):
                tokens.verify(spelling, now)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "{}", "é.é.é", "A" * (TOKEN_MAX + 1), "W10.W10.AA", "e30.e30.AA"])
def test_what_is_no_token_is_refused(tokens, now, token):
    with pytest.raises(SignatureRefused):
        tokens.verify(token, now)


def test_a_duplicate_key_in_the_header_is_refused(tokens, claims, now, keyring):
    header = f'{{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"{keyring.signing_key.kid}"}}'
    head = base64.urlsafe_b64encode(header.encode()).rstrip(b"=").decode()
    with pytest.raises(SignatureRefused):
        tokens.verify(f"{head}.{encoded(claims)}.AA", now)
