"""What a liaison asks for is a question to the client: it leads to a declaration, or to a no, and to nothing else."""

import pytest

from imgate.exchange.ports import ScopeRequest
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import CLIENT, JOBCENTER
from tests.exchange.told import LEVEL


@pytest.fixture
def manager(pages):
    return pages.manager()


@pytest.fixture
def wish(pages):
    """A request that nobody has answered."""
    request = new_id()
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL)["id"]
    with pages.corridor.store.transaction() as tx:
        digest = tx.clients.find(CLIENT).digest
        scopes = ("work.status", "language.level")
        tx.scope_requests.add(ScopeRequest(request, digest, JOBCENTER, exchange, "labour_market_integration", scopes, new_id(), pages.now))
    return request


def answer_of(pages, wish):
    with pages.corridor.store.reading() as tx:
        return tx.scope_requests.get(wish).answer


def test_a_request_says_who_asks_what_for_whom_and_what_for(manager, wish):
    text = manager.get("/pages/requests").text
    for said in ("Jobcenter Rems-Murr, Team 412", CLIENT, "Arbeit zurzeit", "Sprachniveau", "Arbeit oder Ausbildung finden"):
        assert said in text


def test_preparing_a_declaration_opens_the_client_and_names_the_request(pages, manager, wish):
    answer = manager.get("/pages/requests")
    form, _ = answer.form("Erklärung vorbereiten")
    led = manager.post(form.get("action"), {field.get("name"): field.get("value") for field in form.xpath(".//input")}, follow=False)
    assert led.status == 303
    assert led.headers["location"].endswith(f"/declarations/new?request={wish}")
    assert answer_of(pages, wish) is None


def test_a_no_needs_no_reason_and_ends_it(pages, manager, wish):
    done = manager.get("/pages/requests").send("Ablehnen")
    assert "Die Anfrage ist abgelehnt." in done.text
    assert "Es ist keine Anfrage offen." in done.text
    assert answer_of(pages, wish) == "declined"


def test_the_first_answer_stands(pages, manager, wish):
    with pages.corridor.store.transaction() as tx:
        tx.scope_requests.answer(wish, "declared", pages.now)
    manager.post(f"/pages/requests/{wish}/decline")
    assert answer_of(pages, wish) == "declared"


@pytest.mark.parametrize("unknown", ["01a20356-63c5-73f6-82f4-cb7fe46924de", "x", "0" * 36])
def test_a_request_that_is_none_cannot_be_answered(manager, unknown):
    assert manager.post(f"/pages/requests/{unknown}/decline").status == 404


@pytest.mark.parametrize("role", ["liaison", "office"])
def test_other_roles_answer_and_see_nothing(pages, wish, role):
    browser = getattr(pages, role)()
    assert browser.get("/pages/requests").status == 403
    assert browser.post(f"/pages/requests/{wish}/decline").status == 403
    assert answer_of(pages, wish) is None


def test_an_erased_client_is_asked_nothing_any_more(pages, manager, wish):
    erase_client(pages.gateway.store, CLIENT, pages.now, "operator")
    assert CLIENT not in manager.get("/pages/requests").text
    with pages.corridor.store.reading() as tx:
        assert tx.scope_requests.open(Cursor()).items == ()
