"""A file that is larger than a message, through one adapter: cut into messages, and described.

The same border as in ``adapter``: what the plugin returns is checked, and what it raises becomes a fault that names the plugin and
nothing else; but an OSError is the file's, for a plugin does nothing else with the world. Each message of a file goes through
``LoadedAdapter.read`` later, like every message.
"""

from collections.abc import Iterator
from typing import BinaryIO

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.asking import asked
from imgate.adapters.errors import AdapterFault
from imgate.adapters.tables import guard_table_file
from imgate.plugin_api import Describing, FileDescription, Part, PartedReader, Parts


def parts_of(adapter: LoadedAdapter, file: BinaryIO, people: int) -> Parts | None:
    """Cut a file into messages with so many people each. None where it is one message, or the adapter cannot cut files.

    Depends on the file alone. Raises MessageUnreadable for the sender, AdapterFault for the plugin, also while the parts are read.
    """
    reader = adapter.translator
    if adapter.manifest.from_partner.format != "table" or not isinstance(reader, PartedReader):
        return None
    guard_table_file(file)
    parts: object = asked(adapter.id, lambda: reader.parts(file, people), OSError)  # foreign code: what it says of its type is a promise
    if parts is None:
        return None
    if not isinstance(parts, Parts) or type(parts.number) is not int:
        raise AdapterFault(adapter.id, "reading_shape", type(parts).__name__)
    return Parts(parts.number, _checked(adapter, parts))


def description_of(adapter: LoadedAdapter, file: BinaryIO) -> FileDescription | None:
    """Say how the adapter understands a file. None where it does not say. Raises MessageUnreadable, AdapterFault."""
    describing = adapter.translator
    if adapter.manifest.from_partner.format != "table" or not isinstance(describing, Describing):
        return None
    guard_table_file(file)
    description = asked(adapter.id, lambda: describing.describe(file), OSError)
    if not isinstance(description, FileDescription):
        raise AdapterFault(adapter.id, "reading_shape", type(description).__name__)
    return description


def _checked(adapter: LoadedAdapter, parts: Parts) -> Iterator[Part]:
    each = iter(parts.each)
    for _ in range(parts.number):
        part = asked(adapter.id, lambda: next(each, None), OSError)
        if not isinstance(part, Part) or type(part.content) is not bytes:
            raise AdapterFault(adapter.id, "reading_shape", type(part).__name__)
        yield part
