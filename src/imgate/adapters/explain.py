"""Explain to a partner why a message breaks the schema: line, path of element names, rule, and never a value.

lxml decides whether a message is valid; this only says more about one that is not. xmlschema is slow to import and slow to
validate (architecture, facts), so it is imported late and given small messages only.
"""

from typing import Any

from lxml import etree

from imgate.adapters.published_schemas import PUBLISHED, published_schema
from imgate.plugin_api import MessageUnreadable, RowProblem
from imgate.plugin_api.xml_read import parse_message

MAX_BYTES = 256 * 1024
MAX_PROBLEMS = 20

_XS = "{http://www.w3.org/2001/XMLSchema}"
# xmlschema's classes of rules, by the stable code under which a partner sees them.
_RULES = (
    ("Enumeration", "not_in_list"),
    ("Pattern", "wrong_pattern"),
    ("Length", "wrong_length"),
    ("Inclusive", "out_of_range"),
    ("Exclusive", "out_of_range"),
    ("Attribute", "wrong_attribute"),
    ("Union", "wrong_type"),
    ("Atomic", "wrong_type"),
    ("Unique", "twice"),
    ("Group", "wrong_children"),
)


def explain_schema_problems(schema: bytes, body: bytes) -> tuple[RowProblem, ...]:
    """List the problems of a message that is not valid, at most 20; empty if xmlschema finds none.

    ``column`` is the path below the root, of names that the schema itself has; any other name is ``?``. A message that
    the guard refuses, or one over 256 KiB, has the one problem that the guard or its size is.
    """
    if len(body) > MAX_BYTES:
        return (RowProblem(None, None, "schema_invalid"),)
    try:
        root = parse_message(body)
    except MessageUnreadable as error:
        return (RowProblem(error.line, error.column, error.code),)
    import xmlschema  # imported late: half a second that only a refused message is worth

    sources: list[Any] = [_without_locations(schema), *(published_schema(name) for name in PUBLISHED)]
    known = {str(element.get("name")) for source in sources for element in etree.fromstring(source).iter(f"{_XS}element")}
    validator = xmlschema.XMLSchema10(sources, allow="none", defuse="always")
    problems = []
    for broken in validator.iter_errors(xmlschema.XMLResource(root, allow="none")):
        problems.append(_problem(broken, known))
        if len(problems) == MAX_PROBLEMS:
            break
    return tuple(problems)


def _without_locations(schema: bytes) -> bytes:
    # The imported schemas are handed over beside it; a location would be looked for on the disk.
    root = etree.fromstring(schema, etree.XMLParser(resolve_entities=False, no_network=True))
    for imported in root.iter(f"{_XS}import"):
        imported.attrib.pop("schemaLocation", "")
    return etree.tostring(root)


def _problem(broken: Any, known: set[str]) -> RowProblem:
    """Say where a rule is broken: at the element that is missing or has no place there, else at the one whose content is wrong."""
    place = _known_path(broken.elem, known)
    missing = _missing(broken)
    if missing is not None:
        return RowProblem(broken.sourceline, _below(place, missing), "element_missing")
    child = getattr(broken, "invalid_child", None)
    if child is not None:
        return RowProblem(child.sourceline, _known_path(child, known), "unexpected_element")
    return RowProblem(broken.sourceline, place, _rule(broken))


def _missing(broken: Any) -> str | None:
    """Name the element without which it goes no further, where that is one only and it does not stand elsewhere beside the others."""
    expected = [str(name) for name in (getattr(each, "name", None) for each in getattr(broken, "expected", None) or ()) if name]
    if len(expected) != 1 or any(child.tag == expected[0] for child in broken.elem):
        return None
    return etree.QName(expected[0]).localname


def _below(place: str | None, name: str) -> str:
    return name if place is None else f"{place}/{name}"


def _known_path(element: Any, known: set[str]) -> str | None:
    names: list[str] = []
    while element is not None and element.getparent() is not None:
        name = etree.QName(element).localname
        names.append(name if name in known else "?")
        element = element.getparent()
    return "/".join(reversed(names)) or None


def _rule(error: Any) -> str:
    name = type(error.validator).__name__
    return next((code for part, code in _RULES if part in name), "schema_invalid")
