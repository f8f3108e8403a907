"""Read XML that a stranger wrote: first the guard, then the table, and never a word of theirs in an error.

Each rule of the guard answers a known attack (OWASP XML Security Cheat Sheet): a document type definition brings
entities that expand without end or fetch files; another encoding hides a ``<!DOCTYPE`` from a search in the bytes; deep
nesting exhausts a stack. libxml2's own messages quote the input, so only their number and place are kept.
"""

import binascii
import re
import threading
from base64 import b64decode
from collections.abc import Callable
from typing import Any, assert_never

from lxml import etree

from imgate.plugin_api.attachment import Attachment
from imgate.plugin_api.errors import MessageUnreadable
from imgate.plugin_api.incoming import Incoming, Reading
from imgate.plugin_api.xml_shapes import Code, Flag, Group, ListedCode, Many, Number, Shape, Text
from imgate.plugin_api.xml_write import ENVELOPE_NAMESPACE

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64

Reader = Callable[[etree._Element], Any]

_BOM = b"\xef\xbb\xbf"
_declared_encoding = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{0,40})["']""").match
_document_type = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE).search
# The lexical forms of xs:decimal, no longer than any number of a record could be.
_number = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?\Z").match
# libxml2 has limits of its own, 256 levels and 10 million characters of one text, and reports going over either by this number
# (XML_ERR_RESOURCE_LIMIT).
_RESOURCE_LIMIT = 114

_too_deep = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")", regexp=False)


def parse_message(body: bytes, max_bytes: int = MAX_BYTES) -> etree._Element:
    """Parse a foreign message, or raise MessageUnreadable with one of its codes and, where known, line and column.

    ``too_large`` (also one text over 10 million characters) · ``empty`` · ``not_utf8`` (the bytes, the byte order mark or the
    declaration say something else) ·
    ``dtd_refused`` (also the bare words ``<!DOCTYPE`` and ``<!ENTITY`` in a comment or CDATA section) ·
    ``not_wellformed`` · ``too_deep`` (over 64 levels).
    """
    if len(body) > max_bytes:
        raise MessageUnreadable("too_large")
    body = body.removeprefix(_BOM)
    if not body or body.isspace():
        raise MessageUnreadable("empty")
    _refuse_other_encodings(body)
    if b"<!" in body and (found := _document_type(body)) is not None:
        raise MessageUnreadable("dtd_refused", body.count(b"\n", 0, found.start()) + 1)
    try:
        root = etree.fromstring(body, _parser_of_this_thread())
    except etree.XMLSyntaxError as error:
        _kept.parser = None  # it remembers what was wrong, in the sender's words
        limit = "too_deep" if "depth" in (error.msg or "") else "too_large"
        code = limit if getattr(error, "code", None) == _RESOURCE_LIMIT else "not_wellformed"
        refusal = MessageUnreadable(code, error.lineno, error.offset)
    else:
        if _too_deep(root):
            raise MessageUnreadable("too_deep")
        return root
    # Outside the except block, here and below: the foreign error quotes the input and must not hang on ours as context.
    raise refusal


def parse_written(content: bytes) -> etree._Element:
    """Parse a message that our own plugin has just written: the same parser, without the searches for what strangers try.

    Raises MessageUnreadable where it is not well-formed. The parser itself refuses entities and the network.
    """
    try:
        return etree.fromstring(content, _parser_of_this_thread())
    except etree.XMLSyntaxError:
        _kept.parser = None
    raise MessageUnreadable("not_wellformed")


def _refuse_other_encodings(body: bytes) -> None:
    # UTF-16 without a byte order mark is valid UTF-8 with NULs in it, and libxml2 would recognise it.
    if b"\x00" in body:
        raise MessageUnreadable("not_utf8")
    declared = _declared_encoding(body)
    if declared is not None and declared[1].lower() != b"utf-8":
        raise MessageUnreadable("not_utf8", 1)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
    else:
        return
    raise MessageUnreadable("not_utf8", line)


_kept = threading.local()


def _parser_of_this_thread() -> etree.XMLParser:
    # One for each thread: a shared one is a lock between them, a new one for each message costs a tenth of reading it.
    parser: etree.XMLParser | None = getattr(_kept, "parser", None)
    if parser is None:
        parser = _kept.parser = _new_parser()
    return parser


def _new_parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def line_of(element: etree._Element) -> int | None:
    """Tell on which line an element began."""
    line: int | None = element.sourceline  # type: ignore[assignment]  # lxml-stubs leaves the type open
    return line


def unexpected(element: etree._Element) -> MessageUnreadable:
    """Make the error for an element that the table has no place for."""
    return MessageUnreadable("unexpected_element", line_of(element))


def compile_reader(shape: Shape, namespace: str) -> Reader:
    """Build the function that reads one element of this shape. It raises MessageUnreadable for what does not fit."""
    match shape:
        case Text():
            return _read_text
        case Number():
            return _read_number
        case Flag():
            return _read_flag
        case Code():
            return _code_reader(shape)
        case ListedCode():
            return _read_listed_code
        case Group():
            return _group_reader(shape, namespace)
        case Many():
            return _many_reader(shape, namespace)
        case _:
            assert_never(shape)


