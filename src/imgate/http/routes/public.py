"""What anybody may see: whether we live, our public keys, where AuthZEN is, the API document and the pages about it."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from imgate.exchange.context import Corridor
from imgate.exchange.ports import Unavailable
from imgate.http.pages import Pages
from imgate.http.replies import JSON, blocking, shown
from imgate.http.standard_shapes import Health, KeySet, PolicyDecisionPoint
from imgate.vocabulary.identifiers import NIL_UUID

router = APIRouter(tags=["public"])

_FOR_A_WHILE = {"Cache-Control": "public, max-age=300"}


@router.get("/healthz", response_model=Health)
async def healthz() -> Response:
    """Say whether the process answers."""
    return shown({"ok": True})


@router.get("/readyz", response_model=Health, responses={503: {"model": Health, "description": "It cannot work at the moment."}})
async def readyz(request: Request) -> Response:
    """Say whether requests are welcome: the database answers, and the process has not been told to end."""
    ready: Callable[[], bool] = request.app.state.ready
    if not await blocking(ready):
        return Response(b'{"ok":false}', 503, media_type=JSON)
    return shown({"ok": True})


def database_answers(corridor: Corridor) -> bool:
    """Look something up. Blocks."""
    try:
        with corridor.store.reading() as tx:
            tx.exchanges.get(NIL_UUID)
    except Unavailable:
        return False
    return True


@router.get("/.well-known/jwks.json", response_model=KeySet)
async def jwks(request: Request) -> Response:
    """Give the public keys of our access tokens."""
    return Response(request.app.state.jwks, headers=_FOR_A_WHILE, media_type=JSON)


@router.get("/.well-known/authzen-configuration", response_model=PolicyDecisionPoint)
async def authzen_configuration(request: Request) -> Response:
    """Give AuthZEN's metadata (Authorization API 1.0 §9)."""
    url: str = request.app.state.url
    response = shown(
        {
            "policy_decision_point": url,
            "access_evaluation_endpoint": f"{url}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{url}/access/v1/evaluations",
        }
    )
    response.headers.update(_FOR_A_WHILE)
    return response


@router.get("/openapi.json", include_in_schema=False)
async def openapi_json(request: Request) -> Response:
    """Give the OpenAPI document."""
    return Response((await _pages(request)).openapi, headers=_FOR_A_WHILE, media_type=JSON)


@router.get("/", include_in_schema=False)
async def front_page(request: Request) -> Response:
    """Say what this is."""
    pages = await _pages(request)
    return HTMLResponse(pages.front, headers=_FOR_A_WHILE | {"Content-Security-Policy": pages.policy})


@router.get("/reference", include_in_schema=False)
async def reference_page(request: Request) -> Response:
    """Show the API reference, made of the OpenAPI document; needs nothing from anywhere else."""
    pages = await _pages(request)
    return HTMLResponse(pages.reference, headers=_FOR_A_WHILE | {"Content-Security-Policy": pages.policy})


async def _pages(request: Request) -> Pages:
    pages: Callable[[], Pages] = request.app.state.pages
    return await blocking(pages)
