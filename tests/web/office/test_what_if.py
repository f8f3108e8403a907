"""Why a decision was taken, premise by premise, and what would be decided today: in words, and about nobody."""

import dataclasses

import pytest
from sqlalchemy import text

from imgate.bootstrap import record_start
from imgate.exchange.past import side_by_side
from imgate.exchange.past.explanation import explain
from imgate.http.app import create_app
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import NIL_UUID, new_id
from imgate.vocabulary.reasons import Reason
from imgate.web.app import create_pages
from tests.exchange.conftest import CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.past.asking import behind, by_rules, ceiling
from tests.exchange.told import BOTH, LEVEL

PAGE = "/pages/office/what-if"
SINCE = "2026-03-01"


@pytest.fixture
def asked(pages):
    """Pages whose gateway's start is on record, and a client whom the partner knows."""
    record_start(pages.gateway, "serve")
    pages.link()
    return pages


def send(pages, record=BOTH, **more):
    pages.later(minutes=1)
    exchange = pages.send(record, **more)["id"]
    pages.later(hours=1)
    return exchange


def narrowed(pages, **changes):
    """From now on these rules hold for the Jobcenter, on the pages too."""
    by_rules(pages, **changes)
    pages.gateway = dataclasses.replace(pages.gateway, corridor=pages.corridor)
    pages.app = create_app(pages.gateway, pages=create_pages(pages.gateway))


