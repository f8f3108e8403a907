"""Programs that somebody would have written by hand who knows exactly one document: to compare the adapters' translations with.

Each is straight-line code with everything looked up written into it. It checks no scope and refuses nothing; no honest
hand-written code does less.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from imgate.plugin_api import Envelope, ReleasedRecord
from imgate_jobkraftwerk.leaves import ITEMS, Form
from imgate_jobkraftwerk.mapping import Column, TableMapping


def lxml_writer(message: bytes) -> Callable[[], bytes]:
    """Build this document with one `SubElement` call for each element, the values being written into the program."""
    root = etree.fromstring(message)
    body = "\n".join(f"    {line}" for line in _elements(root, "e0", iter(range(1, 1_000_000))))
    source = (
        f"def write():\n    e0 = Element({root.tag!r}, nsmap={dict(root.nsmap)!r})\n{body}\n"
        "    return tostring(e0, xml_declaration=True, encoding='UTF-8')\n"
    )
    written: Callable[[], bytes] = _compiled(
        source, "write", {"Element": etree.Element, "SubElement": etree.SubElement, "tostring": etree.tostring}
    )
    return written


def _elements(parent: etree._Element, name: str, numbers: Iterator[int]) -> Iterator[str]:
    for child in parent:
        child_name = f"e{next(numbers)}"
        attributes = f", {dict(child.attrib)!r}" if child.attrib else ""
        yield f"{child_name} = SubElement({name}, {child.tag!r}{attributes})"
        if child.text and child.text.strip():
            yield f"{child_name}.text = {child.text!r}"
        yield from _elements(child, child_name, numbers)


def read_with_lxml(message: bytes) -> Any:
    """Turn a document into dictionaries and lists with lxml, names and codes as they stand in it."""
    return _plain(etree.fromstring(message))


def _plain(element: etree._Element) -> Any:
    if len(element) == 0:
        return element.text
    names = [etree.QName(child).localname for child in element]
    if len(names) > 1 and len(set(names)) == 1:
        return [_plain(child) for child in element]
    return {name: _plain(child) for name, child in zip(names, element, strict=True)}


def json_writer(released: ReleasedRecord, envelope: Envelope) -> Callable[[], bytes]:
    """Put a dictionary together from the case record, and write it with the standard library."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for scope, release in released.releases.items():
        groups.setdefault((release.discloser, release.origin, release.until), []).append(scope)

    def write() -> bytes:
        releases = [
            {"scopes": scopes, "discloser": discloser, "origin": origin, "until": until}
            for (discloser, origin, until), scopes in groups.items()
        ]
        head = {
            "messageId": envelope.message_id,
            "createdAt": envelope.created_at,
            "sender": envelope.sender,
            "recipient": envelope.recipient,
            "reference": envelope.reference,
            "purpose": envelope.purpose,
            "confidentiality": "§ 203 StGB",
            "releases": releases,
        }
        record = {section: {item: _without_null(value) for item, value in items.items()} for section, items in released.record.items()}
        return json.dumps({"envelope": head, "content": {"record": record}}, ensure_ascii=False, separators=(",", ":")).encode()

    return write


def _without_null(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_null(one) for one in value]
    if isinstance(value, dict):
        return {key: _without_null(leaf) for key, leaf in value.items() if leaf is not None}
    return value


def read_with_json(message: bytes) -> Any:
    """Load a message with the standard library, and take out of it who it is about, what for, and each item."""
    root = json.loads(message)
    head = root["envelope"]
    record = {
        section: {item: _without_null(value) for item, value in items.items()} for section, items in root["content"]["record"].items()
    }
    return head["messageId"], head["reference"], head["purpose"], record


