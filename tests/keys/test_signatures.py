"""A statement verifies in its one spelling, under the key that it shows and the algorithm of that key; nothing else does."""

import base64
import hashlib
import hmac
import json
from datetime import date

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from imgate.keys import Key, Keyring, KeysUnusable, KeyUse, SignatureAlgorithm, TokenUnavailable
from imgate.keys.pairs import made_pair, public_members, sign
from imgate.keys.profiles import SIGNATURE_PROFILES
from imgate.keys.signatures import SignatureRefused, StatementSignature, statement_signature, verified_statement

ON = date(2026, 1, 1)
KIND = "imgate-bundle+jws"
PAYLOAD = b'{"declaration":"x"}'
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture(scope="module", params=list(SignatureAlgorithm))
def keyring(request):
    return Keyring.made(ON, request.param)


@pytest.fixture
def pair(keyring):
    (pair,) = keyring.statement_keys.values()
    return pair


@pytest.fixture
def statement(keyring):
    return statement_signature(keyring).sign(PAYLOAD, KIND)


@pytest.fixture
def header(statement):
    return json.loads(decoded(statement.split(".")[0]))


def encoded(value) -> str:
    plain = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forged(header, pair, payload: bytes = PAYLOAD) -> str:
    """Sign what the gateway never would, with a signature that is right."""
    signed = f"{encoded(header)}.{encoded(payload)}"
    return f"{signed}.{encoded(sign(pair, signed.encode()))}"


def refused(token: str, *, kind: str = KIND, trusted=None) -> None:
    with pytest.raises(SignatureRefused):
        verified_statement(token, kind, trusted=trusted)


def test_what_was_signed_is_given_back(keyring, statement):
    assert verified_statement(statement, KIND, trusted=None) == PAYLOAD
    assert verified_statement(statement, KIND, trusted=keyring.statement_keys) == PAYLOAD


@pytest.mark.parametrize("payload", [b"", b"\x00\xff", b"x" * 300_000])
def test_any_bytes_can_be_signed(keyring, payload):
    assert verified_statement(statement_signature(keyring).sign(payload, KIND), KIND, trusted=None) == payload


def test_the_header_is_exactly_this(header, pair):
    assert list(header) == ["alg", "typ", "kid", "jwk"]
    assert header["typ"] == KIND
    assert header["kid"] == pair.thumbprint()
    assert header["jwk"] == public_members(pair)
    assert header["alg"] == {"EC": "ES256", "OKP": "Ed25519"}[header["jwk"]["kty"]]


def test_nothing_private_is_shown(statement, pair, keyring):
    secret = pair.as_dict(private=True)["d"]
    assert secret not in statement
    assert secret not in decoded(statement.split(".")[0]).decode()
    assert secret not in repr(statement_signature(keyring))


def test_its_profile_is_named_and_dated_and_is_that_of_the_algorithm(keyring, header):
    profile = SIGNATURE_PROFILES[statement_signature(keyring).profile]
    assert profile.algorithm == header["alg"]
    assert profile.since == ON
    assert profile.source


def test_a_statement_of_another_kind_is_refused(statement):
    for kind in ("", "JWT", "at+jwt", KIND.upper(), f"application/{KIND}", KIND + " "):
        refused(statement, kind=kind)


def test_a_key_that_is_not_trusted_is_refused(keyring, statement):
    refused(statement, trusted={})
    refused(statement, trusted=Keyring.made(ON).statement_keys)


def test_another_key_under_the_same_name_is_refused(keyring, statement, pair):
    refused(statement, trusted={pair.thumbprint(): made_pair(SignatureAlgorithm.ES256)})
    refused(statement, trusted={pair.thumbprint(): made_pair(SignatureAlgorithm.ED25519)})
    refused(statement, trusted={pair.thumbprint(): OctKey.generate_key(256)})
    refused(statement, trusted={pair.thumbprint(): RSAKey.generate_key(2048)})


@pytest.mark.parametrize(
    "more", [{"use": "enc"}, {"key_ops": ["encrypt"]}, {"key_ops": ["deriveBits"]}, {"alg": "ES384"}, {"alg": "ECDH-ES"}]
)
def test_a_trusted_key_that_is_for_something_else_is_refused(statement, pair, more):
    known = type(pair).import_key(public_members(pair) | more)
    refused(statement, trusted={pair.thumbprint(): known})


def test_earlier_statements_verify_after_a_rotation_under_another_algorithm(keyring, statement):
    for algorithm in SignatureAlgorithm:
        later = Keyring([*keyring.keys, Key.made(KeyUse.SIGNING, ON, algorithm)])
        assert verified_statement(statement, KIND, trusted=later.statement_keys) == PAYLOAD
        newer = statement_signature(later).sign(PAYLOAD, KIND)
        assert verified_statement(newer, KIND, trusted=later.statement_keys) == PAYLOAD
        refused(newer, trusted=keyring.statement_keys)


def test_a_key_of_access_tokens_signs_no_trusted_statement(keyring):
    token_key = keyring.signing_key
    statement = StatementSignature(token_key, lambda signed: sign(token_key, signed)).sign(PAYLOAD, KIND)
    refused(statement, trusted=keyring.statement_keys)


