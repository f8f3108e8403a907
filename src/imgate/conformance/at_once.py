"""Let one translation run while another of the same adapter stands still in the middle: what two threads do, without their luck.

The gateway translates in several threads. Whatever an adapter puts into a place of its own for the length of a call, another client's
call puts its own into.
"""

import contextlib
import sys
import threading
import types
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

# How often a call is stopped, at most, and how long the other one may take; a plugin that has a lock lets it wait in vain.
_STOPS = 30
_SECONDS = 0.5


def stopped_at_each_step(call: Callable[[], T], meanwhile: Callable[[], object], folder: str) -> list[T | Exception]:
    """Call again and again, each time with the other call run through, in another thread, at another step; give all answers,
    and what was raised.

    A step is what the plugin's own code calls, and the beginning and end of its functions; ``folder`` is where that code lies.
    """
    steps = _Steps(folder, None, meanwhile)
    steps.run(call)
    every = max(1, -(-steps.seen // _STOPS))
    return [_Steps(folder, number, meanwhile).run(call) for number in range(0, steps.seen, every)]


class _Steps:
    def __init__(self, folder: str, stop: int | None, meanwhile: Callable[[], object]) -> None:
        self._folder = folder
        self._stop = stop
        self._meanwhile = meanwhile
        self._other: threading.Thread | None = None
        self.seen = 0

    def run(self, call: Callable[[], T]) -> T | Exception:
        before = sys.getprofile()
        sys.setprofile(self._profile)
        try:
            return call()
        except Exception as error:  # noqa: BLE001  # foreign code; the caller compares
            return error
        finally:
            sys.setprofile(before)
            if self._other is not None:
                self._other.join()

    def _run_other(self) -> None:
        with contextlib.suppress(Exception):  # it may have been disturbed as well
            self._meanwhile()

    def _profile(self, frame: types.FrameType, event: str, _: Any) -> None:
        if not frame.f_code.co_filename.startswith(self._folder):
            return
        if self.seen == self._stop:
            self._other = threading.Thread(target=self._run_other)
            self._other.start()
            self._other.join(_SECONDS)
        self.seen += 1
