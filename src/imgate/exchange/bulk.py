"""Updates of many clients, one a line: several at once, so that one sync of the disk serves them all, and in bounded memory.

Two lines about one client are taken one after the other, in their order: the later one is to win.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.requests import UpdateRequest
from imgate.exchange.updates import update

Read = Callable[[bytes], Awaitable[UpdateRequest]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and what was read in it or keeps it from being read. ``number`` counts from 1."""

    number: int
    content: bytes = field(repr=False)
    request: UpdateRequest | Exception = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a line: the answer to its update, or what was wrong."""

    number: int
    outcome: Answer | Exception = field(repr=False)


async def update_each(
    corridor: Corridor, call: Call, lines: Iterable[tuple[int, bytes]], read: Read, *, at_once: int
) -> AsyncIterator[Taken]:
    """Take the update on each line, give the outcomes in the lines' order; a line that fails stops no other.

    ``read`` gives the request of a line. A key of the call stands for every line by its number.
    """
    due: list[Line] = []
    clients: set[str] = set()
    for number, content in lines:
        line = await _line(number, content, read)
        client = line.request.client if isinstance(line.request, UpdateRequest) else ""
        if len(due) == at_once or client in clients:
            for taken in await _together(corridor, call, due):
                yield taken
            due, clients = [], set()
        due.append(line)
        if client:
            clients.add(client)
    for taken in await _together(corridor, call, due):
        yield taken


async def _line(number: int, content: bytes, read: Read) -> Line:
    try:
        return Line(number, content, await read(content))
    except Exception as error:  # noqa: BLE001  # handed to the one who asked, as every outcome
        return Line(number, content, error)


async def _together(corridor: Corridor, call: Call, due: list[Line]) -> list[Taken]:
    """Go through the corridor as one cohort with whoever else is under way."""
    if not due:
        return []
    async with corridor.cohort:
        return await asyncio.gather(*[_take(corridor, call, line) for line in due])


async def _take(corridor: Corridor, call: Call, line: Line) -> Taken:
    if isinstance(line.request, Exception):
        return Taken(line.number, line.request)
    key = None if call.key is None else f"{call.key} {line.number}"  # no caller's key has a blank
    try:
        return Taken(line.number, await update(corridor, Call(call.actor, call.path, key, line.content), line.request))
    except Exception as error:  # noqa: BLE001  # as above
        return Taken(line.number, error)
