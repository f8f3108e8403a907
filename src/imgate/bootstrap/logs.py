"""Logging: JSON lines on stderr, cheap, and without anything personal.

Our own lines name ids, partners and codes. What other libraries say is cut down to the template of their line, and an exception to its
type and where it was raised: a message can hold whatever was in a request.
"""

import asyncio
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, BinaryIO

import orjson
import structlog

_FRAMES = 12
_LINE_MAX = 200


def configure_logs(level: str = "info") -> None:
    """Send structlog's and the standard library's lines to stderr. Called once by a command that runs on its own."""
    lines = _Lines(sys.stderr.buffer)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _exception_without_text,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Foreign())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _Lines:
    """A logger that writes the lines of one turn of the event loop together: a call of the system for each costs as much as a step.

    Without a running loop, as in a command or a thread, each line is written at once.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._due: list[bytes] = []
        self._writing = threading.Lock()

    def msg(self, line: bytes) -> None:
        self._due.append(line + b"\n")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write()
        else:
            if len(self._due) == 1:
                loop.call_soon(self._write)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg

    def _write(self) -> None:
        with self._writing:
            due, self._due = self._due, []
            if due:
                self._stream.write(b"".join(due))
                self._stream.flush()


def _json(event: dict[str, Any], **_: object) -> bytes:
    return orjson.dumps(event, default=repr)


def _exception_without_text(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info
    if isinstance(error, BaseException):
        event.update(describe(error))
    return event


def describe(error: BaseException) -> dict[str, Any]:
    """Say what was raised and where, without its text."""
    return {"error": f"{type(error).__module__}.{type(error).__qualname__}", "frames": _frames(error.__traceback__)}


def _frames(where: TracebackType | None) -> list[str]:
    frames = [f"{frame.f_code.co_filename.rpartition('/')[2]}:{line} {frame.f_code.co_name}" for frame, line in traceback.walk_tb(where)]
    return frames[-_FRAMES:]


class _Foreign(logging.Formatter):
    """One line of another library, as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "event": str(record.msg).partition("\n")[0][:_LINE_MAX],
            "logger": record.name,
            "level": record.levelname.lower(),
            "at": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info is not None and record.exc_info[1] is not None:
            event |= describe(record.exc_info[1])
        return orjson.dumps(event).decode()
