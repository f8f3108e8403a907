"""A client of an app in the same thread: nothing listens, and no thread is started and waited for with each request.

Starlette's own test client hands every step of an answer from thread to thread, which takes most of the time of a test of many requests.
"""

import httpx2
import uvloop


class InProcessClient(httpx2.Client):
    """Asks an ASGI app; ``raising`` lets through what the app raises, instead of the server's answer 500."""

    def __init__(self, app, url, *, raising=True, follow_redirects=True):
        super().__init__(transport=_InProcess(app, raising), base_url=url, follow_redirects=follow_redirects)
        self.app = app


class _InProcess(httpx2.BaseTransport):
    def __init__(self, app, raising):
        self._asgi = httpx2.ASGITransport(app, raise_app_exceptions=raising)

    def handle_request(self, request):
        status, headers, content = uvloop.run(self._answered(request))
        return httpx2.Response(status, headers=headers, content=content)

    async def _answered(self, request):
        passed = httpx2.Request(request.method, request.url, headers=request.headers.raw, stream=_Chunks(request.stream))
        answer = await self._asgi.handle_async_request(passed)
        return answer.status_code, answer.headers.raw, b"".join([chunk async for chunk in answer.aiter_raw()])


class _Chunks(httpx2.AsyncByteStream):
    def __init__(self, chunks):
        self._chunks = chunks

    async def __aiter__(self):
        for chunk in self._chunks:
            yield chunk
