"""The keys' folder: ``imgate.keys/`` (mode 0700) with one file (mode 0600) for each use.

Made once, as a whole and under another name, and then renamed: of two processes that start together one wins, and both end with the
same keys. Whoever may read the folder can read everything, so one that others may read is refused.
"""

import base64
import binascii
import contextlib
import json
import os
import shutil
import stat
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from imgate.keys.keyring import ROTATABLE, Key, Keyring, KeyUse
from imgate.keys.profiles import PROFILE_2026


class KeysMissing(Exception):
    """The operator must act: there are no keys, or not all of them."""


class KeysUnusable(Exception):
    """The operator must act: the keys' files are open to others, or not what they should be."""


def make_keys(folder: Path, on: date) -> tuple[Keyring, bool]:
    """Load the keys, or make them if there is no such folder; tell whether they were made. Raises KeysUnusable, KeysMissing."""
    if folder.exists():
        return load_keys(folder), False
    keyring = Keyring.made(on)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))  # mode 0700
    try:
        for use in KeyUse:
            _write(made / f"{use}.json", [key for key in keyring.keys if key.use is use])
        _sync_folder(made)
        made.rename(folder)  # fails where somebody else's is there by now: theirs counts
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if folder.exists():
            return load_keys(folder), False
        raise
    _sync_folder(folder.parent)
    return keyring, True


def load_keys(folder: Path) -> Keyring:
    """Load the keys. Raises KeysMissing, KeysUnusable."""
    if not folder.is_dir():
        raise KeysMissing(f"there is no folder {folder.name} with the keys")
    _refuse_open(folder)
    keys: list[Key] = []
    for use in KeyUse:
        file = folder / f"{use}.json"
        if not file.is_file():
            raise KeysMissing(f"{folder.name} has no file {file.name}: without this key what was stored cannot be used")
        _refuse_open(file)
        keys += _read(file, use)
    try:
        return Keyring(keys)
    except ValueError as error:
        raise KeysUnusable(f"{folder.name}: {error}") from None


def rotate(folder: Path, use: KeyUse, on: date) -> tuple[Keyring, Key]:
    """Add a new current key for wrapping or tokens; the others stay for what was made with them.

    Running gateways and workers take it up at their next start, and must be started anew before what it made reaches them.
    """
    if use not in ROTATABLE:
        raise KeysUnusable(f"the {use} key cannot be rotated: every row depends on it")
    keyring = load_keys(folder)
    key = Key.made(use, on)
    _write(folder / f"{use}.json", [*(known for known in keyring.keys if known.use is use), key])
    _sync_folder(folder)
    return load_keys(folder), key


def _refuse_open(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        wanted = "0700" if path.is_dir() else "0600"
        raise KeysUnusable(f"{path.name} has mode {mode:04o} and may be read by others: set it to {wanted}")


def _read(file: Path, use: KeyUse) -> list[Key]:
    try:
        content = json.loads(file.read_bytes())
        if content["use"] != use or content["profile"] != PROFILE_2026.name:
            raise ValueError
        return [Key(entry["id"], use, date.fromisoformat(entry["created"]), _secret(entry["secret"])) for entry in content["keys"]]
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise KeysUnusable(f"{file.name} is not a file of {use} keys") from None


def _secret(secret: Any) -> bytes | dict[str, Any]:
    return dict(secret) if isinstance(secret, dict) else base64.b64decode(secret, validate=True)


def _write(file: Path, keys: list[Key]) -> None:
    """Write beside the file and rename, so that a crash leaves the one or the other."""
    content = {
        "use": keys[0].use,
        "profile": PROFILE_2026.name,
        "keys": [
            {
                "id": key.id,
                "created": key.created_on.isoformat(),
                "secret": base64.b64encode(key.secret).decode() if isinstance(key.secret, bytes) else dict(key.secret),
            }
            for key in keys
        ],
    }
    handle, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            json.dump(content, written, indent=1)
            written.flush()
            os.fsync(written.fileno())
        Path(beside).rename(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
