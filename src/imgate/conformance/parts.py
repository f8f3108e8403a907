"""What stands at each scope's place in a message to the partner, to compare it with what stands there in another message."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

from imgate.adapters.form import Form
from imgate.adapters.json_format import JsonForm
from imgate.adapters.places import Steps
from imgate.adapters.table_format import TableForm
from imgate.adapters.tables import XLSX_MEDIA_TYPE
from imgate.adapters.xml_format import XmlForm

_DELIMITERS = ";,\t|"


def parts_of(form: Form, content: bytes) -> Mapping[str, tuple[str, ...]]:
    """Give the parts of a valid message by scope; one text for each element, member or cell at the scope's place.

    Of a table, only cells that are filled, each text once: how many rows repeat it hangs on what else was released. Columns that
    several scopes share are nobody's.
    """
    match form:
        case XmlForm():
            found = _in_xml(etree.fromstring(content), form.steps)
        case JsonForm():
            found = _in_json(json.loads(content), form.steps)
        case TableForm():
            found = _in_table(content, form)
        case _:
            raise TypeError(f"a format that the kit cannot take apart: {type(form).__name__}")
    parts: dict[str, list[str]] = {}
    for scope, part in found:
        parts.setdefault(scope, []).append(part)
    return {scope: tuple(each) for scope, each in parts.items()}


def _in_xml(element: etree._Element, steps: Steps) -> Iterator[tuple[str, str]]:
    for child in element:
        step = steps.get(str(child.tag))
        if isinstance(step, str):
            yield step, etree.tostring(child, method="c14n", exclusive=True, with_tail=False).decode()
        elif step is not None:
            yield from _in_xml(child, step)


def _in_json(members: Mapping[str, Any], steps: Steps) -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        step = steps.get(name)
        if isinstance(step, str):
            yield step, json.dumps(value, ensure_ascii=False, sort_keys=True)
        elif step is not None and isinstance(value, dict):
            yield from _in_json(value, step)


def _in_table(content: bytes, form: TableForm) -> Iterator[tuple[str, str]]:
    header, *rows = _rows(content, form.media_type)
    scopes = [[scope for scope, place in form.places.items() if name in place.at] for name in header]
    for index, (name, owners) in enumerate(zip(header, scopes, strict=True)):
        if len(owners) == 1:
            cells = dict.fromkeys(cell for row in rows for cell in row[index : index + 1] if cell)
            yield from ((owners[0], f"{name}: {cell}") for cell in cells)


def _rows(content: bytes, media_type: str) -> list[list[str]]:
    if media_type == XLSX_MEDIA_TYPE:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return [[str(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    tried = (list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) for delimiter in _DELIMITERS)
    return max(tried, key=lambda rows: len(rows[0]))
