"""The gateway behind the pages with what only the office looks at: its plugins and its keys, by their ids."""

from typing import cast

from starlette.requests import Request

from imgate.bootstrap import Gateway
from imgate.web.house import house_of


def whole_gateway(request: Request) -> Gateway:
    """Give the gateway that these pages were made for, all of it."""
    return cast("Gateway", house_of(request).gateway)
