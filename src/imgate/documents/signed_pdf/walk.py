"""Everything in a signed file that its catalogue leads to, held against the inventory of what a form may hold.

One object may stand for two things: it is looked at once for each. How deeply a file may nest, the parser limits.
"""

from collections.abc import Iterator, Mapping

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from imgate.documents.signed_pdf.findings import Check, Failed, Refusal
from imgate.documents.signed_pdf.inventory import ANY, COLOURS, NARROWED, SCALAR, SHAPES, STREAM_KEYS, STREAMS, VALUES

_OBJECTS_MAX = 200_000
# Printed; read-only; locked; its contents locked. Without the first it is on the screen only; by the flags that are not here it is on
# paper only, nowhere, or in another size on each.
_PRINTED = 4
_FLAGS = _PRINTED | 64 | 128 | 512
# What is drawn around a place even if it has no size.
_FRAMES = frozenset({"/MK", "/BS", "/Border"})


def differs(why: str) -> Failed:
    """Make the refusal of a file that is not the form of this declaration."""
    return Failed(Check.DECLARATION, Refusal.DECLARATION_DIFFERS, why)


def specifications(reader: PdfFileReader) -> Iterator[generic.DictionaryObject]:
    """Give every file specification in the file, having seen that nothing in it is more than a form holds. Raises Failed."""
    for kind, found in _dictionaries(reader):
        _permitted(kind, found)
        match kind:
            case "field" | "link":
                _same_on_paper(kind, found)
            case "file":
                yield found
            case _:
                pass


def _dictionaries(reader: PdfFileReader) -> Iterator[tuple[str, generic.DictionaryObject]]:
    """Walk without recursion, since a hostile file nests deeply, and give each dictionary with its kind."""
    met: set[tuple[int, int, str]] = set()
    open_ends: list[tuple[str, generic.PdfObject]] = [("catalogue", reader.root)]
    seen = 0
    while open_ends:
        kind, found = open_ends.pop()
        if isinstance(found, generic.IndirectObject):
            reference = (found.idnum, found.generation, kind)
            if reference in met:
                continue
            met.add(reference)
            found = found.get_object()  # type: ignore[no-untyped-call]
        seen += 1
        if seen > _OBJECTS_MAX:
            raise Failed(Check.DECLARATION, Refusal.UNREADABLE, "the file has too many objects")
        if isinstance(found, generic.DictionaryObject):
            narrowed = _narrowed(kind, found)
            yield narrowed, found
            shape = _shape_of(narrowed, found)
            open_ends += [(shape.get(str(key), shape.get(ANY, SCALAR)), value) for key, value in dict.items(found)]
        elif isinstance(found, generic.ArrayObject):
            open_ends += [(kind, part) for part in list.__iter__(found)]
        elif kind == "colour" and isinstance(found, generic.NameObject) and found not in COLOURS:
            raise differs("the file has colours that look otherwise on paper")


def _narrowed(kind: str, found: generic.DictionaryObject) -> str:
    if kind not in NARROWED:
        return kind
    key, kinds = NARROWED[kind]
    narrowed = kinds.get(_value(found, key))
    if narrowed is None:
        raise differs(f"the file has another {kind} than the form can have")
    return narrowed


def _shape_of(kind: str, found: generic.DictionaryObject) -> Mapping[str, str]:
    return {**SHAPES[kind], **STREAM_KEYS} if isinstance(found, generic.StreamObject) else SHAPES[kind]


def _permitted(kind: str, found: generic.DictionaryObject) -> None:
    if kind == SCALAR or (isinstance(found, generic.StreamObject) and kind not in STREAMS):
        raise differs("the file has more in one place than the form has")
    shape = _shape_of(kind, found)
    if ANY not in shape and not {str(key) for key in found} <= shape.keys():
        raise differs(f"the file's {kind} has what the form's has not")
    if any(key in found and _value(found, key) not in allowed for (of, key), allowed in VALUES.items() if of == kind):
        raise differs(f"the file's {kind} does what the form's does not")


def _same_on_paper(kind: str, annotation: generic.DictionaryObject) -> None:
    """Demand that the screen shows what the printer prints. Raises Failed."""
    if "/Subtype" not in annotation:
        return
    if kind == "field" and "/FT" not in annotation and "/FT" not in annotation.get("/Parent", ()):
        raise differs("the file has a field that is of no type")
    left, bottom, right, top = (float(number) for number in annotation["/Rect"])
    if kind == "field" and (left == right or bottom == top) and _FRAMES.isdisjoint(annotation):  # a signature without a place on the page
        return
    flags = int(annotation["/F"]) if "/F" in annotation else 0
    if not flags & _PRINTED or flags & ~_FLAGS:
        raise differs("the file shows what it does not print, or prints what it does not show")


def _value(found: generic.DictionaryObject, key: str) -> str:
    value = found.get(key, "")
    # A string that reads like a name is none.
    return repr(value) if isinstance(value, generic.TextStringObject) else str(value)
