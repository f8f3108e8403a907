"""What keeps keys from being used. The sentences name files, uses and modules; never a secret, a passphrase or a PIN."""

from imgate.exchange.ports import Unavailable


class KeysMissing(Exception):
    """The operator must act: there are no keys, or not all of them."""


class KeysUnusable(Exception):
    """The operator must act: the keys' files are open to others, encrypted under another passphrase, or not what they should be."""


class TokenUnavailable(KeysUnusable, Unavailable):
    """The operator must act: the hardware token does not answer. Nothing was signed; later it may be."""
