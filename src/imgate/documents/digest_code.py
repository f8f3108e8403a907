"""A digest as a QR code (ISO/IEC 18004), to be compared by a telephone instead of by eye."""

from io import BytesIO

from imgate.documents.typesetting import PapersUnavailable


def digest_code(digest: str) -> str:
    """Draw the 64 hex digits as SVG, with the quiet zone that readers need. Raises PapersUnavailable."""
    try:
        import segno  # with the extra, and late: the rest needs none of it
    except ImportError:
        raise PapersUnavailable from None
    drawn = BytesIO()
    segno.make(digest, error="m", micro=False, mask=4).save(drawn, kind="svg", xmldecl=False, border=4)
    return drawn.getvalue().decode()
