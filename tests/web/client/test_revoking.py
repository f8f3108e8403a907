"""A client revokes in two clicks, all or some of it, and only what is theirs; what waits does not leave."""

import base64

import pytest

from imgate.storage.audit_pages import audit_page
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import CLIENT, CONTACT, REFERENCE
from tests.web.client.conftest import OTHER

MINE = "/pages/client/mine"
RECORD = CONTACT | {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
NIL = "00000000-0000-4000-8000-000000000000"


def asked(own, browser=None, lang="de", declaration=None):
    browser = browser or own.browser()
    return browser.get(f"{MINE}/{declaration or own.declaration}/revoke?lang={lang}")


def state(own):
    (one,) = own.browser().get(MINE).tree.xpath("//article")
    return " ".join(one.text_content().split())


def waiting(own):
    """Give the bytes that wait for the partner."""
    return b"".join(base64.b64decode(item["content"]) for item in own.pages.outbox())


def sent(own):
    own.pages.link()
    return own.pages.send(RECORD)["id"]


def test_two_clicks_revoke_everything_and_what_waits_never_leaves(own):
    exchange = sent(own)
    browser = own.browser()
    page = browser.get(f"{MINE}?lang=de")
    (link,) = page.tree.xpath("//main//a[contains(@href, '/revoke')]/@href")
    done = browser.get(link).send("Ja, alles widerrufen")
    assert done.title == "Der Widerruf ist eingetragen"
    assert own.pages.shown(exchange)["state"] == "cancelled"
    assert waiting(own) == b""
    assert "widerrufen oder ersetzt" in state(own)


def test_single_items_are_revoked_and_the_rest_still_leaves(own):
    sent(own)
    assert asked(own).send("Ja, die angekreuzten Angaben widerrufen", scopes=["language.level"]).status == 200
    left = waiting(own)
    assert "Müßig".encode() in left
    assert b"B1" not in left
    assert own.pages.send(RECORD)["withheld"] == [{"scope": "language.level", "reason": "revoked"}]


def test_the_page_says_before_what_happens(own):
    text = asked(own).text
    for said in (
        "Jobcenter Rems-Murr, Team 412",
        "Ab dann wird nichts mehr weitergegeben. Wer schon etwas erhalten hat, wird benachrichtigt.",
        "Gesetzliche Pflichten",
    ):
        assert said in text


def test_looking_at_the_page_revokes_nothing(own):
    sent(own)
    asked(own)
    assert b"B1" in waiting(own)


def test_who_had_it_is_told_and_the_page_says_so(own):
    sent(own)
    assert waiting(own)
    assert "Wer schon etwas bekommen hat, wird benachrichtigt." in asked(own).send("Ja, alles widerrufen").text


def test_where_nobody_had_anything_nobody_is_told(own):
    assert "wird benachrichtigt" not in asked(own).send("Ja, alles widerrufen").text


def test_nothing_ticked_is_asked_for_again(own):
    page = asked(own).send("Ja, die angekreuzten Angaben widerrufen")
    assert (page.status, "Bitte mindestens eine Angabe ankreuzen." in page.text) == (422, True)
    assert "gilt" in state(own)


@pytest.mark.parametrize("scopes", [["residence.status"], ["language.level", "residence.status"], ["x"], ["<b>"], ["language.*"]])
def test_an_item_that_is_not_in_the_declaration_revokes_nothing(own, scopes):
    page = asked(own).send("Ja, die angekreuzten Angaben widerrufen", scopes=scopes)
    assert page.status == 422
    assert "Widerrufen" not in state(own)


def test_a_form_without_the_word_revokes_nothing_by_mistake(own):
    browser = own.browser()
    page = browser.post(f"{MINE}/{own.declaration}/revoke", {"key": new_id()})
    assert page.status == 422
    assert "Sprachniveau" in state(own)


@pytest.mark.parametrize("key", ["", "x", "../../x"])
def test_a_form_with_a_foreign_key_is_refused(own, key):
    page = own.browser().post(f"{MINE}/{own.declaration}/revoke", {"key": key, "what": "all"})
    assert page.status == 400
    assert "gilt" in state(own)


def test_what_is_sent_twice_happens_once(own):
    browser, key = own.browser(), new_id()
    path = f"{MINE}/{own.declaration}/revoke"
    pages = [browser.post(path, {"key": key, "what": "all"}) for _ in range(2)]
    assert [page.title for page in pages] == ["Der Widerruf ist eingetragen"] * 2
    entries = audit_page(own.pages.gateway.store, None, 100).entries
    assert [entry.actor for entry in entries if entry.event == "declaration_revoked"] == ["client"]


def test_revoking_what_is_revoked_says_so(own):
    asked(own).send("Ja, alles widerrufen")
    page = asked(own)
    assert "Hier ist schon alles widerrufen." in page.text
    assert not page.tree.xpath("//input[@type='checkbox']")


def foreign(own, other):
    """Give every way to somebody else's declaration, and the same ways to none at all."""
    done = asked(other).send("Ja, die angekreuzten Angaben widerrufen", scopes=["language.level"]).path
    key = done.rpartition("/")[2]
    for declaration in (other.declaration, NIL):
        path = f"{MINE}/{declaration}/revoke"
        yield lambda browser, path=path: browser.get(path)
        yield lambda browser, path=path: browser.get(f"{path}/{key}")
        yield lambda browser, path=path: browser.post(path, {"key": new_id(), "what": "all"})
        yield lambda browser, path=path: browser.post(path, {"key": new_id(), "what": "some", "scopes": ["language.level"]})
        yield lambda browser, path=path: browser.post(path, {"key": key, "what": "all"})


def test_another_clients_declaration_is_not_there(own, other):
    browser = own.browser()
    answers = [ask(browser) for ask in foreign(own, other)]
    nowhere = browser.get(f"{MINE}/x/revoke")
    assert {answer.status for answer in answers} == {nowhere.status} == {404}
    assert {answer.text for answer in answers} == {nowhere.text}
    assert "Ansprechperson im Jobcenter" in state(other)
    assert "gilt" in state(other)
    assert "Sprachniveau" in state(own)


def test_the_outcome_of_one_declaration_is_not_anothers(own):
    second = own.pages.declare("work.status")
    done = asked(own).send("Ja, alles widerrufen").path
    key = done.rpartition("/")[2]
    browser = own.browser()
    assert browser.get(f"{MINE}/{second}/revoke/{key}").status == 404
    assert browser.get(f"{MINE}/{own.declaration}/revoke/{new_id()}").status == 404
    assert browser.get(done).status == 200


def test_an_id_in_another_spelling_is_not_there(own):
    browser = own.browser()
    for declaration in (own.declaration.upper(), own.declaration.replace("-", ""), f"{own.declaration}%00", "%2e%2e"):
        assert browser.get(f"{MINE}/{declaration}/revoke").status == 404


@pytest.mark.parametrize("lang", ["ar", "ti"])
def test_what_is_not_there_is_said_in_the_clients_language(own, lang):
    page = own.browser(lang).get(f"{MINE}/{NIL}/revoke?lang={lang}")
    assert (page.status, page.tree.get("lang")) == (404, lang)
    assert "geklappt" not in page.text


def test_no_reference_stands_on_any_page_of_it(own):
    sent(own)
    page = asked(own)
    done = page.send("Ja, alles widerrufen")
    for said in (page, done):
        for reference in (CLIENT, REFERENCE, OTHER):
            assert reference not in said.answer.text


def test_another_site_cannot_have_anything_revoked(own):
    browser = own.browser()
    path = f"{MINE}/{own.declaration}/revoke"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}):
        assert browser.post(path, {"key": new_id(), "what": "all"}, headers=headers).status == 403
    assert "gilt" in state(own)
