"""Counts for the operator, in Prometheus' text format, on an address of their own.

Labels are route templates, statuses and states: no ids, no partners, no clients. Three families are not worth a library.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What this process has answered. Written on the event loop only, so it needs no lock."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._requests: dict[tuple[str, int], int] = {}
        self._durations: dict[str, list[float]] = {}  # one count per bucket, then all, then the sum

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (route, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        durations = self._durations.get(route)
        if durations is None:
            durations = self._durations[route] = [0.0] * (len(_BUCKETS) + 2)
        for index, bound in enumerate(_BUCKETS):
            if seconds <= bound:
                durations[index] += 1
                break
        durations[-2] += 1
        durations[-1] += seconds

    def text(self, exchanges: Mapping[str, int]) -> str:
        """Write everything, with the number of exchanges in each state."""
        return "\n".join([*self._request_lines(), *self._duration_lines(), *_exchange_lines(exchanges)]) + "\n"

    def _request_lines(self) -> Iterator[str]:
        yield "# HELP imgate_http_requests_total Answers by route template and status."
        yield "# TYPE imgate_http_requests_total counter"
        for (route, status), count in sorted(self._requests.items()):
            yield f'imgate_http_requests_total{{route="{route}",status="{status}"}} {count}'

    def _duration_lines(self) -> Iterator[str]:
        yield "# HELP imgate_http_request_seconds From the first byte read to the last one written."
        yield "# TYPE imgate_http_request_seconds histogram"
        for route, durations in sorted(self._durations.items()):
            count = 0.0
            for bound, within in zip(_BUCKETS, durations, strict=False):
                count += within
                yield f'imgate_http_request_seconds_bucket{{route="{route}",le="{bound}"}} {count:.0f}'
            yield f'imgate_http_request_seconds_bucket{{route="{route}",le="+Inf"}} {durations[-2]:.0f}'
            yield f'imgate_http_request_seconds_count{{route="{route}"}} {durations[-2]:.0f}'
            yield f'imgate_http_request_seconds_sum{{route="{route}"}} {durations[-1]:.6f}'


def _exchange_lines(exchanges: Mapping[str, int]) -> Iterator[str]:
    yield "# HELP imgate_exchanges Exchanges on record by state."
    yield "# TYPE imgate_exchanges gauge"
    for state, count in sorted(exchanges.items()):
        yield f'imgate_exchanges{{state="{state}"}} {count}'


# One set of counts per process: what every app of this process answers, and what its metrics address shows.
PROCESS = Metrics()


class Counted(Protocol):
    """What the metrics need of the gateway."""

    @property
    def store(self) -> "Counting":
        """The store."""


class Counting(Protocol):
    """What the metrics need of the store."""

    def count_exchanges(self) -> Mapping[str, int]:
        """Give the number of exchanges in each state; blocks."""


def metrics_app(gateway: Counted, metrics: Metrics = PROCESS) -> ASGIApp:
    """Make the app that listens on the metrics address. The database is asked once per scrape."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] != "/metrics" or scope["method"] != "GET":
            await PlainTextResponse("not found\n", 404)(scope, receive, send)
            return
        text = metrics.text(await run_in_threadpool(gateway.store.count_exchanges))
        await PlainTextResponse(text, media_type=_MEDIA_TYPE)(scope, receive, send)

    return app
