"""Puts a trap at a step of the product, in this process only: whoever comes there for the n-th time dies."""

import asyncio
import functools
import importlib
import inspect
import random
import threading
from collections.abc import Callable
from typing import Any, assert_never

from imgate.storage.session import Session
from tests.acceptance.crash.points import Cut, Point

_A_MOMENT = 0.06


def find(place: str) -> tuple[Any, str]:
    """Find a place, as an owner and the name of its attribute. Raises LookupError where it is not there, or only inherited."""
    module, _, path = place.partition(":")
    owner: Any = importlib.import_module(module)
    *inside, name = path.split(".")
    for part in inside:
        owner = getattr(owner, part)
    if name not in vars(owner):
        raise LookupError(f"the crash test knows a place that is not there: {place}")
    return owner, name


def put(place: str, value: object) -> None:
    """Set what is there to something else."""
    setattr(*find(place), value)


def arm(point: Point, passing: int, die: Callable[[], None]) -> None:
    """Put the trap; ``die`` is called at the passing of this number, and does not return."""
    owner, name = find(point.place)
    original = vars(owner)[name]
    trap = _Trap(point.cut, passing, die)
    wrapped = trap.around_awaited(original) if inspect.iscoroutinefunction(original) else trap.around(original)
    setattr(owner, name, wrapped)
    if point.cut in (Cut.UNCOMMITTED, Cut.SENT, Cut.COMMITTED):
        trap.watch_commits()


class _Trap:
    def __init__(self, cut: Cut, passing: int, die: Callable[[], None]) -> None:
        self._cut, self._left, self._die = cut, passing, die
        self._counting = threading.Lock()
        self._thread: int | None = None

    def around(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def passed(*args: Any, **kwargs: Any) -> Any:
            due = self._is_due()
            if due and self._cut is Cut.BEFORE:
                self._die()
            result = original(*args, **kwargs)
            if due:
                self._after()
            return result

        return passed

    def around_awaited(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        async def passed(*args: Any, **kwargs: Any) -> Any:
            due = self._is_due()
            if due and self._cut is Cut.BEFORE:
                self._die()
            if not due or self._cut is not Cut.DURING:
                result = await original(*args, **kwargs)
            else:
                timer = asyncio.get_running_loop().call_later(random.random() * _A_MOMENT, self._die)  # noqa: S311  # chooses a moment
                result = await original(*args, **kwargs)
                timer.cancel()
                self._left = 1  # it was over before: the next one
            if due:
                self._after()
            return result

        return passed

    def watch_commits(self) -> None:
        """Die at the commit of the transaction in which the step was passed; one that is undone does not count."""
        begin, commit = Session.begin, Session.commit

        def begun(session: Session, *, writing: bool) -> None:
            if writing and self._thread == threading.get_ident():
                self._thread, self._left = None, 1
            begin(session, writing=writing)

        def committed(session: Session) -> None:
            if session.writing and self._thread == threading.get_ident():
                self._at_commit(session)
            commit(session)
            if session.writing and self._thread == threading.get_ident():
                self._die()

        Session.begin, Session.commit = begun, committed  # type: ignore[method-assign]

    def _at_commit(self, session: Session) -> None:
        if self._cut is Cut.UNCOMMITTED:
            self._die()
        if self._cut is Cut.SENT:
            session.driver.pgconn.send_query(b"COMMIT")
            while session.driver.pgconn.flush():
                continue
            self._die()

    def _is_due(self) -> bool:
        with self._counting:
            self._left -= 1
            return self._left == 0

    def _after(self) -> None:
        match self._cut:
            case Cut.AFTER:
                self._die()
            case Cut.UNCOMMITTED | Cut.SENT | Cut.COMMITTED:
                self._thread = threading.get_ident()
            case Cut.BEFORE | Cut.DURING:
                return
            case _:
                assert_never(self._cut)
