"""Units of work, for what has its own: whoever is handed them need not know the store."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from imgate.storage.transaction import SqlTransaction


@dataclass(frozen=True, slots=True)
class Units:
    """How to begin a unit of work that writes, and one that only reads."""

    writing: Callable[[], AbstractContextManager[SqlTransaction]]
    reading: Callable[[], AbstractContextManager[SqlTransaction]]
