"""What the configuration says of keys: its secrets come by the environment or by files, and are never shown."""

import pytest

from imgate.bootstrap.custody import custody_of, passphrase_of
from imgate.keys import KeysUnusable, Passphrase
from imgate.settings import ConfigurationInvalid, load_settings

MINIMAL = '[gateway]\nid = "im-winnenden"\nname = "Integrationsmanagement Winnenden"\n'
TOKEN = '\n[keys.pkcs11]\nmodule = "hsm.so"\ntoken = "imgate"\n'
WORDS = "drei Äpfel im Schnee"


@pytest.fixture
def configure(tmp_path):
    def load(more=""):
        (tmp_path / "imgate.toml").write_text(MINIMAL + more, encoding="utf-8")
        return load_settings(tmp_path / "imgate.toml")

    return load


def opens_alike(one: Passphrase | None, words: str) -> bool:
    salt = b"0123456789abcdef"
    return one is not None and one.derived("imgate-passphrase-2026", salt) == Passphrase(words).derived("imgate-passphrase-2026", salt)


def test_without_any_keys_are_readable_and_statements_are_signed_by_es256(configure):
    custody = custody_of(configure().keys)
    assert (custody.passphrase, custody.signature, custody.token) == (None, "ES256", None)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_passphrase_stands_in_a_file_beside_the_configuration(configure, tmp_path, ending):
    (tmp_path / "words").write_bytes((WORDS + ending).encode())
    assert opens_alike(passphrase_of(configure('\n[keys]\npassphrase_file = "words"\n').keys), WORDS)


@pytest.mark.parametrize(
    "words",
    [WORDS, "123456789012", "null null null", '{"json": "it is"}', '["twelve chars"]', "  blanks at both ends  ", "true        true"],
)
def test_the_passphrase_comes_by_the_environment_as_it_is(configure, monkeypatch, tmp_path, words):
    (tmp_path / "words").write_text("another passphrase")
    monkeypatch.setenv("IMGATE_KEYS__PASSPHRASE", words)
    assert opens_alike(passphrase_of(configure('\n[keys]\npassphrase_file = "words"\n').keys), words)


@pytest.mark.parametrize("words", ["", "zu kurz"])
def test_an_empty_or_short_passphrase_is_refused_and_not_taken_for_none(configure, monkeypatch, words):
    monkeypatch.setenv("IMGATE_KEYS__PASSPHRASE", words)
    with pytest.raises(KeysUnusable, match="fewer than 12 characters"):
        passphrase_of(configure().keys)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_passphrase_file_that_cannot_be_read_is_named(configure, tmp_path, content):
    if content is not None:
        (tmp_path / "words").write_bytes(content)
    with pytest.raises(KeysUnusable, match=r"the file that \[keys\] passphrase_file names cannot be read"):
        passphrase_of(configure('\n[keys]\npassphrase_file = "words"\n').keys)


@pytest.mark.parametrize(
    ("more", "line", "named", "variable"),
    [
        (f'\n[keys]\npassphrase = "{WORDS}"\n', 6, "keys.passphrase", "IMGATE_KEYS__PASSPHRASE"),
        (f'{TOKEN}pin = "{WORDS}"\n', 8, "keys.pkcs11.pin", "IMGATE_KEYS__PKCS11__PIN"),
    ],
)
def test_a_secret_in_the_file_is_refused(configure, more, line, named, variable):
    with pytest.raises(ConfigurationInvalid) as refused:
        configure(more)
    (problem,) = map(str, refused.value.problems)
    assert problem.startswith(
        f"line {line}: `{named}`: a secret does not stand in this file: name a file that holds it by `{named.split('.')[-1]}_file`"
    )
    assert problem.endswith(f"or set {variable}")
    assert WORDS not in str(refused.value)


def test_secrets_are_not_shown(configure, monkeypatch):
    monkeypatch.setenv("IMGATE_KEYS__PASSPHRASE", WORDS)
    monkeypatch.setenv("IMGATE_KEYS__PKCS11__PIN", "geheime-pin-9")
    settings = configure(TOKEN)
    custody = custody_of(settings.keys)
    shown = repr(settings) + str(settings.keys) + repr(custody) + repr(vars(custody.token))
    assert WORDS not in shown
    assert "geheime-pin-9" not in shown


def test_paths_are_relative_to_the_file(configure, tmp_path):
    keys = configure(f'\n[keys]\npassphrase_file = "words"\n{TOKEN}pin_file = "pin"\n').keys
    assert keys.passphrase_file == tmp_path / "words"
    assert (keys.pkcs11.module, keys.pkcs11.pin_file) == (tmp_path / "hsm.so", tmp_path / "pin")


def test_a_token_without_a_pin_is_refused_when_it_is_needed(configure, tmp_path):
    with pytest.raises(KeysUnusable, match="the token imgate has no PIN: set IMGATE_KEYS__PKCS11__PIN"):
        custody_of(configure(TOKEN).keys).token.look("00")
    (tmp_path / "pin").write_text("\n")
    with pytest.raises(KeysUnusable, match="the token imgate has no PIN"):
        custody_of(configure(f'{TOKEN}pin_file = "pin"\n').keys).token.look("00")
    (tmp_path / "pin").unlink()
    with pytest.raises(KeysUnusable, match=r"the file that \[keys\.pkcs11\] pin_file names cannot be read"):
        custody_of(configure(f'{TOKEN}pin_file = "pin"\n').keys)


@pytest.mark.parametrize("name", ["RS256", "HS256", "none", "EdDSA", "es256", ""])
def test_another_algorithm_is_refused(configure, name):
    with pytest.raises(ConfigurationInvalid, match=r"keys\.signature"):
        configure(f'\n[keys]\nsignature = "{name}"\n')
