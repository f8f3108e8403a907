"""How many pages a PDF has. Reads leniently: a scan comes from whatever machine stands in the office."""

from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

# Nobody counts further.
_PAGES_MAX = 10_000


def pages_of(content: bytes) -> int:
    """Count the pages by their tree, which readers show; what the file says about their number is not believed.

    Raises whatever a hostile file leads to.
    """
    root = PdfFileReader(BytesIO(content), strict=False).root
    open_ends, met, pages = [root.raw_get("/Pages")], set[tuple[int, int]](), 0
    while open_ends and pages <= _PAGES_MAX:
        node = open_ends.pop()
        if isinstance(node, generic.IndirectObject):
            reference = (node.idnum, node.generation)
            if reference in met:
                raise ValueError("a tree that goes in circles")
            met.add(reference)
            node = node.get_object()  # type: ignore[no-untyped-call]
        if not isinstance(node, generic.DictionaryObject):
            raise TypeError("a page that is none")
        if "/Kids" in node:
            open_ends += list(list.__iter__(node["/Kids"]))
        else:
            pages += 1
    return pages
