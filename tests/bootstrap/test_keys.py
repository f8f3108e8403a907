"""The keys of a start: made or completed on record, encrypted where there is a passphrase, in the token where there is one."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imgate.bootstrap import make_first_keys, open_gateway
from imgate.bootstrap.checks import notices_of, problems_of
from imgate.bootstrap.keys import rotate_key
from imgate.exchange.ports import Unavailable
from imgate.keys import KeysMissing, KeysUnusable, KeyUse, are_encrypted
from imgate.keys.signatures import verified_statement
from imgate.storage.audit_log import SqlAuditLog

KIND = "imgate-bundle+jws"
PIN = "geheime-pin-9"
MODULE = next(
    (path for path in map(Path, ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")) if path.is_file()), None
)


def logged(gateway) -> str:
    with gateway.store.reading() as tx:
        return b"\n".join(entry.content for entry in SqlAuditLog(tx.session).entries()).decode()


def test_a_gateway_signs_and_publishes_the_key(configure):
    with open_gateway(configure(), make_keys=True) as gateway:
        statement = gateway.signature.sign(b"x", KIND)
        assert gateway.signature is gateway.corridor.signature
        assert verified_statement(statement, KIND, trusted=gateway.keyring.statement_keys) == b"x"
        assert gateway.keyring.current(KeyUse.SIGNING).id in {key["kid"] for key in gateway.jwks["keys"]}


def test_a_folder_from_before_is_completed_by_a_start_and_by_nothing_else(configure, tmp_path):
    settings = configure()
    open_gateway(settings, make_keys=True).close()
    (tmp_path / "imgate.keys" / "signing.json").unlink()
    with pytest.raises(KeysMissing, match=r"signing\.json"):
        open_gateway(settings, make_keys=False)
    assert any("signing.json" in str(problem) for problem in problems_of(settings))
    with open_gateway(settings, make_keys=True) as gateway:
        assert logged(gateway).count('"key_made"') == len(KeyUse) + 1
    with open_gateway(settings, make_keys=True) as gateway:
        assert logged(gateway).count('"key_made"') == len(KeyUse) + 1


def test_keys_that_the_operator_makes_are_on_record_once(configure):
    settings = configure()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert len(make_first_keys(settings, lambda: at)) == len(KeyUse)
    assert make_first_keys(settings, lambda: at) == ()
    with open_gateway(settings, make_keys=False) as gateway:
        assert logged(gateway).count('"key_made"') == len(KeyUse)


def test_with_a_passphrase_new_keys_are_encrypted_from_the_first_start(configure, monkeypatch):
    monkeypatch.setenv("IMGATE_KEYS__PASSPHRASE", "drei Apfel im Schnee")
    settings = configure()
    open_gateway(settings, make_keys=True).close()
    assert are_encrypted(settings.keys.folder)
    assert not [notice for notice in notices_of(settings) if "encrypted" in notice]
    monkeypatch.setenv("IMGATE_KEYS__PASSPHRASE", "vier Birnen im Regen")
    with pytest.raises(KeysUnusable, match="the passphrase is wrong"):
        open_gateway(configure(), make_keys=True)
    monkeypatch.delenv("IMGATE_KEYS__PASSPHRASE")
    with pytest.raises(KeysUnusable, match="there is no passphrase"):
        open_gateway(configure(), make_keys=False)


def test_a_rotation_is_on_record_and_a_gateway_that_runs_goes_on_with_its_key(configure):
    settings = configure()
    with open_gateway(settings, make_keys=True) as running:
        key = rotate_key(settings, running.store, KeyUse.SIGNING, running.corridor.clock())
        statement = running.signature.sign(b"x", KIND)
        assert f'"key":"{key.id}"' in logged(running)
        with open_gateway(settings, make_keys=False) as later:
            assert later.keyring.current(KeyUse.SIGNING) == key
            assert verified_statement(statement, KIND, trusted=later.keyring.statement_keys) == b"x"
            assert running.keyring.current(KeyUse.SIGNING).id in {shown["kid"] for shown in later.jwks["keys"]}


@pytest.fixture
def tokens(tmp_path, monkeypatch):
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    if MODULE is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed (Debian: softhsm2)")
    folder = tmp_path / "tokens"
    folder.mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    command = ["softhsm2-util", "--init-token", "--free", "--label", "imgate-test", "--pin", PIN, "--so-pin", "12345678"]
    subprocess.run(command, check=True, capture_output=True)
    pkcs11.lib(str(MODULE)).reinitialize()
    return f'\n[keys.pkcs11]\nmodule = "{MODULE}"\ntoken = "imgate-test"\n'


def test_the_signing_key_of_a_new_gateway_is_in_its_token(configure, tokens, monkeypatch):
    monkeypatch.setenv("IMGATE_KEYS__PKCS11__PIN", PIN)
    with open_gateway(configure(tokens), make_keys=True) as gateway:
        assert gateway.keyring.current(KeyUse.SIGNING).token_object is not None
        assert verified_statement(gateway.signature.sign(b"x", KIND), KIND, trusted=gateway.keyring.statement_keys) == b"x"
    assert problems_of(configure(tokens)) == []


def test_a_token_that_is_away_keeps_a_start_back_and_nothing_but_signatures_from_the_rest(configure, tokens, monkeypatch):
    monkeypatch.setenv("IMGATE_KEYS__PKCS11__PIN", PIN)
    open_gateway(configure(tokens), make_keys=True).close()
    away = configure(tokens.replace("imgate-test", "another"))
    with pytest.raises(KeysUnusable, match="the token another is not there"):
        open_gateway(away, make_keys=True)
    assert [str(problem).endswith("the token another is not there") for problem in problems_of(away)] == [True]
    with open_gateway(away, make_keys=False) as gateway:
        assert gateway.jwks["keys"]
        with pytest.raises(Unavailable, match="the token another is not there"):
            gateway.signature.sign(b"x", KIND)


def test_a_wrong_pin_is_a_problem_and_is_not_shown(configure, tokens, monkeypatch):
    monkeypatch.setenv("IMGATE_KEYS__PKCS11__PIN", PIN)
    open_gateway(configure(tokens), make_keys=True).close()
    __import__("pkcs11").lib(str(MODULE)).reinitialize()  # a process of its own has not logged in
    monkeypatch.setenv("IMGATE_KEYS__PKCS11__PIN", "falsche-pin")
    (problem,) = problems_of(configure(tokens))
    assert "the token imgate-test refused the PIN" in str(problem)
    assert "falsche-pin" not in str(problem)