def rows(page, caption):
    """Give the rows of a table, as they are read."""
    found = page.tree.xpath(f"//table[normalize-space(caption)='{caption}']//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("th|td")] for row in found]


def test_each_scope_is_answered_then_as_of_then_and_today(asked):
    declared = asked.declare("language.level")
    exchange = send(asked)
    asked.later(minutes=1)
    asked.revoke(declared)
    asked.later(minutes=1)
    page = asked.office().get(f"{PAGE}/{exchange}")
    assert [row[1:] for row in rows(page, "Antworten")] == [
        ["freigegeben", "freigegeben", "widerrufen oder ersetzt"],
        ["in der Erklärung nicht genannt", "in der Erklärung nicht genannt", "widerrufen oder ersetzt"],
    ]
    assert rows(page, "Antworten")[0][0] == "Sprachniveau"
    assert "zum Zeitpunkt von damals, nach den Regeln von damals; nach den heutigen ist es dasselbe" in page.text
    assert f"Sie ist weder widerrufen noch ersetzt: nein (widerrufen: 02.03.2026, 11:02), Erklärung {declared}" in page.text


def test_each_premise_says_whether_it_holds_and_on_what_it_rests(asked):
    declared = asked.declare("language.level")
    exchange = send(asked)
    page = asked.office().get(f"{PAGE}/{exchange}")
    whole = {row[0]: row[1:] for row in rows(page, f"Die Erklärung als Ganzes {declared}")}
    assert len(whole) == len(side_by_side.WHOLE)
    assert {cell for cells in whole.values() for cell in cells[:-1]} == {"ja"}
    assert "für" in whole["Sie lautet auf den Namen dieses Partners"][-1]
    assert whole["Sie gilt für diese Richtung"][-1] == "gilt für: in beide Richtungen" or whole["Sie gilt für diese Richtung"][
        -1
    ].startswith("gilt für: ")
    for words in page.tree.xpath("//dl//dd | //td | //th"):
        assert not {"labour_market_integration", "to_partner", "recorded", "self"} & set(words.text_content().split())


def test_a_message_that_a_partner_sent_is_explained_too(asked):
    asked.declare("contact_persons.jobcenter")
    asked.later(minutes=1)
    receipt = asked.post(message(JOBCENTER, REFERENCE, CONTACT))
    asked.work()
    (person,) = asked.report(receipt)["people"]
    page = asked.office().get(f"{PAGE}/{person['exchange']}")
    assert (page.status, "vom Partner" in page.text) == (200, True)


def test_nothing_on_file_is_said_to_be_nothing(asked):
    exchange = send(asked, LEVEL)
    page = asked.office().get(f"{PAGE}/{exchange}")
    assert "Es liegt keine Erklärung dieser Person für diesen Partner vor." in page.text
    assert [row[1:] for row in rows(page, "Antworten")] == [["keine Erklärung", "keine Erklärung", "keine Erklärung"]]


def test_an_erased_client_is_said_to_be_erased_and_named_nowhere(asked):
    asked.declare("language.level")
    exchange = send(asked)
    subject = subject_of(asked)
    erase_client(asked.gateway.store, CLIENT, asked.now, "operator")
    page = asked.office().get(f"{PAGE}/{exchange}")
    assert "Die Person wurde gelöscht." in page.text
    assert subject not in page.answer.text


def subject_of(pages):
    with pages.corridor.store.reading() as tx:
        return tx.clients.find(CLIENT).subject


def test_nobody_is_named_neither_explained_nor_compared(asked):
    asked.declare("language.level", "residence.status")
    exchange = send(asked)
    narrowed(asked, ceiling=ceiling(asked, less=["language.level"]))
    browser = asked.office()
    for page in (browser.get(f"{PAGE}/{exchange}"), browser.get(PAGE).send("Vergleichen", since=SINCE)):
        assert [name for name in (CLIENT, REFERENCE, subject_of(asked)) if name in page.answer.text] == []


def test_a_changed_history_and_an_answer_that_does_not_follow_are_said(asked):
    asked.declare("language.level")
    exchange = send(asked, LEVEL)
    behind(asked, "UPDATE exchanges SET purpose = 'housing' WHERE id = ?", exchange)
    page = asked.office().get(f"{PAGE}/{exchange}")
    assert "Der gespeicherte Austausch nennt einen anderen Partner oder Zweck als das Protokoll" in page.text
    assert "folgt nicht aus dem, was heute vorliegt" in page.text


@pytest.mark.parametrize("exchange", [NIL_UUID, "x", "compare", pytest.param(new_id().upper(), id="upper-case"), "%00", CLIENT])
def test_an_id_that_no_exchange_has_leads_nowhere(asked, exchange):
    assert asked.office().get(f"{PAGE}/{exchange}").status == 404


@pytest.mark.parametrize("exchange", ["", " ", NIL_UUID, "x", "K-2026-1101", "<script>", "a" * 5000])
def test_a_typed_id_that_no_exchange_has_is_asked_for_again(asked, exchange):
    page = asked.office().get(PAGE).send("Erklären", exchange=exchange)
    assert (page.status, "Diese Kennung hat hier kein Austausch." in page.text) == (422, True)
    assert page.tree.xpath("//input[@name='exchange']/@aria-invalid") == ["true"]


def test_a_typed_id_leads_to_the_explanation(asked):
    exchange = send(asked)
    assert asked.office().get(PAGE).send("Erklären", exchange=f" {exchange.upper()} ").path == f"{PAGE}/{exchange}"


def test_a_notice_of_the_end_of_use_is_no_decision_to_explain(asked):
    declared = asked.declare("language.level")
    send(asked, LEVEL)
    asked.outbox()
    asked.revoke(declared)
    with asked.gateway.store.engine.begin() as connection:
        (notice,) = connection.execute(text("SELECT id FROM exchanges WHERE notice IS NOT NULL")).scalars()
    browser = asked.office()
    assert browser.get(f"{PAGE}/{notice}").status == 404
    assert browser.get(PAGE).send("Erklären", exchange=notice).status == 422
    assert f"{PAGE}/{notice}" not in browser.get(f"/pages/office/deliveries/{notice}").tree.xpath("//a/@href")


def test_the_way_leads_from_the_delivery_and_from_the_log(asked):
    asked.declare("language.level")
    exchange = send(asked)
    browser = asked.office()
    assert browser.get(f"/pages/office/deliveries/{exchange}").follow("Warum so entschieden?").path == f"{PAGE}/{exchange}"
    assert f"{PAGE}/{exchange}" in browser.get("/pages/office/log").tree.xpath("//a/@href")


@pytest.mark.parametrize(
    ("since", "why"),
    [
        *((since, "Bitte einen Tag angeben, zum Beispiel 2026-03-01.") for since in ("", "2026-W10-1", "9999-12-31", "<script>")),
        ("2026-03-03", "Dieser Tag kommt noch."),
    ],
)
def test_what_is_no_day_or_one_to_come_is_asked_for_again(asked, since, why):
    page = asked.office().get(PAGE).send("Vergleichen", since=since)
    assert (page.status, why in page.text) == (422, True)
    assert page.tree.xpath("//input[@name='since']/@aria-invalid") == ["true"]


def test_without_a_change_nothing_would_be_decided_otherwise(asked):
    asked.declare("language.level")
    send(asked)
    page = asked.office().get(PAGE).send("Vergleichen", since=SINCE)
    assert "Nichts würde heute anders entschieden" in page.text
    assert "1 Entscheidungen, davon 1 noch einmal getroffen" in page.text


def test_what_would_no_longer_flow_is_listed_and_counted_by_todays_reason(asked):
    asked.declare("language.level", "residence.status")
    exchange = send(asked)
    narrowed(asked, ceiling=ceiling(asked, less=["language.level"]))
    page = asked.office().get(PAGE).send("Vergleichen", since=SINCE)
    assert "Wurde damals freigegeben, und würde heute zurückgehalten: 1" in page.text
    assert "Würde heute freigegeben, und wurde damals zurückgehalten: 0" in page.text
    assert rows(page, "Gründe von heute") == [["mehr, als für diesen Partner eingerichtet ist", "1"]]
    ((_, named, partner, _, reason),) = rows(page, "Was heute zurückgehalten würde")
    assert (named, partner.startswith("Jobcenter"), reason) == (exchange, True, "mehr, als für diesen Partner eingerichtet ist")
    assert page.path == f"{PAGE}/compare"


def test_what_would_flow_now_is_listed_with_the_reason_of_then(asked):
    rules = ceiling(asked)
    declared = asked.declare("language.level")
    narrowed(asked, ceiling=ceiling(asked, less=["language.level"]))
    send(asked, LEVEL)
    narrowed(asked, ceiling=rules)
    page = asked.office().get(PAGE).send("Vergleichen", since=SINCE)
    ((_, _, _, scope, reason, under),) = rows(page, "Was heute freigegeben würde")
    assert (scope, reason) == ("Sprachniveau", "mehr, als für diesen Partner eingerichtet ist")
    assert under.startswith(declared)
    assert "Die Herkunft ist nicht festgehalten" in under


def test_of_many_differences_the_first_are_shown_and_that_there_are_more(asked, monkeypatch):
    monkeypatch.setattr("imgate.web.office.what_if._SHOWN", 2)
    asked.declare("language.level")
    for _ in range(5):
        send(asked, LEVEL)
    narrowed(asked, ceiling=ceiling(asked, less=["language.level"]))
    page = asked.office().get(PAGE).send("Vergleichen", since=SINCE)
    assert len(rows(page, "Was heute zurückgehalten würde")) == 2
    assert "Gezeigt werden die ersten 2 von 5; imgate decide compare nennt alle." in page.text


def test_what_cannot_be_asked_again_is_counted_in_words(asked):
    asked.declare("language.level")
    exchange = send(asked, LEVEL)
    behind(asked, "UPDATE exchanges SET purpose = 'housing' WHERE id = ?", exchange)
    page = asked.office().get(PAGE).send("Vergleichen", since=SINCE)
    assert "1 × Entscheidungen: Der gespeicherte Austausch nennt einen anderen Partner oder Zweck als das Protokoll." in page.text


def test_asking_again_changes_nothing(asked):
    asked.declare("language.level")
    exchange = send(asked)
    browser = asked.office()
    with asked.corridor.store.reading() as tx:
        before = sum(1 for _ in tx.audit_log.entries())
    browser.get(f"{PAGE}/{exchange}")
    browser.get(PAGE).send("Vergleichen", since=SINCE)
    with asked.corridor.store.reading() as tx:
        assert sum(1 for _ in tx.audit_log.entries()) == before


def test_facts_that_differ_between_columns_stand_apart(asked):
    """What the page and the command line both lay out: equal facts together, by the numbers of their columns."""
    asked.declare("language.level")
    exchange = send(asked, LEVEL)
    columns = side_by_side.columns_of(explain(asked.corridor, exchange))
    (declaration,) = side_by_side.declarations_of(columns)
    rows_of = side_by_side.rows_of_declaration(declaration, columns)
    assert [row.reason for row in rows_of] == list(side_by_side.WHOLE)
    assert all(numbers == tuple(column.number for column in columns) for row in rows_of for numbers, _ in row.facts(columns))
    assert Reason.SCOPE_NOT_COVERED in [row.reason for row in side_by_side.rows_of_both("language.level", declaration, columns)]
