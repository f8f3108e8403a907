"""A time-stamping authority on loopback: openssl behind a small HTTP server, which can also misbehave."""

import http.server
import shutil
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_CONFIGURATION = """\
[req]
distinguished_name = name
prompt = no
x509_extensions = root
[name]
CN = Test authority
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamping]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = stamps
[stamps]
serial = serial
crypto_device = builtin
signer_cert = signer.pem
signer_key = signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""


@dataclass
class Authority:
    """What it answers is ``answer(query)``; whoever wants another one puts it there. ``asked`` are the queries."""

    folder: Path
    url: str = ""
    asked: list[bytes] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: object = None

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def stamped(self, query: bytes) -> bytes:
        """Answer as it should be."""
        (self.folder / "query.tsq").write_bytes(query)
        self.openssl("ts", "-reply", "-config", "openssl.cnf", "-section", "stamps", "-queryfile", "query.tsq", "-out", "answer.tsr")
        return (self.folder / "answer.tsr").read_bytes()

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


def made(folder: Path) -> Authority:
    """Make its keys and certificates. Skips, visibly, where openssl is not there."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    authority = Authority(folder)
    (folder / "openssl.cnf").write_text(_CONFIGURATION)
    (folder / "serial").write_text("01\n")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    authority.openssl("req", "-x509", *key, "-config", "openssl.cnf", "-keyout", "root.key", "-out", "root.pem", "-days", "30")
    authority.openssl(
        "req", "-new", *key, "-subj", "/CN=Test stamps", "-config", "openssl.cnf", "-keyout", "signer.key", "-out", "signer.csr"
    )
    signed = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-extfile", "openssl.cnf", "-extensions", "stamping")
    authority.openssl("x509", "-req", "-in", "signer.csr", *signed, "-out", "signer.pem", "-days", "20")
    return authority


@contextmanager
def serving(authority: Authority):
    """Serve it on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["content-length"]))
            authority.asked.append(query)
            body = authority.answer(query) if authority.answer else authority.stamped(query)
            self.send_response(authority.status)
            for name, value in {
                "content-type": "application/timestamp-reply",
                "content-length": str(len(body)),
                **authority.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        authority.url = f"http://127.0.0.1:{server.server_port}/tsr"
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()
