"""A signature that was drawn on the screen: from the points that the browser sends to a picture that is nothing but lines.

The browser sends numbers and no picture, so that nothing can be kept but lines: no script, no link, no text. How fast and how hard
somebody wrote is not asked for.
"""

import re

WIDTH, HEIGHT = 800, 300
_POINTS_MAX = 20_000
_POINT = "[0-9]{1,4},[0-9]{1,4}"
_STROKE = rf"{_POINT}(?: {_POINT})*"
_STROKES = re.compile(rf"{_STROKE}(?:;{_STROKE})*")


class DrawingUnreadable(Exception):
    """The person must draw again: what came is no drawing."""


def drawing(strokes: str) -> bytes:
    """Write strokes (``x,y x,y;x,y`` in a field of 800 by 300) as SVG. Raises DrawingUnreadable."""
    if _STROKES.fullmatch(strokes) is None or strokes.count(",") > _POINTS_MAX:
        raise DrawingUnreadable
    lines = [_line(stroke) for stroke in strokes.split(";")]
    opened = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
    style = '<g fill="none" stroke="#000" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">'
    return f"{opened}{style}{''.join(lines)}</g></svg>".encode()


def _line(stroke: str) -> str:
    points = [tuple(map(int, point.split(","))) for point in stroke.split(" ")]
    if any(x > WIDTH or y > HEIGHT for x, y in points):
        raise DrawingUnreadable
    if len(points) == 1:  # a dot: a line to itself, which the round ends make visible
        points *= 2
    return f'<polyline points="{" ".join(f"{x},{y}" for x, y in points)}"/>'
