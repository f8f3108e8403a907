"""A partner whose format is XML, simulated: it reads what imgate sends and writes what imgate reads, by the adapter's own table.

That the table and the partner's schema agree is not shown by this, but by the schema, which every message must pass.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from imgate.plugin_api.xml import CONTENT, XmlItem
from imgate.plugin_api.xml_read import compile_reader
from imgate.plugin_api.xml_write import ENVELOPE_NAMESPACE, compile_writer, escape_text


class XmlPartner:
    """The other side of an ``XmlFormat``."""

    def __init__(self, namespace: str, from_partner: str, items: Sequence[XmlItem]) -> None:
        """Take the table's own arguments."""
        self._namespace = namespace
        self._root = from_partner
        shaped = [(item.scope, item.shape) for item in items if item.shape is not None]
        self._readers = {f"{{{namespace}}}{shape.tag}": (scope, compile_reader(shape, namespace)) for scope, shape in shaped}
        self._writers = {scope: compile_writer(shape, "m:") for scope, shape in shaped}

    def write(self, reference: str, record: Mapping[str, Mapping[str, Any]], purpose: str | None = None) -> bytes:
        """Write a message about one person, as this partner would; the items in the table's order."""
        present = {f"{section}.{item}": value for section, items in record.items() for item, value in items.items()}
        content = "".join(write(present[scope]) for scope, write in self._writers.items() if scope in present)
        purpose_element = "" if purpose is None else f"<e:purpose>{purpose}</e:purpose>"
        return (
            f'<m:{self._root} xmlns:m="{self._namespace}" xmlns:e="{ENVELOPE_NAMESPACE}">'
            "<e:header><e:messageId>6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11</e:messageId><e:createdAt>2026-02-02T08:00:00Z</e:createdAt>"
            f"<e:reference>{escape_text(reference)}</e:reference>{purpose_element}</e:header>"
            f"<m:{CONTENT}>{content}</m:{CONTENT}></m:{self._root}>"
        ).encode()

    def read(self, message: bytes) -> dict[str, dict[str, Any]]:
        """Read what imgate sent, back into the shape of the record."""
        content = etree.fromstring(message).find(f"{{{self._namespace}}}{CONTENT}")
        record: dict[str, dict[str, Any]] = {}
        for child in content if content is not None else ():
            scope, read = self._readers[child.tag]
            section, _, item = scope.partition(".")
            record.setdefault(section, {})[item] = read(child)
        return record
