"""Watch a translation while it runs, and name whatever it reaches for outside its input.

Two watchers, because each sees what the other cannot. A profile function sees each call of Python code and each call from there
into C, thus also the clock, which no audit event tells of. An audit hook (PEP 578) sees files, sockets and processes that a
library in C reaches for. Neither stops anything: the translation goes on, and afterwards everything is told at once.

Logging and warnings are let through, with the clock and the frames that they look at: what they say is another promise, and what a
handler of the plugin's does is its own doing. So is an import, which costs files the first time only.
"""

import gc
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar

from imgate.conformance.forbidden import Outside, is_let_through, of_audit_event, of_c_function, of_python_function, sentence

T = TypeVar("T")


@dataclass(slots=True)
class _Watch:
    """One call under watch. ``folder`` is where the plugin's code lies, to say in which line of it something happened."""

    folder: str
    base: types.FrameType | None
    thread: int
    found: dict[tuple[Outside, str], str] = field(default_factory=dict)

    def profile(self, frame: types.FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            outside = of_c_function(arg)
            if outside is not None:
                self.note(outside, _name_of(arg), frame)
        elif event == "call":
            outside = of_python_function(frame)
            if outside is not None:
                self.note(outside, frame.f_code.co_qualname, frame)

    def note(self, outside: Outside, called: str, frame: types.FrameType) -> None:
        frames = list(self._until_base(frame))
        # No frame at all: it was this module, which ends the watch.
        if not frames or self._is_let_through(outside, frames):
            return
        where = self._where(frames)
        # One sentence for each line and kind: `os.getenv` alone is four calls.
        self.found.setdefault((outside, where), sentence(outside, called, where))

    def _is_let_through(self, outside: Outside, frames: Sequence[types.FrameType]) -> bool:
        # What the plugin's own handler or filter does, it does itself.
        others = takewhile(lambda frame: not frame.f_code.co_filename.startswith(self.folder), frames)
        return any(is_let_through(outside, each) for each in others)

    def _until_base(self, frame: types.FrameType | None) -> Iterator[types.FrameType]:
        while frame is not None and frame is not self.base:
            yield frame
            frame = frame.f_back

    def _where(self, frames: list[types.FrameType]) -> str:
        ours = [frame for frame in frames if frame.f_code.co_filename.startswith(self.folder)]
        frame = ours[0] if ours else frames[-1]
        return f"{Path(frame.f_code.co_filename).name} line {frame.f_lineno}"


def watched(call: Callable[[], T], folder: str) -> tuple[T | Exception, list[str]]:
    """Call, and give the answer, or what was raised, with a sentence for each thing outside that was reached for.

    Not seen: what a library in C does without telling (it tells of files and sockets, not of the clock), what runs in another
    thread (that one was started is seen), and a clock that C calls for C (``map(time.time, …)``).
    """
    watch = _Watch(folder, sys._getframe(), get_ident())
    before, collecting = sys.getprofile(), gc.isenabled()
    answer: T | Exception
    _listen()
    # A collection may run whatever others have hung on it, the clock of a test tool for one.
    gc.disable()
    sys.setprofile(watch.profile)
    _Listening.watch = watch
    try:
        answer = call()
    except Exception as error:  # noqa: BLE001  # foreign code; the caller judges what it raised
        answer = error
    finally:
        _Listening.watch = None
        sys.setprofile(before)
        if collecting:
            gc.enable()
    return answer, list(watch.found.values())


class _Listening:
    """Whom the audit hook tells. There is one hook for good, because Python has no way to take one off."""

    installed = False
    watch: _Watch | None = None


def _listen() -> None:
    if not _Listening.installed:
        _Listening.installed = True
        sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    watch = _Listening.watch
    # What another thread does at the same time is not the translation's doing.
    if watch is None or watch.thread != get_ident():
        return
    outside = of_audit_event(event, arguments)
    if outside is not None:
        # To look at a frame is an event of its own.
        _Listening.watch = None
        try:
            # From the hook's own frame upwards: whoever raised the event is the frame before.
            watch.note(outside, event, sys._getframe(1))
        finally:
            _Listening.watch = watch


def _name_of(function: Any) -> str:
    module = getattr(function, "__module__", None)
    return f"{module}.{function.__name__}" if isinstance(module, str) else str(function.__qualname__)
