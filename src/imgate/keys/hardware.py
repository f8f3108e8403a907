"""The signing key in a hardware token, over PKCS#11 (extra ``pkcs11``): it is made there and never leaves.

The token signs a digest, or for Ed25519 the statement itself. Earlier keys' public halves stay in ``signing.json``, so that what they
signed verifies also when the token is gone. A wrong PIN is tried once in a process: tokens lock themselves after a few.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from imgate.keys.faults import KeysUnusable, TokenUnavailable
from imgate.keys.keyring import Key, KeyUse
from imgate.keys.pairs import PairKey, algorithm_of, public_members, read_pair, verifies
from imgate.keys.profiles import SignatureAlgorithm

if TYPE_CHECKING:
    from pkcs11 import Session, SignMixin

# The curves' object identifiers as DER (RFC 5480 §2.1.1.1, RFC 8410 §3).
_P256 = bytes.fromhex("06082a8648ce3d030107")
_ED25519 = bytes.fromhex("06032b6570")
_SELF_TEST = b"imgate: does this key sign?"

# A module is one for the whole process: beginning anew with it ends every session, and what was a key's handle may be another key's then.
_ONE_AT_A_TIME = Lock()
_BEGINNINGS: Counter[Path] = Counter()


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where the token is found: the vendor's module, the token's label, the beginning of its objects' labels, and its PIN.

    The PIN may be missing where nothing is ever signed: a worker needs none.
    """

    module: Path
    token: str
    label: str
    pin: str | None = field(repr=False)


