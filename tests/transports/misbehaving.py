"""A partner's server that answers as the test says, with TLS if the test has a certificate, and keeps what it was sent."""

import contextlib
import datetime
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = Callable[[http.server.BaseHTTPRequestHandler, int], None]


def status(code: int, **headers: str) -> Answer:
    """Answer with a status and no body; the server's own Date stands in it, unless ``date`` is given."""

    def answer(handler, _call):
        handler.send_response_only(code)
        for name, value in {"date": handler.date_time_string(), "content-length": "0", **headers}.items():
            if value is not None:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


@dataclass
class Partner:
    """The server, how it answers, and what it has seen."""

    answer: Answer = field(default_factory=lambda: status(204))
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    fetched: int = 0
    published: bytes = b""
    answer_fetch: Answer | None = None
    url: str = ""


@contextlib.contextmanager
def misbehaving(tls: ssl.SSLContext | None = None) -> Iterator[Partner]:
    """Run the server inside the block."""
    served = Partner()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers leave together

        def setup(self):
            super().setup()
            served.connections += 1

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            served.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            served.answer(self, len(served.seen))

        def do_GET(self):
            served.fetched += 1
            if served.answer_fetch is not None:
                served.answer_fetch(self, served.fetched)
                return
            self.send_response(200)
            self.send_header("content-length", str(len(served.published)))
            self.end_headers()
            self.wfile.write(served.published)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # a client that hangs up in the middle is what some tests are about

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        served.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}/messages"
        yield served
        server.shutdown()


def certificate(folder: Path, name: str = "127.0.0.1", days: int = 1) -> Path:
    """Write a certificate that vouches for itself, and its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.{days}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def serving_tls(file: Path) -> ssl.SSLContext:
    """Serve with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
