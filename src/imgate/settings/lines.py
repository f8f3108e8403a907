"""On which line of a TOML file a value stands.

``tomllib`` gives values without lines. Rather than reading TOML a second time by hand, and wrongly at some string, this gives the
real parser one statement after the other and notes which keys each one brought.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]


def lines_of(text: str) -> Mapping[Path, int]:
    """Tell for each key path of a valid TOML text on which line (from 1) its statement begins."""
    found: dict[Path, int] = {}
    header: list[str] = []
    statement: list[str] = []
    begun_at = 1
    for number, line in enumerate(text.splitlines(), start=1):
        statement.append(line)
        try:
            brought = tomllib.loads("\n".join([*header, *statement]))
        except tomllib.TOMLDecodeError:
            continue  # an array or a text goes on in the next line
        for path in _paths(brought):
            found.setdefault(path, begun_at)
        if statement[0].lstrip().startswith("["):
            header = statement
        statement, begun_at = [], number + 1
    return found


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Give the line of a path, or of the nearest table around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _paths(value: Any, at: Path = ()) -> Iterator[Path]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, (*at, index))
