"""Signs: the log its own checkpoints, a witness what it has seen of somebody else's. Reading and verifying is in ``verify``.

Forms by C2SP: signed-note for the log's signature, tlog-cosignature (cosignature/v1) for a witness's.
"""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from imgate.audit.verify import Checkpoint, Note, Signature, SignatureKind, VerifierKey, signed_bytes


@dataclass(frozen=True, slots=True)
class LogSigner:
    """The log's own key. Its name is the log's origin."""

    origin: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> VerifierKey:
        """The public half, as whoever verifies the log keeps it."""
        return VerifierKey(self.origin, SignatureKind.LOG, self.key.public_key().public_bytes_raw())

    def sign(self, size: int, root: bytes) -> Note:
        """Sign that the log's first so many entries have this root."""
        text = Checkpoint(self.origin, size, root).text
        signed = self.key.sign(signed_bytes(SignatureKind.LOG, text))
        return Note(text, (Signature(self.origin, self.public.id, signed),))


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's key."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> VerifierKey:
        """The public half, as the log's operator configures it."""
        return VerifierKey(self.name, SignatureKind.COSIGNATURE, self.key.public_key().public_bytes_raw())

    def cosign(self, note: Note, at: datetime) -> Note:
        """Add the word that this checkpoint is the newest that was seen of its log, and was consistent with all before."""
        seconds = int(at.timestamp())
        signed = self.key.sign(signed_bytes(SignatureKind.COSIGNATURE, note.text, seconds))
        return Note(note.text, (*note.signatures, Signature(self.name, self.public.id, seconds.to_bytes(8, "big") + signed)))
