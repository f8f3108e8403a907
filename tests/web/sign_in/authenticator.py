"""An authenticator in software (WebAuthn Level 3, 6): makes passkeys and answers challenges, rightly or as a test spoils it."""

import base64
import hashlib
import json
import os
import struct

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One device with at most one passkey. What it says of itself can be changed before each use."""

    def __init__(self, origin, host):
        self.origin, self.host = origin, host
        self.flags, self.count, self.step = PRESENT | VERIFIED, 0, 1
        self.key, self.id, self.handle = ec.generate_private_key(ec.SECP256R1()), os.urandom(16), None

    def create(self, options, **spoiled):
        """Make the passkey that is asked for; gives what the script would send."""
        self.handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options, spoiled)
        return self._sent({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def get(self, options, **spoiled):
        """Answer a challenge; gives what the script would send."""
        self.count += self.step
        data, client = self._data(self.flags), self._client("webauthn.get", options, spoiled)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
        return self._sent(response | ({"userHandle": self.handle} if self.handle else {}))

    def _data(self, flags):
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind, options, spoiled):
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | spoiled).encode()

    def _sent(self, response):
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response, "clientExtensionResults": {}}


def post(browser, path, content=None, **headers):
    """Send JSON as the script does."""
    said = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Origin": browser.url} | headers
    return browser.http.post(path, json={} if content is None else content, headers=said)


def begin(browser, path):
    """Ask for a challenge."""
    answer = post(browser, path)
    assert answer.status_code == 200, answer.text
    return answer.json()
