"""Group commit: what is due in one turn of the event loop becomes durable together, with one sync of the disk.

SQLite: the jobs run inline on the loop, on a held connection; a thread beside a busy loop would lose more to handing over the
interpreter than the commit takes (measured). Where another thread is just writing, the batch waits for its turn in a thread, so that
the loop never stands still. PostgreSQL: one thread runs what has come together while it was busy.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import Context
from dataclasses import dataclass
from typing import Any, TypeVar

from imgate.exchange.ports import Crossed, Transaction
from imgate.storage.outage import Away
from imgate.storage.transaction import SqlTransaction

T = TypeVar("T")
Job = Callable[[Transaction], Any]
# As many jobs as are worth one sync; more would only lengthen the way back when one of them fails.
_MOST = 128
_RETRIES = 3
_TOGETHER = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job gave or raised."""

    result: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A job, and who waits for its outcome on which loop."""

    job: Job
    loop: asyncio.AbstractEventLoop
    waiting: "asyncio.Future[Any]"

    def settle(self, outcome: Outcome) -> None:
        """Tell the one who waits, unless it went away. On its loop only."""
        if self.waiting.done():
            return
        if outcome.error is None:
            self.waiting.set_result(outcome.result)
        else:
            self.waiting.set_exception(outcome.error)


def run_together(writing: Callable[[], AbstractContextManager[SqlTransaction]], jobs: Sequence[Job]) -> list[Outcome]:
    """Run jobs in one transaction; where one of them fails, run each alone, so that each has its own outcome.

    Nothing is run again that may have been committed, or that was waited for in vain.
    """
    if len(jobs) > 1:
        for _ in range(_TOGETHER):
            try:
                with writing() as tx:
                    outcomes = [Outcome(job(tx)) for job in jobs]
            except Away as away:
                return [Outcome(error=away)] * len(jobs)
            except Crossed:  # undone, and by none of them
                continue
            except Exception:  # noqa: BLE001  # whatever it was: each one meets it again below, alone
                break
            return outcomes
    return [_run_alone(writing, job) for job in jobs]


def _run_alone(writing: Callable[[], AbstractContextManager[SqlTransaction]], job: Job) -> Outcome:
    for attempt in range(1, _RETRIES + 1):
        try:
            with writing() as tx:
                result = job(tx)
        except Exception as error:  # noqa: BLE001  # handed to the one who waits
            if attempt == _RETRIES or not isinstance(error, Crossed):
                return Outcome(error=error)
        else:
            return Outcome(result)
    raise AssertionError("unreachable")


class InlineCommit:
    """SQLite: collects the jobs of one turn of a loop and runs them on it.

    ``free`` is the lock that all writers of this process share; ``batch`` runs jobs while it is held.
    """

    def __init__(self, free: threading.Lock, batch: Callable[[Sequence[Job]], list[Outcome]]) -> None:
        self._free = free
        self._batch = batch
        self._due: dict[asyncio.AbstractEventLoop, list[Due]] = {}

    async def __call__(self, job: Callable[[Transaction], T]) -> T:
        """Run the job together with the others of this turn; return when it is durable."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()
        due = self._due.setdefault(loop, [])
        if not due:
            # In a context of nobody's: whose keys a job opens is no business of the request that happened to come first (see ``looking``).
            loop.call_soon(self._flush, loop, context=Context())
        due.append(Due(job, loop, waiting))
        return await waiting

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        due = [each for each in self._due.pop(loop, ()) if not each.waiting.done()]
        for start in range(0, len(due), _MOST):
            self._run(loop, due[start : start + _MOST])

    def _run(self, loop: asyncio.AbstractEventLoop, due: list[Due]) -> None:
        if not self._free.acquire(blocking=False):
            loop.run_in_executor(None, self._wait_and_run, loop, due)
            return
        try:
            outcomes = self._batch([each.job for each in due])
        finally:
            self._free.release()
        _settle(due, outcomes)

    def _wait_and_run(self, loop: asyncio.AbstractEventLoop, due: list[Due]) -> None:
        with self._free:
            outcomes = self._batch([each.job for each in due])
        loop.call_soon_threadsafe(_settle, due, outcomes)

    def close(self) -> None:
        """Nothing to stop: there is no thread."""


class ThreadCommit:
    """PostgreSQL: one thread runs whatever has come together since it last looked."""

    def __init__(self, batch: Callable[[Sequence[Job]], list[Outcome]]) -> None:
        self._batch = batch
        self._queue: queue.SimpleQueue[Due | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    async def __call__(self, job: Callable[[Transaction], T]) -> T:
        """Run the job together with others that are due; return when it is durable."""
        self._start()
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()
        self._queue.put(Due(job, loop, waiting))
        return await waiting

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="imgate-commit", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            due = [first]
            ended = False
            while len(due) < _MOST and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    ended = True
                    break
                due.append(following)
            outcomes = self._batch([each.job for each in due])
            for each, outcome in zip(due, outcomes, strict=True):
                if not each.loop.is_closed():
                    each.loop.call_soon_threadsafe(each.settle, outcome)
            if ended:
                return

    def close(self) -> None:
        """Finish what has come, and end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None


def _settle(due: Sequence[Due], outcomes: Sequence[Outcome]) -> None:
    for each, outcome in zip(due, outcomes, strict=True):
        each.settle(outcome)
