"""The messages in a file: cut by the adapter where it can, else the file as it is."""

from typing import TYPE_CHECKING, BinaryIO

from imgate.cli.output import Failed

if TYPE_CHECKING:
    from imgate.adapters.adapter import LoadedAdapter
    from imgate.plugin_api import MessageUnreadable, Parts

# So many people in one message: a second or so in one transaction, and little memory.
_PEOPLE = 500
# A message that the adapter failed at, in the report; who must mend what stands in the log.
ADAPTER_FAULT = "adapter_fault"


def messages_in(adapter: "LoadedAdapter", file: BinaryIO) -> "Parts":
    """Give the messages of a file. Raises MessageUnreadable, AdapterFault; Failed where it is one message and too large for one."""
    from imgate.adapters.files import parts_of
    from imgate.adapters.tables import DEFAULT_LIMITS
    from imgate.plugin_api import Part, Parts

    parts = parts_of(adapter, file, _PEOPLE)
    if parts is not None:
        return parts
    file.seek(0)
    content = file.read(DEFAULT_LIMITS.size + 1)
    if len(content) > DEFAULT_LIMITS.size:
        raise Failed(f"The file is one message, and larger than {DEFAULT_LIMITS.size // 2**20} MiB.")
    return Parts(1, iter([Part(content, ())]))


def problem_of(unreadable: "MessageUnreadable") -> dict[str, str | int]:
    """Show why a whole message cannot be used, as a row's problem is shown."""
    where = {"line": unreadable.line, "column": unreadable.column}
    return {**{name: place for name, place in where.items() if place is not None}, "code": unreadable.code}
