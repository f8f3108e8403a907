"""What is done with the keys of a folder: make, load, complete, rotate, encrypt.

Whoever may read the folder, and knows the passphrase where there is one, can read everything: so one that others may read is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from imgate.keys import folder as files
from imgate.keys.entries import KeyFile, written
from imgate.keys.faults import KeysUnusable
from imgate.keys.keyring import ROTATABLE, Key, Keyring, KeyUse
from imgate.keys.pairs import PairKey
from imgate.keys.passphrase import Lock, Passphrase, Protection
from imgate.keys.profiles import SignatureAlgorithm

# A folder that is being changed is read again: the change is a handful of renames.
_READS = 20


class SigningToken(Protocol):
    """A hardware token in which signing keys live."""

    def make(self, on: date, algorithm: SignatureAlgorithm) -> Key:
        """Make a key in the token. Its private half never leaves."""

    def look(self, token_object: str) -> None:
        """Find a key. Raises TokenUnavailable, KeysUnusable."""

    def sign(self, token_object: str, pair: PairKey, message: bytes) -> bytes:
        """Sign with a key of the token. Raises TokenUnavailable, KeysUnusable."""


@dataclass(frozen=True, slots=True)
class Custody:
    """How keys are kept: under which passphrase, signing how, and the token that signing keys are made in, if they are."""

    passphrase: Passphrase | None = None
    signature: SignatureAlgorithm = SignatureAlgorithm.ES256
    token: SigningToken | None = None

    def made(self, use: KeyUse, on: date) -> Key:
        """Make a new key where keys of this use belong."""
        if use is KeyUse.SIGNING and self.token is not None:
            return self.token.make(on, self.signature)
        return Key.made(use, on, self.signature)


IN_CLEAR = Custody()


def make_keys(folder: Path, on: date, custody: Custody = IN_CLEAR) -> tuple[Keyring, bool]:
    """Load the keys, or make them if there is no such folder; tell whether they were made. Raises KeysUnusable, KeysMissing."""
    if folder.exists():
        return load_keys(folder, custody), False
    keyring = Keyring([custody.made(use, on) for use in KeyUse])
    lock = None if custody.passphrase is None else Lock.made(custody.passphrase)
    if not files.make(folder, _written(keyring, lock)):
        return load_keys(folder, custody), False
    return keyring, True


def load_keys(folder: Path, custody: Custody = IN_CLEAR) -> Keyring:
    """Load the keys. Raises KeysMissing, KeysUnusable."""
    return _opened(folder, custody.passphrase)[0]


def are_encrypted(folder: Path) -> bool:
    """Tell whether the keys of a folder are encrypted. Raises KeysMissing, KeysUnusable."""
    return _protection(_read(folder)) is not None


def complete_keys(folder: Path, on: date, custody: Custody = IN_CLEAR) -> Key | None:
    """Make the signing key in a folder that is older than its use, and give it; None where nothing was missing.

    No other key is ever made into an existing folder: what it is for has been used.
    """
    if not folder.is_dir() or files.has(folder, KeyUse.SIGNING):
        return None
    with files.changing(folder):
        if files.has(folder, KeyUse.SIGNING):
            return None  # somebody else was faster
        older = [KeyFile.read(content, use) for use, content in files.read(folder, but=KeyUse.SIGNING).items()]
        protection = _protection(older)
        lock = None if protection is None else Lock.opened(protection, custody.passphrase)
        key = custody.made(KeyUse.SIGNING, on)
        files.replace(folder, KeyUse.SIGNING, written(KeyUse.SIGNING, [key], lock))
    return key


def rotate(folder: Path, use: KeyUse, on: date, custody: Custody = IN_CLEAR) -> tuple[Keyring, Key]:
    """Add a new current key for wrapping, tokens or signing; the others stay for what was made with them.

    Running gateways and workers take it up at their next start, and must be started anew before what it made reaches them.
    """
    if use not in ROTATABLE:
        raise KeysUnusable(f"the {use} key cannot be rotated: every row depends on it")
    files.demand(folder)
    with files.changing(folder):
        before, lock = _opened(folder, custody.passphrase)
        key = custody.made(use, on)
        after = Keyring([*before.keys, key])
        files.replace(folder, use, _written(after, lock)[use])
    return after, key


def protect(folder: Path, before: Passphrase | None, after: Passphrase | None) -> None:
    """Encrypt all keys under another passphrase, or with ``after`` None write them readable. All files change, or none does."""
    files.demand(folder)
    with files.changing(folder):
        keyring, _ = _opened(folder, before)
        files.replace_all(folder, _written(keyring, None if after is None else Lock.made(after)))


def _written(keyring: Keyring, lock: Lock | None) -> Mapping[KeyUse, bytes]:
    return {use: written(use, [key for key in keyring.keys if key.use is use], lock) for use in KeyUse}


def _opened(folder: Path, passphrase: Passphrase | None) -> tuple[Keyring, Lock | None]:
    found = _read(folder)
    protection = _protection(found)
    lock = None if protection is None else Lock.opened(protection, passphrase)
    try:
        return Keyring([key for file in found for key in file.keys(lock)]), lock
    except ValueError as error:
        raise KeysUnusable(f"{folder.name}: {error}") from None


def _read(folder: Path) -> list[KeyFile]:
    found: list[KeyFile] = []
    for _ in range(_READS):
        found = [KeyFile.read(content, use) for use, content in files.read(folder).items()]
        if len({file.protection for file in found}) == 1:
            break
    return found


def _protection(found: list[KeyFile]) -> Protection | None:
    """Give what all files say. A file that was put in from elsewhere, or in clear among encrypted ones, is not taken."""
    said = {file.protection for file in found}
    if len(said) != 1:
        raise KeysUnusable("its files are not encrypted alike: one of them was put there from elsewhere")
    return said.pop()
