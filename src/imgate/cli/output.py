"""What a command says: its result on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Sequence
from typing import Any


class Failed(Exception):
    """A command was refused or failed. Its text is one sentence for whoever typed it, without personal data; exit 1."""


def result(value: Any) -> None:
    """Print a result as JSON, one value a line where it is a list.

    What a terminal would not show but do (U+009B), or which turns the reading direction, is written as JSON escapes it.
    """
    for line in value if isinstance(value, list) else [value]:
        written = json.dumps(line, ensure_ascii=False)
        sys.stdout.write("".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in written) + "\n")


def text(line: str) -> None:
    """Print a line that is itself the result."""
    sys.stdout.write(f"{line}\n")


def say(line: str) -> None:
    """Tell what is going on, on stderr."""
    sys.stderr.write(f"{line}\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their columns, as wide as they need to be."""
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        text("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
