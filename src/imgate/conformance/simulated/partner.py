"""One simulated partner: a real HTTP server on a port of this machine, and what a partner does of its own.

No Jobcenter and no Ausländerbehörde offers an interface for this purpose, so everything is tested against these. They take signed
webhooks, fetch and acknowledge what waits for them, empty a folder, and send messages of their own. One that is ``encrypted``
publishes a key and takes no webhook that is not encrypted to it; one that has its ``adapter`` refuses what is not valid by it.
"""

import base64
import mimetypes
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import httpx2
import uvicorn
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from imgate.adapters.adapter import LoadedAdapter
from imgate.conformance.api_client import ApiClient
from imgate.conformance.simulated.behaviour import Behaviour, WrongAnswer
from imgate.conformance.simulated.page import Received, Refused, Why
from imgate.conformance.simulated.samples import Sample
from imgate.conformance.simulated.server import app_of, cut_off_quietly
from imgate.transports import encryption
from imgate.transports.message_receipt import RECEIPT_HEADER, receipt_name
from imgate.transports.webhook import is_signed, new_secret, secret_key
from imgate.vocabulary.identifiers import is_uuid
from imgate.vocabulary.words import Direction

# What Standard Webhooks recommends against replays.
_TOLERANCE_SECONDS = 300
_TIMESTAMP_DIGITS = 18
# The notice of the end of use is the same document for every partner (schemas/imgate-notice.xsd).
_NOTICE = b"urn:imgate:notice:1"
# The library reads 64 KiB at most unless told otherwise; this is as much as the gateway itself takes in.
_LARGEST = 16 * 1024 * 1024
_LOOKS_SECONDS = 0.005
_STATUS = {Why.NOT_FOR_ITS_KEY: 415, Why.NOT_VALID: 422}  # what is not genuine: 401


