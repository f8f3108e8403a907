"""Run an application exactly as `imgate serve` runs its own: the same server program, flags and treatment of garbage, by the same code."""

import asyncio
import socket
from typing import Any

from imgate.cli.serving import _config, _Server


def listen(app: Any, port: int) -> None:
    """Serve on the loopback until the parent ends it."""
    with socket.create_server(("127.0.0.1", port), backlog=2048) as listener:
        server = _Server(_config(app), f"http://127.0.0.1:{port}")
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(server.serve([listener]))
