"""The office looks at its pages on each width, in both languages, with and without JavaScript, and by keyboard alone."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.bootstrap.checkpoints import sign_now
from imgate.exchange.breaker import FAILURES
from imgate.exchange.delivery import deliver_to
from imgate.exchange.ports import Look
from imgate.exchange.stored import Breaker
from imgate.plugin_api import NotDelivered
from imgate.settings import load_settings
from imgate.vocabulary.words import Door, ExchangeState, Role, UserRole
from tests.browser.conftest import at_each_width, everywhere
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200
from tests.exchange.conftest import ABH, CONFIG, CONTACT, JOBCENTER, PROPOSAL, ScriptedTransport, World, message

JOBKRAFTWERK = "jobkraftwerk-winnenden"
BY_FOLDER = CONFIG.replace(
    'purpose = "labour_market_integration"', 'purpose = "labour_market_integration"\ntransport = { kind = "folder", folder = "out" }'
)
PAGES = {
    "overview": "/pages/office?days=90",
    "partners": "/pages/office/partners",
    "plugins": "/pages/office/plugins",
    "deliveries": "/pages/office/deliveries",
    "log": "/pages/office/log",
    "checkpoints": "/pages/office/log/checkpoints",
    "what-if": "/pages/office/what-if",
    "disclosures": "/pages/office/disclosures",
    "users": "/pages/office/users",
    "papers": "/pages/office/papers",
    "processing": "/pages/office/papers/processing",
    "changes": "/pages/office/papers/changes",
    "retention": "/pages/office/retention",
    "looks": "/pages/office/looks",
    "keys": "/pages/office/keys",
}
RECORDS = (
    {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}},
    {"person": {"name": {"family": "Öztürk", "given": "Ǧamīla"}}},
    {"language": {"level": {"cefr": "B2", "evidence": "dtz"}}, "person": {"name": {"family": "Öztürk", "given": "Ǧamīla"}}},
)


def fill(gateway):
    """Have ninety days go by: messages of every state, to three partners and from one."""
    world, chance, transport = World(gateway), random.Random(6), ScriptedTransport()  # noqa: S311  # the same days each time
    end = datetime.now(UTC).replace(microsecond=0)
    world.now = end - timedelta(days=88)
    world.by(transport)
    days = {"valid_from": world.now.date().isoformat(), "valid_until": (end + timedelta(days=60)).date().isoformat()}
    scopes = ("language.level", "person.name")
    for number in range(12):
        client = f"K-{number}"
        world.declare(*scopes, "contact_persons.jobcenter", "work.proposals", client=client, **days)
        world.declare(*scopes, client=client, partner=ABH, **days)
        world.link(f"355A00{number:04}", client=client)
        world.link(f"ABH-{number}", client=client, partner=ABH)
    while world.now < end - timedelta(days=1):
        for _ in range(chance.randrange(4) if world.now.weekday() < 5 else 0):
            number = chance.randrange(12)
            partner = chance.choice((JOBCENTER, JOBCENTER, ABH))
            world.send(chance.choice(RECORDS), client=f"K-{number}", partner=partner)
            asyncio.run(deliver_to(world.corridor, world.corridor.partners[JOBCENTER]))
            if chance.random() < 0.3:
                world.post(message(JOBCENTER, f"355A00{number:04}", CONTACT | (PROPOSAL if chance.random() < 0.5 else {})))
                world.work()
                world.inbox()
        if chance.random() < 0.3:
            for item in world.outbox(ABH)[:3]:
                with world.corridor.store.transaction() as tx:
                    tx.exchanges.move(item["id"], ExchangeState.ACKNOWLEDGED, world.now)
        world.later(days=1)
    world.now = end - timedelta(days=9)
    failed = [world.send(RECORDS[0], client=f"K-{number}")["id"] for number in range(3)]
    world.now = end - timedelta(days=1)
    transport.outcomes = [NotDelivered("connection_broken"), NotDelivered("http_503"), NotDelivered("quota_exceeded")]
    asyncio.run(deliver_to(world.corridor, world.corridor.partners[JOBCENTER]))
    world.send(RECORDS[2], client="K-5")
    with gateway.store.transaction() as tx:
        tx.breakers.put(JOBCENTER, Breaker(FAILURES, end + timedelta(hours=1)))
        digests = [tx.clients.find(f"K-{number}").digest for number in range(12)]
        tx.looks.add(Look(end - timedelta(days=1), "operator", Door.COMMAND, "exchange show", None, digest) for digest in digests)
    gateway.store.access.add(Role.PARTNER, JOBCENTER, "Fachanwendung des Jobcenters", world.now, "operator")
    return failed


@pytest.fixture(scope="module")
def gateway(served_pages):
    """A gateway with ninety days behind it, and what its database is opened with beside it."""
    served = served_pages(BY_FOLDER, start=False)
    (served.folder / "out").mkdir()
    with open_gateway(load_settings(served.config), make_keys=True) as opened:
        failed = fill(opened)
        people = opened.store.people
        now = datetime.now(UTC)
        for role, login, name, partner in (
            (UserRole.OFFICE, "otto", "Otto Amt", None),
            (UserRole.INTEGRATION_MANAGER, "vera", "Vera Beispiel", None),
            (UserRole.LIAISON, "lea", "Lea Leitner", JOBCENTER),
        ):
            people.users.add(role, partner, name, login, None, now, "operator")
        served.start("--no-worker")
        yield served, opened, failed


@pytest.fixture
def office(gateway, visit):
    """Open a page of the office as somebody who has just signed in."""
    served, opened, _ = gateway
    people = opened.store.people

    def open_page(path, width="desk", **options):
        now = datetime.now(UTC)
        token = people.sessions.begin(people.users.by_login("otto").id, None, now, now + timedelta(hours=1), confirmed=True)
        return visit(f"{served.url}{path}", width, session=token, **options)

    return open_page


@everywhere
def test_from_the_overview_to_a_failed_message_and_back(gateway, office, look, width, javascript):
    page = office("/pages/office", width, javascript=javascript)
    assert "Nicht alle Partner sind zu erreichen" in page.locator("main").inner_text()
    page.get_by_role("link", name="Wartende und fehlgeschlagene Mitteilungen").click()
    page.locator("#state").select_option("failed")
    page.get_by_role("button", name="Anzeigen").click()
    assert "Der Partner nennt als Grund: quota_exceeded" in " ".join(page.locator("main").inner_text().split())
    page.locator("tbody th a").first.click()
    if javascript:
        look(page, "office-delivery")
    page.get_by_role("button", name="Noch einmal zustellen").click()
    assert "Die Mitteilung wird noch einmal zugestellt." in page.locator("main").inner_text()
    with gateway[1].store.transaction() as tx:  # for the next width
        failed = page.url.partition("?")[0].rpartition("/")[2]
        tx.exchanges.move(failed, ExchangeState.FAILED, datetime.now(UTC), "connection_broken")


@everywhere
def test_a_disclosure_is_asked_for_and_the_reference_is_in_no_address(office, look, width, javascript):
    page = office("/pages/office/disclosures", width, javascript=javascript)
    page.locator("#client").fill("K-3")
    page.get_by_role("button", name="Anzeigen").click()
    assert page.locator("tbody tr").count() > 1
    assert page.url.endswith("/pages/office/disclosures")
    assert sideways(page) == []
    if javascript:
        look(page, "office-disclosed")
        assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF herunterladen").click()
    assert download.value.suggested_filename == "auskunft.pdf"


@everywhere
def test_what_erasing_means_can_be_read_and_reached_before_it_is_done(office, look, width, javascript):
    page = office("/pages/office/disclosures", width, javascript=javascript)
    page.locator("#client").fill("K-4")
    page.get_by_role("button", name="Anzeigen").click()
    assert keyboard_reach(page) == []
    page.get_by_role("button", name="Löschen vorbereiten").click()
    assert sideways(page) + zoom200(page) + keyboard_reach(page) == []
    page.locator("#again").fill("K-5")
    page.get_by_role("button", name="Endgültig löschen").click()
    assert "Es wurde nichts gelöscht." in page.locator("main").inner_text()
    if javascript:
        look(page, "office-erasure")
        assert axe(page) == []


@everywhere
def test_the_log_is_verified_and_somebody_is_let_in(gateway, office, look, width, javascript):
    page = office("/pages/office/log", width, javascript=javascript)
    page.get_by_role("button", name="Jetzt prüfen").click()
    assert "Das Protokoll ist unversehrt" in page.locator("main").inner_text()
    page.goto(f"{gateway[0].url}/pages/office/users")
    login = f"mara-{width}-{javascript}".lower()
    page.locator("#name").fill("Mara Muster")
    page.locator("#login").fill(login)
    page.locator("#role").select_option("integration-manager")
    page.get_by_role("button", name="Zulassen").click()
    assert len(page.locator("p.code").inner_text()) > 20
    if javascript:
        look(page, "office-code")
        assert axe(page) == []


@everywhere
def test_a_decision_is_explained_and_a_kept_checkpoint_compared(gateway, office, look, width, javascript):
    served, opened, failed = gateway
    page = office("/pages/office", width, javascript=javascript)
    page.goto(f"{served.url}/pages/office/what-if")
    page.locator("#exchange").fill(failed[0])
    page.get_by_role("button", name="Erklären").click()
    assert "Voraussetzung für Voraussetzung" in page.locator("main").inner_text()
    if javascript:
        look(page, "office-explained")
        assert axe(page) == []
    assert sideways(page) == []
    page.goto(f"{served.url}/pages/office/what-if")
    page.locator("#since").fill("2026-01-01")
    page.get_by_role("button", name="Vergleichen").click()
    assert "Nichts würde heute anders entschieden" in page.locator("main").inner_text()
    note = sign_now(opened).checkpoint.note
    page.goto(f"{served.url}/pages/office/log")
    page.get_by_text("Mit einem aufbewahrten Prüfpunkt vergleichen").click()
    page.locator("#checkpoint").fill(note)
    page.get_by_role("button", name="Jetzt prüfen").click()
    assert "Verglichen mit aufbewahrten Prüfpunkten über" in page.locator("main").inner_text()
    assert sideways(page) == []


@at_each_width
@pytest.mark.parametrize("name", PAGES)
def test_each_page_can_be_read_reached_and_enlarged(office, look, name, width):
    page = office(PAGES[name], width)
    look(page, f"office-{name}")
    assert axe(page) == []
    assert sideways(page) == []
    assert zoom200(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_everything_is_reached_by_keyboard_alone(office, name):
    assert keyboard_reach(office(PAGES[name])) == []


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_without_barriers_in_english_too(office, name):
    page = office(PAGES[name], language="en-GB")
    assert page.locator("html").get_attribute("lang") == "en"
    assert axe(page) == []


def test_tables_that_are_folded_away_are_without_barriers_when_they_are_opened(office):
    for name in ("overview", "partners", "plugins"):
        page = office(PAGES[name])
        for summary in page.locator("summary").all():
            summary.click()
        assert axe(page) == []
        assert sideways(page) == []
