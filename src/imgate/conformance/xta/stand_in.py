"""The stand-in: the three ports of an XTA server, strict about the order of the calls, and two accounts' messages."""

import http.server
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from lxml import etree

from imgate.conformance.xta import messages
from imgate.conformance.xta.certificates import Authority, KeyPair
from imgate.conformance.xta.messages import NAMES, Fault, Held, text_at
from imgate.conformance.xta.server import Interrupted, Misbehaviour, client_certificate_required, handler

_SEND = "http://www.xta.de/XTA/"
_BOX = "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/"
# Which port takes which action, and the operation's name in the WSDL.
_OPERATIONS = {
    ("/management", f"{_SEND}CheckAccountActive"): "checkAccountActive",
    ("/management", f"{_SEND}IsServiceAvailable"): "lookupService",
    ("/management", f"{_SEND}CreateMessageID"): "createMessageId",
    ("/management", f"{_SEND}GetTransportReport"): "getTransportReport",
    ("/send", f"{_SEND}SendMessage"): "sendMessage",
    ("/msgbox", f"{_BOX}MsgBoxStatusListRequest"): "getStatusList",
    ("/msgbox", f"{_BOX}MsgBoxGetNextListRequest"): "getNextStatusList",
    ("/msgbox", f"{_BOX}MsgBoxFetchRequest"): "getMessage",
    ("/msgbox", f"{_BOX}MsgBoxCloseRequest"): "close",
}
_METADATA = ["DeliveryAttributes", "Originators", "Destinations", "MsgIdentification", "Qualifier"]
_ADDRESSING = ("Action", "MessageID", "To", "ReplyTo")


