"""Keys under a passphrase: nothing readable lies in the folder, the wrong passphrase opens nothing, and no entry fits elsewhere."""

import base64
import json
import pickle
import stat
import unicodedata
from datetime import date

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from imgate.keys import Custody, KeysUnusable, KeyUse, Passphrase, are_encrypted, load_keys, make_keys, protect, rotate
from imgate.keys import passphrase as module
from imgate.keys.profiles import PASSPHRASE_2026
from tests.keys.quick import Quick

ON = date(2026, 1, 1)
WORDS = "drei Äpfel im Schnee"
OTHER = "vier Birnen im Regen"


@pytest.fixture(autouse=True)
def derivations(monkeypatch):
    """Count what is derived: it is meant to be slow."""
    counted = []

    def counting(**parameters):
        counted.append(parameters)
        return Quick(**parameters)

    monkeypatch.setattr(module, "Argon2id", counting)
    return counted


def test_the_key_is_argon2ids(monkeypatch):
    """The value is frozen: what was encrypted under this profile must open under any later version of ours."""
    monkeypatch.setattr(module, "Argon2id", Argon2id)
    key = Passphrase(WORDS).derived(PASSPHRASE_2026.name, b"0123456789abcdef")
    assert key == Argon2id(salt=b"0123456789abcdef", length=32, iterations=3, lanes=4, memory_cost=64 * 1024).derive(WORDS.encode())
    assert key.hex().startswith("6653572e417f57aa")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "imgate.keys"
    make_keys(folder, ON, under(WORDS))
    return folder


def under(words: str) -> Custody:
    return Custody(Passphrase(words))


def secrets_of(keyring) -> list[str]:
    return [base64.b64encode(key.secret).decode() if isinstance(key.secret, bytes) else key.secret["d"] for key in keyring.keys]


def content(folder, use: KeyUse):
    return json.loads((folder / f"{use}.json").read_text())


def write(folder, use: KeyUse, value) -> None:
    (folder / f"{use}.json").write_text(json.dumps(value))


def test_a_new_folder_is_encrypted_where_there_is_a_passphrase(folder):
    keyring = load_keys(folder, under(WORDS))
    lying = "".join(file.read_text() for file in folder.iterdir())
    assert are_encrypted(folder)
    assert not any(secret in lying for secret in secrets_of(keyring))
    assert '"secret"' not in lying
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_profile_is_named_and_its_parameters_are_not_in_the_file(folder, derivations):
    load_keys(folder, under(WORDS))
    used = derivations[-1]
    assert (used["iterations"], used["lanes"], used["memory_cost"], used["length"]) == (3, 4, 65_536, 32)
    block = content(folder, KeyUse.INDEX)["protection"]
    assert block.keys() == {"profile", "salt", "check"}
    assert block["profile"] == PASSPHRASE_2026.name


def test_a_start_derives_once(folder, derivations):
    derivations.clear()
    load_keys(folder, under(WORDS))
    assert len(derivations) == 1


def test_a_custody_that_is_used_again_does_not_derive_again(folder, derivations):
    derivations.clear()
    custody = under(WORDS)
    load_keys(folder, custody)
    rotate(folder, KeyUse.TOKENS, ON, custody)
    load_keys(folder, custody)
    assert len(derivations) == 1


def test_two_folders_under_one_passphrase_have_nothing_in_common(tmp_path):
    make_keys(tmp_path / "a", ON, under(WORDS))
    make_keys(tmp_path / "b", ON, under(WORDS))
    assert content(tmp_path / "a", KeyUse.INDEX)["protection"] != content(tmp_path / "b", KeyUse.INDEX)["protection"]


@pytest.mark.parametrize(
    "words", [OTHER, WORDS + " ", WORDS.lower(), WORDS[:-1] + "x", unicodedata.normalize("NFKD", WORDS).replace("\u0308", "")]
)
def test_another_passphrase_opens_nothing_and_is_said_to_be_wrong(folder, words):
    with pytest.raises(KeysUnusable, match=r"^the passphrase is wrong$") as refused:
        load_keys(folder, under(words))
    assert words not in str(refused.value)


def test_a_missing_passphrase_is_said_to_be_missing(folder):
    with pytest.raises(KeysUnusable, match="encrypted and there is no passphrase: set IMGATE_KEYS__PASSPHRASE"):
        load_keys(folder)


def test_letters_may_be_put_together_in_another_way(folder):
    assert load_keys(folder, under(unicodedata.normalize("NFD", WORDS))).keys == load_keys(folder, under(WORDS)).keys


@pytest.mark.parametrize("words", ["", "kurz", "elf Zeichen"])
def test_a_short_passphrase_is_refused(words):
    with pytest.raises(ValueError, match="fewer than 12 characters"):
        Passphrase(words)


def test_a_passphrase_shows_nothing_and_is_written_nowhere(folder):
    passphrase = Passphrase(WORDS)
    load_keys(folder, Custody(passphrase))
    assert WORDS not in repr(passphrase) + repr(Custody(passphrase)) + str(passphrase)
    with pytest.raises(TypeError):
        pickle.dumps(passphrase)


def test_entries_that_changed_files_or_names_are_refused(folder):
    """An index key in the place of the audit key, or under another name, would be another key than the one that was sealed."""
    index, audit = content(folder, KeyUse.INDEX), content(folder, KeyUse.AUDIT)
    write(folder, KeyUse.AUDIT, audit | {"keys": index["keys"]})
    with pytest.raises(KeysUnusable, match=r"audit\.json is not a file of audit keys, or a key in it was sealed for another place"):
        load_keys(folder, under(WORDS))
    write(folder, KeyUse.AUDIT, audit | {"keys": [audit["keys"][0] | {"sealed": index["keys"][0]["sealed"]}]})
    with pytest.raises(KeysUnusable, match=r"audit\.json"):
        load_keys(folder, under(WORDS))
    write(folder, KeyUse.AUDIT, audit | {"keys": [audit["keys"][0] | {"id": "0123456789abcdef"}]})
    with pytest.raises(KeysUnusable, match=r"audit\.json"):
        load_keys(folder, under(WORDS))


