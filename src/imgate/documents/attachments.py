"""What is attached to a message out of its own released part: the same appointments, for a calendar."""

from imgate.documents.calendar import MEDIA_TYPE, appointments_calendar
from imgate.plugin_api import Attachment, Envelope, ReleasedRecord
from imgate.vocabulary.words import AttachmentKind

_FILE = "appointments.ics"


class Attachments:
    """Makes attachments (the port ``AttachmentMaker``). Looks at nothing but what was released."""

    def calendar(self, released: ReleasedRecord, envelope: Envelope) -> Attachment | None:
        """Give the released appointments for a calendar, the same bytes each time; None where none was released."""
        appointments = released.record.get("appointments", {}).get("upcoming")
        if not appointments:
            return None
        content = appointments_calendar(appointments, uid_of=envelope.message_id, created_at=envelope.created_at, organiser=envelope.sender)
        return Attachment(AttachmentKind.CALENDAR.value, _FILE, MEDIA_TYPE, content)
