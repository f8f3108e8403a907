"""A paper is PDF/A-3a and PDF/UA-1, the same bytes for the same input, and holds its attachments byte for byte."""

import io
import os
import pathlib
import sys

import pikepdf
import pytest

from imgate.documents import typesetting
from imgate.documents.typesetting import Attachment, PapersUnavailable, Relationship, typeset
from imgate.documents.wording import words_of
from tests.documents.declared import MADE_ON, attached, form_of


def test_it_says_that_it_is_kept_and_can_be_read_aloud():
    with pikepdf.open(io.BytesIO(form_of("ar"))) as document:
        said, root = document.Root.Metadata.read_bytes().decode(), document.Root
        assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in said
        assert "<pdfuaid:part>1</pdfuaid:part>" in said
        assert "Entbindung von der Schweigepflicht" in said
        assert str(root.Lang) == "de-DE"
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfwith a mark\r\n", b"\xff\x00\x80binary", b"", '{"ü":"\u202e"}'.encode()])
def test_an_attachment_keeps_every_byte(content):
    words = words_of("1", "de")
    files = [Attachment("a.bin", content, "application/octet-stream", Relationship.DATA)]
    data = blank_like(words)
    pdf = typeset("blank", data, words=words, title=words.both("blank.title"), dated=MADE_ON, attachments=files)
    assert attached(pdf) == {"a.bin": content}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (spec,) = document.attachments.values()
        assert (str(spec.obj.AFRelationship), spec.get_file().mime_type) == ("/Data", "application/octet-stream")


def blank_like(words):
    from imgate.documents.blank import _WORDS

    named = {name: words.both(f"form.{name}") for name in _WORDS}
    named |= {name: words.both(f"blank.{name}") for name in ("lead", "tick", "occasion_hint", "no_digest", "from_to")}
    nobody = {"t": "", "dir": "ltr"}
    empty = {key: [] for key in ("permissions", "directions", "purposes", "scopes", "information", "contact", "signers")}
    return {"w": named, "unit": nobody, "recipient": nobody, "officer": None} | empty


def test_without_the_extra_papers_are_unavailable(monkeypatch):
    typesetting._compiler.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    try:
        with pytest.raises(PapersUnavailable, match=r"imgate\[forms\]"):
            form_of()
    finally:
        typesetting._compiler.cache_clear()


def resident():
    pages = int(pathlib.Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def growth(renderings):
    for number in range(20):
        form_of("ar", nonce=f"{number:032x}")
    before = resident()
    for number in range(renderings):
        form_of("ar", nonce=f"{number + 100:032x}", occasion=f"Ein anderer Anlass mit der Nummer {number}")
    return (resident() - before) / 2**20


@pytest.mark.skipif(not pathlib.Path("/proc/self/statm").exists(), reason="reads what Linux tells of a process")
def test_forms_in_a_row_do_not_grow_memory():
    assert growth(60) < 25


@pytest.mark.skipif(not pathlib.Path("/proc/self/statm").exists(), reason="reads what Linux tells of a process")
def test_large_papers_in_a_row_do_not_grow_memory():
    def large(number):
        return form_of("de", occasion=f"{number}\n" * (2000 // len(f"{number}\n")), onward_from=[f"{number}-{at}" for at in range(900)])

    for number in range(2):
        assert len(large(number)) > typesetting._LARGE
    before = resident()
    for number in range(12):
        large(number + 100)
    assert (resident() - before) / 2**20 < 40


def test_what_large_papers_left_behind_is_forgotten(monkeypatch):
    set_empty = []
    monkeypatch.setattr(typesetting, "_forget", set_empty.append)
    form_of()
    assert set_empty == []
    monkeypatch.setattr(typesetting, "_LARGE", 1000)
    form_of()
    assert len(set_empty) == 1


@pytest.mark.long
@pytest.mark.skipif(not pathlib.Path("/proc/self/statm").exists(), reason="reads what Linux tells of a process")
def test_a_thousand_forms_in_a_row_do_not_grow_memory():
    assert growth(1000) < 25
