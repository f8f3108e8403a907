"""The record of processing and the impact assessment as pages and files, and what changed in them between two times."""

import itertools

import pytest
from sqlalchemy import update

from imgate.bootstrap.paper_facts import facts_of
from imgate.bootstrap.paper_keeping import FactsKeeper, facts_kept
from imgate.documents import typesetting
from imgate.documents.office_papers.assessment import assessment
from imgate.documents.office_papers.markdown import markdown
from imgate.documents.office_papers.processing import processing
from imgate.storage.log_tables import paper_facts
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from imgate.web.house import today

PAGE, CHANGES = "/pages/office/papers", "/pages/office/papers/changes"
PAPERS = {"processing": processing, "assessment": assessment}


def made(pages, paper):
    return PAPERS[paper](facts_of(pages.gateway), today(pages.corridor))


def words_of(text):
    """Give the words of a paper's text without what sets it."""
    return [word for word in "".join(letter if letter.isalnum() else " " for letter in text).split() if word.isalpha()]


@pytest.fixture
def changed(pages):
    """Facts that were kept twice: the second time the office had another officer for data protection."""
    pages.user(UserRole.OFFICE)  # that somebody of the office has access is one of the facts
    assert FactsKeeper(pages.gateway).keep("worker")
    pages.later(days=1)
    first = facts_of(pages.gateway)
    later = first.model_copy(update={"office": first.office.model_copy(update={"data_protection_officer": "Dr. Neu <script>"})})
    assert FactsKeeper(pages.gateway, lambda _: later).keep("worker")
    pages.later(days=1)
    return pages


def times(page, name="before"):
    return page.tree.xpath(f"//select[@name='{name}']/option/@value")


def rows(page):
    section = page.tree.xpath("//section[@aria-labelledby='found']")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in section[0].xpath(".//tbody/tr")] if section else None


@pytest.mark.parametrize("paper", PAPERS)
def test_the_page_says_every_word_that_the_paper_says(pages, paper):
    page = pages.office().get(f"{PAGE}/{paper}")
    paper_ = made(pages, paper)
    assert page.title == paper_.title
    shown = set(words_of(" ".join(page.tree.xpath("//main//text()"))))
    assert [word for word in words_of(markdown(paper_)) if word not in shown] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_the_paper_is_marked_as_german_on_an_english_page(pages, paper):
    page = pages.office().get(f"{PAGE}/{paper}", headers={"Accept-Language": "en"})
    assert (page.tree.get("lang"), page.tree.xpath("//h1/@lang"), page.tree.xpath("//div[contains(@class, 'paper')]/@lang")) == (
        "en",
        ["de"],
        ["de"],
    )


