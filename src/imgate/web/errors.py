"""What went wrong, as a page: a sentence, a code for whoever is asked for help, and a way on. Never a word of the input."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from imgate.adapters.errors import AdapterFault
from imgate.exchange.ports import BadCursor, Unavailable
from imgate.exchange.refusals import Refused
from imgate.record import JsonRefused
from imgate.web.rendering import page
from imgate.web.visitors import ConfirmationNeeded, SignInNeeded

FORESEEN: tuple[type[Exception], ...] = (
    Refused,
    SignInNeeded,
    ConfirmationNeeded,
    BadCursor,
    JsonRefused,
    HTTPException,
    RequestValidationError,
    Exception,
)


async def foreseen(request: Request, error: Exception) -> Response:
    """Answer what a page refused, and what nobody foresaw."""
    match error:
        case SignInNeeded():
            return _by_way_of("/pages/sign-in", request)
        case ConfirmationNeeded():
            return _by_way_of("/pages/confirm", request)
        case Refused():
            status, code = error.status, error.code
        case BadCursor() | RequestValidationError():
            status, code = 404, "not_found"
        case JsonRefused():
            status, code = 422, error.code.value
        case Unavailable():
            status, code = 503, "unavailable"
        case AdapterFault():
            status, code = 500, "adapter_fault"
        case HTTPException():
            status = error.status_code
            code = "not_found" if status == HTTPStatus.NOT_FOUND else f"http_{status}"
        case _:
            status, code = 500, "internal_error"
    return page(request, "error.html", status=status, code=code)


def _by_way_of(path: str, request: Request) -> Response:
    """Send the browser to a page, and back here afterwards, where that can be done: a form that was sent is not sent again."""
    back = f"?next={quote(request.url.path, safe='/')}" if request.method in {"GET", "HEAD"} else ""
    return RedirectResponse(f"{path}{back}", 303)
