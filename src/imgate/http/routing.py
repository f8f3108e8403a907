"""Makes a FastAPI app of routers, with nothing in it that imgate does not ask for: no pages about itself, no telemetry, no redirects."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI


def app_of(routers: Iterable[APIRouter], handlers: dict[Any, Any]) -> FastAPI:
    """Make the app of these routers. ``handlers`` answer exceptions, by their type.

    The routes are taken as their routers have built them. ``include_router`` would build each a second time, for prefixes and
    dependencies that are not used here, and the first request would wait a sixth of a second for that.
    """
    app = FastAPI(
        title="imgate",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be built from the Host header
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False},
        exception_handlers=handlers,
    )
    for router in routers:
        app.router.routes.extend(router.routes)
    return app