def test_headings_go_down_step_by_step(pages):
    for paper in PAPERS:
        levels = [int(each.tag[1]) for each in pages.office().get(f"{PAGE}/{paper}").tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_markdown_is_what_the_command_line_writes(pages):
    answer = pages.office().get(f"{PAGE}/assessment").follow("Markdown herunterladen")
    assert answer.answer.content == markdown(made(pages, "assessment")).encode()
    assert answer.headers["content-disposition"] == 'attachment; filename="folgenabschaetzung.md"'
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"


@pytest.mark.skipif(not typesetting.is_installed(), reason="needs imgate[forms]")
def test_the_pdf_is_given_to_be_kept(pages):
    answer = pages.office().get(f"{PAGE}/processing").follow("PDF herunterladen")
    assert answer.answer.content.startswith(b"%PDF-")
    assert answer.headers["content-disposition"] == 'attachment; filename="verarbeitungsverzeichnis.pdf"'


def test_without_the_extra_for_papers_it_is_said_who_must_act(pages, monkeypatch):
    def unavailable(*_):
        raise typesetting.PapersUnavailable

    monkeypatch.setattr("imgate.web.office.office_papers.pdf", unavailable)
    answer = pages.office().get(f"{PAGE}/processing/pdf")
    assert (answer.status, "Bitte wenden Sie sich an die IT" in answer.text) == (501, True)


@pytest.mark.parametrize("paper", ["x", "Processing", "processing%00", "..%2fkeys", pytest.param(new_id(), id="unknown"), "blank2"])
@pytest.mark.parametrize("form", ["", "/pdf", "/markdown"])
def test_there_is_no_other_paper(pages, paper, form):
    assert pages.office().get(f"{PAGE}/{paper}{form}").status == 404


def test_before_the_first_start_nothing_is_kept_and_the_page_says_so(pages):
    page = pages.office().get(CHANGES)
    assert "Es ist noch nichts aufbewahrt." in page.text
    assert page.tree.xpath("//main//form") == []


def test_it_lists_when_the_facts_changed_with_their_digests(changed):
    page = changed.office().get(CHANGES)
    listed = [[cell.text_content().strip() for cell in row] for row in page.tree.xpath("//section[@aria-labelledby='kept']//tbody/tr")]
    (_, first), (_, second) = facts_kept(changed.gateway)
    assert listed == [["03.03.2026, 10:00", second], ["02.03.2026, 10:00", first]]


def test_what_changed_is_shown_fact_by_fact(changed):
    page = changed.office().get(CHANGES)
    newest, oldest = times(page)
    answer = page.send("Vergleichen", before=oldest, after=newest)
    assert rows(answer) == [["hinzugekommen", "Datenschutzbeauftragte Person", "–", "Dr. Neu <script>"]]
    assert "Von 02.03.2026 10:00:00 bis 03.03.2026 10:00:00" in answer.text
    assert "<script>" not in answer.answer.text
    assert "before=" not in str(answer.answer.url)


def test_what_is_gone_now_is_shown_as_gone(changed):
    page = changed.office().get(CHANGES).send("Vergleichen")
    assert rows(page) == [["weggefallen", "Datenschutzbeauftragte Person", "Dr. Neu <script>", "–"]]


def test_between_a_time_and_itself_nothing_changed(changed):
    page = changed.office().get(CHANGES)
    (newest, _) = times(page)
    answer = page.send("Vergleichen", before=newest, after=newest)
    assert (rows(answer), "Es hat sich nichts geändert." in answer.text) == ([], True)


def test_times_that_run_backwards_are_asked_for_again(changed):
    page = changed.office().get(CHANGES)
    newest, oldest = times(page)
    answer = page.send("Vergleichen", before=newest, after=oldest)
    assert (answer.status, rows(answer)) == (422, None)
    assert "Der zweite Zeitpunkt liegt vor dem ersten." in answer.text
    assert answer.tree.xpath("//select[@name='before']/option[@selected]/@value") == [newest]


@pytest.mark.parametrize(
    "fields",
    [
        {"before": "now"},
        {"before": ""},
        {"after": ""},
        {"after": "x"},
        {"before": "2026-03-02"},
        {"before": "2026-03-02T09:00:01+00:00"},
        {"after": "9999-12-31T00:00:00+00:00"},
        {"before": "<script>"},
    ],
)
def test_a_time_that_is_not_listed_leads_nowhere(changed, fields):
    browser = changed.office()
    newest, oldest = times(browser.get(CHANGES))
    answer = browser.post(CHANGES, {"before": oldest, "after": newest} | fields)
    assert (answer.status, "<script>" in answer.answer.text) == (404, False)


def test_facts_that_were_changed_by_hand_are_not_compared(changed):
    with changed.gateway.store.engine.begin() as connection:
        connection.execute(update(paper_facts).values(facts={"version": 1}))
    page = changed.office().get(CHANGES).send("Vergleichen")
    assert (page.status, rows(page)) == (422, None)
    assert "Sie sind nicht mehr die, die aufbewahrt wurden." in page.text


def test_the_papers_are_found_from_the_page_of_papers(pages):
    browser = pages.office()
    assert browser.get(PAGE).follow("Verzeichnis von Verarbeitungstätigkeiten (Art. 30 DSGVO)").status == 200
    assert browser.get(PAGE).follow("Was sich geändert hat").path == CHANGES
    assert browser.get(PAGE).follow("Aufbewahrung").path == "/pages/office/retention"
    for path in (PAGE, CHANGES, "/pages/office/retention", f"{PAGE}/processing"):
        current = browser.get(path).tree.xpath("//header//a[@aria-current='page']/text()")
        assert current == ["Unterlagen"], path