class XtaStandIn:
    """One XTA server with our account and one partner's. A context manager: the server runs inside the block."""

    def __init__(
        self,
        sender: str = "psw:01003110",
        partner: str = "psw:08111000",
        service: str = "urn:imgate:service:exchange",
        *,
        tls: bool = True,
        page: int = 100,
    ) -> None:
        """Take the identifiers of both accounts and the one service that the partner offers; make certificates."""
        self.sender = sender
        self.partner = partner
        self.service: str | None = service
        self._service = service
        self.service_known = True
        self.held: dict[str, Held] = {}
        self.box: dict[str, Held] = {}
        self.created: set[str] = set()
        self.calls: list[str] = []
        self.requests: list[bytes] = []
        self.closed_under: dict[str, str] = {}
        self.script: dict[str, Misbehaviour] = {}
        self.page = page
        self._iterators: dict[str, list[Held]] = {}
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="imgate-xta-")
        folder = Path(self._folder.name)
        self.authority = Authority(folder, "stand-in")
        (folder / "stranger").mkdir()
        self.client = self.authority.client("gateway")
        self.stranger = Authority(folder / "stranger", "stranger").client("gateway")
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self._answer))
        self._server.daemon_threads = True
        self._tls = tls
        if tls:
            context = client_certificate_required(self.authority.server(), self.authority.ca_file)
            # The handshake is left to the connection's own thread: a stranger must not keep others waiting.
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="xta-stand-in", daemon=True)

    @property
    def url(self) -> str:
        """Where the three ports are: ``/management``, ``/send`` and ``/msgbox`` below it."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def entries(self, client: KeyPair | None = None, **changed: object) -> dict[str, object]:
        """Give the entries of a transport table that reaches this server."""
        pair = client or self.client
        ports = {f"{port}_url": f"{self.url}/{port}" for port in ("management", "send", "msgbox")}
        files = {"certificate_file": str(pair.certificate_file), "key_file": str(pair.key_file), "ca_file": str(self.authority.ca_file)}
        return {**ports, **files, "sender": self.sender, "recipient": self.partner, "service": self._service, **changed}

    def __enter__(self) -> Self:
        """Start the server."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    def put(self, content: bytes, media_type: str = "application/xml", *, author: str | None = None, container: str | None = None) -> str:
        """Lay a message of the partner's (or another author's) into our box; ``container`` takes the place of a good one."""
        held = Held(_new_id(), author or self.partner, self.sender, media_type, content, datetime.now(UTC), container=container)
        with self._lock:
            self.box[held.message_id] = held
        return held.message_id

    def report(self, message_id: str, status: int, *errors: str) -> None:
        """Let the transport report of a message that we sent say this from now on."""
        self.held[message_id].status = status
        self.held[message_id].errors = errors

    @contextmanager
    def misbehaving(self, operation: str, misbehaviour: Misbehaviour) -> Iterator[None]:
        """Let one operation misbehave inside the block."""
        self.script[operation] = misbehaviour
        try:
            yield
        finally:
            del self.script[operation]

    def _answer(self, path: str, content_type: str, body: bytes) -> tuple[str, bytes]:
        envelope, parts = messages.read_request(content_type, body)
        operation = self._operation(path, envelope)
        with self._lock:
            self.calls.append(operation)
            self.requests.append(body)
            misbehaviour = self._next(operation)
        if misbehaviour is not None:
            time.sleep(misbehaviour.delay)
            if misbehaviour.interrupts and not misbehaviour.after:
                raise _interruption(misbehaviour)
        with self._lock:
            answer = self._done(operation, envelope, parts)
        if misbehaviour is not None and misbehaviour.interrupts:
            raise _interruption(misbehaviour)
        return answer

    def _next(self, operation: str) -> Misbehaviour | None:
        misbehaviour = self.script.get(operation)
        if misbehaviour is None or misbehaviour.times <= 0:
            return None
        misbehaviour.times -= 1
        return misbehaviour

    def _operation(self, path: str, envelope: etree._Element) -> str:
        for name in _ADDRESSING:
            if envelope.find(f"s:Header/wsa:{name}", NAMES) is None:
                raise Fault("ParameterIsNotValidException", "9020")
        action = text_at(envelope, "s:Header/wsa:Action") or ""
        operation = _OPERATIONS.get((path, action))
        if operation is None or text_at(envelope, "s:Header/wsa:To") != f"{self.url}{path}":
            raise Fault("ParameterIsNotValidException", "9022")
        author = "s:Header/meta:Author" if operation != "sendMessage" else "s:Header/meta:MessageMetaData/meta:Originators/meta:Author"
        identifier = envelope.find(f"{author}/meta:Identifier", NAMES)
        if identifier is None or not identifier.get("type") or identifier.text != self.sender:
            raise Fault("PermissionDeniedException", "9012")
        return operation

    def _done(self, operation: str, envelope: etree._Element, parts: dict[str, bytes]) -> tuple[str, bytes]:
        body = envelope.find("s:Body", NAMES)
        if body is None:
            raise Fault("ParameterIsNotValidException", "9020")
        match operation:
            case "checkAccountActive":
                return messages.written("", "")
            case "lookupService":
                return self._looked_up(body)
            case "createMessageId":
                message_id = _new_id()
                self.created.add(message_id)
                return messages.written("", messages.message_id_of(message_id))
            case "getTransportReport":
                held = self.held.get(text_at(body, "wsa:MessageID") or "")
                if held is None:
                    raise Fault("InvalidMessageIDException", "9070")
                return messages.written("", messages.report_of(held))
            case "sendMessage":
                return self._taken(envelope, body, parts)
            case "getStatusList" | "getNextStatusList":
                return self._listed(operation, body)
            case "getMessage":
                return self._fetched(body)
            case _:
                return self._closed(body)

    def _looked_up(self, body: etree._Element) -> tuple[str, bytes]:
        asked = body.find("xta:LookupServiceRequest/xta:LookupServiceRequestList/xta:LookupService", NAMES)
        reader = None if asked is None else text_at(asked, "meta:Reader/meta:Identifier")
        service = None if asked is None else text_at(asked, "xta:ServiceType")
        if not reader or not service:
            raise Fault("ParameterIsNotValidException", "9020")
        available = (reader, service) == (self.partner, self.service) if self.service_known else None
        return messages.written("", messages.lookup_of(reader, service, available))

    def _taken(self, envelope: etree._Element, body: etree._Element, parts: dict[str, bytes]) -> tuple[str, bytes]:
        metadata = envelope.find("s:Header/meta:MessageMetaData", NAMES)
        message = body.find("xta:GenericContentContainer/xta:ContentContainer/xta:Message", NAMES)
        if metadata is None or message is None or [etree.QName(child).localname for child in metadata][:5] != _METADATA:
            raise Fault("ParameterIsNotValidException", "9022")
        message_type = metadata.find("meta:Qualifier/meta:MessageType", NAMES)
        named = (
            () if message_type is None else (message_type.get("listURI"), message_type.get("payloadSchema"), message_type.findtext("code"))
        )
        message_id = text_at(metadata, "meta:MsgIdentification/wsa:MessageID") or ""
        reader = text_at(metadata, "meta:Destinations/meta:Reader/meta:Identifier")
        if message_id not in self.created or not named or not all(named) or reader != self.partner or not message.get("contentType"):
            raise Fault("ParameterIsNotValidException", "9022")
        if message_id in self.held:
            raise Fault("ParameterIsNotValidException", "9024")
        content = messages.content_of(message, parts)
        beside = body.find("xta:GenericContentContainer/xta:ContentContainer/xta:Attachment", NAMES)
        receipt = None if beside is None else messages.content_of(beside, parts).decode("ascii")
        media_type, at = message.get("contentType", ""), datetime.now(UTC)
        self.held[message_id] = Held(message_id, self.sender, reader, media_type, content, at, receipt=receipt)
        return messages.written("", "")

    def _listed(self, operation: str, body: etree._Element) -> tuple[str, bytes]:
        request = next(iter(body), None)
        if request is None:
            raise Fault("XTAWSTechnicalProblemException", "9030")
        if operation == "getStatusList":
            only_new = request.find("osci:MsgSelector[@newEntry='true']", NAMES) is not None
            waiting = [held for held in self.box.values() if not (only_new and held.closed)]
            request_id = f"urn:uuid:{uuid.uuid4()}"
            size = min(self.page, int(request.get("maxListItems", "100")))
        else:
            request_id, size = request.get("MsgBoxRequestID", ""), self.page
            if request_id not in self._iterators:
                raise Fault("XTAWSTechnicalProblemException", "9030")
            waiting = self._iterators[request_id]
        listed, self._iterators[request_id] = waiting[:size], waiting[size:]
        header = messages.box_header(request_id, len(waiting[size:]) if listed else None)
        return messages.written(header, f"<osci:MsgStatusList>{''.join(map(messages.metadata_of, listed))}</osci:MsgStatusList>")

    def _fetched(self, body: etree._Element) -> tuple[str, bytes]:
        held = self.box.get(text_at(body, "osci:MsgBoxFetchRequest/osci:MsgSelector/wsa:MessageID") or "")
        if held is None or held.closed:
            raise Fault("InvalidMessageIDException", "9070")
        request_id = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, held.message_id)}"
        container, content = messages.container_of(held)
        return messages.written(messages.metadata_of(held) + messages.box_header(request_id, 0), container, content)

    def _closed(self, body: etree._Element) -> tuple[str, bytes]:
        request = body.find("osci:MsgBoxCloseRequest", NAMES)
        request_id = None if request is None else request.get("MsgBoxRequestID")
        held = None if request is None else self.box.get(text_at(request, "osci:LastMsgReceived") or "")
        if not request_id or held is None or held.closed:
            raise Fault("InvalidMessageIDException", "9070")
        held.closed = True
        self.closed_under[held.message_id] = request_id
        return messages.written("", "")


def _interruption(misbehaviour: Misbehaviour) -> Exception:
    return misbehaviour.fault or Interrupted(misbehaviour)


def _new_id() -> str:
    return f"urn:de:xta:messageid:stand-in:{uuid.uuid4()}"
