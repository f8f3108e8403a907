"""A signing key in a hardware token (SoftHSM here): it never leaves, and a token that is away signs nothing and gives nothing away."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from imgate.http.problems import problem_of
from imgate.keys import (
    Custody,
    KeysUnusable,
    KeyUse,
    Passphrase,
    SignatureAlgorithm,
    TokenUnavailable,
    load_keys,
    make_keys,
    protect,
    rotate,
)
from imgate.keys.hardware import HardwareToken, TokenPlace
from imgate.keys.pairs import made_pair
from imgate.keys.signatures import statement_signature, verified_statement

ON = date(2026, 1, 1)
KIND = "imgate-bundle+jws"
PIN = "geheime-pin-9"
MODULES = [
    Path(folder) / "libsofthsm2.so"
    for folder in ("/usr/lib/softhsm", "/usr/lib64/softhsm", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm")
]


@pytest.fixture
def module():
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    found = next((module for module in MODULES if module.is_file()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed (Debian: softhsm2)")
    return found


@pytest.fixture
def tokens(tmp_path, monkeypatch, module):
    """A folder of software tokens, with one in it."""
    folder = tmp_path / "tokens"
    folder.mkdir()
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    initialised("imgate-test")
    begin_anew(module)
    return folder


def begin_anew(module) -> None:
    """Have the module read its configuration again: it is one for the whole process."""
    import pkcs11

    pkcs11.lib(str(module)).reinitialize()


def initialised(label: str) -> None:
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "12345678"]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def place(tokens, module):
    return TokenPlace(module, "imgate-test", "imgate", PIN)


@pytest.fixture(params=list(SignatureAlgorithm))
def custody(request, place):
    return Custody(None, request.param, HardwareToken(place))


@pytest.fixture
def folder(tmp_path, custody):
    folder = tmp_path / "imgate.keys"
    make_keys(folder, ON, custody)
    return folder


def objects(place) -> list:
    """Look into the token from the outside: all private keys with what may be known of them."""
    script = (
        "import sys, pkcs11\n"
        "from pkcs11 import Attribute as A, ObjectClass\n"
        "session = pkcs11.lib(sys.argv[1]).get_token(token_label=sys.argv[2]).open(user_pin=sys.argv[3])\n"
        "for key in session.get_objects({A.CLASS: ObjectClass.PRIVATE_KEY}):\n"
        "    print(key.label, key.id.hex(), key[A.SENSITIVE], key[A.EXTRACTABLE], key[A.DECRYPT], key[A.DERIVE])\n"
    )
    done = subprocess.run([sys.executable, "-c", script, place.module, place.token, place.pin], check=True, capture_output=True, text=True)
    return [line.split() for line in done.stdout.splitlines()]


def test_the_signing_key_is_in_the_token_and_the_others_are_in_files(folder, custody, place):
    keyring = load_keys(folder, custody)
    key = keyring.current(KeyUse.SIGNING)
    assert [known.use for known in keyring.keys if known.token_object is not None] == [KeyUse.SIGNING]
    entry = json.loads((folder / "signing.json").read_text())["keys"][0]
    assert entry.keys() == {"id", "created", "object", "public"}
    assert "d" not in entry["public"]
    (found,) = objects(place)
    assert found == [f"imgate-2026-01-01-{key.token_object[:8]}", key.token_object, "True", "False", "False", "False"]


def test_what_the_token_signs_verifies(folder, custody):
    keyring = load_keys(folder, custody)
    for payload in (b"", b"x", b"y" * 200_000):
        statement = statement_signature(keyring, custody.token).sign(payload, KIND)
        assert verified_statement(statement, KIND, trusted=keyring.statement_keys) == payload


def test_the_key_set_shows_it_like_any_other(folder, custody):
    keyring = load_keys(folder, custody)
    shown = keyring.jwks()["keys"][-1]
    assert (shown["kid"], shown["alg"], shown["use"]) == (keyring.current(KeyUse.SIGNING).id, custody.signature, "sig")
    assert "d" not in shown


def test_a_rotation_makes_a_new_object_and_what_the_old_one_signed_verifies_on(folder, custody, place):
    before = load_keys(folder, custody)
    old = statement_signature(before, custody.token).sign(b"old", KIND)
    after, key = rotate(folder, KeyUse.SIGNING, date(2026, 6, 1), custody)
    new = statement_signature(after, custody.token).sign(b"new", KIND)
    assert len(objects(place)) == 2
    assert after.current(KeyUse.SIGNING) == key
    assert verified_statement(old, KIND, trusted=after.statement_keys) == b"old"
    assert verified_statement(new, KIND, trusted=after.statement_keys) == b"new"
    assert load_keys(folder, custody).keys == after.keys


def test_a_gateway_that_runs_goes_on_signing_with_the_old_key_after_a_rotation(folder, custody, place):
    signature = statement_signature(load_keys(folder, custody), custody.token)
    rotate(folder, KeyUse.SIGNING, ON, Custody(None, custody.signature, HardwareToken(place)))
    after = load_keys(folder, custody)
    assert verified_statement(signature.sign(b"still", KIND), KIND, trusted=after.statement_keys) == b"still"


def test_from_a_file_into_the_token_and_back(tmp_path, place):
    folder = tmp_path / "imgate.keys"
    first, _ = make_keys(folder, ON)
    token = Custody(token=HardwareToken(place))
    statements = [statement_signature(first).sign(b"1", KIND)]
    second, _ = rotate(folder, KeyUse.SIGNING, ON, token)
    statements.append(statement_signature(second, token.token).sign(b"2", KIND))
    third, key = rotate(folder, KeyUse.SIGNING, ON)
    statements.append(statement_signature(third).sign(b"3", KIND))
    assert key.token_object is None
    assert [verified_statement(statement, KIND, trusted=third.statement_keys) for statement in statements] == [b"1", b"2", b"3"]


def test_a_passphrase_protects_the_other_keys_and_the_token_its_own(folder, custody):
    passphrase = Passphrase("drei Äpfel im Schnee")
    before = load_keys(folder, custody)
    protect(folder, None, passphrase)
    assert load_keys(folder, Custody(passphrase)).keys == before.keys
    assert '"secret"' not in "".join(file.read_text() for file in folder.iterdir())


def test_without_the_token_what_it_signed_can_still_be_verified_but_nothing_signed(folder, custody):
    statement = statement_signature(load_keys(folder, custody), custody.token).sign(b"x", KIND)
    keyring = load_keys(folder)
    assert verified_statement(statement, KIND, trusted=keyring.statement_keys) == b"x"
    with pytest.raises(TokenUnavailable, match=r"names none"):
        statement_signature(keyring).sign(b"x", KIND)


def refusal(place: TokenPlace) -> str:
    token = HardwareToken(place)
    with pytest.raises(KeysUnusable) as refused:
        token.look("00" * 16)
    assert PIN not in repr(refused.getrepr(style="short", showlocals=False)) + repr(token) + repr(place)
    return str(refused.value)


def changed(place: TokenPlace, **values) -> TokenPlace:
    return TokenPlace(**({name: getattr(place, name) for name in ("module", "token", "label", "pin")} | values))


def test_a_module_that_is_missing_or_none_is_named(place, tmp_path):
    assert refusal(changed(place, module=tmp_path / "nothing.so")) == f"there is no PKCS#11 module {tmp_path / 'nothing.so'}"
    (tmp_path / "text.so").write_text("no module")
    assert "cannot be loaded as a PKCS#11 module" in refusal(changed(place, module=tmp_path / "text.so"))


def test_a_token_that_is_not_there_is_named(place):
    assert refusal(changed(place, token="another")) == "the token another is not there"


def test_two_tokens_of_one_name_are_refused(place):
    initialised("imgate-test")
    begin_anew(place.module)
    assert refusal(place) == "there is more than one token imgate-test"


def test_a_key_that_is_not_in_the_token_is_named(place):
    assert refusal(place) == f"the token imgate-test does not hold the signing key {'00' * 16}"


def test_a_wrong_pin_is_said_to_be_wrong_and_not_tried_again(place, monkeypatch):
    import pkcs11

    token = HardwareToken(changed(place, pin="falsche-pin"))
    with pytest.raises(KeysUnusable, match=r"^the token imgate-test refused the PIN$"):
        token.look("00" * 16)
    monkeypatch.setattr(pkcs11, "lib", lambda _: pytest.fail("the token would lock itself"))
    for _ in range(3):
        with pytest.raises(KeysUnusable, match="not tried again before the next start"):
            token.sign("00" * 16, made_pair(SignatureAlgorithm.ES256), b"x")


def test_a_token_that_went_away_signs_nothing_and_signs_again_when_it_is_back(folder, custody, tokens):
    keyring = load_keys(folder, custody)
    signature = statement_signature(keyring, custody.token)
    signature.sign(b"before", KIND)
    tokens.rename(tokens.with_name("pulled"))
    tokens.mkdir()
    with suppress(TokenUnavailable):
        signature.sign(b"the module may still know the key", KIND)
    custody.token._session, custody.token._failed = None, True  # as after any error
    with pytest.raises(TokenUnavailable, match=r"^the token imgate-test is not there$"):
        signature.sign(b"away", KIND)
    tokens.rmdir()
    tokens.with_name("pulled").rename(tokens)
    assert verified_statement(signature.sign(b"back", KIND), KIND, trusted=keyring.statement_keys) == b"back"


def test_a_session_that_ended_is_opened_again(folder, custody):
    keyring = load_keys(folder, custody)
    signature = statement_signature(keyring, custody.token)
    signature.sign(b"before", KIND)
    custody.token._session.close()
    assert verified_statement(signature.sign(b"after", KIND), KIND, trusted=keyring.statement_keys) == b"after"


def test_an_answer_that_is_not_of_the_known_key_is_not_given_on(place):
    """A token that was exchanged, or a fault in its arithmetic, would put a statement into the world that nobody can verify."""
    token = HardwareToken(place)
    key = token.make(ON, SignatureAlgorithm.ES256)
    with pytest.raises(TokenUnavailable, match="signed with another key"):
        token.sign(key.token_object, made_pair(SignatureAlgorithm.ES256), b"x")


def test_an_entry_that_claims_the_token_but_holds_a_secret_is_refused(folder, custody):
    entry_of = json.loads((folder / "signing.json").read_text())
    pair = made_pair(SignatureAlgorithm.ES256)
    entry_of["keys"][0] |= {"id": pair.thumbprint(), "public": pair.as_dict(private=True)}
    (folder / "signing.json").write_text(json.dumps(entry_of))
    with pytest.raises(KeysUnusable):
        load_keys(folder, custody)


@pytest.mark.parametrize("use", [KeyUse.TOKENS, KeyUse.INDEX])
def test_no_other_key_is_looked_for_in_a_token(folder, custody, use):
    signing = json.loads((folder / "signing.json").read_text())
    (folder / f"{use}.json").write_text(json.dumps(signing | {"use": use}))
    with pytest.raises(KeysUnusable):
        load_keys(folder, custody)


def test_callers_are_told_to_try_later_and_not_why():
    answer = problem_of(TokenUnavailable("the token imgate-test is not there"))
    assert answer.status_code == 503
    assert b"token" not in answer.body


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    token = HardwareToken(TokenPlace(tmp_path / "x.so", "imgate-test", "imgate", PIN))
    with pytest.raises(KeysUnusable, match=r"install imgate\[pkcs11\]"):
        token.look("00")


def test_nothing_of_it_is_imported_before_it_is_used():
    script = "import sys, imgate.bootstrap, imgate.keys.hardware; sys.exit('pkcs11' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], env=dict(os.environ), check=False).returncode == 0
