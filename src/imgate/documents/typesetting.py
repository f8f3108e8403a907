"""Sets a paper with typst: PDF/A-3a and PDF/UA-1, the same bytes for the same input, without a network or a system's fonts.

What is printed goes in as JSON, in a file that exists in memory only. It is never formatted into a template, so no text of a client
is read as markup. (As ``sys.inputs`` it would be part of typst's library: every paper would be laid out from nothing, in three times
the time.)
typst is an extra and is imported when the first paper is set.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

from imgate.documents import fonts
from imgate.documents.runs import plain
from imgate.documents.wording import Both, Words

if TYPE_CHECKING:
    import typst

# Conforming to both: an archive keeps it (ISO 19005-3, level A), and a screen reader reads it (ISO 14289-1).
_STANDARDS: "list[typst.PDFStandard]" = ["a-3a", "ua-1"]
# typst keeps what it worked out until ten more papers were set: of forms that makes the next one quick, of long annexes a gigabyte.
# Eleven empty papers behind a large one take 40 ms, and make it forget.
_LARGE, _FORGOTTEN_AFTER = 192 * 1024, 11
# A compiler serves one thread at a time.
_setting = Lock()


class PapersUnavailable(Exception):
    """The extra ``imgate[forms]`` is not installed. For the operator."""

    def __init__(self) -> None:
        """Say how it is installed."""
        super().__init__("Papers need the extra imgate[forms], which is not installed.")


class Relationship(StrEnum):
    """What an attachment is to the paper (ISO 19005-3, annex E)."""

    SOURCE = "source"
    DATA = "data"
    ALTERNATIVE = "alternative"
    SUPPLEMENT = "supplement"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the PDF, byte for byte."""

    name: str
    content: bytes = field(repr=False)
    media_type: str = "application/json"
    relationship: Relationship = Relationship.SOURCE
    description: str = ""


def is_installed() -> bool:
    """Tell whether papers can be made here."""
    return find_spec("typst") is not None


def typeset(
    template: str,
    data: Mapping[str, Any],
    *,
    words: Words,
    title: Both,
    dated: date,
    reference: str = "",
    digest: str | None = None,
    alone: bool = False,
    marks: Sequence[Both] = (),
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Set ``templates/{template}.typ`` with this data as PDF, German beside the language of ``words``, or that language ``alone``.

    ``dated`` is the document's date, and must come from the data: the clock would make other bytes each time. ``marks`` stand at the
    top of every page; the one for a machine draft is added here. ``reference`` and the digest's beginning stand at the foot.
    Text from outside must have gone through ``runs.written``: a character without a glyph is an error. Raises PapersUnavailable.
    """
    other = None if words.other is None else words.other.language
    frame = {
        "title": title,
        "document_title": plain((title["tr"] if alone and other is not None else title["de"]) or []),
        "alone": alone and other is not None,
        "date": [dated.year, dated.month, dated.day],
        "marks": [*marks, *([words.both("language.machine_draft")] if words.machine_draft else [])],
        "reference": reference,
        "digest": digest,
        "page": {"de": words.german.text("form.page"), "tr": None if words.other is None else words.other.text("form.page")},
        "other": None
        if other is None
        else {"lang": other.lang, "region": other.region, "dir": "rtl" if other.right_to_left else "ltr", "fonts": other.families},
        "attachments": [_attached(attachment) for attachment in attachments],
    }
    files = {
        "main.typ": _template(template),
        "sheet.typ": _template("sheet"),
        "paper.json": json.dumps({"frame": frame, "data": data}, ensure_ascii=False).encode(),
    }
    noon = datetime(dated.year, dated.month, dated.day, 12, tzinfo=UTC)
    with _setting:
        compiler = _compiler()
        pdf = compiler.compile(files, format="pdf", pdf_standards=_STANDARDS, timestamp=noon)  # type: ignore[type-var]  # not in its stubs
        assert isinstance(pdf, bytes)  # noqa: S101  # one file without ``output``
        if len(pdf) > _LARGE:
            _forget(compiler)
    return pdf


def _forget(compiler: "typst.Compiler") -> None:
    for _ in range(_FORGOTTEN_AFTER):
        compiler.compile(b"")


def _attached(attachment: Attachment) -> dict[str, Any]:
    """Give a file as JSON holds it: text as text, anything else as numbers. A file in memory would have to be UTF-8, and loses a BOM."""
    try:
        content: str | list[int] = attachment.content.decode("utf-8")
    except UnicodeDecodeError:
        content = list(attachment.content)
    return {
        "name": attachment.name,
        "content": content,
        "type": attachment.media_type,
        "relationship": attachment.relationship.value,
        "description": attachment.description or attachment.name,
    }


@cache
def _template(name: str) -> bytes:
    return (resources.files("imgate.documents") / "templates" / f"{name}.typ").read_bytes()


@cache
def _compiler() -> "typst.Compiler":
    """Hold one compiler with our fonts and no others."""
    try:
        import typst
    except ImportError:
        raise PapersUnavailable from None
    ours = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER])
    return typst.Compiler(font_paths=ours, ignore_system_fonts=True)
