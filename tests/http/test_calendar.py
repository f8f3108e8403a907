"""The appointments of an inbox item as a file for a calendar: by the door, for the case system alone."""

import asyncio

import pytest
from icalendar import Calendar

from imgate.conformance.xml_partner import XmlPartner
from imgate.documents.calendar import appointments_calendar
from imgate.exchange import inbound
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import Role
from imgate_jobcenter.fields import ITEMS
from imgate_jobcenter.translate import FROM_PARTNER, NAMESPACE
from tests.http.live import CLIENT, PARTNER, Door, open_live

REFERENCE = "617D123456"
RECORD = {
    "appointments": {"upcoming": [{"at": "2026-03-10T09:30:00+01:00", "with": "VHS Winnenden", "bring": ["Ausweis"]}]},
    "benefits": {"regime": {"code": "sgb2"}},
}


@pytest.fixture
def door(tmp_path):
    with open_live(tmp_path) as gateway:
        door = Door(gateway)
        door.link(REFERENCE)
        yield door


@pytest.fixture
def item(door):
    """Give the id of an inbox item with appointments that nobody has fetched."""
    door.declaration = door.declare(scopes=["appointments.upcoming", "benefits.regime"])
    body = XmlPartner(NAMESPACE, FROM_PARTNER, ITEMS).write(REFERENCE, RECORD, "labour_market_integration")
    token = door.token(Role.PARTNER, PARTNER)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/xml"}
    receipt = door.http.post(f"/v1/partners/{PARTNER}/messages", content=body, headers=headers).json()["receipt"]
    inbound.take_due(door.gateway.corridor)
    return door.ask("GET", f"/v1/intake/{receipt}").json()["people"][0]["exchange"]


def fetch(door, item, role=Role.CASE_SYSTEM):
    partner = PARTNER if role is Role.PARTNER else None
    return door.http.get(f"/v1/inbox/{item}/calendar", headers={"Authorization": f"Bearer {door.token(role, partner)}"})


def test_it_is_a_calendar_that_nobody_keeps(door, item):
    answer = fetch(door, item)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == f'attachment; filename="appointments-{item}.ics"'
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Termin: VHS Winnenden"
    assert event["ORGANIZER"].params["CN"] == "Jobcenter Rems-Murr, Team 412"


def test_the_loop_does_not_write_it(door, item, monkeypatch):
    """Thousands of appointments take a second, and all other requests would wait."""
    loops = []

    def noted(*args, **more):
        loops.append(asyncio._get_running_loop())
        return appointments_calendar(*args, **more)

    monkeypatch.setattr("imgate.http.routes.received.appointments_calendar", noted)
    assert fetch(door, item).status_code == 200
    assert loops == [None]


def test_the_same_item_is_the_same_file(door, item):
    first = fetch(door, item)
    door.ask("GET", "/v1/inbox")
    assert fetch(door, item).content == first.content


def test_nobody_is_named_in_it(door, item):
    content = fetch(door, item).content
    for secret in (CLIENT, REFERENCE, "sgb2", item):
        assert secret.encode() not in content


@pytest.mark.parametrize("role", [Role.PARTNER, Role.AUDITOR, Role.ADMIN])
def test_it_is_for_the_case_system_alone(door, item, role):
    assert fetch(door, item, role).json()["code"] == "forbidden"


def test_what_the_client_took_back_is_not_found(door, item):
    door.ask("POST", f"/v1/declarations/{door.declaration}/revocation", {"scopes": ["appointments.upcoming"]})
    answer = fetch(door, item)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "VHS" not in answer.text


@pytest.mark.parametrize("other", [NIL_UUID, "x", "00000000-0000-4000-8000-00000000000A"])
def test_what_is_not_there_is_not_found(door, other):
    assert fetch(door, other).json()["code"] == "not_found"


def test_the_disclosure_names_the_appointments_alone(door, item):
    fetch(door, item)
    (disclosure,) = door.ask("GET", f"/v1/clients/{CLIENT}/disclosures").json()["items"]
    assert disclosure["scopes"] == ["appointments.upcoming"]
