"""Keys: the keyring with its separate keys, how they are kept, what they sign, and the profiles that say by which algorithms.

Owns the key material. Never stores data, never shows a secret in a ``repr`` or a sentence.
"""

from imgate.keys.faults import KeysMissing, KeysUnusable, TokenUnavailable
from imgate.keys.files import Custody, are_encrypted, complete_keys, load_keys, make_keys, protect, rotate
from imgate.keys.keyring import Key, Keyring, KeyUse
from imgate.keys.passphrase import Passphrase
from imgate.keys.profiles import SignatureAlgorithm

__all__ = [
    "Custody",
    "Key",
    "KeyUse",
    "Keyring",
    "KeysMissing",
    "KeysUnusable",
    "Passphrase",
    "SignatureAlgorithm",
    "TokenUnavailable",
    "are_encrypted",
    "complete_keys",
    "load_keys",
    "make_keys",
    "protect",
    "rotate",
]
