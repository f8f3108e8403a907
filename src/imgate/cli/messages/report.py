"""What is wrong with the rows of a file: as CSV that an office opens in Excel, or on stderr; never what stood there."""

import csv
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from imgate.cli.messages.meanings import meaning_of
from imgate.cli.new_file import new_file
from imgate.cli.output import say

if TYPE_CHECKING:
    from imgate.plugin_api import Part

# So many are shown on stderr and in the result; a report has them all.
SHOWN = 1_000
_HEADER = ("Zeile", "Spalte", "Code", "Bedeutung")
# What a spreadsheet would run (OWASP, "CSV Injection"). Names of columns are the operator's own, codes a plugin's; neither may.
_FORMULA = re.compile(r"[\s'\u200b\ufeff]*[-=+@\uff0d\uff1d\uff0b\uff20]")


@dataclass
class Report:
    """Collects the problems of a file, message after message. ``number`` counts all of them."""

    number: int = 0
    shown: list[dict[str, Any]] = field(default_factory=list)
    _target: IO[str] | None = field(default=None, repr=False)
    _head_told: bool = False

    @classmethod
    def into(cls, path: Path | None) -> "Report":
        """Begin a report in a new file, or on stderr. Raises Failed where the file is there already."""
        if path is None:
            return cls()
        report = cls(_target=os.fdopen(new_file(path), "w", encoding="utf-8-sig", newline=""))
        report._write(_HEADER)
        return report

    def __enter__(self) -> "Report":
        """Write while it is open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._target is not None:
            self._target.close()

    def tell(self, part: "Part", problems: Iterable[Mapping[str, Any]]) -> None:
        """Report problems of one message, each at its line of the file; what is wrong with the head of all of them once."""
        for problem in problems:
            line = problem.get("line")
            if line is not None and line <= part.repeated and self._head_told:
                continue
            self._take({**problem, "line": _line_of(part, line)})
        self._head_told = True

    def _take(self, problem: dict[str, Any]) -> None:
        self.number += 1
        known = {name: value for name, value in problem.items() if value is not None}
        if len(self.shown) < SHOWN:
            self.shown.append(known)
        if self._target is not None:
            self._write((problem["line"] or "", problem.get("column") or "", problem["code"], meaning_of(problem["code"])))
        elif self.number <= SHOWN:
            where = ", ".join(f"{name} {known[name]}" for name in ("line", "column") if name in known)
            say(f"{where or 'file'}: {problem['code']}")
        elif self.number == SHOWN + 1:
            say("… and more: --report FILE writes them all.")

    def _write(self, row: Iterable[object]) -> None:
        if self._target is not None:
            csv.writer(self._target, delimiter=";", lineterminator="\r\n").writerow([_safe(cell) for cell in row])


def _line_of(part: "Part", line: int | None) -> int | None:
    if line is None or not part.lines:
        return line
    return part.lines[line - 1] if 0 < line <= len(part.lines) else None


def _safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) else text
