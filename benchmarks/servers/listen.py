"""Run an application as `imgate serve` runs its own: the same server program, the same flags, the same treatment of garbage."""

import gc
from typing import Any

import uvicorn


def listen(app: Any, port: int) -> None:
    """Serve on the loopback until the parent ends it."""
    gc.collect()
    gc.freeze()
    uvicorn.run(app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", ws="none", lifespan="off", access_log=False,
                log_level="warning", server_header=False, date_header=True)
