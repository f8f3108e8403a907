"""One-time codes out of an authenticator app (TOTP, RFC 6238)."""

import base64
import os
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup
from pyotp.exceptions import OTPVerificationError

_BYTES = 20  # RFC 4226, 4: as long as the digest
_STEPS_ASIDE = 1


def new_secret() -> bytes:
    """Make a secret."""
    return os.urandom(_BYTES)


def spelled(secret: bytes) -> str:
    """Give a secret as an app takes it when it is typed."""
    return base64.b32encode(secret).decode()


def matching_step(secret: bytes | None, unverified_code: str, at: datetime) -> int | None:
    """Give the time step that this is the code of: the present one, the one before or after; None where it is none of theirs.

    Whether the step was used before is not looked at. Without a secret it is as much work, and never a match.
    """
    digits = "".join(unverified_code.split())
    if not (digits.isascii() and digits.isdigit()):
        digits = ""
    codes = pyotp.TOTP(spelled(secret or new_secret()))
    try:
        step: int = codes.verify_and_get_timecode(digits, for_time=at.timestamp(), valid_window=_STEPS_ASIDE)
    except OTPVerificationError:
        return None
    return None if secret is None else step


def drawn(secret: bytes, login: str, issuer: str) -> Markup:
    """Draw a secret for an app's camera, as SVG that stands in the page itself: no image that would have an address."""
    address = pyotp.TOTP(spelled(secret)).provisioning_uri(name=login, issuer_name=issuer)
    return Markup(segno.make(address, error="m", micro=False).svg_inline(scale=4, border=4, light="#fff"))  # noqa: S704  # segno's own paths
