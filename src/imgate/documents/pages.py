"""How many pages a scan has, if that can be told. A scan is not otherwise read (contract §3): one that nobody can count is taken."""

import struct

from imgate.documents.signed_pdf.process import NoAnswer, count_pages, is_installed

# Nobody counts further; a directory names the next one, and a hostile file names them in a circle.
_DIRECTORIES_MAX = 10_000


def pages(media_type: str, content: bytes) -> int | None:
    """Count the pages of a scan of this type; None where they cannot be counted. A picture is one page. Takes half a second for a PDF."""
    match media_type.split(";")[0].strip():
        case "application/pdf":
            return _of_pdf(content)
        case "image/tiff":
            return _of_tiff(content)
        case "image/png" | "image/jpeg" | "image/svg+xml":
            return 1
        case _:
            return None


def _of_pdf(content: bytes) -> int | None:
    # Without the word that says where a PDF's table lies nobody finds its pages: that much is seen without a process.
    if b"startxref" not in content or not is_installed():
        return None
    try:
        return count_pages(content)
    except NoAnswer:
        return None


def _of_tiff(content: bytes) -> int | None:
    """Walk from directory to directory (TIFF 6.0, section 2): each is one page and says where the next begins."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(content[:4])
    if order is None:
        return None
    found: set[int] = set()
    try:
        (at,) = struct.unpack_from(f"{order}I", content, 4)
        while at and len(found) <= _DIRECTORIES_MAX:
            if at in found:
                return None
            found.add(at)
            (entries,) = struct.unpack_from(f"{order}H", content, at)
            (at,) = struct.unpack_from(f"{order}I", content, at + 2 + 12 * entries)
    except struct.error:
        return None
    return len(found) or None
