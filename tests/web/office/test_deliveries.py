"""What waits and what failed, and the one button."""

import asyncio

import pytest

from imgate.audit.events import EventName
from imgate.storage.audit_pages import audit_page
from imgate.vocabulary.identifiers import NIL_UUID, new_id
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import CONTACT, JOBCENTER, REFERENCE, message

LIST = "/pages/office/deliveries"


def test_what_failed_is_listed_with_its_id_state_attempts_and_the_reason_in_words(failing):
    exchange = failing.fail()
    page = failing.pages.office().get(LIST)
    assert exchange in page.text
    assert "Jobcenter Rems-Murr, Team 412" in page.text
    assert "fehlgeschlagen" in page.text
    assert "Die Verbindung zum Partner ist abgebrochen. connection_broken" in page.text


def test_a_reason_that_nobody_knows_here_is_shown_as_the_word_that_it_is(failing):
    failing.fail(why="quota_exceeded")
    assert "Der Partner nennt als Grund: quota_exceeded" in failing.pages.office().get(LIST).text


def test_a_partner_that_answers_with_an_error_is_said_to_have_done_so(failing):
    failing.fail(why="http_503")
    assert "Der Partner hat mit einem Fehler geantwortet. http_503" in failing.pages.office().get(LIST).text


def test_nothing_is_said_of_deliveries_where_there_is_none(pages):
    assert "Es wartet nichts, und nichts ist fehlgeschlagen." in pages.office().get(LIST).text


def test_the_list_is_narrowed_by_state_and_partner(failing):
    failed = failing.fail()
    waiting = failing.send({"language": {"level": {"cefr": "B2", "evidence": "dtz"}}})
    browser = failing.pages.office()
    everything = browser.get(LIST)
    assert failed in everything.text
    assert waiting in everything.text
    only_failed = everything.send("Anzeigen", state="failed")
    assert failed in only_failed.text
    assert waiting not in only_failed.text
    of_another = browser.get(f"{LIST}?partner=abh-winnenden")
    assert failed not in of_another.text
    assert waiting not in of_another.text
    assert failed in browser.get(f"{LIST}?partner={JOBCENTER}&state=failed").text


@pytest.mark.parametrize("query", ["state=delivered", "state=x", "partner=nobody", "after=x", "after=AAAA", "partner=" + "a" * 3000])
def test_a_word_that_is_none_of_ours_leads_nowhere(pages, query):
    assert pages.office().get(f"{LIST}?{query}").status == 404


def test_page_two_goes_on_where_page_one_ended_and_keeps_the_choice(failing, monkeypatch):
    monkeypatch.setattr("imgate.web.office.deliveries._SHOWN", 2)
    ids = []
    for number in range(5):
        client = f"K-{number}"
        failing.pages.declare("language.level", client=client)
        failing.pages.link(f"R-{number}", client=client)
        ids.append(failing.send(client=client))
    seen, page = [], failing.pages.office().get(f"{LIST}?state=queued")
    while True:
        seen += [identifier for identifier in ids if identifier in page.text]
        if "Weitere anzeigen" not in page.links():
            break
        assert "state=queued" in page.links()["Weitere anzeigen"]
        page = page.follow("Weitere anzeigen")
    assert seen == ids


def test_the_button_queues_it_again_and_the_log_says_who_did_it(failing):
    exchange = failing.fail()
    browser = failing.pages.office()
    page = browser.get(LIST).send("Noch einmal zustellen")
    assert "Die Mitteilung wird noch einmal zugestellt." in page.text
    assert failing.pages.shown(exchange)["state"] == "queued"
    (entry,) = [one for one in audit_page(failing.pages.gateway.store).entries if one.event == EventName.EXCHANGE_RETRIED]
    assert entry.actor == failing.pages.gateway.store.people.users.by_login("office").id


def test_pressed_twice_it_is_queued_once_and_the_second_press_says_so(failing):
    exchange = failing.fail()
    browser = failing.pages.office()
    first = browser.get(f"{LIST}/{exchange}")
    first.send("Noch einmal zustellen")
    again = first.send("Noch einmal zustellen")
    assert (again.status, "Diese Mitteilung ist nicht mehr fehlgeschlagen" in again.text) == (409, True)
    events = [one.event for one in audit_page(failing.pages.gateway.store).entries]
    assert events.count(EventName.EXCHANGE_RETRIED) == 1


def test_without_a_fresh_proof_nothing_is_queued(failing):
    exchange = failing.fail()
    answer = failing.pages.visit(UserRole.OFFICE, confirmed=False).get(LIST).send("Noch einmal zustellen")
    assert answer.path == "/pages/confirm"
    assert failing.pages.shown(exchange)["state"] == "failed"


def test_what_does_not_exist_and_what_a_partner_sent_are_the_same_page(failing):
    pages = failing.pages
    pages.declare("contact_persons.jobcenter")
    receipt = pages.post(message(JOBCENTER, REFERENCE, CONTACT))
    pages.work()
    inbound = pages.report(receipt)["people"][0]["exchange"]
    browser = pages.office()
    for doing in (lambda id_: browser.get(f"{LIST}/{id_}"), lambda id_: browser.post(f"{LIST}/{id_}/retry", {"anew": "no"})):
        answers = {doing(id_).answer.text.replace(id_, "ID") for id_ in (inbound, NIL_UUID, new_id(), new_id().upper(), "00" * 16)}
        assert len(answers) == 1
        assert doing(inbound).status == 404


def test_one_message_shows_its_scopes_and_history(failing):
    exchange = failing.fail()
    page = failing.pages.office().get(f"{LIST}/{exchange}")
    assert "Sprachniveau" in page.text
    assert page.text.index("wartet") < page.text.rindex("fehlgeschlagen")


def test_a_message_that_waits_has_no_button(failing):
    failing.send()
    page = failing.pages.office().get(LIST)
    assert "Steht zur Zustellung an." in page.text
    with pytest.raises(AssertionError):
        page.form("Noch einmal zustellen")


def test_begun_anew_the_transports_note_is_forgotten(failing):
    exchange = failing.send()

    async def keep(transaction):
        await failing.pages.corridor.store.commit(transaction)

    asyncio.run(keep(lambda tx: tx.outbox.keep_note(exchange, "note-1")))
    failing.fail(exchange)
    failing.pages.office().get(f"{LIST}/{exchange}").send("Noch einmal zustellen", anew="yes")
    with failing.pages.corridor.store.reading() as tx:
        assert tx.outbox.get(JOBCENTER, exchange).note is None
