"""The key set that anybody may fetch: complete, public members only, and not fetched twice for nothing."""

from datetime import date

import pytest
from pydantic import TypeAdapter

from imgate.http.standard_shapes import KeySet
from imgate.keys import Key, Keyring, KeyUse, SignatureAlgorithm

PATH = "/.well-known/jwks.json"
PUBLIC = {"kty", "crv", "x", "y", "kid", "use", "alg", "imgate_use"}


@pytest.fixture(scope="session")
def keyring():
    made = Keyring.made(date(2026, 1, 1))
    later = [Key.made(KeyUse.TOKENS, date(2026, 6, 1)), Key.made(KeyUse.SIGNING, date(2026, 6, 1), SignatureAlgorithm.ED25519)]
    return Keyring([*made.keys, *later])


def test_keys_of_tokens_and_of_statements_are_there_earlier_ones_too(http, keyring):
    shown = http.get(PATH).json()["keys"]
    assert [key["kid"] for key in shown] == [key.id for key in keyring.keys if key.use in {KeyUse.TOKENS, KeyUse.SIGNING}]
    assert [(key["kty"], key["alg"]) for key in shown] == [("EC", "ES256")] * 3 + [("OKP", "Ed25519")]
    assert all(key["use"] == "sig" for key in shown)


def test_each_key_says_what_it_signs(http, keyring):
    said = [(key["kid"], key["imgate_use"]) for key in http.get(PATH).json()["keys"]]
    signs = {KeyUse.TOKENS: "access-tokens", KeyUse.SIGNING: "statements"}
    assert said == [(key.id, signs[key.use]) for key in keyring.keys if key.use in signs]


def test_what_is_given_is_what_the_api_document_says(http):
    answer = http.get(PATH)
    assert TypeAdapter(KeySet).validate_json(answer.content, extra="forbid") == answer.json()
    assert "imgate_use" in http.get("/openapi.json").json()["components"]["schemas"]["PublishedKey"]["required"]


def test_no_private_member_is_ever_there(http, keyring):
    answer = http.get(PATH)
    assert all(key.keys() <= PUBLIC for key in answer.json()["keys"])
    for key in keyring.keys:
        secret = key.secret.hex() if isinstance(key.secret, bytes) else key.secret["d"]
        assert secret not in answer.text


def test_they_may_be_kept_for_a_while_by_anybody(http):
    assert http.get(PATH).headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("spelled", ["{tag}", "W/{tag}", '"another", {tag}', "*"])
def test_who_has_them_is_told_so_without_them(http, spelled):
    tag = http.get(PATH).headers["etag"]
    answer = http.get(PATH, headers={"If-None-Match": spelled.format(tag=tag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (tag, "public, max-age=300")


@pytest.mark.parametrize("known", ['"another"', "", "nonsense", '"*"'])
def test_who_has_others_is_given_them(http, known):
    assert http.get(PATH, headers={"If-None-Match": known}).status_code == 200


def test_another_key_set_has_another_tag(http, gateway, metrics):
    from imgate.http.app import create_app
    from tests.in_process import InProcessClient

    gateway.jwks = Keyring.made(date(2026, 1, 1)).jwks()
    other = InProcessClient(create_app(gateway, metrics), "http://gateway.test")
    assert other.get(PATH).headers["etag"] != http.get(PATH).headers["etag"]


def test_a_statement_key_opens_no_door(http, keyring):
    from imgate.keys.signatures import statement_signature

    statement = statement_signature(keyring).sign(b'{"sub":"case"}', "at+jwt")
    answer = http.get("/v1/inbox", headers={"Authorization": f"Bearer {statement}"})
    assert answer.status_code == 401
