"""How far a file has come: a bar where somebody looks on, else a line now and then for the log."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from imgate.cli.output import say

_SECONDS_BETWEEN_LINES = 10.0


class Advance(Protocol):
    """Tell that one more message is done, and with how many people so far."""

    def __call__(self, people: int) -> None:
        """Tell it."""


@contextmanager
def progress(name: str, messages: int) -> Iterator[Advance]:
    """Show how many of the messages are done, on stderr."""
    if sys.stderr.isatty():
        with _bar(name, messages) as advance:
            yield advance
    else:
        yield _Lines(messages)


class _Lines:
    def __init__(self, messages: int) -> None:
        self._messages = messages
        self._done = 0
        self._said_at = time.monotonic()

    def __call__(self, people: int) -> None:
        self._done += 1
        now = time.monotonic()
        if now - self._said_at >= _SECONDS_BETWEEN_LINES and self._done < self._messages:
            self._said_at = now
            say(f"{self._done} of {self._messages} messages, {people:,} people …")


@contextmanager
def _bar(name: str, messages: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[people]:,} people"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(name, total=messages, people=0)
        yield lambda people: shown.update(task, advance=1, people=people)