def _read_text(element: etree._Element) -> str:
    if len(element):
        raise unexpected(element[0])
    return element.text or ""


def _read_number(element: etree._Element) -> int | float:
    text = _read_text(element).strip()
    number = _number(text)
    if number is None:
        raise MessageUnreadable("not_a_number", line_of(element))
    return int(text) if number[1] is None else float(text)


def _read_flag(element: etree._Element) -> bool:
    # The four lexical forms of xs:boolean.
    match _read_text(element).strip():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise MessageUnreadable("not_a_flag", line_of(element))


def _code_of(element: etree._Element) -> str:
    # A ``name`` beside the code is somebody's text about it, and not read.
    code = element.find("code")
    if code is None:
        raise MessageUnreadable("code_missing", line_of(element))
    return _read_text(code).strip()


def _code_reader(shape: Code) -> Reader:
    if shape.codes is None:
        return _code_of
    words = {code: word for word, code in shape.codes.items()}

    def read_mapped(element: etree._Element) -> str:
        word = words.get(_code_of(element))
        if word is None:
            raise MessageUnreadable("code_unknown", line_of(element))
        return word

    return read_mapped


def _read_listed_code(element: etree._Element) -> dict[str, str]:
    uri, version = element.get("listURI"), element.get("listVersionID")
    if uri is None or version is None:
        raise MessageUnreadable("code_list_missing", line_of(element))
    return {"list": uri.strip(), "version": version.strip(), "code": _code_of(element)}


def _group_reader(shape: Group, namespace: str) -> Reader:
    leaves = {f"{{{namespace}}}{leaf.tag}": (key, compile_reader(leaf, namespace)) for key, leaf in shape.leaves.items()}
    spread = next((key for key, leaf in shape.leaves.items() if isinstance(leaf, ListedCode)), None)

    def read_group(element: etree._Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in element:
            leaf = leaves.get(child.tag)
            if leaf is None or leaf[0] in found:
                raise unexpected(child)
            found[leaf[0]] = leaf[1](child)
        return found

    if spread is None:
        return read_group

    def read_group_with_listed_code(element: etree._Element) -> dict[str, Any]:
        found = read_group(element)
        return {**found.pop(spread, {}), **found}

    return read_group_with_listed_code


def _many_reader(shape: Many, namespace: str) -> Reader:
    tag = f"{{{namespace}}}{shape.each.tag}"
    each = compile_reader(shape.each, namespace)

    def read_many(element: etree._Element) -> list[Any]:
        items = []
        for child in element:
            if child.tag != tag:
                raise unexpected(child)
            items.append(each(child))
        return items

    return read_many


def read_message(root: etree._Element, root_tag: str, content_tag: str, places: dict[str, tuple[str, str, Reader]]) -> Reading:
    """Read a partner's message: the smaller header, then each item by its place.

    ``places`` maps qualified element names to section, item and reader. Whether the header's values have their form is
    the schema's question; here a missing one is ``header_missing``.
    """
    if root.tag != root_tag:
        raise MessageUnreadable("root_unknown", line_of(root))
    header, content = root.find(f"{{{ENVELOPE_NAMESPACE}}}header"), root.find(content_tag)
    if header is None or content is None:
        raise MessageUnreadable("header_missing" if header is None else "content_missing", line_of(root))
    attached = tuple(_read_attachment(child) for child in header if child.tag == _ATTACHMENT)
    said = {child.tag: _read_text(child) for child in header if child.tag != _ATTACHMENT}
    message_id, reference = (said.get(f"{{{ENVELOPE_NAMESPACE}}}{name}") for name in ("messageId", "reference"))
    if message_id is None or reference is None:
        raise MessageUnreadable("header_missing", line_of(header))
    record: dict[str, dict[str, Any]] = {}
    for child in content:
        place = places.get(child.tag)
        if place is None or place[1] in record.get(place[0], ()):
            raise unexpected(child)
        section, item, read = place
        record.setdefault(section, {})[item] = read(child)
    person = Incoming(reference, record, line_of(root))
    return Reading((person,), message_id=message_id, purpose=said.get(f"{{{ENVELOPE_NAMESPACE}}}purpose"), attachments=attached)


_ATTACHMENT = f"{{{ENVELOPE_NAMESPACE}}}attachment"


def _read_attachment(element: etree._Element) -> Attachment:
    kind, name, media_type = (element.get(attribute) for attribute in ("kind", "name", "mediaType"))
    if kind is None or name is None or media_type is None:
        raise MessageUnreadable("attachment_invalid", line_of(element))
    try:
        content = b64decode("".join(_read_text(element).split()), validate=True)
    except (binascii.Error, ValueError):  # the second for characters beyond ASCII
        content = b""
    if not content:
        raise MessageUnreadable("attachment_invalid", line_of(element))
    return Attachment(kind, name, media_type, content)
