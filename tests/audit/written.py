"""Logs, exports and checkpoints as imgate writes them, for the tests of what verifies them."""

import base64
import functools
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from imgate.audit.entry import content_of
from imgate.audit.events import Event, EventName
from imgate.audit.verify import (
    AuditEntry,
    Checkpoint,
    SignatureKind,
    Tree,
    VerifierKey,
    entry_mac,
    leaf_hash,
    place_mac,
    signed_bytes,
)

KEY = b"k" * 32
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ORIGIN = "imgate/im-winnenden"


def written(key: bytes, place: int, name=EventName.LINK_SET, **fields) -> AuditEntry:
    """Write an entry, and give it its place."""
    entry_id, content = content_of(Event(name, AT, "caller", "subject", {"partner": "jobcenter"} | fields))
    leaf = leaf_hash(content)
    return AuditEntry(entry_id, content, leaf, entry_mac(key, leaf), place, place_mac(key, place, entry_id, leaf))


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs, by hand: the tests of the verifier hang on nothing that imgate signs with."""

    name: str = ORIGIN
    kind: SignatureKind = SignatureKind.LOG
    secret: bytes = b"s" * 32

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)

    @property
    def public(self) -> VerifierKey:
        """The key that verifies."""
        return VerifierKey(self.name, self.kind, self._private.public_key().public_bytes_raw())

    def line(self, text: str, at: int = 0) -> str:
        """Sign a text; give the line below it."""
        time = at.to_bytes(8, "big") if self.kind is SignatureKind.COSIGNATURE else b""
        signed = self.public.id + time + self._private.sign(signed_bytes(self.kind, text, at))
        return f"— {self.name} {base64.b64encode(signed).decode()}\n"


LOG = Signer()
WITNESS = Signer("witness.example/w1", SignatureKind.COSIGNATURE, b"w" * 32)


def note_of(text: str, *lines: str) -> bytes:
    """Put a note together."""
    return f"{text}\n{''.join(lines)}".encode()


def checkpoint_of(leaves, origin=ORIGIN) -> Checkpoint:
    """Say what some leaves come to."""
    return Checkpoint(origin, len(leaves), Tree(leaves).root(len(leaves)))


def line_of(place: int, entry: AuditEntry) -> bytes:
    """Write an entry's line of an export."""
    return b'{"place":%d,"leaf":"%b","entry":%b}\n' % (place, entry.leaf.hex().encode(), entry.content)


@functools.cache
def head_line() -> bytes:
    """Write the first line of an export."""
    return f'{{"format":"imgate-audit-export/1","origin":"{ORIGIN}","vkey":"{LOG.public}"}}\n'.encode()


def checkpoint_line(note: bytes) -> bytes:
    """Write a checkpoint's line of an export."""
    said = note.decode().replace("\n", "\\n")
    return f'{{"checkpoint":"{said}"}}\n'.encode()
