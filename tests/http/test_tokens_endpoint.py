"""The token endpoint gives a token to a client that proves itself, and tells nobody else anything."""

import base64
import json
import logging
import warnings

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from imgate.vocabulary.words import Role

GRANT = {"grant_type": "client_credentials"}
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
URL = "http://gateway.test"


def basic(client_id: str, secret: str = "geheim-geheim") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def test_a_client_with_its_secret_gets_a_token(http):
    answer = http.post("/oauth/token", data=GRANT, headers=basic("case"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.json()["expires_in"] == 300
    header = json.loads(base64.urlsafe_b64decode(answer.json()["access_token"].split(".")[0] + "=="))
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")


REFUSED = {
    "wrong secret": (GRANT, basic("case", "geraten")),
    "no secret": (GRANT, basic("case", "")),
    "unknown client": (GRANT, basic("niemand")),
    "a client id that cannot be": (GRANT, basic("case\x00")),
    "nobody": (GRANT, {}),
    "not base64": (GRANT, {"Authorization": "Basic ???"}),
    "not UTF-8": (GRANT, {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode()}),
    "a bearer token": (GRANT, {"Authorization": "Bearer abc"}),
    "the secret in the form": (GRANT | {"client_id": "case", "client_secret": "geheim-geheim"}, {}),
    "an assertion that is none": (GRANT | {"client_assertion_type": ASSERTION, "client_assertion": "a.b.c"}, {}),
    "a deep assertion": (
        GRANT | {"client_assertion_type": ASSERTION, "client_assertion": "e30." + base64.urlsafe_b64encode(b"[" * 9999).decode() + ".AA"},
        {},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_who_does_not_prove_itself_gets_invalid_client(http, case):
    form, headers = REFUSED[case]
    answer = http.post("/oauth/token", data=form, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert answer.headers["www-authenticate"] == 'Basic realm="imgate"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=%3Cscript%3E%22%0d%0aX-Evil:1", "unsupported_grant_type"),
        ("", "invalid_request"),
        ("scope=x", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&scope=all", "invalid_scope"),
        ("grant_type=client_credentials&client_assertion=x&client_assertion_type=y", "invalid_request"),
        ("grant_type=%ff", "invalid_request"),
        ("&".join(f"a{n}=1" for n in range(50)), "invalid_request"),
    ],
)
def test_a_malformed_request_is_told_by_its_code_alone(http, body, error):
    headers = basic("case") | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = http.post("/oauth/token", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_the_form_is_limited(http):
    headers = basic("case") | {"Content-Type": "application/x-www-form-urlencoded"}
    assert http.post("/oauth/token", content=b"a=" + b"x" * 70_000, headers=headers).status_code == 413


def test_json_is_no_form(http):
    assert http.post("/oauth/token", json=GRANT, headers=basic("case")).json() == {"error": "invalid_request"}


def test_the_secret_in_the_query_is_not_looked_at(http):
    query = "?client_id=case&client_secret=geheim-geheim&grant_type=client_credentials"
    assert http.post("/oauth/token" + query, headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code == 400


def test_no_token_and_no_secret_in_the_log(http, caplog):
    with caplog.at_level(logging.DEBUG):
        token = http.post("/oauth/token", data=GRANT, headers=basic("case")).json()["access_token"]
    assert token not in caplog.text
    assert "geheim" not in caplog.text


KEYS = {"ES256": ECKey.generate_key("P-256"), "EdDSA": OKPKey.generate_key("Ed25519"), "RS256": RSAKey.generate_key(2048)}


@pytest.fixture(params=KEYS)
def algorithm(request):
    return request.param


@pytest.fixture
def post_assertion(http, accesses, now):
    def post(algorithm: str = "ES256", key=None, header=None, **claims):
        accesses.add("signer", Role.AUDITOR, secret=None, public_key=KEYS[algorithm])
        claims = {"iss": "signer", "sub": "signer", "aud": URL + "/oauth/token", "exp": now + 120, "jti": "j1"} | claims
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": algorithm, "typ": "JWT"} | (header or {})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # the name EdDSA is deprecated, clients still use it
            assertion = jwt.encode(header, claims, key or KEYS[algorithm], [header["alg"]], default_type=None)
        return http.post("/oauth/token", data=GRANT | {"client_assertion_type": ASSERTION, "client_assertion": assertion})

    return post


def test_a_client_that_signs_gets_a_token(post_assertion, algorithm):
    assert post_assertion(algorithm).status_code == 200


def test_the_gateway_itself_is_an_audience(post_assertion):
    assert post_assertion(aud=[URL]).status_code == 200


def test_an_assertion_is_used_once(post_assertion):
    assert post_assertion().status_code == 200
    assert post_assertion().json() == {"error": "invalid_client"}
    assert post_assertion(jti="j2").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://other.test"},
        {"aud": [URL, "https://other.test"]},
        {"aud": []},
        {"aud": None},
        {"iss": "case"},
        {"iss": None},
        {"sub": "case"},
        {"sub": None},
        {"sub": ["signer"]},
        {"exp": None},
        {"exp": 1},
        {"exp": "9999999999"},
        {"exp": 9_999_999_999},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "j" * 300},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
    ],
    ids=str,
)
def test_an_assertion_that_is_not_for_this_is_refused_and_uses_no_jti(post_assertion, accesses, change):
    answer = post_assertion(**change)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert accesses.used == set()


def test_an_assertion_under_another_key_is_refused(post_assertion, accesses, other_key):
    assert post_assertion(key=other_key).status_code == 401
    assert accesses.used == set()


def test_an_access_token_is_no_assertion(post_assertion):
    assert post_assertion(header={"typ": "at+jwt"}).status_code == 401


def test_a_client_that_signs_has_no_secret(http, accesses):
    accesses.add("signer", Role.AUDITOR, secret="geheim-geheim", public_key=KEYS["ES256"])
    assert http.post("/oauth/token", data=GRANT, headers=basic("signer")).status_code == 401