def test_every_changed_character_is_refused(statement):
    for place, letter in enumerate(statement):
        other = "A" if letter != "A" else "B"
        refused(statement[:place] + other + statement[place + 1 :])


def test_every_missing_or_doubled_character_is_refused(statement):
    for place in range(len(statement)):
        refused(statement[:place] + statement[place + 1 :])
        refused(statement[:place] + statement[place] + statement[place:])


def test_another_spelling_of_the_same_statement_is_refused(statement):
    parts = statement.split(".")
    for part, text in enumerate(parts):
        unused = {2: 0b1111, 3: 0b11}.get(len(text) % 4, 0)
        if unused:
            same = text[:-1] + ALPHABET[ALPHABET.index(text[-1]) ^ 1]
            assert decoded(same) == decoded(text)
            refused(".".join([*parts[:part], same, *parts[part + 1 :]]))
        refused(".".join([*parts[:part], text + "=" * (-len(text) % 4 or 4), *parts[part + 1 :]]))
    for spelled in (statement + "\n", " " + statement, statement.replace(".", ". "), statement + ".", "." + statement, statement + ".AA"):
        refused(spelled)
    refused(statement.replace("-", "+").replace("_", "/") if "-" in statement or "_" in statement else statement + "+")


@pytest.mark.parametrize(
    "name", ["EdDSA", "ED25519", "ed25519", "Ed448", "ES256", "es256", "ES256K", "ES384", "HS256", "RS256", "none", "", None, 1]
)
def test_a_header_that_says_another_algorithm_is_refused(header, pair, name):
    if name != header["alg"]:
        refused(forged(header | {"alg": name}, pair))


def test_none_is_refused_with_and_without_a_signature(header, statement):
    for name in ("none", "None", "NONE", "nOnE"):
        head = f"{encoded(header | {'alg': name})}.{encoded(PAYLOAD)}"
        for signature in ("", "AA", statement.split(".")[2]):
            refused(f"{head}.{signature}")


def test_hmac_under_the_public_key_is_refused(header, pair):
    for secret in (
        pair.as_pem(private=False),
        pair.as_der(private=False),
        json.dumps(public_members(pair)).encode(),
        decoded(header["jwk"]["x"]),
    ):
        head = f"{encoded(header | {'alg': 'HS256'})}.{encoded(PAYLOAD)}"
        refused(f"{head}.{encoded(hmac.digest(secret, head.encode(), hashlib.sha256))}")


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"b64": True},
        {"jku": "https://evil.test/jwks.json"},
        {"x5c": ["AA=="]},
        {"x5u": "https://evil.test/c.pem"},
        {"x5t#S256": "AA"},
        {"cty": "json"},
        {"zip": "DEF"},
        {"iat": 1},
        {"": ""},
    ],
)
def test_a_header_with_anything_more_is_refused_though_its_signature_is_right(header, pair, more):
    refused(forged(header | more, pair))


@pytest.mark.parametrize("less", ["alg", "typ", "kid", "jwk"])
def test_a_header_with_anything_less_is_refused(header, pair, less):
    refused(forged({name: value for name, value in header.items() if name != less}, pair))


def test_a_payload_that_is_not_encoded_is_refused(header, pair):
    signed = f"{encoded(header | {'b64': False, 'crit': ['b64']})}.plain"
    refused(f"{signed}.{encoded(sign(pair, signed.encode()))}")


def test_a_detached_payload_is_refused(statement):
    head, _, signature = statement.split(".")
    refused(f"{head}..{signature}")


def test_a_name_that_is_not_the_keys_own_is_refused(header, pair):
    other = made_pair(SignatureAlgorithm.ES256).thumbprint()
    for kid in (other, "", None, 1, [header["kid"]], header["kid"] + "=", header["kid"].upper()):
        refused(forged(header | {"kid": kid}, pair))


def test_another_key_put_into_the_header_is_refused_where_somebody_is_trusted(header, keyring):
    intruder = made_pair(SignatureAlgorithm.ES256)
    for kid in (header["kid"], intruder.thumbprint()):
        replaced = {"alg": "ES256", "typ": KIND, "kid": kid, "jwk": public_members(intruder)}
        refused(forged(replaced, intruder), trusted=keyring.statement_keys)
    refused(forged({"alg": "ES256", "typ": KIND, "kid": header["kid"], "jwk": public_members(intruder)}, intruder))


def test_the_key_of_one_statement_does_not_verify_what_another_signed(header, pair):
    refused(forged(header, made_pair(SignatureAlgorithm.ES256)))
    refused(forged(header, made_pair(SignatureAlgorithm.ED25519)))


