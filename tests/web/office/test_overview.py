"""The gateway at a glance: what is told is so, and the picture and its table say the same."""

from imgate.plugin_api import NotDelivered
from imgate.vocabulary.words import UserRole

PAGE = "/pages/office"


def test_where_nothing_is_wrong_the_page_says_so(pages):
    assert "Es liegt nichts an" in pages.office().get(PAGE).text


def test_a_failed_message_is_counted(failing):
    failing.fail()
    page = failing.pages.office().get(PAGE)
    assert "Fehlgeschlagene Mitteilungen 1" in page.text
    assert "Es liegt nichts an" not in page.text


def test_a_partner_that_is_not_reached_is_named(failing):
    failing.send()
    failing.transport.outcomes = [NotDelivered("not_connected")] * 5
    for _ in range(5):
        failing.deliver()
        failing.pages.later(minutes=10)
    failing.pages.later(minutes=-10)
    page = failing.pages.office().get(PAGE)
    assert "Nicht alle Partner sind zu erreichen Jobcenter Rems-Murr, Team 412" in page.text
    assert "nicht erreicht" in page.text


def test_what_is_due_and_taken_by_nobody_says_that_no_worker_runs(failing):
    failing.send()
    browser = failing.pages.office()
    assert "niemand stellt sie zu" not in browser.get(PAGE).text
    failing.pages.later(minutes=11)
    assert "niemand stellt sie zu" in browser.get(PAGE).text


def test_what_a_partner_fetches_itself_says_nothing_about_a_worker(pages):
    pages.declare("language.level")
    pages.link()
    pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
    pages.later(hours=1)
    assert "niemand stellt sie zu" not in pages.office().get(PAGE).text


def test_what_waits_for_more_than_three_days_is_counted(pages):
    pages.declare("language.level")
    pages.link()
    pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
    browser = pages.office()
    assert "länger als drei Tage warten 0" in browser.get(PAGE).text
    pages.later(days=4)
    assert "länger als drei Tage warten 1" in pages.office().get(PAGE).text


def test_the_table_has_the_figures_of_the_picture(failing):
    failing.fail()
    failing.send({"language": {"level": {"cefr": "B2", "evidence": "dtz"}}})
    page = failing.pages.office().get(PAGE)
    rows = [[cell.text_content().strip() for cell in row] for row in page.tree.xpath("//details//tbody/tr")]
    assert rows == [["02.03.2026", "0", "0", "0", "1", "0"], ["09.03.2026", "0", "0", "1", "0", "0"]]
    assert len(page.tree.xpath("//svg[@role='img']//rect[@fill='url(#failed)']")) == 1
    assert len(page.tree.xpath("//svg[@role='img']//rect[@fill='url(#waiting)']")) == 1


def test_the_picture_has_a_name_and_a_description(pages):
    page = pages.office().get(PAGE)
    (picture,) = page.tree.xpath("//svg[@role='img']")
    named = picture.get("aria-labelledby").split()
    assert [picture.xpath(f".//*[@id='{name}']")[0].text_content() != "" for name in named] == [True, True]


def test_a_span_that_is_none_of_ours_is_the_shortest(pages):
    browser = pages.office()
    assert "in den letzten 90 Tagen" in browser.get(f"{PAGE}?days=90").text
    assert "in den letzten 30 Tagen" in browser.get(f"{PAGE}?days=99999999999").text


def test_declarations_that_run_out_are_counted_and_not_named(pages):
    declaration = pages.declare("language.level", valid_until="2026-04-01")
    page = pages.visit(UserRole.OFFICE).get(PAGE)
    assert "Erklärungen, die bald ablaufen (in höchstens 90 Tagen) 1" in page.text
    assert declaration not in page.answer.text


def test_a_key_that_is_two_years_old_is_due(pages):
    pages.later(days=4 * 365)
    page = pages.office().get(PAGE)
    assert "Schlüssel, die gewechselt werden sollten 3" in page.text
    assert "fällig" in pages.office().get("/pages/office/keys").text
