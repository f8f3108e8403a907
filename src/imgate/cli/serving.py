"""What runs while `imgate serve` runs: two HTTP servers in one event loop, and the worker as a child process.

Told to end, it first says that it is not ready, and has every connection closed with its next answer, so that a proxy takes it out
while it still serves; then it takes no new connection and finishes what it has.
"""

import asyncio
import contextlib
import gc
import os
import random
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

import structlog
import uvicorn

from imgate.bootstrap import Gateway
from imgate.bootstrap.openings import keep_current
from imgate.cli.parent import WITH_PARENT
from imgate.http.app import create_app
from imgate.http.metrics import metrics_app
from imgate.settings import Settings, config_path
from imgate.storage.counts import count_exchanges
from imgate.web.app import create_pages

_GRACE_SECONDS = 10
_LAST_SECONDS = 0.2
_CLOSE = (b"connection", b"close")
_LONGEST_PAUSE = 30.0
_log = structlog.get_logger()


def serve(
    gateway: Gateway, listener: socket.socket, metrics: socket.socket | None, *, with_worker: bool, drain_seconds: float = 0.0
) -> None:
    """Answer requests until the process is told to end, and for ``drain_seconds`` after that."""
    ending = _Ending(drain_seconds)
    app = create_app(gateway, ready=lambda: not ending.told and gateway.store.answers(), pages=create_pages(gateway))
    server = _Server(_config(app), gateway.settings, ending)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_run(gateway, server, listener, metrics, with_worker))


async def _run(gateway: Gateway, server: "_Server", listener: socket.socket, metrics: socket.socket | None, with_worker: bool) -> None:
    async with contextlib.AsyncExitStack() as beside:
        if metrics is not None:
            await beside.enter_async_context(_beside(_Quiet(_config(metrics_app(_Counted(gateway)))).serve([metrics])))
        await beside.enter_async_context(_beside(keep_current(gateway.openings)))
        if with_worker:
            await beside.enter_async_context(_beside(_keep_worker()))
        await server.serve([listener])


class _Counted:
    """The gateway as its metrics see it."""

    def __init__(self, gateway: Gateway) -> None:
        self._store = gateway.store

    @property
    def store(self) -> "_Counted":
        return self

    def count_exchanges(self) -> Mapping[str, int]:
        return count_exchanges(self._store)


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        loop="auto",  # uvloop, where it exists
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here depends on where a request came from
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class _Ending:
    """Whether the process was told to end, and whether the time that it serves on has passed."""

    def __init__(self, drain_seconds: float) -> None:
        self.drain_seconds = drain_seconds
        self._told_at: float | None = None

    @property
    def told(self) -> bool:
        return self._told_at is not None

    @property
    def due(self) -> bool:
        return self._told_at is not None and time.monotonic() - self._told_at >= self.drain_seconds

    def tell(self) -> None:
        self._told_at = time.monotonic()


class _Server(uvicorn.Server):
    """The server that ends the process: an interrupt is a way to stop it and no failure."""

    def __init__(self, config: uvicorn.Config, settings: Settings, ending: _Ending) -> None:
        super().__init__(config)
        self._settings = settings
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; told a second time, end without waiting for the proxy."""
        if self._ending.told:
            super().handle_exit(sig, frame)
        else:
            self._ending.tell()

    async def on_tick(self, counter: int) -> bool:
        """Look, ten times a second, whether it is time to end."""
        if self._ending.told and _CLOSE not in self.config.encoded_headers:
            # These go into every answer, and the server closes what it has said it would close.
            self.config.encoded_headers.append(_CLOSE)
            self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
            _log.info("ending", at_most_seconds=self._ending.drain_seconds + _GRACE_SECONDS)
        self.should_exit = self.should_exit or self._ending.due
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection, and answer those that were made just before."""
        if self._ending.drain_seconds:
            for server in self.servers:
                server.close()
            await asyncio.sleep(_LAST_SECONDS)
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # what was made until now stays: the collector need not look at it again (p99 54 → 21 ms)
        _log.info("serving", url=self._settings.address, listening_at=self._settings.listening_at)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()  # or they would be raised again, and end the process before it has tidied up


class _Quiet(uvicorn.Server):
    """A server beside it, which leaves the signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _beside(work: Any) -> Any:
    """Let something run until the block ends."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _keep_worker() -> None:
    """Keep one worker running. It is told to end, and finds out that we were killed, by the end of its standard input."""
    pause = 1.0
    while True:
        command = [sys.executable, "-m", "imgate", "worker", WITH_PARENT]
        environment = {**os.environ, "IMGATE_CONFIG": str(config_path())}
        # A session of its own: an interrupt at the terminal comes to us alone, and we tell the worker.
        started = asyncio.get_running_loop().time()
        worker = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, env=environment, start_new_session=True)
        try:
            status = await worker.wait()
        finally:
            if worker.returncode is None:
                await _end(worker)
        pause = 1.0 if asyncio.get_running_loop().time() - started > 60 else min(pause * 2, _LONGEST_PAUSE)
        _log.error("worker_ended", status=status, again_in=round(pause))
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  # spreads load, guards nothing


async def _end(worker: asyncio.subprocess.Process) -> None:
    if worker.stdin is not None:
        worker.stdin.close()
    try:
        await asyncio.wait_for(worker.wait(), _GRACE_SECONDS)
    except TimeoutError:
        worker.kill()
        await worker.wait()
