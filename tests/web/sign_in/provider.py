"""An identity provider on loopback that says what a test wants it to say, true or false. The real one is in tests/browser."""

import base64
import hmac
import http.server
import json
import threading
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ISSUER_PATH = "/realms/stadt"


class Provider:
    """Answers at ``issuer``. Before the code is exchanged a test changes ``document``, ``keys``, ``claims``, ``header`` or ``token``."""

    def __init__(self, tls=None):
        """``tls``: a server's context, to be reached by https."""
        self.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.server.server_port}"
        self.issuer = self.url + ISSUER_PATH
        self.document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        self.keys = [self.key.as_dict(private=False)]
        self.asked = []  # (path, headers, form) of every request
        self.claims, self.header, self.token, self.status, self.raw = {}, {"alg": "ES256", "kid": "one"}, None, 200, None
        self.said = {}  # what the last authorisation request asked
        threading.Thread(target=self.server.serve_forever, args=(0.01,)).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def asks(self, address):
        """Take the address that a browser was sent to, as the provider reads it."""
        assert address.startswith(f"{self.issuer}/auth?")
        self.said = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
        return self.said

    def id_token(self, now):
        """Write the ID token: true, but for what the test changed (None leaves a claim out)."""
        at = int(now.timestamp())
        true = {
            "iss": self.issuer,
            "aud": "imgate",
            "sub": "u-1",
            "nonce": self.said["nonce"],
            "iat": at,
            "exp": at + 300,
            "name": "Vera Beispiel",
            "roles": ["im"],
        }
        claims = {name: value for name, value in (true | self.claims).items() if value is not None}
        key = self.header.get("key", self.key)
        header = {name: value for name, value in self.header.items() if name != "key"}
        return jwt.encode(header, claims, key, [header["alg"]])

    def _handler(self):
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.asked.append((self.path, dict(self.headers), {}))
                answers = {
                    f"{ISSUER_PATH}/.well-known/openid-configuration": provider.document,
                    f"{ISSUER_PATH}/keys": {"keys": provider.keys},
                }
                self.answer(answers.get(self.path))

            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                provider.asked.append((self.path, dict(self.headers), {name: value[0] for name, value in form.items()}))
                self.answer(
                    {"access_token": "a", "token_type": "Bearer", "id_token": provider.token}
                    if self.path == f"{ISSUER_PATH}/token"
                    else None
                )

            def answer(self, content):
                body = provider.raw if provider.raw is not None and self.command == "POST" else json.dumps(content).encode()
                status = 404 if content is None else provider.status if self.command == "POST" else 200
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("Location", f"{provider.url}/elsewhere")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


def signed_with_the_public_key(token, key):
    """Sign anew, with the public key, which everybody has, as a shared secret: the classic confusion of algorithms."""
    header = _b64(json.dumps({"alg": "HS256", "kid": "one"}).encode())
    signed = f"{header}.{token.split('.')[1]}"
    return f"{signed}.{_b64(hmac.digest(key.as_pem(private=False), signed.encode(), 'sha256'))}"


def _b64(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def rsa(**members):
    return RSAKey.generate_key(2048, members)
