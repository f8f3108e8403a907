"""What stands before every page: no other site may make a browser act here, frame a page, or run anything in one.

Browsers say where a request comes from (Fetch Metadata); one that does not still names its origin with every POST. A request that says
neither, or says another site, changes nothing. Sessions travel in a cookie that other sites' forms do not carry (SameSite); this is
the second lock. What a browser fetches before anybody wants to see it is refused too: a list
that nobody looks at hands nothing out.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_READ = frozenset({"GET", "HEAD"})
_FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})


class Guard:
    """ASGI: the pages behind their guard. ``url`` is the gateway's own address."""

    def __init__(self, app: ASGIApp, url: str) -> None:
        self._app = app
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._headers = {
            "content-security-policy": _POLICY,
            "cross-origin-opener-policy": "same-origin",
            # Not `no-referrer`: under that one browsers say `Origin: null` with every form, also with our own (Fetch, 3.2).
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "x-frame-options": "DENY",
            "x-robots-tag": "noindex, nofollow",
        }
        if parts.scheme == "https":
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it without a look at anything but where it comes from."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    said.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        if self._comes_from_elsewhere(scope["method"], headers):
            await Response("Diese Anfrage kommt von einer anderen Seite.\n", 403, media_type="text/plain")(scope, receive, guarded)
            return
        if _is_ahead_of_time(headers):
            # Not 403: a browser that is refused in this way asks again once somebody goes there.
            await Response("Diese Seite wird nicht im Voraus geladen.\n", 503, media_type="text/plain")(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _comes_from_elsewhere(self, method: str, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if method in _READ:
            if headers.get("sec-fetch-dest") in _FRAMES:
                return True
            # Somebody else's link may lead here; somebody else's page may not load anything from here.
            return site not in {None, "same-origin", "none"} and headers.get("sec-fetch-mode") != "navigate"
        origin = headers.get("origin")
        if origin is not None and origin != self._origin:
            return True
        return site != "same-origin" if site is not None else origin is None


def _is_ahead_of_time(headers: Headers) -> bool:
    """Tell whether a browser fetches or renders a page that nobody has asked to see yet (Fetch, 3.8; older ones say `Purpose`)."""
    said = ",".join(headers.getlist("sec-purpose") + headers.getlist("purpose")).lower()
    return "prefetch" in said or "prerender" in said
