"""Appointments for a calendar (RFC 5545): what somebody imports with a click instead of copying it by hand.

Of the client nothing stands in it but what the appointments themselves say. Calendars are shared with colleagues, and being a client is
secret: so every entry is private.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE = "text/calendar"
_PRODUCT = "-//imgate//imgate//DE"
# RFC 5546 asks for an organiser. We know a unit's name and no address of it, and nobody is to send an answer anywhere.
_NO_ADDRESS = "invalid:nomail"
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(microsecond=0, tzinfo=UTC)


def appointments_calendar(appointments: Sequence[Mapping[str, Any]], *, uid_of: str, created_at: str, organiser: str) -> bytes:
    """Write a calendar of at least one appointment, as ``appointments.upcoming`` of the case record has them. The same bytes each time.

    ``uid_of`` names the message that they stand in: one that is sent again under the same id brings no second entry. ``created_at`` is
    RFC 3339. No end is known, so an entry has none and takes no time (RFC 5545, 3.6.1).
    """
    from icalendar import Calendar  # imported late: only who writes calendars waits for the library

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("method", "PUBLISH")
    events = {uid: appointment for appointment in appointments for uid in [_uid(uid_of, appointment)]}  # said twice, it is one entry
    for uid, appointment in events.items():
        calendar.add_component(_event(uid, appointment, _utc(created_at), organiser))
    written: bytes = calendar.to_ical()
    return written


def _event(uid: str, appointment: Mapping[str, Any], stamp: datetime, organiser: str) -> "Event":
    from icalendar import Event, vCalAddress

    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", _utc(appointment["at"]))
    event.add("summary", f"Termin: {appointment['with']}")
    event.add("class", "PRIVATE")
    address = vCalAddress(_NO_ADDRESS)
    address.params["CN"] = organiser
    event.add("organizer", address)
    if appointment.get("place"):
        event.add("location", appointment["place"])
    bring = appointment.get("bring") or []
    described = [*([appointment["subject"]] if appointment.get("subject") else []), *(["Mitzubringen:"] if bring else [])]
    described += [f"- {thing}" for thing in bring]
    if described:
        event.add("description", "\n".join(described))
    return event


def _uid(uid_of: str, appointment: Mapping[str, Any]) -> str:
    said = orjson.dumps([uid_of, dict(appointment)], option=orjson.OPT_SORT_KEYS)
    return f"{hashlib.sha256(said).hexdigest()[:32]}@imgate"


def _utc(moment: str) -> datetime:
    """Give the moment in UTC, to the second; at the ends of the calendar, the last one that there is."""
    said = datetime.fromisoformat(moment).replace(microsecond=0)
    try:
        return said.astimezone(UTC)
    except OverflowError:
        return _EARLIEST if said.year == 1 else _LATEST
