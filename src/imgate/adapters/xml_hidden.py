"""Find what a schema never looks at: comments, instructions, document types, namespaces that are nobody's, addresses of schemas.

A text in one of them leaves with the message though no place has it, and schema validation says that all is well.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lxml import etree

from imgate.adapters.published_schemas import PUBLISHED, published_schema

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "http://www.w3.org/XML/1998/namespace"
_LOCATIONS = (f"{{{_XSI}}}schemaLocation", f"{{{_XSI}}}noNamespaceSchemaLocation")
_XS = "{http://www.w3.org/2001/XMLSchema}"
_declared = re.compile(rb"""xmlns(?::[^\s="'<>&]+)?\s*=\s*["']([^"'<>&]*)["']""").findall


def hidden_in(content: bytes, root: etree._Element, schema: bytes) -> str | None:
    """Name what is hidden in a valid message, or None. ``root`` is the message as parsed, without comments."""
    # A search in the bytes is enough for nearly every message; only what it finds is looked at in the tree.
    if b"<!" in content or content.find(b"<?", 1) >= 0:
        whole = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        information: Any = whole.getroottree().docinfo
        for kind, hidden in (("document type", information.doctype), ("comment", _has_node(whole))):
            if hidden:
                return kind
    known = _namespaces_of(schema)
    declared = _declared(content)
    settled = len(declared) == content.count(b"xmlns") and known.issuperset(declared)
    if not settled and not known.issuperset(str(uri).encode() for uri in _namespaces_in(root)):
        return "namespace"
    if b"chemaLocation" in content and any(element.get(name) is not None for element in root.iter() for name in _LOCATIONS):
        return "schema location"
    return None


def _has_node(root: etree._Element) -> bool:
    """Tell whether there is a comment or an instruction, inside the root, before it or after it."""
    kinds: Any = (etree.Comment, etree.PI)
    around: tuple[Iterator[Any], ...] = (root.iter(*kinds), root.itersiblings(*kinds, preceding=True), root.itersiblings(*kinds))
    return any(next(nodes, None) is not None for nodes in around)


def _namespaces_in(root: etree._Element) -> Any:
    return {uri for _, uri in root.xpath("//namespace::*")}  # type: ignore[union-attr, misc, str-unpack]  # pairs, for this axis


@cache
def _namespaces_of(schema: bytes) -> frozenset[bytes]:
    """Give the namespaces that a schema and what it may import speak of."""
    found = {_XSI, _XML}
    for source in (schema, *(published_schema(name) for name in PUBLISHED)):
        root = etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        named = (root.get("targetNamespace"), *(each.get("namespace") for each in root.iter(f"{_XS}import")))
        found |= {str(uri) for uri in named if uri is not None}
    return frozenset(uri.encode() for uri in found)
