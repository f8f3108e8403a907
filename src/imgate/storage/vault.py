"""What the store does with the keyring: digests that stand for people, MACs over rows that decide, and keys that wrap keys."""

import os
from collections.abc import Mapping
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from imgate.exchange.ports import Unreadable
from imgate.storage.mac import Mac
from imgate.storage.sealing import place, seal, unseal

# 128 bits: a million clients meet with a probability of 10^-27, and every row and index is half as long.
DIGEST_HEX = 32


class StoreKeys(Protocol):
    """What the store needs of a keyring. Each use has a key of its own, derived from one of the keyring's."""

    @property
    def wrapping(self) -> Mapping[str, bytes]:
        """All wrapping keys by id, the current one last."""

    def derived(self, key: str, use: str) -> bytes:
        """Derive 32 bytes for one use from the ``index``, ``audit`` or ``intake`` key."""


class Vault:
    """The keyring, prepared. Holds no client's key: each exchange unwraps its own."""

    def __init__(self, keys: StoreKeys) -> None:
        self._wrapping = {key_id: AESGCM(key) for key_id, key in keys.wrapping.items()}
        self.wrapping_id = next(reversed(self._wrapping))
        self._client = Mac(keys.derived("index", "client"))
        self._reference = Mac(keys.derived("index", "link-reference"))
        self.head_key = keys.derived("index", "declaration-head")
        self.link = Mac(keys.derived("index", "link-row"))
        self.idempotency = Mac(keys.derived("index", "idempotency"))
        self.message_id = Mac(keys.derived("index", "message-id"))
        self.secret = Mac(keys.derived("index", "access-secret"))
        self.assertion = Mac(keys.derived("index", "assertion"))
        self.erasure = Mac(keys.derived("index", "erasure"))
        self.value = Mac(keys.derived("index", "known-value"))
        self.audit_key = keys.derived("audit", "log")
        self.checkpoint_key = Ed25519PrivateKey.from_private_bytes(keys.derived("audit", "checkpoints"))  # ADR 22
        self._intake = AESGCM(keys.derived("intake", "seal"))
        self._person = AESGCM(keys.derived("intake", "people"))
        self.enrolment = Mac(keys.derived("index", "enrolment-code"))
        self.subject = Mac(keys.derived("index", "openid-subject"))
        self.session = Mac(keys.derived("index", "session-token"))
        self.once = Mac(keys.derived("index", "used-once"))
        self.page_code = Mac(keys.derived("index", "client-page-code"))
        self.page_factor = Mac(keys.derived("index", "client-page-factor"))
        self.checks = {name: keys.derived(name, "check") for name in ("index", "audit", "intake")}

    def client_digest(self, reference: str) -> str:
        """Give what stands for a client in every row."""
        return self._client.of(reference.encode()).hex()[:DIGEST_HEX]

    def reference_digest(self, partner: str, reference: str) -> str:
        """Give what stands for a partner's reference; the same reference with another partner gives another digest."""
        return self._reference.of(partner.encode(), reference.encode()).hex()[:DIGEST_HEX]

    def wrap(self, column: str, row: str, client: str, key: bytes) -> bytes:
        """Wrap a client's key under the current wrapping key, bound to its row and its client."""
        return seal(self._wrapping[self.wrapping_id], key, place("client_keys", column, row, client))

    def unwrap(self, wrapping_id: str, column: str, row: str, client: str, wrapped: bytes) -> AESGCM:
        """Unwrap a client's key, ready for use. Raises Unreadable."""
        wrapping = self._wrapping.get(wrapping_id)
        if wrapping is None:
            raise Unreadable("a client's key is wrapped under a wrapping key that is not in the keyring")
        return AESGCM(unseal(wrapping, wrapped, place("client_keys", column, row, client)))

    def rewrap(self, wrapping_id: str, column: str, row: str, clients: tuple[str, str], wrapped: bytes) -> bytes:
        """Wrap a client's key anew for the client's next digest. Raises Unreadable."""
        wrapping = self._wrapping.get(wrapping_id)
        if wrapping is None:
            raise Unreadable("a client's key is wrapped under a wrapping key that is not in the keyring")
        before, after = clients
        return self.wrap(column, row, after, unseal(wrapping, wrapped, place("client_keys", column, row, before)))

    def seal_intake(self, column: str, row: str, plain: bytes) -> bytes:
        """Encrypt what partners sent before anybody knows whom it is about."""
        return seal(self._intake, plain, place("intake", column, row, ""))

    def open_intake(self, column: str, row: str, sealed: bytes) -> bytes:
        """Decrypt what ``seal_intake`` made. Raises Unreadable."""
        return unseal(self._intake, sealed, place("intake", column, row, ""))

    def seal_person(self, column: str, row: str, plain: bytes) -> bytes:
        """Encrypt what is kept about a user."""
        return seal(self._person, plain, place("users", column, row, ""))

    def open_person(self, column: str, row: str, sealed: bytes) -> bytes:
        """Decrypt what ``seal_person`` made. Raises Unreadable."""
        return unseal(self._person, sealed, place("users", column, row, ""))


def new_key() -> bytes:
    """Make a random key of 256 bits."""
    return os.urandom(32)
