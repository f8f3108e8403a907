"""Callers and token keys, in the words of the HTTP door: the store and the keyring know nothing of it."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from imgate.keys import Keyring
from imgate.storage.access import Access as StoredAccess
from imgate.storage.access import Accesses as StoredAccesses
from imgate.vocabulary.words import Role


@dataclass(frozen=True, slots=True)
class Access:
    """One access that holds now."""

    stored: StoredAccess
    accesses: StoredAccesses

    @property
    def client_id(self) -> str:
        """The id that the token will name."""
        return self.stored.client_id

    @property
    def role(self) -> Role:
        """What it may do."""
        return self.stored.role

    @property
    def partner(self) -> str | None:
        """The partner it is bound to."""
        return self.stored.partner

    @property
    def public_key(self) -> Key | None:
        """The key of a caller that signs assertions."""
        return None if self.stored.public_key is None else read_public_key(self.stored.public_key)

    def has_secret(self, secret: str) -> bool:
        """Compare in constant time."""
        return self.accesses.matches(self.stored, secret)


@dataclass(frozen=True, slots=True)
class Accesses:
    """Who may call."""

    stored: StoredAccesses

    def get(self, client_id: str) -> Access | None:
        """Give an access that holds now."""
        access = self.stored.get(client_id)
        return None if access is None or access.revoked_at is not None else Access(access, self.stored)

    def use_once(self, client_id: str, jti: str, expires_at: int) -> bool:
        """Remember an assertion's id; tell whether it was new."""
        return self.stored.use_assertion(client_id, jti, datetime.fromtimestamp(expires_at, UTC))


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The keys that sign access tokens."""

    keyring: Keyring

    @property
    def algorithm(self) -> str:
        """The one algorithm."""
        return "ES256"

    @property
    def signing(self) -> Key:
        """The current private key."""
        return self.keyring.signing_key

    @property
    def verifying(self) -> Mapping[str, Key]:
        """All keys by their id."""
        return self.keyring.verifying_keys


def read_public_key(text: str) -> Key:
    """Read a public key as PEM or JWK. Raises ValueError for what is none, and for a private key: that one is not to be handed over."""
    as_jwk = text.lstrip().startswith("{")
    for kind in (ECKey, OKPKey, RSAKey):
        with contextlib.suppress(ValueError, TypeError, KeyError, JoseError):
            key: Key = kind.import_key(json.loads(text) if as_jwk else text)
            if not key.is_private:
                return key
    raise ValueError("this is no public key in PEM or as a JWK")
