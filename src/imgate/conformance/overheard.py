"""Listen to what foreign code says beside its answer: log records, structlog's events, warnings, whatever it prints."""

import contextlib
import io
import logging
import re
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

# What a log record says about when and where it was made. What was raised is told by itself.
_OF_THE_MOMENT = frozenset(
    {"created", "msecs", "relativeCreated", "thread", "threadName", "process", "processName", "taskName", "exc_info", "exc_text"}
)
_address = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class Overheard:
    """What was said, by channel; complete once the ``overhearing`` that made it is over."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def by(self, channel: str) -> str:
        """Join what was said on one channel."""
        return "\n".join(text for where, text in self.said if where == channel)


def without_addresses(text: str) -> str:
    """Take out where in memory something lies: of two objects that are alike, no two lie in one place."""
    return _address.sub("", text)


@contextlib.contextmanager
def overhearing() -> Iterator[Overheard]:
    """Listen until the block ends. No level is too low, and nothing that is said reaches the handlers that were there."""
    heard = Overheard()
    make, handlers, level = logging.getLogRecordFactory(), logging.root.handlers[:], logging.root.level

    def listen(*args: Any, **fields: Any) -> logging.LogRecord:
        record = make(*args, **fields)
        heard.said.append(("a log record", _text_of(record)))
        return record

    output, errors = io.StringIO(), io.StringIO()
    logging.setLogRecordFactory(listen)
    logging.root.handlers[:] = [_ExtraFields(heard)]
    logging.root.setLevel(logging.NOTSET)
    try:
        with (
            warnings.catch_warnings(record=True) as warned,
            structlog.testing.capture_logs() as events,
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(errors),
        ):
            warnings.simplefilter("always")
            yield heard
    finally:
        logging.setLogRecordFactory(make)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
    heard.said.extend(("a warning", str(warning.message)) for warning in warned)
    heard.said.extend(("structlog", _event_text(event)) for event in events)
    heard.said.extend(
        (where, text.getvalue()) for where, text in (("standard output", output), ("standard error", errors)) if text.getvalue()
    )


class _ExtraFields(logging.Handler):
    """``extra`` is added to a record after it was made, so that only a handler sees it."""

    def __init__(self, heard: Overheard) -> None:
        super().__init__(logging.NOTSET)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        told = {name: value for name, value in vars(record).items() if name not in _OF_THE_MOMENT}
        self._heard.said.append(("a log record", repr(told)))


def _text_of(record: logging.LogRecord) -> str:
    try:
        message = record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit the text; both are looked at all the same
        message = str(record.msg)
    told = "" if not record.exc_info or record.exc_info[1] is None else everything_told(record.exc_info[1])
    return f"{message} {record.args!r} {told}"


def _event_text(event: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={value!r}" for key, value in event.items())


def everything_told(error: BaseException) -> str:
    """Give all text that hangs on an exception: its own, its arguments, its attributes, its causes and its notes."""
    told: list[str] = []
    seen: set[int] = set()
    left: list[BaseException] = [error]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        slots = [slot for kind in type(one).__mro__ for slot in vars(kind).get("__slots__", ())]
        told += [str(one), repr(one), repr(one.args), repr(getattr(one, "__dict__", {})), *getattr(one, "__notes__", ())]
        told += [repr(getattr(one, slot, None)) for slot in slots]
        left += [other for other in (one.__cause__, one.__context__) if other is not None]
        if isinstance(one, BaseExceptionGroup):
            left += one.exceptions
    told += traceback.format_exception_only(error)
    return "\n".join(told)
