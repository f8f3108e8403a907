"""The event loop of the worker and of its carrier; apart from the worker's clocks, which load far more than a carrier needs."""

import asyncio


def new_loop() -> asyncio.AbstractEventLoop:
    """Make a loop of the same kind as the gateway's: uvloop, where it exists."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
