"""`[audit]`: what could never hold, or would hold for nobody, is an error at the start, with its line."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from imgate.audit.signing import Cosigner, LogSigner
from imgate.settings import ConfigurationInvalid, load_settings
from imgate.settings.audit import AuditSettings

HEAD = '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n\n[audit]\n'
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
WITNESS = str(Cosigner("amt.example.org", KEY).public)
OTHER = str(Cosigner("kreis.example.org", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"1")).public)
SAME_KEY = str(Cosigner("kreis.example.org", KEY).public)
LOG = str(LogSigner("imgate/im", KEY).public)


@pytest.fixture
def load(tmp_path):
    def loaded(lines):
        file = tmp_path / "imgate.toml"
        file.write_text(HEAD + lines, encoding="utf-8")
        return load_settings(file)

    return loaded


def test_without_the_section_the_log_has_its_gateway_s_name_and_nobody_else_vouches(load):
    settings = load("")
    assert settings.origin == "imgate/im"
    assert settings.audit.checkpoint_minutes == 60
    assert settings.audit.time_stamp_url is None
    assert settings.audit.witness_keys == ()


def test_a_name_of_its_own_stays_when_the_gateway_is_renamed(load):
    assert load('origin = "log.example.org/1"').origin == "log.example.org/1"


def test_the_roots_are_beside_the_configuration(load, tmp_path):
    section = 'time_stamp_url = "https://tsa.example.org/tsr"\ntime_stamp_roots = "trust/tsa.pem"'
    assert load(section).audit.time_stamp_roots == tmp_path / "trust" / "tsa.pem"


def test_witnesses_are_known_by_their_keys(load):
    assert [str(key) for key in load(f'witnesses = ["{WITNESS}", "{OTHER}"]').audit.witness_keys] == [WITNESS, OTHER]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/tsr", "http://localhost/", "http://[::1]/tsr", "https://tsa.example.org"])
def test_an_authority_may_be_anywhere_by_https_and_here_by_http(load, url):
    assert load(f'time_stamp_url = "{url}"\ntime_stamp_roots = "a.pem"').audit.time_stamp_url == url


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('origin = ""', "1 to 200 visible ASCII"),
        ('origin = "a b"', "1 to 200 visible ASCII"),
        ('origin = "a+b"', "1 to 200 visible ASCII"),
        ('origin = "prüfung"', "1 to 200 visible ASCII"),
        ('origin = "a\\n"', "1 to 200 visible ASCII"),
        (f'origin = "{"a" * 201}"', "1 to 200 visible ASCII"),
        ("checkpoint_minutes = 0", "at least 1"),
        ("checkpoint_minutes = 1441", "at most 1440"),
        ('time_stamp_url = "http://tsa.example.org/tsr"', "http only on this machine"),
        ('time_stamp_url = "https://user:word@tsa.example.org"', "must be an address"),
        ('time_stamp_url = "ftp://tsa.example.org"', "must be an address"),
        ('time_stamp_url = "tsa.example.org"', "must be an address"),
        ('witnesses = "x"', "must be a list"),
        ('witnesses = [""]', "number 1 is no key"),
        (f'witnesses = ["{WITNESS}", "{OTHER[:-4]}"]', "number 2 is no key"),
        (f'witnesses = ["{WITNESS.replace("amt", "abt")}"]', "number 1 is no key"),
        (f'witnesses = ["{LOG}"]', "is the key of a log"),
        (f'witnesses = ["{WITNESS}", "{WITNESS}"]', "names a witness twice"),
        (f'witnesses = ["{WITNESS}", "{SAME_KEY}"]', "names a witness twice"),
        ('witness = ["x"]', "did you mean `witnesses`"),
    ],
)
def test_what_could_not_hold_is_an_error_with_its_line(load, lines, why):
    with pytest.raises(ConfigurationInvalid, match="line 6") as error:
        load(lines)
    assert why in str(error.value)


def test_an_authority_that_nobody_trusts_is_an_error(load):
    with pytest.raises(ConfigurationInvalid, match="nobody's time-stamps are trusted"):
        load('time_stamp_url = "https://tsa.example.org/tsr"')


def test_no_value_is_shown():
    for values in ({"checkpoint_minutes": -4711}, {"origin": "a 4711"}, {"witnesses": ["4711"]}, {"time_stamp_url": "http://4711.example"}):
        with pytest.raises(ValidationError) as error:
            AuditSettings(**values)
        assert "4711" not in str(error.value)
