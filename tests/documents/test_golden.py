"""Page one of a form, and of a message on paper, looks as it looked when somebody last looked at it.

``IMGATE_RENEW_GOLDEN=1 pytest tests/documents/test_golden.py`` writes the pictures anew; look at each before you commit it.
"""

import io
import os
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from tests.documents.declared import form_of
from tests.documents.papered import paper_of, record

GOLDEN = Path(__file__).parent / "golden"
_RENEW = os.environ.get("IMGATE_RENEW_GOLDEN") == "1"
_DPI = 90
# Another version of the renderer smooths an edge a little otherwise; a letter that is gone or has moved is more than that.
_SHADE, _SHARE = 60, 0.0005


def picture_of(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=_DPI / 72, grayscale=True).to_pil().convert("L")


@pytest.mark.parametrize("tag", ["de", "ar", "prs", "uk", "ti"])
def test_page_one_looks_as_it_did(tag):
    looks_as_it_did(form_of(tag), f"form-{tag}")


@pytest.mark.parametrize("name", ["full", "sparse"])
def test_page_one_of_a_message_looks_as_it_did(name):
    looks_as_it_did(paper_of(record(name)), f"message-{name}")


def looks_as_it_did(pdf, name):
    picture, file = picture_of(pdf), GOLDEN / f"{name}.png"
    if _RENEW:
        picture.quantize(16).save(file, optimize=True)
    with Image.open(file) as opened:
        golden = opened.convert("L")
    assert picture.size == golden.size
    other = sum(ImageChops.difference(picture, golden).histogram()[_SHADE:])
    assert other <= _SHARE * picture.width * picture.height
    assert file.stat().st_size < 150_000


def test_a_word_that_is_another_is_seen():
    with Image.open(io.BytesIO((GOLDEN / "form-de.png").read_bytes())) as opened:
        golden = opened.convert("L")
    changed = picture_of(form_of("de", direction="to_partner"))
    assert sum(ImageChops.difference(changed, golden).histogram()[_SHADE:]) > _SHARE * golden.width * golden.height
