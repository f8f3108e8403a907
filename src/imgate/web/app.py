"""Puts the pages together: the routes, the guard before them, and what they are handed."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from imgate.bootstrap import Gateway
from imgate.web import entrance, static_files
from imgate.web.client import routes as client
from imgate.web.desk import routes as desk
from imgate.web.errors import FORESEEN, foreseen
from imgate.web.guard import Guard
from imgate.web.house import House
from imgate.web.liaison import routes as liaison
from imgate.web.office import routes as office
from imgate.web.rendering import Rendering
from imgate.web.sign_in import routes as sign_in
from imgate.web.sign_in.doorkeeper import Doorkeeper

ROUTERS = (static_files.router, entrance.router, sign_in.router, office.router, liaison.router, desk.router, client.router)


def create_pages(gateway: Gateway) -> ASGIApp:
    """Make the ASGI app of everything under ``/pages``."""
    handlers: Any = dict.fromkeys(FORESEEN, foreseen)
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be built from the Host header
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False},
        exception_handlers=handlers,
    )
    for router in ROUTERS:
        app.include_router(router)
    policy = gateway.corridor.policy
    app.state.house = House(gateway, Rendering(gateway.name, policy.zone, policy.wording))
    app.state.doorkeeper = Doorkeeper.of(gateway)
    return Guard(app, gateway.url)
