"""Check 6: the file that was signed is the form of this declaration, by the ``declaration.json`` that it carries.

The form of a declaration carries that one attachment and nothing that moves, runs or hides. Whatever else a signed file brings was not
in the form, so a file with more is refused as a whole. What the pages say is not read: that is what the signer saw.
"""

import hashlib
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from imgate.documents.signed_pdf.findings import Check, Failed, Refusal

ATTACHMENT = "declaration.json"
_OBJECTS_MAX = 200_000
# Scripts, forms of another technology, layers that can be hidden, players.
_KEYS_OF_NO_FORM = frozenset({"/JS", "/XFA", "/OCProperties", "/RichMediaContent", "/3DD"})
# A stream that is read from another file, a picture that stands for a page of another file.
_KEYS_OF_NO_STREAM = frozenset({"/F", "/FFilter", "/Ref"})
_ACTIONS_OF_NO_FORM = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound"})


def check_declaration(reader: PdfFileReader, digest: str) -> None:
    """Demand that the file carries exactly the declaration with this digest. Raises Failed."""
    try:
        attached = list(_attachments(reader))
        found = [hashlib.sha256(content).hexdigest() for _, content in attached]
    except Failed:
        raise
    except Exception as error:  # whatever a hostile file makes the parser raise
        raise Failed(Check.DECLARATION, Refusal.UNREADABLE, f"the attachments cannot be read: {type(error).__name__}") from error
    if [name for name, _ in attached] != [ATTACHMENT]:
        raise _differs(f"the file has {len(attached)} attachments, and the form has one, {ATTACHMENT}")
    if found != [digest]:
        raise _differs("the attached declaration is another one")


def _differs(why: str) -> Failed:
    return Failed(Check.DECLARATION, Refusal.DECLARATION_DIFFERS, why)


def _attachments(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    """Give the name and content of every attachment that anything in the file leads to. Raises Failed for what no form has."""
    for entry in _dictionaries(reader):
        if not _KEYS_OF_NO_FORM.isdisjoint(entry):
            raise _differs("the file holds scripts, layers or players, and the form has none")
        if isinstance(entry, generic.StreamObject) and not _KEYS_OF_NO_STREAM.isdisjoint(entry):
            raise _differs("the file shows what lies in another file, and the form does not")
        if "/S" in entry and str(entry["/S"]) in _ACTIONS_OF_NO_FORM:
            raise _differs("the file holds actions that run, and the form has none")
        if "/EF" in entry:
            yield _name(entry), _content(entry["/EF"])


def _name(specification: generic.DictionaryObject) -> str:
    names = {str(specification[key]) for key in ("/F", "/UF") if key in specification}
    if len(names) != 1:
        raise _differs("an attachment has no name, or two")
    return names.pop()


def _content(files: generic.PdfObject) -> bytes:
    if not isinstance(files, generic.DictionaryObject):
        raise _differs("an attachment has no content")
    streams = [files[key] for key in files]
    if not streams or not all(isinstance(stream, generic.StreamObject) and stream is streams[0] for stream in streams):
        raise _differs("an attachment has no content, or two")
    return bytes(streams[0].data)


def _dictionaries(reader: PdfFileReader) -> Iterator[generic.DictionaryObject]:
    """Walk over everything that the file's catalogue leads to, without recursion: a hostile file nests deeply."""
    met: set[tuple[int, int]] = set()
    open_ends: list[generic.PdfObject] = [reader.root]
    seen = 0
    while open_ends:
        found = open_ends.pop()
        if isinstance(found, generic.IndirectObject):
            reference = (found.idnum, found.generation)
            if reference in met:
                continue
            met.add(reference)
            found = found.get_object()  # type: ignore[no-untyped-call]
        seen += 1
        if seen > _OBJECTS_MAX:
            raise Failed(Check.DECLARATION, Refusal.UNREADABLE, "the file has too many objects")
        if isinstance(found, generic.DictionaryObject):
            yield found
            open_ends += list(dict.values(found))
        elif isinstance(found, generic.ArrayObject):
            open_ends += list(list.__iter__(found))
