"""The stand-in's HTTP side: TLS with a client certificate required, and answers that go wrong as a script says.

Not uvicorn, as for the other simulated partners: this one must be able to hang up without a word.
"""

import http.server
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgate.conformance.xta import messages
from imgate.conformance.xta.certificates import KeyPair
from imgate.conformance.xta.messages import Fault


@dataclass(slots=True)
class Misbehaviour:
    """How one operation behaves instead of answering well, for so many calls.

    ``after`` does it when the operation has had its effect, else the operation does not happen. ``answer`` is sent as it is, with the
    HTTP ``status``; ``cut`` closes the connection without a word; ``delay`` only makes it slow.
    """

    fault: Fault | None = None
    status: int | None = None
    answer: tuple[str, bytes] | None = None
    cut: bool = False
    delay: float = 0.0
    after: bool = False
    times: int = 1_000_000
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def interrupts(self) -> bool:
        """Tell whether there is no good answer."""
        return self.fault is not None or self.status is not None or self.answer is not None or self.cut


class Interrupted(Exception):
    """Something else than a good answer was scripted."""

    def __init__(self, misbehaviour: Misbehaviour) -> None:
        """Take how."""
        super().__init__("scripted")
        self.misbehaviour = misbehaviour


Answering = Callable[[str, str, bytes], tuple[str, bytes]]


def handler(answer: Answering) -> type[http.server.BaseHTTPRequestHandler]:
    """Make the handler of requests: ``answer`` gets path, content type and body, and may raise Fault or Interrupted."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10.0
        wbufsize = -1  # head and body in one write: apart, the client's delayed acknowledgement costs 40 ms each time

        def handle(self) -> None:
            try:
                super().handle()
            except (ssl.SSLError, OSError):
                self.close_connection = True  # a stranger, or a client that went away

        def finish(self) -> None:
            try:
                super().finish()
            except (ssl.SSLError, OSError, ValueError):
                self.close_connection = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            try:
                status, (content_type, content) = 200, answer(self.path, self.headers.get("content-type", ""), body)
            except Fault as fault:
                status, (content_type, content) = 500, messages.written("", fault.body())
            except Interrupted as interrupted:
                self._misbehave(interrupted.misbehaviour)
                return
            self._say(status, content_type, content)

        def _misbehave(self, misbehaviour: Misbehaviour) -> None:
            if misbehaviour.cut:
                self.close_connection = True
                return
            content_type, content = misbehaviour.answer or ("text/plain", b"")
            self._say(misbehaviour.status or 200, content_type, content, misbehaviour.headers)

        def _say(self, status: int, content_type: str, content: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
            self.send_response(status)
            for name, value in (("content-type", content_type), ("content-length", str(len(content))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    return Handler


def client_certificate_required(pair: KeyPair, ca_file: Path) -> ssl.SSLContext:
    """Make the server's side of TLS: only clients with a certificate of this authority get in."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca_file)
    context.load_cert_chain(pair.certificate_file, pair.key_file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
