"""What each process asked and was told, written down before it goes on: what a file was handed outlives the one who wrote it."""

import json
import os
import time
from pathlib import Path
from typing import Any


class Journal:
    """One process's own file, a JSON line for each thing that happened."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **line: Any) -> None:
        """Append a line, with the time."""
        os.write(self._file, json.dumps({**line, "at": time.time()}).encode() + b"\n")


def read_journal(file: Path) -> list[dict[str, Any]]:
    """Read one file."""
    return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


def unanswered(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the requests to which nobody heard an answer."""
    told = {line["told"] for line in lines if "told" in line}
    return [line["asks"] for line in lines if "asks" in line and line["asks"]["key"] not in told]
