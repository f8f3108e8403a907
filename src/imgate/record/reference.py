"""Write the reference page of the record (docs/reference/record.md) from the types."""

import typing
from collections.abc import Iterator

from typing_extensions import is_typeddict

from imgate.record.case_record import CaseRecord
from imgate.record.catalogue import CATALOGUE
from imgate.record.fields import Field, element_of, fields_of
from imgate.record.marks import Label, Scope, Since
from imgate.record.sections.rules import ENTRIES_MAX, NUMBER_MAX, AtLeastOneOf
from imgate.record.text import TEXT_MAX, TEXT_TYPES, CodedText, WrittenText

_HEAD = f"""\
# The case record (catalogue {CATALOGUE.version})

<!-- Generated from the types in src/imgate/record. Do not edit; tests/record/test_schema.py says how to write it anew. -->

Sections with items; one item is one *scope*, which can be authorised on its own. Rules that hold throughout:

- Every item may be absent: nothing is said. An empty list says "there is none" and counts as present. An item is never null.
- Leaves marked `?` may be left out or null.
- A field that is not in these tables is refused, and the problem names its place, with `?` for the unknown name.
- Text that people wrote is brought into Unicode normal form C and, except `free_text`, trimmed; then it has 1 to {TEXT_MAX:,} characters
  and is not all blanks. Control characters are refused, except line feed and tabulator in `free_text`. Codes, dates and numbers are
  taken as they stand.
- Dates are days that exist. A `partial_date` may be a year or a month; nothing is ever added to it.
- Lists have at most {ENTRIES_MAX:,} entries.
- Word lists end in `other`. Coded lists that somebody else publishes (sex, marital status, residence status, work permission, CEFR) have no
  such word.
- Whether a code exists in a published list, and whether dates follow each other, is not checked.
- JSON is UTF-8 without byte order mark; the same key twice, half a surrogate pair, numbers that are not finite or beyond 2^53 - 1, and more
  than 64 levels are refused.

*Sensitivity* decides which evidence a declaration needs. A *closed* scope passes only where the partner's configuration opens it by name.
The fields of the Integrationsplan are imgate's own: no official list was found.
"""

_TEXTS_HEAD = """\
## Kinds of text

The expressions are those of the [JSON Schema](../../schemas/case-record.schema.json), where the long ones stand too.
"""


def record_reference() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_overview(), *_sections(), _TEXTS_HEAD, *_texts()])


def _overview() -> Iterator[str]:
    yield "## Scopes\n"
    yield "| scope | German label | sensitivity | closed |"
    yield "|---|---|---|---|"
    for entry in CATALOGUE.scopes.values():
        yield f"| `{entry.scope}` | {entry.label} | {entry.sensitivity.value} | {'closed' if entry.closed else ''} |"
    yield ""


def _sections() -> Iterator[str]:
    for section in fields_of(CaseRecord):
        yield f"## `{section.name}`: {CATALOGUE.section_labels[section.name]}\n"
        yield "| field | German label | shape |"
        yield "|---|---|---|"
        for item in fields_of(typing.cast("type", section.kind)):
            yield f"| **`{section.name}.{item.name}`** | **{_label(item)}** | {_shape(item)} |"
            yield from _leaves(item.kind, "")
        yield ""


def _leaves(kind: object, above: str) -> Iterator[str]:
    inner, _ = element_of(kind)
    if isinstance(inner, type) and is_typeddict(inner):
        for leaf in fields_of(inner):
            optional = "?" if leaf.nullable else ""
            absent = ", may be absent" if not leaf.required and not leaf.nullable else ""
            yield f"| `{above}{leaf.name}`{optional} | {_label(leaf)} | {_shape(leaf)}{absent} |"
            yield from _leaves(leaf.kind, f"{above}{leaf.name}.")


def _label(field: Field) -> str:
    label = field.mark(Label)
    scope = field.mark(Scope)
    if label is None and scope is None:
        raise TypeError(f"{field.name} has no label")
    since = field.mark(Since)
    text = label.german if label else scope.label if scope else ""
    return f"{text} (since catalogue {since.catalogue})" if since else text


def _shape(field: Field) -> str:
    rule = field.mark(AtLeastOneOf)
    needed = f"; at least one of {' and '.join(f'`{name}`' for name in rule.names)}" if rule else ""
    return _kind(field.kind, field.marks) + needed


def _kind(kind: object, marks: tuple[object, ...]) -> str:
    if typing.get_origin(kind) is list:
        return f"list of {_kind(*element_of(kind))}"
    if typing.get_origin(kind) is typing.Literal:
        return " ".join(f"`{word}`" for word in typing.get_args(kind))
    text = next((mark for mark in marks if isinstance(mark, WrittenText | CodedText)), None)
    if text is not None:
        return f"[{text.name}](#kinds-of-text)"
    if kind is bool:
        return "`true` `false`"
    if kind is int:
        return f"integer, 0 to {NUMBER_MAX}"
    return "object"


def _texts() -> Iterator[str]:
    yield "| kind | German description | expression |"
    yield "|---|---|---|"
    for kind in TEXT_TYPES:
        expression = kind.pattern.replace("|", "\\|")
        yield f"| `{kind.name}` | {kind.german} | {f'`{expression}`' if len(expression) < 90 else ''} |"
    yield ""
