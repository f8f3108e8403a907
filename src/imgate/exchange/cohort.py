"""A cohort: exchanges that come while others are under way wait, and then go through the corridor together, step by step.

One exchange touches more code and tables than a processor keeps at hand, so that one after the other each finds every step cold;
together, a step is cold for the first and warm for the rest (measured: a quarter of the time). Whoever comes alone goes at once.
"""

import asyncio
from types import TracebackType


class Cohort:
    """``async with`` it: waits until those inside have left, and enters with everybody else who waited."""

    def __init__(self) -> None:
        self._inside = 0
        self._waiting: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> "Cohort":
        """Enter, at once if nobody is inside."""
        if self._inside == 0:
            self._inside = 1
            return self
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(admitted)
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.done() and not admitted.cancelled():  # admitted and given up in the same moment
                self._leave()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave; the last one out lets in everybody who waits."""
        self._leave()

    async def step(self) -> None:
        """Let the others of this cohort come to the same step."""
        await asyncio.sleep(0)

    def _leave(self) -> None:
        self._inside -= 1
        if self._inside == 0:
            admitted = [each for each in self._waiting if not each.done()]
            self._waiting = []
            self._inside = len(admitted)
            for each in admitted:
                each.set_result(None)