class HardwareToken:
    """One token. Its session is opened when something is to be signed, kept, and opened anew when the token was away."""

    def __init__(self, place: TokenPlace) -> None:
        """Take the place. Nothing is opened yet."""
        self._place = place
        self._session: Session | None = None
        self._begun = 0
        self._found: dict[str, SignMixin] = {}
        self._failed = self._pin_refused = False

    def make(self, on: date, algorithm: SignatureAlgorithm) -> Key:
        """Make a key in the token and try it. Raises TokenUnavailable, KeysUnusable."""
        made = secrets.token_bytes(16)
        with _ONE_AT_A_TIME, self._translated():
            point = self._generated(self._opened(), f"{self._place.label}-{on.isoformat()}-{made.hex()[:8]}", made, algorithm)
        pair = _public(point, algorithm)
        key = Key(pair.thumbprint(), KeyUse.SIGNING, on, public_members(pair), made.hex())
        self.sign(key.token_object or "", pair, _SELF_TEST)
        return key

    def look(self, token_object: str) -> None:
        """Find a key. Raises TokenUnavailable where the token or the key is not there, KeysUnusable for a PIN that is wrong."""
        with _ONE_AT_A_TIME, self._translated():
            self._private(token_object)

    def sign(self, token_object: str, pair: PairKey, message: bytes) -> bytes:
        """Sign by a key of the token, and check that it was the one whose public half is known. Raises TokenUnavailable, KeysUnusable."""
        with _ONE_AT_A_TIME:
            signature = self._twice(lambda: self._signed(token_object, pair, message))
        if not verifies(pair, message, signature):
            raise TokenUnavailable(f"{self._named} signed with another key than the one that is known")
        return signature

    @property
    def _named(self) -> str:
        return f"the token {self._place.token}"

    def _twice(self, step: Callable[[], bytes]) -> bytes:
        """Try, and once more in a new session: a token that was pulled and put back has forgotten the old one."""
        had_session = self._session is not None
        try:
            with self._translated():
                return step()
        except TokenUnavailable:
            if not had_session:
                raise
        with self._translated():
            return step()

    def _signed(self, token_object: str, pair: PairKey, message: bytes) -> bytes:
        from pkcs11 import Mechanism

        private = self._private(token_object)
        algorithm = algorithm_of(pair)
        match algorithm:
            case SignatureAlgorithm.ES256:
                return bytes(private.sign(sha256(message).digest(), mechanism=Mechanism.ECDSA))
            case SignatureAlgorithm.ED25519:
                return bytes(private.sign(message, mechanism=Mechanism.EDDSA))
            case _:
                assert_never(algorithm)

    def _private(self, token_object: str) -> "SignMixin":
        from pkcs11 import NoSuchKey, ObjectClass

        session = self._opened()
        if token_object not in self._found:
            try:
                found: Any = session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=bytes.fromhex(token_object))
            except NoSuchKey:
                raise TokenUnavailable(f"{self._named} does not hold the signing key {token_object}") from None
            self._found[token_object] = found
        return self._found[token_object]

    def _opened(self) -> "Session":
        if self._session is None or self._begun != _BEGINNINGS[self._place.module]:
            self._found = {}
            self._session = self._open()
            self._begun = _BEGINNINGS[self._place.module]
        return self._session

    def _open(self) -> "Session":
        import pkcs11

        if self._pin_refused:
            raise KeysUnusable(
                f"{self._named} refused the PIN; it is not tried again before the next start, so that it does not lock itself"
            )
        if not self._place.pin:
            raise KeysUnusable(
                f"{self._named} has no PIN: set IMGATE_KEYS__PKCS11__PIN, or name a file that holds it by `[keys.pkcs11] pin_file`"
            )
        if not self._place.module.is_file():
            raise KeysUnusable(f"there is no PKCS#11 module {self._place.module}")
        try:
            library = pkcs11.lib(str(self._place.module))
        except pkcs11.PKCS11Error:
            raise KeysUnusable(f"{self._place.module} cannot be loaded as a PKCS#11 module") from None
        if self._failed:  # a token that was put back is not seen otherwise
            _BEGINNINGS[self._place.module] += 1
            library.reinitialize()
        token = library.get_token(token_label=self._place.token)
        try:
            return token.open(rw=True, user_pin=self._place.pin)
        except pkcs11.UserAlreadyLoggedIn:  # by another session of this process
            return token.open(rw=True)
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
            self._pin_refused = True
            raise KeysUnusable(f"{self._named} refused the PIN") from None
        except pkcs11.PinLocked:
            self._pin_refused = True
            raise KeysUnusable(f"{self._named} is locked after too many wrong PINs") from None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Say what failed in our words; the session is over then."""
        try:
            from pkcs11 import MultipleTokensReturned, NoSuchToken, PKCS11Error
        except ModuleNotFoundError:
            raise KeysUnusable("[keys.pkcs11] needs a package that is not installed: install imgate[pkcs11]") from None
        try:
            yield
            self._failed = False
        except (KeysUnusable, PKCS11Error) as error:
            self._session, self._failed = None, True
            match error:
                case NoSuchToken():
                    raise TokenUnavailable(f"{self._named} is not there") from None
                case MultipleTokensReturned():
                    raise KeysUnusable(f"there is more than one token {self._place.token}") from None
                case PKCS11Error():
                    raise TokenUnavailable(f"{self._named} does not work: {type(error).__name__}") from None
                case _:
                    raise

    def _generated(self, session: "Session", label: str, made: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Make the pair in the token, and give the public half as the token writes it."""
        from pkcs11 import Attribute, KeyType, MechanismFlag

        kind, curve = (KeyType.EC, _P256) if algorithm is SignatureAlgorithm.ES256 else (KeyType.EC_EDWARDS, _ED25519)
        domain = session.create_domain_parameters(kind, {Attribute.EC_PARAMS: curve}, local=True)
        public, _ = domain.generate_keypair(
            store=True,
            label=label,
            id=made,
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )
        return bytes(public[Attribute.EC_POINT])


def _public(point: bytes, algorithm: SignatureAlgorithm) -> PairKey:
    """Read a public key as a token writes it: an OCTET STRING around the point (CKA_EC_POINT), or, in some, the bare point."""
    size = 65 if algorithm is SignatureAlgorithm.ES256 else 32
    if len(point) == size + 2 and point[:2] == bytes((4, size)):
        point = point[2:]
    try:
        public: EllipticCurvePublicKey | Ed25519PublicKey = (
            EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
            if algorithm is SignatureAlgorithm.ES256
            else Ed25519PublicKey.from_public_bytes(point)
        )
    except (ValueError, UnsupportedAlgorithm):
        raise KeysUnusable("the token gave a public key that cannot be read") from None
    return read_pair(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), KeyUse.SIGNING, private=False)
