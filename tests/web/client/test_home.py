"""The page says what its client allowed and who got what, without a value and without a word about anybody else."""

import pytest

from tests.exchange.conftest import ABH, CLIENT, CONFIG, CONTACT, JOBCENTER, REFERENCE, message
from tests.web.client.conftest import OTHER, Own

MINE = "/pages/client/mine"
LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
OFFICE = '\n[papers]\noffice = ["Marktplatz 1, 71364 Winnenden", "+49 7195 13-0"]\ndata_protection_officer = "Dr. D. Schutz"\n'


def home(own, **query):
    return own.browser().get(MINE, params={"lang": "de"} | query)


def lines(page):
    return [" ".join(item.text_content().split()) for item in page.tree.xpath("//ul[@class='items']/li")]


def test_it_says_to_whom_what_for_which_items_how_long_and_how_it_stands(own):
    text = home(own).text
    for said in (
        "Jobcenter Rems-Murr, Team 412",
        "gilt",
        "Arbeit oder Ausbildung finden",
        "Ansprechperson im Jobcenter",
        "Sprachniveau",
        "Vom 15.01.2026 bis einschließlich 31.12.2026",
        "dürfen sich diese Angaben gegenseitig geben",
        "Stand am 02.03.2026",
    ):
        assert said in text, said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda own: own.pages.pause(own.declaration), "ruht"),
        (lambda own: own.pages.revoke(own.declaration), "widerrufen oder ersetzt"),
        (lambda own: own.pages.later(days=400), "abgelaufen"),
    ],
)
def test_it_says_how_each_permission_stands_now(own, change, said):
    change(own)
    own.renumber(hours=24)
    assert said in home(own).text


def test_a_permission_that_is_over_says_so_and_cannot_be_revoked_again(own):
    own.pages.revoke(own.declaration)
    page = home(own)
    assert "Diese Erlaubnis gilt nicht mehr" in page.text
    assert not page.tree.xpath("//main//a[contains(@href, '/revoke')]")


def test_what_was_revoked_in_part_is_told_apart(own):
    own.pages.revoke(own.declaration, ["language.level"])
    page = home(own)
    told = {dt.text_content(): " ".join(dt.getnext().text_content().split()) for dt in page.tree.xpath("//dl/dt")}
    assert told["Welche Angaben?"] == "Ansprechperson im Jobcenter"
    assert told["Widerrufen"] == "Sprachniveau"


def test_a_draft_is_shown_as_one(own):
    own.pages.declare("residence.status", partner=ABH, signed=False)
    assert "noch nicht vollständig unterschrieben" in home(own).text


def test_it_says_who_got_what_and_when(own):
    own.pages.link()
    own.pages.send(LEVEL)
    assert "niemand" in home(own).text, "what waits was handed to nobody"
    own.pages.outbox()
    (line,) = lines(home(own))
    assert "02.03.2026, 10:00 Jobcenter Rems-Murr, Team 412 hat von mir bekommen: Sprachniveau" in line
    assert "Arbeit oder Ausbildung finden" in line


def test_it_says_what_a_partner_sent_and_not_what_it_said(own):
    own.pages.link()
    own.pages.post(message(JOBCENTER, REFERENCE, CONTACT))
    own.pages.work()
    own.pages.inbox()
    page = home(own)
    (line,) = lines(page)
    assert "hat über mich geschickt: Ansprechperson im Jobcenter" in line
    for value in ("Müßig", "+4971519500", "B1"):
        assert value not in page.answer.text


def test_neither_the_clients_nor_a_partners_reference_stands_on_it(own):
    own.pages.link()
    own.pages.send(LEVEL)
    own.pages.outbox()
    page = home(own)
    for kept in (CLIENT, REFERENCE, "B1", "dtz", "Vermittlung in die Ausbildung"):
        assert kept not in page.answer.text


def test_nothing_about_the_client_stands_in_the_title_or_the_address(own):
    page = home(own)
    assert page.tree.xpath("string(//title)").split(" – ") == ["Meine Seite", "imgate"]
    assert page.path == MINE