def spoiled_keys(jwk):
    yield from (None, [], "", {}, 1, "x" * 40, [jwk])
    yield jwk | {"d": jwk["x"]}
    yield jwk | {"use": "sig"}
    yield jwk | {"kid": "x"}
    yield jwk | {"k": "AAAA"}
    yield jwk | {"x": jwk["x"] + "="}
    yield jwk | {"x": jwk["x"] + "AA"}
    yield jwk | {"x": jwk["x"][:-1]}
    yield jwk | {"x": ""}
    yield jwk | {"x": None}
    yield jwk | {"x": "AA" + jwk["x"]}
    yield jwk | {"x": jwk["x"][:-1] + ALPHABET[ALPHABET.index(jwk["x"][-1]) ^ 1]}  # 32 bytes leave two bits that say nothing
    yield jwk | {"kty": "oct", "k": "AAAA"}
    yield jwk | {"kty": "RSA"}
    yield jwk | {"kty": "ec"}
    yield jwk | {"crv": "P-384"}
    yield jwk | {"crv": "secp256k1"}
    yield jwk | {"crv": "X25519"}
    yield {name: value for name, value in jwk.items() if name != "kty"}
    yield {name: value for name, value in jwk.items() if name != "x"}


def test_a_shown_key_that_is_not_exactly_one_is_refused(header, pair):
    for spoiled in spoiled_keys(header["jwk"]):
        refused(forged(header | {"jwk": spoiled}, pair))


@pytest.mark.parametrize(
    "key",
    [
        ECKey.generate_key("P-384"),
        ECKey.generate_key("P-521"),
        ECKey.generate_key("secp256k1"),
        OKPKey.generate_key("Ed448"),
        OKPKey.generate_key("X25519"),
    ],
)
def test_a_key_on_another_curve_is_refused(header, pair, key):
    shown = {name: value for name, value in key.as_dict(private=False).items() if name in {"kty", "crv", "x", "y"}}
    for algorithm in (header["alg"], "ES384", "ES512", "ES256K", "Ed448"):
        refused(forged(header | {"alg": algorithm, "jwk": shown, "kid": key.thumbprint()}, pair))


def test_a_point_that_is_on_no_curve_is_refused(header, pair):
    if header["jwk"]["kty"] == "OKP":
        return  # an Ed25519 key is any 32 bytes
    for x, y in ((b"\0" * 32, b"\0" * 32), (b"\1" * 32, b"\2" * 32)):
        shown = header["jwk"] | {"x": encoded(x), "y": encoded(y)}
        refused(forged(header | {"jwk": shown}, pair))


def test_a_name_that_stands_twice_is_refused(header, pair):
    for name in ("alg", "kid", "jwk", "typ"):
        text = json.dumps(header)[:-1] + f', "{name}": {json.dumps(header[name])}}}'
        signed = f"{encoded(text.encode())}.{encoded(PAYLOAD)}"
        refused(f"{signed}.{encoded(sign(pair, signed.encode()))}")
    inner = json.dumps(header).replace('"kty"', f'"x": {json.dumps(header["jwk"]["x"])}, "kty"')
    signed = f"{encoded(inner.encode())}.{encoded(PAYLOAD)}"
    refused(f"{signed}.{encoded(sign(pair, signed.encode()))}")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "{}", "é.é.é", "W10.W10.AA", "e30.e30.AA", "bnVsbA.e30.AA", "\x00.\x00.\x00"])
def test_what_is_no_statement_is_refused(token):
    refused(token)


def test_a_signature_as_der_is_refused(header, statement):
    """ECDSA's other form says the same, and would be a second spelling."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    head, payload, signature = statement.split(".")
    raw = decoded(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    refused(f"{head}.{payload}.{encoded(der)}")


class Token:
    """A hardware token that keeps what it was asked to sign, and answers or fails as the test says."""

    def __init__(self, pair, fault=None):
        self.pair, self.fault, self.asked = pair, fault, []

    def sign(self, token_object, pair, message):
        self.asked.append(message)
        if self.fault is not None:
            raise self.fault
        return sign(self.pair, message)


def in_token(token):
    others = [Key.made(use, ON) for use in KeyUse if use is not KeyUse.SIGNING]
    key = Key(token.pair.thumbprint(), KeyUse.SIGNING, ON, public_members(token.pair), "00" * 16)
    return statement_signature(Keyring([*others, key]), token)


def test_a_token_is_asked_beforehand_with_what_can_be_no_statement():
    token = Token(made_pair(SignatureAlgorithm.ES256))
    in_token(token).check()
    (asked,) = token.asked
    assert b"." not in asked
    refused(f"{asked.decode()}.{encoded(PAYLOAD)}.{encoded(sign(token.pair, asked))}")


def test_a_key_that_is_here_is_asked_nothing(pair):
    StatementSignature(pair, lambda _: pytest.fail("it was asked to sign")).check()


@pytest.mark.parametrize("fault", [TokenUnavailable("it is not there"), KeysUnusable("it refused the PIN")])
def test_whatever_keeps_a_token_from_signing_is_one_failure_and_passes_perhaps(fault):
    signature = in_token(Token(made_pair(SignatureAlgorithm.ES256), fault))
    for step in (signature.check, lambda: signature.sign(PAYLOAD, KIND)):
        with pytest.raises(TokenUnavailable, match=str(fault)):
            step()
