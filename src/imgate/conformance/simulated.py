"""Simulated partners: each a real HTTP server on a free port of this machine, for the demo and for tests.

No Jobcenter and no Ausländerbehörde offers an interface for this purpose, so everything is tested against these. They take signed
webhooks, fetch and acknowledge what waits for them, empty a folder, and send messages of their own; they can be told to refuse, or to be
slow. One that is ``encrypted`` publishes a key and takes no webhook that is not encrypted to it.
"""

import base64
import html
import mimetypes
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Protocol, Self

import anyio
import httpx2
import uvicorn
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from imgate.conformance.api_client import ApiClient
from imgate.transports import encryption
from imgate.transports.webhook import PREFIX, is_signed, secret_key

# What Standard Webhooks recommends against replays.
_TOLERANCE_SECONDS = 300
# The library reads 64 KiB at most unless told otherwise; this is as much as the gateway itself takes in.
_LARGEST = 16 * 1024 * 1024
_LOOKS_SECONDS = 0.005
_HEAD = """<!doctype html>
<html lang="de"><head><meta charset="utf-8"><title>imgate: was bei den Partnern angekommen ist</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
pre { overflow: auto; background: #f4f4f4; padding: .75rem; white-space: pre-wrap }
</style></head><body>
<h1>Was bei den Partnern angekommen ist</h1>
<p>Simulierte Partner; die Personen sind erfunden. Die Seite lädt sich alle fünf Sekunden neu.</p>
"""


@dataclass(frozen=True, slots=True)
class Received:
    """One message that the partner holds."""

    id: str
    media_type: str
    content: bytes = field(repr=False)
    at: datetime
    encrypted: bool = False


class Holder(Protocol):
    """Whose messages a page can show."""

    @property
    def name(self) -> str:
        """Who it is."""

    @property
    def held(self) -> Sequence[Received]:
        """What it holds now, in the order of arrival."""


@dataclass(slots=True)
class Script:
    """How the partner answers webhooks: with this status instead of taking them, after this many seconds, for so many calls.

    ``retry_after`` is said beside the status, in seconds.
    """

    status: int | None = None
    delay: float = 0.0
    times: int | None = None
    retry_after: int | None = None

    def next(self) -> tuple[int | None, float]:
        """Give the next answer's status and delay, and count it."""
        if self.times is not None:
            if self.times <= 0:
                return None, 0.0
            self.times -= 1
        return self.status, self.delay