def test_the_newest_comes_first_and_the_rest_is_on_page_two(own):
    own.pages.link()
    for _ in range(25):
        own.pages.later(minutes=1)
        own.pages.send(LEVEL)
        own.pages.outbox()
    own.renumber()
    first, second = home(own), home(own, page="2")
    assert (len(lines(first)), len(lines(second))) == (20, 5)
    assert "10:25" in lines(first)[0]
    assert "10:01" in lines(second)[-1]
    assert not set(lines(first)) & set(lines(second))
    assert lines(first.follow("Älteres zeigen")) == lines(second)
    assert lines(second.follow("Neueres zeigen")) == lines(first)


@pytest.mark.parametrize("asked", ["0", "2", "-1", "x", "²", "9999", "99999999999999", "", "1.5", "٣"])
def test_a_page_that_is_not_there_is_the_first(own, asked):
    page = home(own, page=asked)
    assert page.status == 200
    assert "Meine Seite" in page.title


def test_two_clients_see_nothing_of_each_other(own, other):
    own.pages.revoke(other.declaration, ["language.level"])
    own.pages.declare("residence.status", client=OTHER, partner=ABH)
    own.pages.link(client=OTHER)
    own.pages.send(LEVEL | CONTACT, client=OTHER)
    own.pages.outbox()
    page = home(own)
    assert "Ausländerbehörde Winnenden" not in page.text
    assert "Widerrufen" not in [dt.text_content() for dt in page.tree.xpath("//dl/dt")]
    assert lines(page) == []
    assert other.declaration not in page.answer.text
    assert "Ausländerbehörde Winnenden" in home(other).text


def test_a_page_without_declarations_is_possible(own, monkeypatch):
    monkeypatch.setattr("imgate.web.client.home.declarations_of", lambda corridor, client: [])
    assert "Ich habe hier noch nichts erlaubt." in home(own).text


def test_a_declaration_that_nobody_can_read_says_so_and_no_more(own, monkeypatch):
    damaged = {"id": own.declaration, "state": "unreadable", "revoked_scopes": [], "evidence": [], "history": []}
    monkeypatch.setattr("imgate.web.client.home.declarations_of", lambda corridor, client: [damaged])
    page = home(own)
    assert "Eine Erklärung lässt sich gerade nicht lesen." in page.text
    assert own.declaration not in page.answer.text


def test_it_says_how_to_revoke(own):
    text = home(own).text
    assert "Ich kann jederzeit alles oder einzelne Angaben widerrufen" in text
    assert "Gesetzliche Pflichten" in text
    assert "Aufsichtsbehörde für den Datenschutz" in text


@pytest.mark.parametrize("config", [CONFIG + OFFICE])
def test_it_says_whom_to_ask(own):
    text = home(own).text
    for said in ("Marktplatz 1, 71364 Winnenden", "+49 7195 13-0", "Datenschutzbeauftragte Person: Dr. D. Schutz"):
        assert said in text


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.mark.parametrize("config", [CONFIG.replace("Jobcenter Rems-Murr, Team 412", HOSTILE)])
@pytest.mark.parametrize("lang", ["de", "ar"])
def test_a_partners_name_is_text_and_never_runs(own, lang):
    own.pages.link()
    own.pages.send(LEVEL)
    own.pages.outbox()
    for path in (MINE, f"{MINE}/{own.declaration}/revoke"):
        page = own.browser(lang).get(f"{path}?lang={lang}&beside=de")
        assert HOSTILE in page.text.replace("\u200b", "")
        assert not page.tree.xpath("//main//script|//main//img")


def test_the_language_is_the_one_that_was_signed_in(pages):
    own = Own(pages, language="fa-AF")
    page = own.tried(lang=None)
    assert page.tree.get("lang") == "fa-AF"
    assert page.answer.url.query == b"lang=prs"


@pytest.mark.parametrize("signed_in", ["kmr", "so-Arab", "x-klingon"])
def test_where_nobody_speaks_the_language_that_was_signed_in_it_is_german(pages, signed_in):
    assert Own(pages, language=signed_in).tried(lang=None).tree.get("lang") == "de"


def test_the_language_that_was_chosen_before_opening_stays(own):
    page = own.tried(lang="ti")
    assert page.tree.get("lang") == "ti"
    assert all("lang=ti" in href for href in page.tree.xpath("//main//a[contains(@href, '/revoke')]/@href"))
