"""How the unit is reached: where a client revokes, and whom they ask about data protection."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    """As the operator wrote it (``[papers]``); empty where nothing is configured."""

    contact: Sequence[str] = ()
    officer: str = ""
