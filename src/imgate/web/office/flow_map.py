"""Which part of the case goes to whom, and comes from whom: a map of lines between two columns. Pure; a template draws it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt

from imgate.exchange.ports import Flow
from imgate.vocabulary.words import Direction

WIDTH = 900
_LEFT, _RIGHT, _TOP, _ROW = 218, 552, 44, 36
_THINNEST, _THICKEST = 1.5, 9.0
_APART = 9.0
_LONGEST_NAME = 34


@dataclass(frozen=True, slots=True)
class Node:
    """One end of lines: a section of the case record, or a partner. ``name`` is shortened where it is long."""

    id: str
    name: str
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """What flowed between a section and a partner in one direction."""

    direction: Direction
    path: str
    width: float


@dataclass(frozen=True, slots=True)
class FlowMap:
    """The picture. Where nothing flowed there are no nodes."""

    sections: tuple[Node, ...]
    partners: tuple[Node, ...]
    lines: tuple[Line, ...]
    height: int


_Ends = tuple[str, str, Direction]


def flow_map(flows: Sequence[Flow], section_names: Mapping[str, str], partner_names: Mapping[str, str]) -> FlowMap:
    """Draw what flowed; sections in the order of the record, partners in the order of the configuration, then those of earlier days."""
    between = Counter[_Ends]()
    for flow in flows:
        between[(flow.scope.partition(".")[0], flow.partner, flow.direction)] += flow.count
    sections = _column(section_names, {section for section, _, _ in between})
    partners = _column(partner_names, {partner for _, partner, _ in between})
    height = 2 * _TOP + max(len(sections), len(partners)) * _ROW
    left, right = _places(sections, section_names, height), _places(partners, partner_names, height)
    leaving = _fanned(between, left, lambda ends: (ends[0], right[ends[1]].y), height)
    arriving = _fanned(between, right, lambda ends: (ends[1], left[ends[0]].y), height)
    most = max(between.values(), default=1)
    drawn = sorted(between.items(), key=lambda each: -each[1])
    lines = tuple(_line(leaving[ends], arriving[ends], ends[2], sqrt(count / most)) for ends, count in drawn)
    return FlowMap(tuple(left.values()), tuple(right.values()), lines, height)


def _column(order: Iterable[str], used: set[str]) -> list[str]:
    known = [name for name in order if name in used]
    return [*known, *sorted(used.difference(known))]


def _places(column: Sequence[str], names: Mapping[str, str], height: int) -> dict[str, Node]:
    """Spread a column over the height, so that a short one stands in the middle of a long one."""
    room = _room(column, height)
    return {one: Node(one, shortened(names.get(one, one)), round(_TOP + (place + 0.5) * room, 1)) for place, one in enumerate(column)}


def _room(column: Collection[str], height: int) -> float:
    return (height - 2 * _TOP) / max(len(column), 1)


def _fanned(
    between: Iterable[_Ends], column: Mapping[str, Node], seen: Callable[[_Ends], tuple[str, float]], height: int
) -> dict[_Ends, float]:
    """Say at which height each line meets this column: those of one node side by side, in the order of where they come from."""
    room = _room(column, height)
    at: dict[_Ends, float] = {}
    for node, met in groupby(sorted(between, key=lambda ends: (*seen(ends), ends)), key=lambda ends: seen(ends)[0]):
        lines = list(met)
        apart = min(_APART, (room - 4) / len(lines))
        at |= {ends: round(column[node].y + (place - (len(lines) - 1) / 2) * apart, 1) for place, ends in enumerate(lines)}
    return at


def shortened(name: str) -> str:
    """Cut a long name; the table has all of it."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _line(section_y: float, partner_y: float, direction: Direction, share: float) -> Line:
    """Draw from where it comes to where it goes, so that the arrow's head shows the way."""
    near, far, middle = (_LEFT, section_y), (_RIGHT, partner_y), (_LEFT + _RIGHT) // 2
    begin, end = (near, far) if direction is Direction.TO_PARTNER else (far, near)
    path = f"M{begin[0]} {begin[1]}C{middle} {begin[1]} {middle} {end[1]} {end[0]} {end[1]}"
    return Line(direction, path, round(_THINNEST + (_THICKEST - _THINNEST) * share, 1))
