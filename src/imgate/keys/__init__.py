"""Keys: the keyring with its separate keys, where they are kept, and the profile that says which algorithms they are for.

Owns the key material. Never stores data, never shows a secret in a ``repr`` or a sentence.
"""

from imgate.keys.files import KeysMissing, KeysUnusable, load_keys, make_keys, rotate
from imgate.keys.keyring import Key, Keyring, KeyUse

__all__ = ["Key", "KeyUse", "Keyring", "KeysMissing", "KeysUnusable", "load_keys", "make_keys", "rotate"]
