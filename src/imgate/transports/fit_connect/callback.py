"""Whether a callback (Callback, Webhook) was made by the service, and just now.

The service calls when there is news and signs with a secret that was agreed on: HMAC-SHA512 over ``<timestamp>.<body>``, in
hexadecimal. What stands in the call is not read: the news is asked for.
"""

import hmac
import re
from collections.abc import Mapping, Sequence

_TOLERANCE_SECONDS = 300
_timestamp = re.compile(r"[0-9]{1,12}\Z").match
_authentication = re.compile(r"[0-9a-f]{128}\Z").match


def is_genuine(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, unix_time: float) -> bool:
    """Tell whether one of the keys signed this, at most five minutes ago. No key, no genuine call."""
    timestamp, authentication = headers.get("callback-timestamp", ""), headers.get("callback-authentication", "")
    if not _timestamp(timestamp) or not _authentication(authentication) or abs(unix_time - int(timestamp)) > _TOLERANCE_SECONDS:
        return False
    return any(hmac.compare_digest(authentication_of(key, timestamp, body), authentication) for key in keys)


def authentication_of(key: bytes, timestamp: str, body: bytes) -> str:
    """Sign as the service does."""
    return hmac.digest(key, timestamp.encode() + b"." + body, "sha512").hex()
