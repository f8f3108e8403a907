"""One file of the keys' folder, ``<use>.json``: the keys of one use as JSON, each secret readable or sealed under the passphrase."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from imgate.keys.faults import KeysUnusable
from imgate.keys.keyring import Key, KeyUse
from imgate.keys.passphrase import Lock, Protection
from imgate.keys.profiles import PROFILE_2026

_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What stands in a file, its secrets not yet opened."""

    use: KeyUse
    protection: Protection | None
    entries: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, content: bytes, use: KeyUse) -> "KeyFile":
        """Read a file. Raises KeysUnusable."""
        try:
            found = json.loads(content)
            if found["use"] != use or found["profile"] != PROFILE_2026.name:
                raise ValueError
            block = found.get("protection")
            return cls(use, None if block is None else Protection.read(block), tuple(dict(entry) for entry in found["keys"]))
        except _NOT_OURS:
            raise KeysUnusable(f"{use}.json is not a file of {use} keys") from None

    def keys(self, lock: Lock | None) -> list[Key]:
        """Open the secrets, in the file's order. Raises KeysUnusable."""
        try:
            return [self._key(entry, lock) for entry in self.entries]
        except _NOT_OURS:
            raise KeysUnusable(f"{self.use}.json is not a file of {self.use} keys, or a key in it was sealed for another place") from None

    def _key(self, entry: dict[str, Any], lock: Lock | None) -> Key:
        made, on = entry["id"], date.fromisoformat(entry["created"])
        if not isinstance(made, str):
            raise ValueError
        if "object" in entry:
            return Key(made, self.use, on, dict(entry["public"]), str(entry["object"]))
        secret = entry["secret"] if lock is None else json.loads(lock.open(_decoded(entry["sealed"]), _whose(made, self.use, lock)))
        return Key(made, self.use, on, dict(secret) if isinstance(secret, dict) else _decoded(secret))


def written(use: KeyUse, keys: Sequence[Key], lock: Lock | None) -> bytes:
    """Write the keys of one use, the current one last; with a lock no secret is readable."""
    content: dict[str, Any] = {"use": use, "profile": PROFILE_2026.name}
    if lock is not None:
        content["protection"] = lock.protection.written()
    content["keys"] = [_entry(key, lock) for key in keys]
    return json.dumps(content, indent=1).encode()


def _entry(key: Key, lock: Lock | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": key.id, "created": key.created_on.isoformat()}
    secret = base64.b64encode(key.secret).decode() if isinstance(key.secret, bytes) else dict(key.secret)
    if key.token_object is not None:
        return entry | {"object": key.token_object, "public": secret}
    if lock is None:
        return entry | {"secret": secret}
    return entry | {"sealed": base64.b64encode(lock.seal(json.dumps(secret).encode(), _whose(key.id, key.use, lock))).decode()}


def _whose(key: str, use: KeyUse, lock: Lock) -> bytes:
    """Say what a sealed secret belongs to: it opens in no other entry, file or profile."""
    return json.dumps([key, use, PROFILE_2026.name, lock.protection.profile]).encode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