class SimulatedPartner:
    """One partner. A context manager: the server runs inside the block."""

    def __init__(
        self,
        partner: str,
        name: str,
        *,
        encrypted: bool = False,
        adapter: LoadedAdapter | None = None,
        samples: Sequence[Sample] = (),
        secret: str | None = None,
        port: int = 0,
    ) -> None:
        """Take the id and the name under which the gateway knows it; make a webhook secret unless there is one, and a key if encrypted.

        ``samples`` are what its page offers to send. Raises OSError where the port is taken; 0 is any that is free.
        """
        self.partner = partner
        self.name = name
        self.secret = secret or new_secret()
        self.adapter = adapter
        self.samples = {sample.name: sample for sample in samples}
        self.behaviour = Behaviour()
        self._key = ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES"}, auto_kid=True) if encrypted else None
        self._refused: list[Refused] = []
        self._held: dict[str, Received] = {}
        self._lock = threading.Lock()
        self._api: ApiClient | None = None
        self._listener = socket.create_server(("127.0.0.1", port))
        self._server = uvicorn.Server(
            uvicorn.Config(
                app_of(self), log_config=None, access_log=False, ws="none", lifespan="off", date_header=False, timeout_graceful_shutdown=1
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

    @property
    def refused(self) -> tuple[Refused, ...]:
        """What it did not take, in the order of arrival: for what it was, or because it was told to answer so."""
        with self._lock:
            return tuple(self._refused)

    @property
    def refused_webhooks(self) -> list[str]:
        """The ids of what it refused for what it was."""
        return [one.unverified_id for one in self.refused if one.why is not Why.TOLD]

    def __enter__(self) -> Self:
        """Start the server."""
        cut_off_quietly()
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
            content, receipt = base64.b64decode(item["content"]), item.get("receipt")
            received = Received(item["id"], item["media_type"], content, datetime.now(UTC), receipt=receipt)
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
        """Take each message that appears in this folder, and lay an acknowledgement beside it, from now on until the block ends.

        Taken, and so deleted, is only what is named as the gateway names its files, by a message's id: a folder may hold other things.
        """

        def look() -> None:
            while not self._ended.wait(_LOOKS_SECONDS):
                with suppress(OSError):  # somebody else took it first, or is making the folder anew
                    for file in sorted(folder.iterdir()):
                        if is_uuid(file.stem) and file.suffix not in {".ack", ".reject"} and file.is_file():
                            self._take_file(file)

        self._looking = threading.Thread(target=look, name=f"{self.partner}-folder", daemon=True)
        self._looking.start()

    def _take_file(self, file: Path) -> None:
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        receipt = file.with_name(receipt_name(file.stem))
        said = receipt.read_text("ascii") if receipt.is_file() else None
        self._keep(Received(file.stem, media_type, file.read_bytes(), datetime.now(UTC), receipt=said))
        file.with_suffix(".ack").touch()
        file.unlink()
        receipt.unlink(missing_ok=True)

    def answer_end_of_use(self, message_id: str, answer: str, statute: str | None = None) -> None:
        """Answer a notice that it fetched: ``ended``, ``kept_under_statute`` or ``objected``. Raises httpx2.HTTPError."""
        said = {"answer": answer} | ({} if statute is None else {"statute": statute})
        self._connected().call("POST", f"/v1/partners/{self.partner}/outbox/{message_id}/end-of-use", json=said).raise_for_status()

    def send(self, sample: str, reference: str) -> httpx2.Response:
        """Send one of its samples about this person. Raises KeyError for another name, httpx2.HTTPError."""
        chosen = self.samples[sample]
        return self.post(chosen.about(reference), chosen.media_type)

    @property
    def is_connected(self) -> bool:
        """Tell whether it has an access at a gateway."""
        return self._api is not None

    @contextmanager
    def answering(self, **behaviour: object) -> Iterator[None]:
        """Answer webhooks as this ``Behaviour`` says inside the block."""
        before, self.behaviour = self.behaviour, Behaviour.model_validate(behaviour)
        try:
            yield
        finally:
            self.behaviour = before

    def next_behaviour(self) -> Behaviour:
        """Give how the next message is answered, and count it."""
        with self._lock:
            now, self.behaviour = self.behaviour.after_one()
        return now

    def refusal(self, headers: Mapping[str, str], body: bytes) -> int | None:
        """Tell with which status a webhook is refused for what it is: not genuine 401, not to be read 415, not valid 422; else None."""
        why = self._why_not_genuine(headers, body)
        if why is None:
            received = self.read(headers, body)
            if received is None:
                why = Why.NOT_FOR_ITS_KEY
            elif not self._understands(received):
                why = Why.NOT_VALID
            else:
                return None
        status = _STATUS.get(why, 401)
        self.note_refused(headers, status, why)
        return status

    def note_refused(self, headers: Mapping[str, str], status: int, why: Why, wrong: WrongAnswer | None = None) -> None:
        """Keep that a webhook was not taken."""
        with self._lock:
            self._refused.append(Refused(headers.get("webhook-id", ""), status, why, datetime.now(UTC), wrong))

    def take(self, headers: Mapping[str, str], body: bytes) -> None:
        """Keep a webhook; the same id again is the same message."""
        received = self.read(headers, body)
        if received is not None:
            self._keep(received)

    def read(self, headers: Mapping[str, str], body: bytes) -> Received | None:
        """Read a message, decrypted if this partner has a key; None where it has one and the message is not encrypted to it."""
        message_id, media_type = headers.get("webhook-id", ""), headers.get("content-type", "")
        if self._key is None:
            return Received(message_id, media_type, body, datetime.now(UTC), receipt=headers.get(RECEIPT_HEADER))
        opened = self._opened(body) if media_type == encryption.MEDIA_TYPE else None
        receipt = self._opened(headers.get(RECEIPT_HEADER, "").encode())
        if opened is None:
            return None
        said = None if receipt is None else receipt[1].decode("ascii", errors="replace")
        return Received(message_id, *opened, datetime.now(UTC), encrypted=True, receipt=said)

    def _opened(self, encrypted: bytes) -> tuple[str, bytes] | None:
        """Give media type and content of what is encrypted to its key; None for anything else."""
        registry = jwe.JWERegistry(algorithms=encryption.ALGORITHMS)
        registry.max_ciphertext_length = _LARGEST
        if self._key is None:
            return None
        try:
            opened = jwe.decrypt_compact(encrypted, self._key, registry=registry)
        except (JoseError, ValueError):
            return None
        header = opened.headers()
        if header.get("kid") != self._key.kid or opened.plaintext is None:
            return None
        return str(header.get("cty", "")), opened.plaintext

    def published_keys(self) -> dict[str, object] | None:
        """Give the key that messages are encrypted to, as a JWK set; None where there is none."""
        return None if self._key is None else {"keys": [self._key.as_dict()]}

    def _understands(self, received: Received) -> bool:
        """Tell whether a message is valid by the adapter, whichever scopes stand in it. Notices and papers are in no adapter's format."""
        if self.adapter is None or received.media_type != self.adapter.media_type or _NOTICE in received.content[:200]:
            return True
        misfit = self.adapter.forms[Direction.TO_PARTNER].misfit(received.content, frozenset())
        return misfit is None or misfit.kind != "schema_invalid"

    def _connected(self) -> ApiClient:
        if self._api is None:
            raise RuntimeError(f"{self.partner} has no access yet: call connect first")
        return self._api

    def _keep(self, received: Received) -> None:
        with self._lock:
            self._held.setdefault(received.id, received)

    def _why_not_genuine(self, headers: Mapping[str, str], body: bytes) -> Why | None:
        message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        # Longer is no time, and Python refuses to read numbers without end.
        if not timestamp.isdecimal() or len(timestamp) > _TIMESTAMP_DIGITS:
            return Why.NO_TIME
        age = time.time() - int(timestamp)
        if abs(age) > _TOLERANCE_SECONDS:
            return Why.OLD if age > 0 else Why.AHEAD
        signed = is_signed([secret_key(self.secret)], message_id, int(timestamp), body, headers.get("webhook-signature", ""))
        return None if signed else Why.SIGNATURE
