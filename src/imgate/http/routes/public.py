"""What anybody may see: whether we live, our public keys, where AuthZEN is, the API document and the pages about it."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

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


@dataclass(frozen=True, slots=True)
class Published:
    """Bytes that change with a restart only, and the tag by which a reader that has them is told so (RFC 9110 §8.8.3)."""

    content: bytes
    tag: str

    @classmethod
    def of(cls, content: bytes) -> "Published":
        """Tag it by its digest: the same at every gateway that has the same keys."""
        return cls(content, f'"{sha256(content).hexdigest()[:32]}"')

    def is_known_to(self, if_none_match: str) -> bool:
        """Tell whether the reader has it; compared weakly, as a GET is (RFC 9110 §13.1.2)."""
        known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return self.tag in known or known == {"*"}


@router.get("/.well-known/jwks.json", response_model=KeySet, responses={304: {"description": "You have them already."}})
async def jwks(request: Request) -> Response:
    """Give the public keys of our access tokens and of what we state, earlier ones too; `imgate_use` says which is which."""
    published: Published = request.app.state.jwks
    headers = {**_FOR_A_WHILE, "ETag": published.tag}
    if published.is_known_to(", ".join(request.headers.getlist("if-none-match"))):
        return Response(status_code=304, headers=headers)
    return Response(published.content, headers=headers, media_type=JSON)


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