def csv_writer(released: ReleasedRecord, envelope: Envelope, mapping: TableMapping, header: Sequence[str]) -> Callable[[], bytes]:
    """Write the table with `csv.writer` and one expression for each cell, over the case record."""
    columns = [column for column in mapping.written if column.scope in released.releases]
    before = [envelope.message_id, envelope.created_at, envelope.sender, envelope.recipient, envelope.reference]
    before.append(mapping.words["purpose"].word(envelope.purpose))
    scopes = list(dict.fromkeys(column.scope for column in columns))
    said = {
        scope: f"{scope}: {release.discloser}, {'selbst' if release.origin == 'self' else release.origin}, bis {release.until}"
        for scope, release in released.releases.items()
    }
    lines = ["def write():", "    rows = [HEADER]", "    number = 1"]
    once = [scope for scope in scopes if not ITEMS[scope].many]
    lines += [f"    i{scopes.index(scope)} = RECORD[{scope.split('.')[0]!r}][{scope.split('.')[1]!r}]" for scope in scopes]
    lines += _row_lines(columns, once, ITEMS[once[0]].content, said, scopes, "    ")
    for scope in scopes:
        if ITEMS[scope].many:
            lines.append(f"    for entry in i{scopes.index(scope)}:")
            lines += _row_lines(columns, [scope], ITEMS[scope].content, said, scopes, "        ", entry="entry")
    lines += [
        "    target = StringIO(newline='')",
        "    writer(target, delimiter=';', quoting=QUOTE_ALL, lineterminator='\\r\\n').writerows(rows)",
        f"    return target.getvalue().encode({mapping.encoding!r})",
    ]
    names = {"writer": csv.writer, "QUOTE_ALL": csv.QUOTE_ALL, "StringIO": io.StringIO, "HEADER": list(header), "BEFORE": before}
    names |= {"RECORD": released.record, "guarded": _guarded}
    names |= {
        f"W_{column.leaf.words}": {code: mapping.words[column.leaf.words].word(code) for code in _codes(mapping, column)}
        for column in columns
        if column.leaf.words
    }
    written: Callable[[], bytes] = _compiled("\n".join(lines) + "\n", "write", names)
    return written


def _codes(mapping: TableMapping, column: Column) -> Sequence[str]:
    return list(mapping.words[column.leaf.words or ""].by_code)


def _row_lines(
    columns: Sequence[Column],
    mine: Sequence[str],
    content: str,
    said: Mapping[str, str],
    scopes: Sequence[str],
    indent: str,
    entry: str = "",
) -> list[str]:
    cells = []
    for column in columns:
        if column.scope not in mine:
            cells.append("''")
            continue
        value = entry or f"i{scopes.index(column.scope)}"
        for step in column.path.split(".") if column.path else ():
            value = f"({value} or {{}}).get({step!r})"
        cells.append(f"('' if (v := {value}) is None else guarded({_expression(column)}))")
    releases = " | ".join(said[scope] for scope in mine)
    return [
        f"{indent}rows.append([*BEFORE, str(number), {content!r}, {', '.join(cells)}, {releases!r}, NOTICE])".replace(
            "NOTICE", repr("unterliegt der Schweigepflicht (§ 203 StGB)")
        ),
        f"{indent}number += 1",
    ]


def _expression(column: Column) -> str:
    words = f"W_{column.leaf.words}"
    between = f"{' ' if column.separator in '|/' else ''}{column.separator} "
    match column.leaf.form:
        case Form.DATE | Form.PARTIAL_DATE:
            return "'.'.join(reversed(v.split('-')))"
        case Form.TIME:
            return "'.'.join(reversed(v[:10].split('-'))) + ' ' + v[11:16] + ' ' + v[19:]"
        case Form.YES_NO:
            return "'ja' if v else 'nein'"
        case Form.WORD:
            return f"{words}[v]"
        case Form.WORDS:
            return f"{between!r}.join([{words}[code] for code in v]) or 'keine'"
        case Form.TEXTS:
            return f"{between!r}.join(v) or 'keine'"
        case Form.CHANNELS:
            note = "' (' + c['note'] + ')' if c.get('note') else ''"
            return f"{between!r}.join([{words}[c['kind']] + ': ' + c['value'] + ({note}) for c in v]) or 'keine'"
        case _:
            return "str(v)"


def _guarded(text: str) -> str:
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def _compiled(source: str, name: str, names: dict[str, Any]) -> Any:
    exec(compile(source, "by hand", "exec"), names)  # noqa: S102  # generated above, from our own table
    return names[name]
