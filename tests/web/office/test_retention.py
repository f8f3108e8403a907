"""How long things are kept, what has run out, and the button that takes it away: once, on record, and nothing else."""

import re

import pytest

from imgate.bootstrap.retention import standing_now, sweep_all
from imgate.exchange.ports import Look
from imgate.exchange.stored import Cursor
from imgate.storage.audit_pages import audit_page
from imgate.storage.retention import RULES
from imgate.vocabulary.words import Door, UserRole
from imgate.web.office.words import KEPT
from tests.exchange.conftest import CLIENT, CONFIG

PAGE = "/pages/office/retention"
BUTTON = "Abgelaufenes endgültig löschen"
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


@pytest.fixture
def old(pages):
    """A message that nobody fetched in time, and looks of long ago."""
    pages.declare("language.level", valid_until="2027-02-28")
    pages.link()
    exchange = pages.send(RECORD)["id"]
    with pages.gateway.store.transaction() as tx:
        tx.looks.add(Look(pages.now, "x", Door.API, "GET /v1/inbox", None, tx.clients.find(CLIENT).digest) for _ in range(3))
    pages.later(days=181)
    assert pages.shown(exchange)["state"] == "queued"
    pages.later(days=10)
    return pages, exchange


def due_on(page):
    """Give how many have run out by what the page calls them."""
    rows = page.tree.xpath("//section[@aria-labelledby='terms']//tbody/tr")
    return {row.xpath("string(th)").strip(): int(row.xpath("string(td[2])")) for row in rows}


def test_it_says_what_the_command_line_says(old):
    pages, _ = old
    page = pages.office().get(PAGE)
    assert due_on(page) == {KEPT[one.rule.kind]: one.count for one in standing_now(pages.gateway)}
    assert {name: count for name, count in due_on(page).items() if count} == {
        "Mitteilungen, die niemand abgeholt oder bestätigt hat": 1,
        "Einsichten: wer was angesehen hat": 3,
    }
    assert "02.03.2026" in page.text


class TestConfigured:
    @pytest.fixture(params=["", "history_years = 1\nproof_years = 1\nmessage_days = 1\nintake_days = 1\naccess_log_days = 7\n"])
    def config(self, request):
        return f"{CONFIG}\n[retention]\n{request.param}"

    def test_each_term_is_the_one_that_is_swept_by(self, pages):
        rows = pages.office().get(PAGE).tree.xpath("//section[@aria-labelledby='terms']//tbody/tr")
        shown = [re.findall(r"\d+", row.xpath("string(td[1])")) for row in rows]
        assert shown == [re.findall(r"\d+", one.term) for one in standing_now(pages.gateway)]
        assert len(shown) == len(RULES)


class TestForGood:
    @pytest.fixture
    def config(self):
        return f"{CONFIG}\n[retention]\nhistory_years = 0\nintake_days = 0\n"

    def test_what_is_kept_for_good_says_so(self, pages):
        page = pages.office().get(PAGE)
        assert [row.xpath("string(td[1])").strip() for row in page.tree.xpath("//tbody/tr")].count("unbegrenzt") == 2


def test_a_look_takes_nothing(old):
    pages, exchange = old
    browser = pages.office()
    before = due_on(browser.get(PAGE))
    assert due_on(browser.get(PAGE)) == before
    assert browser.get(f"{PAGE}/sweep").status == 405
    assert pages.shown(exchange)["state"] == "queued"


def test_the_button_takes_what_was_counted_and_says_so_with_who_pressed_it(old):
    pages, exchange = old
    browser = pages.office()
    page = browser.get(PAGE).send(BUTTON)
    assert "Weggeräumt" in page.tree.xpath("string(//*[@role='status'])")
    assert "Mitteilungen, die niemand abgeholt oder bestätigt hat: 1" in page.text
    assert "Einsichten: wer was angesehen hat: 3" in page.text
    assert set(due_on(page).values()) == {0}
    assert pages.shown(exchange)["state"] == "cancelled"
    sweeps = [row.text_content() for row in page.tree.xpath("//section[@aria-labelledby='sweeps']//tbody/tr")]
    assert len(sweeps) == 2
    assert all("Otto Amt" in sweep for sweep in sweeps)
    assert "Otto Amt" in browser.get("/pages/office/log?event=retention_swept").text


def test_pressed_twice_there_is_nothing_more_and_nothing_on_record(old):
    pages, _ = old
    browser = pages.office()
    browser.post(f"{PAGE}/sweep")
    entries = len(audit_page(pages.gateway.store).entries)
    page = browser.post(f"{PAGE}/sweep")
    assert "Es war nichts abgelaufen." in page.text
    assert len(audit_page(pages.gateway.store).entries) == entries


def test_the_button_is_behind_a_question(pages):
    page = pages.office().get(PAGE)
    assert [details.get("open") for details in page.tree.xpath(f"//details[.//button[contains(., '{BUTTON}')]]")] == [None]


def test_who_clears_up_has_looked_at_nobody(old):
    pages, _ = old
    pages.office().post(f"{PAGE}/sweep")
    with pages.gateway.store.reading() as tx:
        assert tx.looks.page(Cursor()).items == ()


def test_without_a_fresh_proof_nothing_goes(old):
    pages, exchange = old
    browser = pages.visit(UserRole.OFFICE, confirmed=False)
    assert browser.post(f"{PAGE}/sweep", follow=False).headers["location"] == "/pages/confirm"
    assert pages.shown(exchange)["state"] == "queued"


def test_what_the_worker_took_is_listed_too(old):
    pages, _ = old
    sweep_all(pages.gateway, "worker")
    assert "Hintergrunddienst" in pages.office().get(PAGE).tree.xpath("string(//section[@aria-labelledby='sweeps']//tbody)")
