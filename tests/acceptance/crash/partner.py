"""The partner that is pushed to. Nobody kills it: what it has seen is what counts as the effect."""

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from imgate.transports.webhook import PREFIX, is_signed, secret_key


@dataclass(frozen=True, slots=True)
class Post:
    """One call, and what was answered. ``at``: when it had come in full."""

    id: str
    sha256: str
    at: float
    status: int
    body: bytes = field(repr=False)


class PushedTo:
    """Mostly takes its messages, often slowly; refuses some for good and puts others off once. A context manager.

    Which it does follows from the message's id, so that the same message always meets the same partner.
    """

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.forged = 0
        self.secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
        self._put_off: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/messages"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, message_id: str, timestamp: int, signature: str, body: bytes) -> int:
        """Take one call; give the status."""
        if not is_signed([secret_key(self.secret)], message_id, timestamp, body, signature):
            self.forged += 1
            return 401
        chance = hashlib.sha256(message_id.encode()).digest()[0]
        status = 204
        if chance < 8:
            status = 422
        elif chance < 60 and message_id not in self._put_off:
            self._put_off.add(message_id)
            status = 503
        self.posts.append(Post(message_id, hashlib.sha256(body).hexdigest(), time.time(), status, body))
        time.sleep((0.0, 0.01, 0.03, 0.08)[chance % 4])
        return status


def _handler(partner: PushedTo) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):  # the name that http.server asks for
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # killed while it was speaking: nothing came
                self.close_connection = True
                return
            given = (self.headers["webhook-id"], int(self.headers["webhook-timestamp"]), self.headers["webhook-signature"])
            self.send_response(partner.take(*given, body))
            self.send_header("retry-after", "0")
            self.send_header("content-length", "0")
            self.end_headers()

        def handle(self):
            try:
                super().handle()
            except ConnectionError:  # the one who asked was killed
                self.close_connection = True

        def log_message(self, *_):
            """Say nothing."""

    return Handler
