"""Call a plugin: what it raises becomes a fault that names the plugin, or the sender's, and nothing else.

The text of a foreign exception may hold a client's data, so it is neither kept nor chained; nor is the name of a type that was made
on the fly, and nothing of a foreign class is called to find out more.
"""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from imgate.adapters.errors import AdapterFault
from imgate.adapters.incoming import column_shown, is_code, line_shown
from imgate.plugin_api import MessageUnreadable

T = TypeVar("T")

# Py_TPFLAGS_HEAPTYPE: not one of those that are written in C and part of Python.
_MADE_LATER = 1 << 9
_attributes: Any = vars(BaseException)["__dict__"]


def called(adapter_id: str, call: Callable[[], T], *passing: type[Exception]) -> T:
    """Give the plugin's answer, which is not checked. Raises AdapterFault, and what is ``passing``."""
    try:
        return call()
    except KeyboardInterrupt:
        raise
    except passing:
        raise
    except SystemExit as end:
        # Python prints what else an end carries.
        ended: BaseException = SystemExit(end.code if type(end.code) is int else int(end.code is not None))
    except BaseException as error:  # noqa: BLE001  # foreign code: whatever it raises, a panic in Rust too, is its fault, and says so
        ended = AdapterFault(adapter_id, "crashed", name_of(type(error)))
    # Outside the except block, so that the foreign exception does not even hang on it as context.
    raise ended


def asked(adapter_id: str, ask: Callable[[], T], *passing: type[Exception]) -> T:
    """Let the plugin read something. Raises MessageUnreadable, AdapterFault, and what is ``passing``."""
    try:
        return called(adapter_id, ask, MessageUnreadable, *passing)
    except MessageUnreadable as error:
        # Codes, lines and mapped column names are the plugin's; they hold no text of the sender (plugin_api).
        code, line, column = (told_by(error, name) for name in ("code", "line", "column"))
    if not is_code(code):
        raise AdapterFault(adapter_id, "reading_shape", "code")
    raise MessageUnreadable(code, line_shown(line), column_shown(column))


def told_by(error: BaseException, name: str) -> Any:
    """Give what an error keeps under this name; None where a plugin's own subclass keeps nothing there."""
    return _attributes.__get__(error).get(name)


def name_of(kind: type) -> str:
    """Name a type of Python's own, or as its module does; ``?`` for one that stands in no module, because its name may be anything."""
    name, module, flags = (type.__dict__[each].__get__(kind) for each in ("__name__", "__module__", "__flags__"))
    if not flags & _MADE_LATER:
        return str(name)
    found = vars(sys.modules[module]).get(name) if isinstance(module, str) and module in sys.modules else None
    return str(name) if found is kind else "?"
