"""A service's key set is taken only if every key in it is public, strong enough, and of an algorithm that was named."""

import json

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from imgate.bootstrap import open_gateway
from imgate.bootstrap.checks import problems_of
from imgate.bootstrap.eid import KeysUnusable, read_keys
from imgate.settings import ConfigurationInvalid, load_settings
from imgate.settings.eid import EidAlgorithm, EidSettings
from imgate.vocabulary.words import EvidenceKind
from tests.documents.asserting import KEYS, NOW, about, assertion, public
from tests.exchange.conftest import CONFIG

CONFIGURED = """
[eid.bund]
issuer = "https://eid.example.org"
jwks_file = "bund.jwks"
algorithms = ["ES256", "Ed25519"]
"""


@pytest.fixture
def read(tmp_path):
    def read(content, *algorithms):
        file = tmp_path / "keys.jwks"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        listed = tuple(map(EidAlgorithm, algorithms or KEYS))
        return read_keys(EidSettings(issuer="x", jwks_file=file, algorithms=listed))

    return read


def test_each_key_has_the_one_algorithm_of_its_kind(read):
    keys = read({"keys": [public(key) for key in KEYS.values()]})
    assert {algorithm.value: key.thumbprint() for key, algorithm in keys.values()} == {name: key.thumbprint() for name, key in KEYS.items()}


def test_a_key_is_known_by_its_own_name(read):
    assert list(read({"keys": [public(KEYS["ES256"], kid="spring")]})) == ["spring"]


def test_a_key_for_encryption_is_passed_over(read):
    keys = read({"keys": [public(KEYS["ES256"], use="enc"), public(KEYS["Ed25519"], use="sig", alg="EdDSA")]}, "Ed25519")
    assert [algorithm for _, algorithm in keys.values()] == [EidAlgorithm.ED25519]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not JSON"),
        (b'{"keys": [], "keys": []}', "is not JSON"),
        ([], "is not a JWK set"),
        ({}, "is not a JWK set"),
        ({"keys": {}}, "is not a JWK set"),
        ({"keys": ["x"]}, "is not a JWK set"),
        ({"keys": []}, "holds no key"),
        ({"keys": [public(KEYS["ES256"], use="enc")]}, "holds no key"),
        ({"keys": [KEYS["ES256"].as_dict(private=True)]}, "holds a private key"),
        ({"keys": [KEYS["PS256"].as_dict(private=True)]}, "holds a private key"),
        ({"keys": [OctKey.generate_key(256).as_dict()]}, "holds a private key or a shared secret"),
        ({"keys": [public(RSAKey.generate_key(2048, private=True))]}, "less than 3000 bits"),
        ({"keys": [public(ECKey.generate_key("P-521", private=True))]}, "on a curve"),
        ({"keys": [public(OKPKey.generate_key("X25519", private=True))]}, "on a curve"),
        ({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}, "cannot be read"),
        ({"keys": [{"kty": "AKP"}]}, "cannot be read"),
        ({"keys": [public(KEYS["ES256"], kid="a"), public(KEYS["ES384"], kid="a")]}, "two keys of one name"),
        ({"keys": [public(KEYS["ES256"], kid=1)]}, "cannot be read"),
        ({"keys": [public(KEYS["ES256"], alg="ES384")]}, "algorithm"),
        ({"keys": [public(KEYS["PS256"], alg="RS256")]}, "algorithm"),
    ],
)
def test_a_key_set_that_is_not_what_it_should_be_is_refused_as_a_whole(read, content, why):
    with pytest.raises(KeysUnusable, match=why):
        read(content)


def test_a_key_of_an_algorithm_that_is_not_listed_is_a_mistake_of_the_configuration(read):
    with pytest.raises(KeysUnusable, match="`algorithms` does not name"):
        read({"keys": [public(KEYS["ES256"]), public(KEYS["ES384"])]}, "ES256")


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "imgate.toml").write_text(CONFIG + CONFIGURED, encoding="utf-8")
    (tmp_path / "bund.jwks").write_text(json.dumps({"keys": [public(KEYS["ES256"]), public(KEYS["Ed25519"])]}))
    return tmp_path


def test_a_gateway_with_a_service_takes_its_assertions(configured):
    with open_gateway(load_settings(configured / "imgate.toml"), make_keys=True) as gateway:
        examine = gateway.corridor.examiner.examine
        assert examine(EvidenceKind.EID, "application/jwt", assertion(), about("Amina Muster"), NOW).refused is None
        assert examine(EvidenceKind.EID, "application/jwt", assertion(aud="another"), about(), NOW).refused == "eid_declaration_differs"
        assert examine(EvidenceKind.EID, "application/jwt", assertion(algorithm="ES384"), about(), NOW).refused == "eid_untrusted"


def test_a_gateway_without_a_service_takes_none(configured):
    (configured / "imgate.toml").write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(configured / "imgate.toml"), make_keys=True) as gateway:
        refused = gateway.corridor.examiner.examine(EvidenceKind.EID, "application/jwt", assertion(), about(), NOW).refused
    assert refused == "evidence_kind_unsupported"


def test_a_missing_key_set_keeps_the_gateway_from_starting_and_check_tells_it_by_its_line(configured):
    (configured / "bund.jwks").unlink()
    settings = load_settings(configured / "imgate.toml")
    with pytest.raises(ConfigurationInvalid, match=r"line \d+: `eid.bund.jwks_file`: cannot be read"):
        open_gateway(settings, make_keys=True)
    assert any("`eid.bund.jwks_file`" in str(problem) for problem in problems_of(settings))
