"""Ask a plugin to read something: what it raises becomes a fault that names the plugin, or the sender's, and nothing else.

The text of a foreign exception may hold a client's data, so it is neither kept nor chained.
"""

from collections.abc import Callable
from typing import TypeVar

from imgate.adapters.errors import AdapterFault
from imgate.adapters.incoming import is_code
from imgate.plugin_api import MessageUnreadable

T = TypeVar("T")


def asked(adapter_id: str, ask: Callable[[], T], *passing: type[Exception]) -> T:
    """Give the plugin's answer, which is not checked. Raises MessageUnreadable, AdapterFault, and what is ``passing``."""
    try:
        return ask()
    except MessageUnreadable as error:
        # Codes, lines and mapped column names are the plugin's; they hold no text of the sender (plugin_api).
        known = is_code(error.code)
        refused: Exception = (
            MessageUnreadable(error.code, error.line, error.column) if known else AdapterFault(adapter_id, "reading_shape", "code")
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except passing:
        raise
    except BaseException as error:  # noqa: BLE001  # foreign code: whatever it raises, a panic in Rust too, is its fault, and says so
        refused = AdapterFault(adapter_id, "crashed", type(error).__name__)
    # Outside the except block, so that the foreign exception does not even hang on it as context.
    raise refused
