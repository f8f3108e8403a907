"""The file that remembers who was erased: one JSON line each, authenticated and numbered, outside of every backup.

It holds no name: a client's random id, the time, and a MAC. Restoring a backup replays it, so that nobody comes back.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from imgate.storage.mac import Mac


class ErasuresMissing(Exception):
    """The operator must act: the file of erasures is not there."""


class ErasuresInvalid(Exception):
    """The operator must act: the file of erasures was changed or cut."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One client was erased. ``client`` is the client's random id."""

    client: str
    at: datetime


def append_erasure(file: Path, mac: Mac, erasure: Erasure) -> None:
    """Add one line, durably. Gateways on several machines may share the file: each waits for its turn."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        number = len(_lines(file)) + 1
        at = erasure.at.astimezone(UTC).isoformat(timespec="microseconds")
        line = {"n": number, "client": erasure.client, "at": at, "mac": _mac(mac, number, erasure.client, at)}
        os.write(handle, json.dumps(line).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_erasures(file: Path | None, mac: Mac) -> Sequence[Erasure]:
    """Read and check every line. That the last ones were cut off cannot be seen here. Raises ErasuresMissing, ErasuresInvalid."""
    if file is None or not file.is_file():
        raise ErasuresMissing("the file of erasures is not there: who was erased since the backup would come back")
    erasures = []
    for number, line in enumerate(_lines(file), 1):
        try:
            said = json.loads(line)
            client, at = str(said["client"]), str(said["at"])
            if said["n"] != number or not mac.matches(bytes.fromhex(said["mac"]), *_said(number, client, at)):
                raise ValueError
            erasures.append(Erasure(client, datetime.fromisoformat(at)))
        except (ValueError, KeyError, TypeError):
            raise ErasuresInvalid(f"line {number} of the file of erasures was changed, moved, or written with another key") from None
    return erasures


def _lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines()


def _mac(mac: Mac, number: int, client: str, at: str) -> str:
    return mac.of(*_said(number, client, at)).hex()


def _said(number: int, client: str, at: str) -> tuple[bytes, bytes, bytes]:
    return str(number).encode(), client.encode(), at.encode()
