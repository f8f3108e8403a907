"""How a process keeps to what the office says: read anew, closed where it cannot be read, on record, and told to the operator."""

import asyncio
import dataclasses
from datetime import UTC, datetime

import pytest

from imgate.audit.events import EventName
from imgate.bootstrap import open_gateway, openings, record_start, work
from imgate.bootstrap.checks import notices_of
from imgate.bootstrap.openings import keep_current
from imgate.exchange import delivery
from imgate.exchange.openings import withdraw_opening
from imgate.exchange.ports import Unavailable
from imgate.plugin_api import Delivered
from imgate.settings import load_settings
from imgate.storage.audit_pages import audit_page
from imgate.vocabulary.words import UserRole
from tests.bootstrap.opened import (
    DECLARED,
    HANDED,
    OPENED,
    OTHER,
    RECORD,
    SCOPE,
    SECRET,
    SINGLE,
    opened_office,
)
from tests.exchange.conftest import CONFIG, JOBCENTER, ScriptedTransport


@pytest.fixture
def config():
    return OPENED


@pytest.fixture
def office(tmp_path, config):
    with opened_office(tmp_path, config) as office:
        yield office


@pytest.mark.parametrize("config", [SINGLE])
def test_each_start_puts_on_record_what_is_open_by_the_configuration_alone(office):
    record_start(office.gateway, "serve")
    found = [entry.fields for entry in audit_page(office.gateway.store).entries if entry.event == EventName.OPENING_SINGLE]
    assert sorted((fields["partner"], fields["scope"]) for fields in found) == [(JOBCENTER, "contact.address"), (JOBCENTER, SCOPE)]


def test_a_start_records_what_is_configured_and_nothing_of_single_openings_where_there_are_none(office):
    office.user("anna")
    office.gateway.openings.refresh()
    record_start(office.gateway, "serve")
    entries = audit_page(office.gateway.store).entries
    assert [entry for entry in entries if entry.event == EventName.OPENING_SINGLE] == []
    (configured,) = [e for e in entries if e.event == EventName.PARTNER_CONFIGURED and e.fields["partner"] == JOBCENTER]
    assert configured.fields["open"] == ["contact.address", SCOPE]


@pytest.mark.parametrize("failure", [Unavailable("away"), ValueError("unreadable")])
def test_an_office_that_cannot_be_read_has_confirmed_nothing(office, monkeypatch, failure):
    office.confirm("anna", "otto")

    def heard(store):
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(openings, "heard", heard)
        with pytest.raises(type(failure)):
            office.gateway.openings.refresh()
    assert SCOPE not in office.send(RECORD)["released"]
    office.gateway.openings.refresh()
    assert SCOPE in office.send(RECORD)["released"]


def test_before_it_was_first_read_nothing_is_open(office):
    fresh = openings.Openings(office.gateway.settings, office.gateway.store, office.corridor.partners)
    assert fresh.policies[JOBCENTER].open == fresh.partners[JOBCENTER].policy.open == frozenset()
    assert office.corridor.policy.partner(JOBCENTER).open


@pytest.mark.parametrize("config", [HANDED])
def test_the_worker_delivers_by_what_holds_when_it_begins_and_begins_anew_when_that_changes(office, monkeypatch):
    office.confirm("anna", "otto")
    transport, stop = ScriptedTransport(), asyncio.Event()
    handing = dataclasses.replace(office.corridor.partners[JOBCENTER], transport=transport)
    anna = office.user("anna")
    gateway = dataclasses.replace(office.gateway, corridor=office.corridor)
    office.send(RECORD)
    withdraw_opening(office.corridor, anna, JOBCENTER, SCOPE)
    assert asyncio.run(work._deliver(gateway, handing, stop)) is False
    assert SECRET not in transport.parcels[0].content.decode()

    office.confirm("anna")
    office.declare(*DECLARED[:2], client=OTHER)
    office.link("355A000816", client=OTHER)
    office.send(RECORD)
    office.send(RECORD, client=OTHER)

    def meanwhile(parcel):
        withdraw_opening(office.corridor, anna, JOBCENTER, SCOPE)
        office.gateway.openings.refresh()
        return Delivered()

    monkeypatch.setattr(delivery, "SLOTS", 1)
    transport.outcomes = [meanwhile]
    assert asyncio.run(work._deliver(gateway, handing, stop)) is True
    assert [SECRET in parcel.content.decode() for parcel in transport.parcels] == [False, True]
    assert asyncio.run(work._deliver(gateway, handing, stop)) is False
    assert [SECRET in parcel.content.decode() for parcel in transport.parcels] == [False, True, False]


@pytest.mark.parametrize(
    "step", [work._take, work._end, lambda gateway: work._deliver(gateway, gateway.corridor.partners[JOBCENTER], asyncio.Event())]
)
def test_a_worker_that_cannot_read_what_the_office_says_does_not_begin(office, monkeypatch, step):
    def heard(store):
        raise Unavailable("away")

    for begun in ("take_due", "end_due", "deliver_to"):
        monkeypatch.setattr(work, begun, lambda *asked, **more: pytest.fail("it began"))
    monkeypatch.setattr(openings, "heard", heard)
    with pytest.raises(Unavailable):
        asyncio.run(step(office.gateway))


