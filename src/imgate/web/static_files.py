"""Style sheets, fonts and scripts: nobody's data, and kept by browsers for good, because their addresses change with them."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from imgate.exchange.refusals import not_found
from imgate.web.rendering import static_folder, static_url

router = APIRouter()

_FOR_GOOD = "public, max-age=31536000, immutable"
_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "woff2": "font/woff2", "svg": "image/svg+xml"}


@router.get("/pages/static/{digest}/{name:path}")
async def show_static(request: Request, digest: str, name: str) -> Response:
    """Give one file. A digest that is not the file's leads nowhere."""
    ending = name.rpartition(".")[2]
    if ending not in _KINDS or any(part in {"", ".", ".."} for part in name.split("/")):
        raise not_found()
    headers = {"Cache-Control": _FOR_GOOD, "Vary": "Accept-Encoding"}
    try:
        if request.url.path not in _addresses(name):
            raise not_found()
        content = await run_in_threadpool((static_folder() / name).read_bytes)
        packed = static_folder() / f"{name}.gz"
        if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
            content, headers = await run_in_threadpool(packed.read_bytes), headers | {"Content-Encoding": "gzip"}
    except OSError:
        raise not_found() from None
    return Response(content, media_type=_KINDS[ending], headers=headers)


def _addresses(name: str) -> tuple[str, ...]:
    """Give where a file may be asked for: a style sheet names the fonts beside it, so they come under its digest."""
    folder, _, file = name.rpartition("/")
    if not file.endswith(".woff2"):
        return (static_url(name),)
    return (static_url(name), f"{static_url(f'{folder}/fonts.css').rpartition('/')[0]}/{file}")
