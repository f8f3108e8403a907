"""Pages are counted where they can be, and a scan that nobody can count is taken."""

import struct
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from imgate.documents import pages as module
from imgate.documents.pages import pages


def tiff(count):
    out = BytesIO()
    pictures = [Image.new("1", (8, 8)) for _ in range(count)]
    pictures[0].save(out, format="TIFF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def pdf(count):
    document, out = pikepdf.new(), BytesIO()
    for _ in range(count):
        document.add_blank_page()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("count", [1, 2, 51])
def test_the_pages_of_a_tiff_are_its_directories(count):
    assert pages("image/tiff", tiff(count)) == count


def test_a_tiff_of_the_other_byte_order_is_counted_too():
    content = b"MM\x00*" + struct.pack(">IHI", 8, 0, 14) + struct.pack(">HI", 0, 0)
    assert pages("image/tiff", content) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"II*\x00",
        b"II*\x00" + struct.pack("<I", 0),
        b"II*\x00" + struct.pack("<I", 4_000_000_000),
        b"II*\x00" + struct.pack("<IHI", 8, 0, 8),
        b"II*\x00" + struct.pack("<IH", 8, 65535),
        b"??*\x00" + bytes(20),
    ],
    ids=["cut off", "no directory", "outside", "circle", "too many entries", "no order"],
)
def test_a_tiff_that_cannot_be_walked_has_unknown_pages(content):
    assert pages("image/tiff", content) is None


def test_a_tiff_with_endless_directories_is_not_walked_to_the_end():
    directories = b"".join(struct.pack("<HI", 0, 8 + 6 * (number + 1)) for number in range(30_000))
    assert pages("image/tiff", b"II*\x00" + struct.pack("<I", 8) + directories) == module._DIRECTORIES_MAX + 1


def test_the_pages_of_a_pdf_are_counted_and_not_believed():
    content = pdf(3)
    assert pages("application/pdf", content) == 3
    assert pages("application/pdf", content.replace(b"/Count 3", b"/Count 1")) == 3


@pytest.mark.parametrize("content", [b"%PDF-1.7\nstartxref\n0\n%%EOF", pdf(2)[:-60] + b"startxref\n9999999\n%%EOF"])
def test_a_pdf_that_cannot_be_read_has_unknown_pages(content):
    assert pages("application/pdf", content) is None


def test_for_a_pdf_that_nobody_can_read_no_process_is_started(monkeypatch):
    monkeypatch.setattr(module, "count_pages", lambda _: pytest.fail("a process was started"))
    assert pages("application/pdf", b"%PDF-1.7 and nothing else") is None


def test_without_the_extra_a_pdf_has_unknown_pages(monkeypatch):
    monkeypatch.setattr(module, "is_installed", lambda: False)
    assert pages("application/pdf", pdf(2)) is None


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/svg+xml"])
def test_a_picture_is_one_page(media_type):
    assert pages(media_type, b"whatever") == 1
