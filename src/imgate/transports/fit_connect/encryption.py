"""Encrypts what leaves to the destination's key: JWE compact, RSA-OAEP-256 and A256GCM, with ``kid`` and ``cty``."""

from joserfc import jwe

from imgate.transports.fit_connect.destination import KEY_ALGORITHM, Recipient

_CONTENT_ENCRYPTION = "A256GCM"


def sealed(content: bytes, content_type: str, recipient: Recipient) -> str:
    """Encrypt for the destination alone. Without ``cty`` the service answers 422."""
    header = {"alg": KEY_ALGORITHM, "enc": _CONTENT_ENCRYPTION, "kid": recipient.kid, "cty": content_type}
    return jwe.encrypt_compact(header, content, recipient.key, algorithms=[KEY_ALGORITHM, _CONTENT_ENCRYPTION])
