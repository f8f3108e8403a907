"""Clients and their two keys: the proof key outlives the client's data by the term of proof, the data key does not."""

from collections.abc import Callable
from secrets import token_hex

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, select

from imgate.exchange.looking import opened
from imgate.exchange.ports import ClientKeys
from imgate.storage.schema import client_keys
from imgate.storage.sealing import place, seal, unseal
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement
from imgate.storage.vault import DIGEST_HEX, Vault, new_key
from imgate.vocabulary.identifiers import new_id

_TABLE = "client_keys"
_c = client_keys.c
_FIND = Statement(
    select(_c.id, _c.wrapping_key, _c.proof_key, _c.data_key, _c.subject, _c.reference).where(
        _c.client == bindparam("client"), _c.data_key.is_not(None)
    )
)
_PROOF = Statement(select(_c.id, _c.wrapping_key, _c.proof_key).where(_c.client == bindparam("client"), _c.proof_key.is_not(None)))
_DIGEST = Statement(select(_c.client).where(_c.id == bindparam("id")))
_ADD = Statement(
    lambda insert: insert(client_keys).on_conflict_do_nothing(),
    (_c.client, _c.id, _c.wrapping_key, _c.proof_key, _c.data_key, _c.subject, _c.reference),
)


class OpenedClient:
    """One client, opened. Each key is unwrapped when it is first needed and forgotten with this object.

    What is sealed is bound to the client's random ``id``: the digest in the rows is replaced by erasing, and what stays
    until the end of the term of proof must still open. That the row of this ``id`` belongs to this digest is what
    the wrapping says: both wrapped keys are bound to both.
    """

    __slots__ = ("_data", "_proof", "_reference", "_subject", "_unwrap", "_value", "_wrapped_proof", "digest", "id")

    def __init__(self, digest: str, row: Row, vault: Vault) -> None:
        self.digest = digest
        self.id, wrapping_key, self._wrapped_proof, data_key, self._subject, self._reference = row
        self._unwrap: Callable[[str, bytes], AESGCM] = lambda column, key: vault.unwrap(wrapping_key, column, self.id, digest, key)
        self._value = vault.value
        self._data = self._unwrap("data_key", data_key)
        self._proof: AESGCM | None = None

    @classmethod
    def of(cls, client: ClientKeys) -> "OpenedClient":
        """Take back what this store handed out."""
        if not isinstance(client, cls):
            raise TypeError("these client keys are not from this store")
        return client

    @property
    def subject(self) -> str:
        """The client's random name in the audit log."""
        return self.open(_TABLE, "subject", self.id, self._subject).decode()

    @property
    def reference(self) -> str:
        """The client's reference in the case system."""
        return self.open(_TABLE, "reference", self.id, self._reference).decode()

    def seal(self, table: str, column: str, row: str, plain: bytes) -> bytes:
        """Encrypt under the data key."""
        return seal(self._data, plain, place(table, column, row, self.id))

    def open(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        """Decrypt what ``seal`` made. Raises Unreadable."""
        return unseal(self._data, sealed, place(table, column, row, self.id))

    def value_digest(self, partner: str, scope: str, value: bytes) -> str:
        """Give a keyed digest that tells whether two values of this client are the same, and nothing else."""
        return self._value.of(self.id.encode(), partner.encode(), scope.encode(), value).hex()[:DIGEST_HEX]

    def seal_proof(self, table: str, column: str, row: str, plain: bytes) -> bytes:
        """Encrypt under the proof key."""
        return seal(self._proof_key(), plain, place(table, column, row, self.id))

    def open_proof(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        """Decrypt what ``seal_proof`` made. Raises Unreadable."""
        return unseal(self._proof_key(), sealed, place(table, column, row, self.id))

    def _proof_key(self) -> AESGCM:
        if self._proof is None:
            self._proof = self._unwrap("proof_key", self._wrapped_proof)
        return self._proof


class ProofKeys:
    """What is left of an erased client until the term of proof ends: the proof key, and no name."""

    __slots__ = ("_proof", "digest", "id")

    def __init__(self, digest: str, row: Row, vault: Vault) -> None:
        self.digest = digest
        self.id, wrapping_key, proof_key = row
        self._proof = vault.unwrap(wrapping_key, "proof_key", self.id, digest, proof_key)

    def open_proof(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        """Decrypt what ``OpenedClient.seal_proof`` made. Raises Unreadable."""
        return unseal(self._proof, sealed, place(table, column, row, self.id))


class SqlClients:
    """Who is known, and their keys."""

    def __init__(self, session: Session) -> None:
        self._on = session
        self._vault = session.vault

    def find(self, reference: str) -> OpenedClient | None:
        """Open a known client by the case system's reference."""
        return self.by_digest(self._vault.client_digest(reference))

    def by_digest(self, digest: str) -> OpenedClient | None:
        """Open the client that a row belongs to; None after erasure."""
        row = _FIND.first(self._on, client=digest)
        if row is None:
            return None
        opened(digest)
        return OpenedClient(digest, row, self._vault)

    def proof_by_digest(self, digest: str) -> ProofKeys | None:
        """Open what proves a client's past, also after erasure; None once the term of proof is over."""
        row = _PROOF.first(self._on, client=digest)
        if row is None:
            return None
        opened(digest)
        return ProofKeys(digest, row, self._vault)

    def by_id(self, client_id: str) -> OpenedClient | None:
        """Open a client by the random id that the file of erasures names; None after erasure, or where there is none."""
        row = _DIGEST.first(self._on, id=client_id)
        return None if row is None else self.by_digest(row[0])

    def open(self, reference: str) -> OpenedClient:
        """Open a client, making keys and subject at the first time."""
        digest = self._vault.client_digest(reference)
        known = self.by_digest(digest)
        if known is not None:
            return known
        self._make(digest, reference)
        made = self.by_digest(digest)
        if made is None:
            raise RuntimeError("a client that was just made cannot be found")
        return made

    def _make(self, digest: str, reference: str) -> None:
        client_id, data_key = new_id(), new_key()
        data = AESGCM(data_key)
        _ADD.run(
            self._on,
            client=digest,
            id=client_id,
            wrapping_key=self._vault.wrapping_id,
            proof_key=self._vault.wrap("proof_key", client_id, digest, new_key()),
            data_key=self._vault.wrap("data_key", client_id, digest, data_key),
            subject=seal(data, token_hex(16).encode(), place(_TABLE, "subject", client_id, client_id)),
            reference=seal(data, reference.encode(), place(_TABLE, "reference", client_id, client_id)),
        )
