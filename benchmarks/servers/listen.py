"""Run an application as `imgate serve` runs its own: the same server program with the very same flags, the same treatment of garbage."""

import asyncio
import gc
import socket
from typing import Any

import uvicorn

from imgate.cli.serving import _config


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # as in imgate.cli.serving


def listen(app: Any, port: int) -> None:
    """Serve on the loopback until the parent ends it."""
    with socket.create_server(("127.0.0.1", port), backlog=2048) as listener:
        server = _Server(_config(app))
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(server.serve([listener]))
