"""Appointments for a calendar: private, the same each time, and nobody named in them who is not named in the appointment."""

from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from imgate.conformance.released import release
from imgate.documents.attachments import Attachments
from imgate.documents.calendar import appointments_calendar
from imgate.vocabulary.words import AttachmentKind
from tests.documents.papered import ID, envelope, record

UPCOMING = [
    {
        "at": "2026-02-17T09:30:00.5+01:00",
        "with": "Jobcenter Rems-Murr, Team 412",
        "subject": "Ausbildung; AVGS",
        "place": "Zimmer 2.14\\Süd",
        "bring": ["Ausweis", "Lebenslauf"],
    },
    {"at": "2026-03-01T08:00:00Z", "with": "VHS"},
]


def written(appointments=UPCOMING, *, uid_of=ID, created_at="2026-02-02T09:00:00Z", organiser="Integrationsmanagement Winnenden"):
    return appointments_calendar(appointments, uid_of=uid_of, created_at=created_at, organiser=organiser)


def events(content):
    return Calendar.from_ical(content).walk("VEVENT")


def test_it_is_a_published_calendar_of_one_entry_for_each_appointment():
    calendar = Calendar.from_ical(written())
    assert [str(calendar[name]) for name in ("VERSION", "PRODID", "METHOD")] == ["2.0", "-//imgate//imgate//DE", "PUBLISH"]
    assert [event["DTSTART"].dt for event in events(written())] == [
        datetime(2026, 2, 17, 8, 30, tzinfo=UTC),
        datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
    ]


def test_an_entry_says_when_where_with_whom_and_what_to_bring():
    event = events(written())[0]
    assert str(event["SUMMARY"]) == "Termin: Jobcenter Rems-Murr, Team 412"
    assert str(event["LOCATION"]) == "Zimmer 2.14\\Süd"
    assert str(event["DESCRIPTION"]) == "Ausbildung; AVGS\nMitzubringen:\n- Ausweis\n- Lebenslauf"
    assert (event["ORGANIZER"].params["CN"], str(event["ORGANIZER"])) == ("Integrationsmanagement Winnenden", "invalid:nomail")
    assert event["DTSTAMP"].dt == datetime(2026, 2, 2, 9, 0, tzinfo=UTC)


def test_every_entry_is_private_and_has_no_end_that_nobody_said():
    for event in events(written()):
        assert str(event["CLASS"]) == "PRIVATE"
        assert "DTEND" not in event
        assert "DURATION" not in event


@pytest.mark.parametrize("nothing", [{}, {"subject": None, "place": None, "bring": None}, {"bring": []}])
def test_what_is_not_said_is_left_out(nothing):
    (event,) = events(written([{"at": "2026-03-01T08:00:00Z", "with": "VHS"} | nothing]))
    assert "LOCATION" not in event
    assert "DESCRIPTION" not in event


def test_it_is_the_same_bytes_each_time_in_lines_that_every_program_reads():
    content = written([UPCOMING[0] | {"subject": "ä" * 500}])
    assert content == written([UPCOMING[0] | {"subject": "ä" * 500}])
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75


def test_an_entry_keeps_its_id_while_message_and_appointment_are_the_same():
    ids = [str(event["UID"]) for event in events(written())]
    assert ids == [str(event["UID"]) for event in events(written(created_at="2026-02-03T09:00:00Z", organiser="Andere"))]
    assert [str(event["UID"]) for event in events(written(list(reversed(UPCOMING))))] == list(reversed(ids))
    others = [str(event["UID"]) for event in events(written(uid_of="another"))] + [
        str(event["UID"]) for event in events(written([UPCOMING[1] | {"place": "Saal"}]))
    ]
    assert set(ids).isdisjoint(others)
    assert not any(ID in uid for uid in ids)


def test_what_is_said_twice_is_one_entry():
    assert len(events(written([*UPCOMING, dict(UPCOMING[0])]))) == 2


@pytest.mark.parametrize(
    ("at", "utc"),
    [
        ("2026-03-29T02:30:00+01:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-12-31T23:30:00-05:30", datetime(2027, 1, 1, 5, 0, tzinfo=UTC)),
        ("2026-03-01T08:00:00.999999999Z", datetime(2026, 3, 1, 8, 0, tzinfo=UTC)),
        ("9999-12-31T23:00:00-14:00", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_told_in_utc(at, utc):
    (event,) = events(written([{"at": at, "with": "VHS"}]))
    assert event["DTSTART"].dt == utc


@pytest.mark.parametrize(
    "text",
    [
        "END:VEVENT\nBEGIN:VALARM",
        "a;b,c:d\\n\\e",
        'x";ATTACH=http://example.org',
        "\u202eumgekehrt",
        "zu\u2028zwei\u2029Zeilen\x85",
        "🙂" * 200,
    ],
)
def test_hostile_text_stays_text(text):
    hostile = [{"at": "2026-03-01T08:00:00Z", "with": text, "place": text, "subject": text, "bring": [text]}]
    content = written(hostile, organiser=text)
    (event,) = events(content)
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (f"Termin: {text}", text)
    assert str(event["DESCRIPTION"]) == f"{text}\nMitzubringen:\n- {text}"
    assert str(event["ORGANIZER"]) == "invalid:nomail"
    assert [name for name, _ in event.property_items()].count("ATTACH") == 0
    assert [line for line in content.split(b"\r\n") if line.startswith(b"BEGIN:")] == [b"BEGIN:VCALENDAR", b"BEGIN:VEVENT"]


def test_the_attachment_holds_the_released_appointments_and_nothing_else():
    released = release(record("full"), {"appointments.upcoming", "person.name", "identifiers.jobcenter_number"})
    made = Attachments().calendar(released, envelope())
    assert (made.kind, made.name, made.media_type) == (AttachmentKind.CALENDAR, "appointments.ics", "text/calendar")
    (event,) = events(made.content)
    assert str(event["SUMMARY"]) == "Termin: Jobcenter Rems-Murr"
    for secret in ("355A123456", "355B000017", "Öztürk", "K-2026", "labour_market_integration", ID):
        assert secret.encode() not in made.content


@pytest.mark.parametrize("scopes", [set(), {"person.name"}])
def test_without_appointments_there_is_no_attachment(scopes):
    assert Attachments().calendar(release(record("full"), scopes), envelope()) is None
    assert Attachments().calendar(release({"appointments": {"upcoming": []}}, {"appointments.upcoming"}), envelope()) is None
