"""The table: one row for each promise, what it is measured against, and whether it holds."""

import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """What a row's ratio must reach."""

    side: Literal["at least", "at most"]
    bound: float

    def __str__(self) -> str:
        """Write it as the table shows it."""
        return f"{'>=' if self.side == 'at least' else '<='} {self.bound:.2f}"

    def holds(self, ratio: float) -> bool:
        """Tell whether the ratio reaches it; what is not a number reaches nothing."""
        return ratio >= self.bound if self.side == "at least" else ratio <= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``value`` and ``reference`` are in ``unit``; a row without a goal informs, and holds."""

    name: str
    value: float
    unit: str
    reference: float | None
    ratio: float | None
    goal: str | None
    holds: bool


def promise(name: str, value: float, unit: str, reference: float, ratio: float, goal: Goal) -> Row:
    """Make a row that can fail."""
    return Row(name, round(value, 3), unit, round(reference, 3), round(ratio, 3), str(goal), goal.holds(ratio))


def note(name: str, value: float, unit: str, reference: float | None = None, ratio: float | None = None) -> Row:
    """Make a row that only informs; its ratio, unless one is given, is its share of the reference, if there is one."""
    if ratio is None and reference is not None:
        ratio = value / reference
    rounded = None if ratio is None else round(ratio, 3)
    return Row(name, round(value, 3), unit, None if reference is None else round(reference, 3), rounded, None, holds=True)


def failure(name: str, why: str) -> Row:
    """Make the row of a subject that could not be measured, or whose measured work was not done: it does not hold."""
    return Row(f"{name}: {why}", 0.0, "", None, None, "to be measured", holds=False)


class CheckFailed(Exception):
    """What was measured is not what was promised; the figure means nothing."""


def check(holds: bool, what: str) -> None:
    """Raise CheckFailed unless it holds; unlike ``assert``, also under ``-O``."""
    if not holds:
        raise CheckFailed(what)


def median_ratio(values: Sequence[float], references: Sequence[float]) -> float:
    """Give the median of the ratios round by round: both sides of a round had the same weather."""
    return statistics.median(value / reference for value, reference in zip(values, references, strict=True))


def timed(work: Callable[[], object], calls: int) -> Callable[[], float]:
    """Make a side of ``interleaved`` that does the work so many times and gives the microseconds of one."""

    def side() -> float:
        begun = time.perf_counter_ns()
        for _ in range(calls):
            work()
        return (time.perf_counter_ns() - begun) / calls / 1000

    return side


def interleaved(rounds: int, *sides: Callable[[], float]) -> list[list[float]]:
    """Run each side once per round, every other round in the opposite order; give the figures side by side."""
    figures: list[list[float]] = [[] for _ in sides]
    for number in range(rounds):
        order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
        for index in order:
            figures[index].append(sides[index]())
    return figures


def lines(rows: Iterable[Row]) -> list[str]:
    """Lay the table out."""
    head = ("", "value", "unit", "reference", "ratio", "goal", "")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    laid = [
        "  ".join(
            cell.ljust(width) if column in (0, 2, 6) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    return [line.rstrip() for line in (laid[0], "-" * sum(widths, 2 * len(widths) - 2), *laid[1:])]


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        _number(row.value),
        row.unit,
        _number(row.reference),
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.goal or "",
        "" if row.goal is None else ("holds" if row.holds else "DOES NOT HOLD"),
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as the contract says (§6)."""
    path.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
