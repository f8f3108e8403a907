"""Deliveries over time as stacked bars: where each piece stands. Pure; a template draws it, and a table says the same in figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from imgate.exchange.ports import DayCount
from imgate.vocabulary.words import ExchangeState
from imgate.web.texts import _

# From the ground up. Each has a pattern of its own, so that nobody needs colours to tell them apart.
GROUPS: Mapping[str, tuple[str, frozenset[ExchangeState]]] = {
    "done": (_("vom Partner bestätigt"), frozenset({ExchangeState.ACKNOWLEDGED})),
    "given": (_("ausgehändigt"), frozenset({ExchangeState.DELIVERED, ExchangeState.RECEIVED})),
    "waiting": (_("wartet"), frozenset({ExchangeState.QUEUED})),
    "failed": (_("fehlgeschlagen oder zurückgegeben"), frozenset({ExchangeState.FAILED, ExchangeState.REJECTED})),
    "nothing": (
        _("nichts gesendet: nicht erlaubt, zurückgezogen oder ersetzt"),
        frozenset({ExchangeState.WITHHELD, ExchangeState.CANCELLED, ExchangeState.OVERTAKEN}),
    ),
}
WIDTH, HEIGHT = 900, 280
_LEFT, _RIGHT, _TOP, _GROUND = 56, 8, 12, 244
_LINES = 4
_DAYS_APART = {30: 7, 90: 14}


@dataclass(frozen=True, slots=True)
class Piece:
    """One group on one day: a rectangle."""

    group: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at the side (``at`` is a height), or a day under the ground (``at`` is a place)."""

    at: float
    says: int | date


@dataclass(frozen=True, slots=True)
class Bars:
    """The picture. ``days`` holds every day with its figures by group, as the table says them."""

    pieces: tuple[Piece, ...]
    side: tuple[Mark, ...]
    foot: tuple[Mark, ...]
    days: tuple[tuple[date, Mapping[str, int]], ...]
    totals: Mapping[str, int]


def bars(counts: Sequence[DayCount], last: date, days: int) -> Bars:
    """Draw these days up to ``last``."""
    figures = {last - timedelta(days=ago): Counter[str]() for ago in range(days - 1, -1, -1)}
    for count in counts:
        if count.day in figures:
            figures[count.day][group_of(count.state)] += count.count
    step = _step(max(day.total() for day in figures.values()))
    top = step * _LINES
    wide = (WIDTH - _LEFT - _RIGHT) / days
    pieces = [piece for place, day in enumerate(figures.values()) for piece in _stack(day, _LEFT + place * wide, wide, top)]
    side = tuple(Mark(_height(step * line, top), step * line) for line in range(_LINES + 1))
    apart = _DAYS_APART.get(days, 7)
    foot = tuple(Mark(round(_LEFT + (place + 0.5) * wide, 1), day) for place, day in enumerate(figures) if (days - 1 - place) % apart == 0)
    totals = Counter[str]()
    for day in figures.values():
        totals.update(day)
    return Bars(tuple(pieces), side, foot, tuple(figures.items()), totals)


def group_of(state: ExchangeState) -> str:
    """Say to which group a state belongs."""
    return next(group for group, (_text, states) in GROUPS.items() if state in states)


def _stack(day: Mapping[str, int], x: float, wide: float, top: int) -> list[Piece]:
    pieces, below = [], 0
    for group in GROUPS:
        count = day.get(group, 0)
        if count:
            ground, roof = _height(below, top), _height(below + count, top)
            pieces.append(Piece(group, round(x + wide * 0.1, 1), roof, round(wide * 0.8, 1), round(ground - roof, 1)))
            below += count
    return pieces


def _height(count: int, top: int) -> float:
    return round(_GROUND - (_GROUND - _TOP) * count / top, 1)


def _step(most: int) -> int:
    """Give a round number so that a few lines reach as high as the highest bar."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power * _LINES >= most:
                return factor * power
        power *= 10
