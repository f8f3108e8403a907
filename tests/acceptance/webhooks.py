"""A partner that takes signed webhooks and remembers each one that came, also those that came twice."""

import base64
import secrets
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from imgate.transports.webhook import PREFIX, is_signed, secret_key


@dataclass(frozen=True)
class Webhook:
    """One call: the id under which it came, and its body."""

    id: str
    body: bytes


class WebhookPartner:
    """Takes its time before it answers, so that there is a middle of a delivery. A context manager."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.begun: list[Webhook] = []
        self.forged = 0
        self.secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
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

    def _handler(self):
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # the name that http.server asks for
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:  # killed while it was speaking: nothing came
                    self.close_connection = True
                    return
                told = (self.headers["webhook-id"], int(self.headers["webhook-timestamp"]))
                if not is_signed([secret_key(partner.secret)], *told, body, self.headers["webhook-signature"]):
                    partner.forged += 1
                partner.begun.append(Webhook(told[0], body))
                time.sleep(partner.seconds)
                try:
                    self.send_response(204)
                    self.end_headers()
                except ConnectionError:  # the one who asked was killed
                    self.close_connection = True

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *_):
                """Say nothing."""

        return Handler
