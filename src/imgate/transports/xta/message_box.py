"""The message box port: what lies there for us, one message, and that it is safe with us."""

import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from lxml import etree

from imgate.plugin_api import Arrived
from imgate.plugin_api.xml_read import MAX_BYTES
from imgate.transports.xta.connection import ANSWER_MAX, Connection
from imgate.transports.xta.failure import CallFailed, unusable
from imgate.transports.xta.metadata import Described, party, read_metadata, usable_id
from imgate.transports.xta.mtom import content_id
from imgate.transports.xta.settings import Entries
from imgate.transports.xta.soap import META, OSCI, XOP, XTA, Answer, osci, wsa

_ACTION = "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/"
_PAGE = 100
_PAGES_MAX = 50
# The content in base64, where a server does not use MTOM, and what stands around it.
_MESSAGE_ANSWER_MAX = MAX_BYTES * 4 // 3 + 1024 * 1024
_media_type_form = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}(\s*;[ -~]{0,200})?\Z").match


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message out of the box, the request under which it is closed, and how many attachments it had, which are not taken."""

    message: Arrived
    request_id: str | None
    attachments: int = 0


class MessageBox:
    """Calls of the message box port, in the name of our account. Each raises CallFailed."""

    def __init__(self, connection: Connection, entries: Entries) -> None:
        """Take the connection and what was configured."""
        self._connection = connection
        self._entries = entries

    async def waiting(self) -> AsyncIterator[str]:
        """Give the ids of the messages to us that this partner wrote, page by page.

        Others' are left alone: several partners can write to one account, and each has a transport of its own.
        """
        body = osci.MsgBoxStatusListRequest(
            osci.MsgSelector({"newEntry": "true"}), {"maxListItems": str(_PAGE), "ListForm": "MessageMetaData"}
        )
        action = "MsgBoxStatusListRequest"
        for _ in range(_PAGES_MAX):
            answer = await self._call(action, body)
            request_id, pending = _state(answer)
            if answer.content is None:
                return
            listed = answer.body(_osci("MsgStatusList")).findall(f"{{{META}}}MessageMetaData")
            for metadata in listed:
                described = read_metadata(metadata)
                if described.message_id is not None and self._is_ours(described):
                    yield described.message_id
            if not pending or not listed or request_id is None:
                return
            body, action = osci.MsgBoxGetNextRequest({"MsgBoxRequestID": request_id}), "MsgBoxGetNextListRequest"

    def _is_ours(self, described: Described) -> bool:
        return described.reader == self._entries.sender and described.author == self._entries.recipient

    async def fetch(self, message_id: str) -> Fetched:
        """Fetch one message. It stays in the box until it is closed.

        One that will never be usable comes back with no content, so that it is put on record, is closed, and does not come again
        for ever: it is encrypted, without a content container, or over 16 MiB (7 MB from a server that does not use MTOM). An answer
        that could not be read is a failure instead: the message may be well, and stays where it is.
        """
        body = osci.MsgBoxFetchRequest(osci.MsgSelector(wsa.MessageID(message_id)))
        try:
            answer = await self._call("MsgBoxFetchRequest", body, _MESSAGE_ANSWER_MAX)
        except CallFailed as failure:
            if failure.code != "answer_too_large":
                raise
            return Fetched(_without_content(message_id), None)
        request_id, _ = _state(answer)
        if answer.content is None:
            raise CallFailed("message_id_unknown")
        self._refuse_another(message_id, answer)
        container = answer.body(_xta("GenericContentContainer")).find(_xta("ContentContainer"))
        message = None if container is None else container.find(_xta("Message"))
        content = None if message is None else _content(message, answer)
        if container is None or message is None or content is None:
            return Fetched(_without_content(message_id), request_id)
        declared = (message.get("contentType") or "").strip()
        media_type = declared if _media_type_form(declared) else "application/octet-stream"
        return Fetched(Arrived(message_id, media_type, content), request_id, len(container.findall(_xta("Attachment"))))

    def _refuse_another(self, message_id: str, answer: Answer) -> None:
        metadata = None if answer.header is None else answer.header.find(f"{{{META}}}MessageMetaData")
        if metadata is not None:
            described = read_metadata(metadata)
            if described.message_id != message_id or not self._is_ours(described):
                raise unusable()

    async def close(self, message_id: str, request_id: str | None) -> None:
        """Say that the message is safe with us. Where the server named no request, the message's own id stands for it."""
        body = osci.MsgBoxCloseRequest(osci.LastMsgReceived(message_id), {"MsgBoxRequestID": request_id or message_id})
        (await self._call("MsgBoxCloseRequest", body)).empty()

    async def _call(self, operation: str, body: etree._Element, answer_max: int = ANSWER_MAX) -> Answer:
        author = party("Author", self._entries.sender, self._entries.identifier_type)
        return await self._connection.call(self._entries.msgbox_url, _ACTION + operation, (author,), body, answer_max=answer_max)


def _state(answer: Answer) -> tuple[str | None, bool]:
    """Read from the header under which request the server keeps this open, and whether more is waiting."""
    response = None if answer.header is None else answer.header.find(_osci("MsgBoxResponse"))
    if response is None:
        return None, False
    pending = (response.findtext(_osci("ItemsPending")) or "0").strip()
    if not pending.isascii() or not pending.isdigit():
        raise unusable()
    return usable_id(response.get("MsgBoxRequestID")), int(pending[:9]) > 0


def _content(message: etree._Element, answer: Answer) -> bytes | None:
    """Give the content: an MTOM part, or base64 in place. None for what is neither, or over the limit."""
    include = message.find(f"{{{XOP}}}Include")
    if include is not None:
        content = answer.parts.get(content_id(include.get("href", "")) or "")
        if content is None:
            raise unusable()
    else:
        if len(message):
            return None
        try:
            content = base64.b64decode("".join((message.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            return None
    return content if len(content) <= MAX_BYTES else None


def _without_content(message_id: str) -> Arrived:
    return Arrived(message_id, "application/octet-stream", b"")


def _osci(name: str) -> str:
    return f"{{{OSCI}}}{name}"


def _xta(name: str) -> str:
    return f"{{{XTA}}}{name}"
