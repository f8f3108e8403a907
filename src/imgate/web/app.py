"""Puts the pages together: the routes, the guard before them, and what they are handed."""

from starlette.types import ASGIApp

from imgate.bootstrap import Gateway
from imgate.http.routing import app_of
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
    app = app_of(ROUTERS, dict.fromkeys(FORESEEN, foreseen))
    policy = gateway.corridor.policy
    app.state.house = House(gateway, Rendering(gateway.name, policy.zone, policy.wording))
    app.state.doorkeeper = Doorkeeper.of(gateway)
    return Guard(app, gateway.url)
