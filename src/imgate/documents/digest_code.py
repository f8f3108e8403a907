"""QR codes (ISO/IEC 18004): a digest, to be compared by a telephone instead of by eye, and an address, to be opened instead of typed."""

from io import BytesIO

import segno


def digest_code(digest: str) -> str:
    """Draw the 64 hex digits as SVG."""
    return _drawn(digest)


def address_code(address: str) -> str:
    """Draw an address as SVG."""
    return _drawn(address)


def _drawn(text: str) -> str:
    """Draw a text with the quiet zone that readers need. The mask is given: to try all of them takes eight times as long."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False, mask=4).save(drawn, kind="svg", xmldecl=False, border=4)
    return drawn.getvalue().decode()
