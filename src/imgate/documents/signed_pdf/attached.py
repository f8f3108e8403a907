"""Check 6: the file that was signed is the form of this declaration, by the ``declaration.json`` that it carries.

Whatever else a signed file brings was not in the form, so a file with more is refused as a whole: it could show, print or do something
else than what its signer saw. What the pages say is not read: that is what the signer saw.
"""

import hashlib
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from imgate.documents.signed_pdf.findings import Check, Failed, Refusal
from imgate.documents.signed_pdf.walk import differs, specifications

ATTACHMENT = "declaration.json"
_NODES_MAX = 100


def check_declaration(reader: PdfFileReader, digest: str) -> None:
    """Demand that the file carries exactly the declaration with this digest, and nothing that no form has. Raises Failed."""
    try:
        attached = [(_name(specification), _content(specification)) for specification in specifications(reader)]
        listed = list(_listed(reader))
        found = [hashlib.sha256(content).hexdigest() for _, content in attached]
    except Failed:
        raise
    except Exception as error:  # whatever a hostile file makes the parser raise
        raise Failed(Check.DECLARATION, Refusal.UNREADABLE, f"the attachments cannot be read: {type(error).__name__}") from error
    if [name for name, _ in attached] != [ATTACHMENT]:
        raise differs(f"the file has {len(attached)} attachments, and the form has one, {ATTACHMENT}")
    if listed != [ATTACHMENT]:
        raise differs("the attachment is listed under another name, or more than once, or not at all")
    if found != [digest]:
        raise differs("the attached declaration is another one")


def _name(specification: generic.DictionaryObject) -> str:
    names = {str(specification[key]) for key in ("/F", "/UF") if key in specification}
    if len(names) != 1:
        raise differs("an attachment has no name, or two")
    return names.pop()


def _content(specification: generic.DictionaryObject) -> bytes:
    files = specification.get("/EF")
    if not isinstance(files, generic.DictionaryObject):
        raise differs("an attachment has no content")
    streams = [files[key] for key in files]
    if not streams or not all(isinstance(stream, generic.StreamObject) and stream is streams[0] for stream in streams):
        raise differs("an attachment has no content, or two")
    return bytes(streams[0].data)


def _listed(reader: PdfFileReader) -> Iterator[str]:
    """Give the keys of the file's list of attachments: readers show an attachment under its key or under its name."""
    if "/Names" not in reader.root or "/EmbeddedFiles" not in reader.root["/Names"]:
        return
    open_ends, seen = [reader.root["/Names"]["/EmbeddedFiles"]], 0
    while open_ends:
        node, seen = open_ends.pop().get_object(), seen + 1
        if seen > _NODES_MAX:
            raise differs("the list of attachments has no end, and the form has one attachment")
        if "/Kids" in node:
            open_ends += list(list.__iter__(node["/Kids"]))
        if "/Names" in node:
            yield from (str(key.get_object()) for key in list(list.__iter__(node["/Names"]))[::2])
