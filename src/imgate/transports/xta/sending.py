"""The send port: hand one message over under an id of the server's."""

from datetime import datetime

from imgate.plugin_api import Parcel
from imgate.transports.message_receipt import RECEIPT_MEDIA_TYPE
from imgate.transports.xta.connection import Connection
from imgate.transports.xta.metadata import message_metadata
from imgate.transports.xta.settings import Entries
from imgate.transports.xta.soap import xop, xta

_ACTION = "http://www.xta.de/XTA/SendMessage"
_CONTENT_ID = "message@imgate"
_RECEIPT_ID = "receipt@imgate"


async def send_message(connection: Connection, entries: Entries, message_id: str, parcel: Parcel, at: datetime) -> None:
    """Send the message, and its receipt as an attachment; both go as they are, as MTOM parts. Raises CallFailed."""
    metadata = message_metadata(entries, message_id, len(parcel.content), at)
    receipt = parcel.receipt.encode("ascii")
    # The size is a positive number in the schema.
    attributes = {"contentType": parcel.media_type, **({"size": str(len(parcel.content))} if parcel.content else {})}
    message = xta.Message(xop.Include({"href": f"cid:{_CONTENT_ID}"}), attributes)
    beside = {"contentType": RECEIPT_MEDIA_TYPE, "filename": "receipt.jws", "size": str(len(receipt))}
    attachment = xta.Attachment(xop.Include({"href": f"cid:{_RECEIPT_ID}"}), beside)
    container = xta.GenericContentContainer(xta.ContentContainer(message, attachment))
    parts = {_CONTENT_ID: parcel.content, _RECEIPT_ID: receipt}
    (await connection.call(entries.send_url, _ACTION, (metadata,), container, parts)).empty()
