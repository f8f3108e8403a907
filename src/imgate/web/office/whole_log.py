"""Whoever reads the whole log for a page takes turns: one at a time, so that pages cannot keep the database from its work."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from imgate.exchange.refusals import Refused
from imgate.web.house import house_of


@contextmanager
def whole_log(request: Request) -> Iterator[None]:
    """Take the turn. Raises Refused 503 while somebody else has it."""
    turn = house_of(request).whole_log
    if not turn.acquire(blocking=False):
        raise Refused(503, "busy")
    try:
        yield
    finally:
        turn.release()