class SimulatedPartner:
    """One partner. A context manager: the server runs inside the block."""

    def __init__(self, partner: str, name: str, *, encrypted: bool = False) -> None:
        """Take the id and the name under which the gateway knows it; make a webhook secret, and a key if messages are to be encrypted."""
        self.partner = partner
        self.name = name
        self.secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
        self.script = Script()
        self._key = ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES"}, auto_kid=True) if encrypted else None
        self.refused_webhooks: list[str] = []
        self._held: dict[str, Received] = {}
        self._lock = threading.Lock()
        self._api: ApiClient | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app(), log_config=None, access_log=False, ws="none", lifespan="off", date_header=False, timeout_graceful_shutdown=1
            )
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, name=partner, daemon=True)
        self._ended = threading.Event()
        self._looking: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where its page is; webhooks go to ``/messages`` below, and ``/jwks.json`` has its key if it is encrypted."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def held(self) -> tuple[Received, ...]:
        """What it holds now, in the order of arrival."""
        with self._lock:
            return tuple(self._held.values())

    def __enter__(self) -> Self:
        """Start the server."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server, polling, and looking into a folder."""
        self._ended.set()
        self._server.should_exit = True
        self._thread.join()
        if self._looking is not None:
            self._looking.join()
        if self._api is not None:
            self._api.close()

    def connect(self, gateway: str, client_id: str, client_secret: str) -> None:
        """Hand over the access that the gateway's operator made for this partner."""
        self._api = ApiClient(gateway, client_id, client_secret)

    def post(self, content: bytes, media_type: str) -> httpx2.Response:
        """Send a message of its own to the gateway."""
        return self._connected().call(
            "POST", f"/v1/partners/{self.partner}/messages", content=content, headers={"content-type": media_type}
        )

    def poll(self) -> tuple[Received, ...]:
        """Fetch what waits, keep it, and acknowledge each. Raises httpx2.HTTPError."""
        api = self._connected()
        answer = api.call("GET", f"/v1/partners/{self.partner}/outbox").raise_for_status()
        fetched = []
        for item in answer.json()["items"]:
            received = Received(item["id"], item["media_type"], base64.b64decode(item["content"]), datetime.now(UTC))
            self._keep(received)
            api.call("POST", f"/v1/partners/{self.partner}/outbox/{received.id}/ack").raise_for_status()
            fetched.append(received)
        return tuple(fetched)

    def keep_polling(self, seconds: float = 2.0) -> None:
        """Poll from now on until the block ends."""

        def poll() -> None:
            while not self._ended.wait(seconds):
                try:
                    self.poll()
                except httpx2.HTTPError:
                    continue  # the gateway is away; a partner asks again

        threading.Thread(target=poll, name=f"{self.partner}-polling", daemon=True).start()

    def keep_emptying(self, folder: Path) -> None:
        """Take what appears in this folder, and lay an acknowledgement beside it, from now on until the block ends."""

        def look() -> None:
            while not self._ended.wait(_LOOKS_SECONDS):
                for file in sorted(folder.iterdir()):
                    # What begins with a dot is not finished yet.
                    if not file.name.startswith(".") and file.suffix not in {".ack", ".reject"}:
                        self._take_file(file)

        self._looking = threading.Thread(target=look, name=f"{self.partner}-folder", daemon=True)
        self._looking.start()

    def _take_file(self, file: Path) -> None:
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._keep(Received(file.stem, media_type, file.read_bytes(), datetime.now(UTC)))
        file.with_suffix(".ack").touch()
        file.unlink()

    def answer_end_of_use(self, message_id: str, answer: str, statute: str | None = None) -> None:
        """Answer a notice that it fetched: ``ended``, ``kept_under_statute`` or ``objected``. Raises httpx2.HTTPError."""
        said = {"answer": answer} | ({} if statute is None else {"statute": statute})
        self._connected().call("POST", f"/v1/partners/{self.partner}/outbox/{message_id}/end-of-use", json=said).raise_for_status()

    @contextmanager
    def answering(
        self, *, status: int | None = None, delay: float = 0.0, times: int | None = None, retry_after: int | None = None
    ) -> Iterator[None]:
        """Answer webhooks so inside the block."""
        before, self.script = self.script, Script(status, delay, times, retry_after)
        try:
            yield
        finally:
            self.script = before

    def _connected(self) -> ApiClient:
        if self._api is None:
            raise RuntimeError(f"{self.partner} has no access yet: call connect first")
        return self._api

    def _keep(self, received: Received) -> None:
        with self._lock:
            self._held.setdefault(received.id, received)

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/messages", self._list),
                Route("/messages", self._answer, methods=["POST"]),
                Route("/jwks.json", self._publish),
            ]
        )

    async def _answer(self, request: Request) -> Response:
        """Answer a webhook, with the date by the clock that judged its signature."""
        answer = await self._take(request)
        answer.headers["date"] = formatdate(time.time(), usegmt=True)
        return answer

    async def _take(self, request: Request) -> Response:
        """Take a webhook, if it is signed and fresh; the same id again is the same message."""
        body = await request.body()
        message_id = request.headers.get("webhook-id", "")
        if not self._is_genuine(request, message_id, body):
            self.refused_webhooks.append(message_id)
            return Response(status_code=401)
        received = self._read(message_id, request.headers.get("content-type", ""), body)
        if received is None:
            self.refused_webhooks.append(message_id)
            return Response(status_code=415)
        retry_after = self.script.retry_after
        status, delay = self.script.next()
        await anyio.sleep(delay)
        if status is not None:
            return Response(status_code=status, headers=None if retry_after is None else {"retry-after": str(retry_after)})
        self._keep(received)
        return Response(status_code=204)

    def _read(self, message_id: str, media_type: str, body: bytes) -> Received | None:
        """Read a message, decrypted if this partner has a key; None where it has one and the message is not encrypted to it."""
        if self._key is None:
            return Received(message_id, media_type, body, datetime.now(UTC))
        if media_type != encryption.MEDIA_TYPE:
            return None
        registry = jwe.JWERegistry(algorithms=encryption.ALGORITHMS)
        registry.max_ciphertext_length = _LARGEST
        try:
            opened = jwe.decrypt_compact(body, self._key, registry=registry)
        except (JoseError, ValueError):
            return None
        header = opened.headers()
        if header.get("kid") != self._key.kid or opened.plaintext is None:
            return None
        return Received(message_id, str(header.get("cty", "")), opened.plaintext, datetime.now(UTC), encrypted=True)

    async def _publish(self, request: Request) -> Response:
        del request
        return Response(status_code=404) if self._key is None else JSONResponse({"keys": [self._key.as_dict()]})

    def _is_genuine(self, request: Request, message_id: str, body: bytes) -> bool:
        timestamp = request.headers.get("webhook-timestamp", "")
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > _TOLERANCE_SECONDS:
            return False
        return is_signed([secret_key(self.secret)], message_id, int(timestamp), body, request.headers.get("webhook-signature", ""))

    async def _list(self, request: Request) -> Response:
        del request
        return JSONResponse([{"id": one.id, "media_type": one.media_type, "content": _text(one)} for one in self.held])

    async def _page(self, request: Request) -> Response:
        del request
        return HTMLResponse(page(self))


def page(*holders: Holder) -> str:
    """Show what has arrived at partners, as a page that fetches nothing from anywhere."""
    return _HEAD + "".join(_section(holder) for holder in holders) + "</body></html>"


def _section(holder: Holder) -> str:
    held = holder.held
    messages = "".join(
        f"<h3>{html.escape(one.id)}</h3><p>{html.escape(one.media_type)}, {one.at:%d.%m.%Y %H:%M:%S} UTC"
        f"{', verschlüsselt gekommen' if one.encrypted else ''}</p>"
        f"<pre>{html.escape(_text(one))}</pre>"
        for one in reversed(held)
    )
    return f"<h2>{html.escape(holder.name)}</h2><p>{len(held)} {'Nachricht' if len(held) == 1 else 'Nachrichten'}</p>{messages}"


def _text(received: Received) -> str:
    return received.content.decode("utf-8-sig", errors="replace")