def test_entries_of_one_use_that_swapped_places_are_refused(folder):
    rotate(folder, KeyUse.WRAPPING, ON, under(WORDS))
    file = content(folder, KeyUse.WRAPPING)
    one, two = file["keys"]
    write(folder, KeyUse.WRAPPING, file | {"keys": [one | {"sealed": two["sealed"]}, two | {"sealed": one["sealed"]}]})
    with pytest.raises(KeysUnusable, match=r"wrapping\.json"):
        load_keys(folder, under(WORDS))


def test_a_file_of_another_folder_is_refused_though_the_passphrase_is_the_same(folder, tmp_path):
    make_keys(tmp_path / "other", ON, under(WORDS))
    (folder / "index.json").write_bytes((tmp_path / "other" / "index.json").read_bytes())
    with pytest.raises(KeysUnusable, match="not encrypted alike"):
        load_keys(folder, under(WORDS))


def test_a_readable_file_among_encrypted_ones_is_refused(folder, tmp_path):
    make_keys(tmp_path / "other", ON)
    (folder / "tokens.json").write_bytes((tmp_path / "other" / "tokens.json").read_bytes())
    with pytest.raises(KeysUnusable, match="not encrypted alike"):
        load_keys(folder, under(WORDS))


def test_a_readable_entry_in_an_encrypted_file_is_refused(folder, tmp_path):
    make_keys(tmp_path / "other", ON)
    file = content(folder, KeyUse.TOKENS)
    write(folder, KeyUse.TOKENS, file | {"keys": content(tmp_path / "other", KeyUse.TOKENS)["keys"]})
    with pytest.raises(KeysUnusable, match=r"tokens\.json"):
        load_keys(folder, under(WORDS))


@pytest.mark.parametrize(
    "change",
    [
        lambda block: block.update(profile="imgate-passphrase-1999"),
        lambda block: block.update(salt="AAAA"),
        lambda block: block.update(salt="no base64"),
        lambda block: block.update(memory=8),
        lambda block: block.pop("check"),
        lambda block: block.clear(),
    ],
)
def test_a_protection_that_is_not_what_it_should_be_is_refused(folder, change):
    for use in KeyUse:
        file = content(folder, use)
        change(file["protection"])
        write(folder, use, file)
    with pytest.raises(KeysUnusable):
        load_keys(folder, under(WORDS))


@pytest.mark.parametrize("place", [0, 11, 12, -17, -1])
def test_a_changed_byte_is_refused(folder, place):
    file = content(folder, KeyUse.INTAKE)
    sealed = bytearray(base64.b64decode(file["keys"][0]["sealed"]))
    sealed[place] ^= 1
    file["keys"][0]["sealed"] = base64.b64encode(sealed).decode()
    write(folder, KeyUse.INTAKE, file)
    with pytest.raises(KeysUnusable, match=r"intake\.json"):
        load_keys(folder, under(WORDS))


@pytest.mark.parametrize("sealed", ["", "AAAA", None, 1, "ä"])
def test_what_is_nothing_sealed_is_refused(folder, sealed):
    file = content(folder, KeyUse.INTAKE)
    file["keys"][0]["sealed"] = sealed
    write(folder, KeyUse.INTAKE, file)
    with pytest.raises(KeysUnusable, match=r"intake\.json"):
        load_keys(folder, under(WORDS))


def test_the_same_keys_come_out_of_encrypting_changing_and_decrypting(tmp_path):
    folder = tmp_path / "imgate.keys"
    keyring, _ = make_keys(folder, ON)
    assert not are_encrypted(folder)
    protect(folder, None, Passphrase(WORDS))
    assert load_keys(folder, under(WORDS)).keys == keyring.keys
    protect(folder, Passphrase(WORDS), Passphrase(OTHER))
    assert load_keys(folder, under(OTHER)).keys == keyring.keys
    with pytest.raises(KeysUnusable, match="passphrase is wrong"):
        load_keys(folder, under(WORDS))
    protect(folder, Passphrase(OTHER), None)
    assert load_keys(folder).keys == keyring.keys
    assert {file.name for file in folder.iterdir()} == {f"{use}.json" for use in KeyUse}


def test_the_passphrase_is_not_changed_by_whoever_does_not_know_it(folder):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    for wrong in (None, Passphrase(OTHER)):
        with pytest.raises(KeysUnusable):
            protect(folder, wrong, Passphrase(OTHER))
        with pytest.raises(KeysUnusable):
            protect(folder, wrong, None)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_rotated_key_is_encrypted_as_the_others_are(folder):
    _, key = rotate(folder, KeyUse.SIGNING, ON, under(WORDS))
    assert key.secret["d"] not in (folder / "signing.json").read_text()
    assert load_keys(folder, under(WORDS)).current(KeyUse.SIGNING) == key


def test_a_folder_stays_readable_until_it_is_protected_though_there_is_a_passphrase(tmp_path):
    folder = tmp_path / "imgate.keys"
    make_keys(folder, ON)
    load_keys(folder, under(WORDS))
    rotate(folder, KeyUse.TOKENS, ON, under(WORDS))
    assert not are_encrypted(folder)
