"""The send port: hand one message over under an id of the server's."""

from datetime import datetime

from imgate.plugin_api import Parcel
from imgate.transports.xta.connection import Connection
from imgate.transports.xta.metadata import message_metadata
from imgate.transports.xta.settings import Entries
from imgate.transports.xta.soap import xop, xta

_ACTION = "http://www.xta.de/XTA/SendMessage"
_CONTENT_ID = "message@imgate"


async def send_message(connection: Connection, entries: Entries, message_id: str, parcel: Parcel, at: datetime) -> None:
    """Send the message; the content goes as it is, as an MTOM part. Raises CallFailed."""
    metadata = message_metadata(entries, message_id, len(parcel.content), at)
    # The size is a positive number in the schema.
    attributes = {"contentType": parcel.media_type, **({"size": str(len(parcel.content))} if parcel.content else {})}
    message = xta.Message(xop.Include({"href": f"cid:{_CONTENT_ID}"}), attributes)
    container = xta.GenericContentContainer(xta.ContentContainer(message))
    (await connection.call(entries.send_url, _ACTION, (metadata,), container, {_CONTENT_ID: parcel.content})).empty()