def test_what_was_confirmed_or_withdrawn_in_another_process_holds_here_soon(office, monkeypatch):
    monkeypatch.setattr(openings, "_SECONDS", 0.01)
    office.confirm("anna", "otto")
    with open_gateway(office.gateway.settings, make_keys=False) as elsewhere:

        async def until(is_open):
            keeping = asyncio.create_task(keep_current(elsewhere.openings))
            async with asyncio.timeout(10):
                while (SCOPE in elsewhere.corridor.policy.partner(JOBCENTER).open) is not is_open:  # noqa: ASYNC110  # nobody tells
                    await asyncio.sleep(0.01)
            keeping.cancel()

        assert SCOPE in elsewhere.corridor.policy.partner(JOBCENTER).open
        office.withdraw("otto")
        asyncio.run(until(is_open=False))
        office.confirm("otto")
        asyncio.run(until(is_open=True))


def test_while_it_cannot_be_read_it_is_closed_said_once_and_tried_again(office, monkeypatch, capsys):
    monkeypatch.setattr(openings, "_SECONDS", 0.01)
    monkeypatch.setattr(openings, "_SECONDS_UNREAD", 0.01)
    office.confirm("anna", "otto")
    real, tries = openings.heard, []

    def heard(store):
        tries.append(SCOPE in office.corridor.policy.partner(JOBCENTER).open)
        if len(tries) <= 3:
            raise Unavailable("canary-1b2c")
        return real(store)

    monkeypatch.setattr(openings, "heard", heard)

    async def run():
        keeping = asyncio.create_task(keep_current(office.gateway.openings))
        async with asyncio.timeout(10):
            while len(tries) < 5:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.01)
        keeping.cancel()

    asyncio.run(run())
    assert tries == [True, False, False, False, True]
    assert capsys.readouterr().err.count("openings_unread") <= 1


@pytest.mark.parametrize("config", [CONFIG, SINGLE])
def test_where_nothing_takes_four_eyes_nobody_asks_the_database(office, monkeypatch):
    monkeypatch.setattr(openings, "heard", lambda store: 1 / 0)
    office.gateway.openings.refresh()
    asyncio.run(keep_current(office.gateway.openings))


def test_a_partner_that_is_gone_or_has_another_id_takes_no_confirmation_with_it(office, tmp_path):
    office.confirm("anna", "otto")
    file = tmp_path / "imgate.toml"
    file.write_text(OPENED.replace(f"[partners.{JOBCENTER}]", "[partners.jobcenter-backnang]"), encoding="utf-8")
    with open_gateway(load_settings(file), make_keys=False) as renamed:
        assert {partner.policy.open for partner in renamed.corridor.partners.values()} == {frozenset()}


def of_openings(office):
    return [notice for notice in notices_of(office.gateway.settings) if "until it is confirmed" in notice]


def test_the_check_says_which_openings_wait_and_for_whom(office):
    assert of_openings(office) == []
    office.confirm("anna")
    assert of_openings(office) == [
        f"`contact.address` is closed to {JOBCENTER} until it is confirmed on the pages: it waits for two users of the office.",
        f"`{SCOPE}` is closed to {JOBCENTER} until it is confirmed on the pages: it waits for a second user of the office beside anna.",
    ]
    office.confirm("otto")
    office.confirm("anna", "otto", scope="contact.address")
    assert of_openings(office) == []


@pytest.mark.parametrize("config", [CONFIG, SINGLE])
def test_the_check_names_nothing_that_waits_for_nobody(office):
    office.user("anna")
    assert of_openings(office) == []


def test_the_check_before_the_first_start_names_nothing(tmp_path):
    (tmp_path / "imgate.toml").write_text(OPENED, encoding="utf-8")
    assert [notice for notice in notices_of(load_settings(tmp_path / "imgate.toml")) if SCOPE in notice] == []


BY_PROVIDER = """
[openid]
issuer = "https://idp.example"
name = "Anmeldung der Stadt"
client_id = "imgate"
[openid.roles]
im = { role = "integration-manager" }
amt = { role = "office" }
"""


def of_two_accesses(office):
    return [notice for notice in notices_of(office.gateway.settings) if notice.startswith("[openid.roles]")]


@pytest.mark.parametrize("config", [OPENED + BY_PROVIDER])
def test_the_check_says_where_one_person_can_have_two_accesses_of_the_office(office):
    users = office.gateway.store.people.users
    users.signed_in_by("https://idp.example", "s", UserRole.OFFICE, None, "Olga Amt", office.now)
    users.add(UserRole.INTEGRATION_MANAGER, None, "Vera Beispiel", "vera", None, office.now, "operator")
    assert of_two_accesses(office) == []
    otto = office.user("otto")
    (notice,) = of_two_accesses(office)
    assert "logins of imgate's own have it too (otto): nobody may have one of each (four eyes)." in notice
    users.revoke(otto, office.now, "operator")
    assert of_two_accesses(office) == []


@pytest.mark.parametrize("config", [OPENED, OPENED + BY_PROVIDER.replace("amt =", "# amt =")])
def test_the_check_says_nothing_of_two_accesses_where_the_office_signs_in_in_one_way(office):
    office.user("otto")
    assert of_two_accesses(office) == []


def test_who_confirmed_when_is_kept_and_each_step_is_on_record(office):
    office.now = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    office.confirm("anna", "anna")
    office.withdraw("anna")
    office.withdraw("anna")
    found = [entry for entry in audit_page(office.gateway.store).entries if entry.event.startswith("opening_")]
    expected = {"partner": JOBCENTER, "scope": SCOPE, "user": office.user("anna")}
    assert [(entry.event, entry.fields) for entry in found] == [
        (EventName.OPENING_WITHDRAWN, expected),
        (EventName.OPENING_CONFIRMED, expected),
    ]
