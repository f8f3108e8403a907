"""Who looked at whom on the pages: each page that shows something of a client stands in the access log, or is named here with a reason."""

import pytest

from imgate.exchange.client_page import code_on_copy
from imgate.exchange.stored import Cursor
from imgate.vocabulary.words import Door, UserRole
from tests.exchange.conftest import CLIENT, JOBCENTER
from tests.web.matrix import CLIENTS_PAGE, LIAISON, MANAGER, OFFICE, OTHER, OTHERS_REFERENCE, TABLE, form_of, inhabit
from tests.web.test_matrix import ask

_OWN = "it is about whoever is signed in, and about no client"
_OFFICE = "the office sees no client here: ids, counts, configuration"
_EMPTY = "of an empty form nothing is stored"
# What answers with a page and opens nobody's keys.
NOTHING = {
    "GET /pages/confirm": _OWN,
    "POST /pages/confirm/passkey/begin": _OWN,
    "GET /pages/account": _OWN,
    "POST /pages/account/passkeys/begin": _OWN,
    "GET /pages/notifications": _OWN,
    "POST /pages/notifications": _OWN,
    "GET /pages/search": _EMPTY,
    "GET /pages/inbox/{id}/answered/{answer}": "the receipt of one's own answer, and no more",
    "GET /pages/clients": "references that this very session typed, out of its cookie",
    "GET /pages/clients/{case}/declarations/new": _EMPTY,
    "GET /pages/clients/{case}/send": _EMPTY,
    "GET /pages/clients/{case}/correction": _EMPTY,
    "GET /pages/office": _OFFICE,
    "GET /pages/office/partners": _OFFICE,
    "GET /pages/office/plugins": _OFFICE,
    "GET /pages/office/deliveries": _OFFICE,
    "GET /pages/office/deliveries/{exchange}": _OFFICE,
    "GET /pages/office/log": _OFFICE,
    "GET /pages/office/log/checkpoints": _OFFICE,
    "GET /pages/office/log/checkpoints/{size}": _OFFICE,
    "GET /pages/office/what-if": _OFFICE,
    "GET /pages/office/what-if/{exchange}": _OFFICE,
    "GET /pages/office/disclosures": _EMPTY,
    "GET /pages/office/openings": _OFFICE,
    "GET /pages/office/users": _OFFICE,
    "GET /pages/office/papers": _OFFICE,
    "GET /pages/office/papers/changes": _OFFICE,
    "GET /pages/office/papers/{paper}": _OFFICE,
    "GET /pages/office/papers/{paper}/markdown": _OFFICE,
    "GET /pages/office/papers/{paper}/pdf": _OFFICE,
    "GET /pages/office/retention": _OFFICE,
    "GET /pages/office/keys": _OFFICE,
    "POST /pages/office/users/{user}/enrolment": _OFFICE,
}
# What shows nothing in this house: it leads on, or there is nothing of the kind.
LEADS_ON = {
    "GET /pages": 303,
    "GET /pages/confirm/openid": 404,
    "GET /pages/office/log/checkpoints/{size}/time-stamp": 404,  # no authority is configured
    "GET /pages/office/papers/blank": 404,  # without a partner and a language
    "GET /pages/received/{item}/calendar": 404,  # this item has no appointments; tests/http has one
    "GET /pages/client/mine/{declaration}/revoke/{key}": 404,  # the key is of another act
    "GET /pages/clients/{case}/declarations/{declaration}/revoke/{key}": 404,
}
FOUND = {"reference": OTHERS_REFERENCE}
# What shows something only when it is sent.
SENT = {
    "POST /pages/search",
    "POST /pages/office/disclosures",
    "POST /pages/office/disclosures/pdf",
    "POST /pages/office/disclosures/json",
    "POST /pages/office/disclosures/export",
    "POST /pages/office/disclosures/erasure",
    "POST /pages/office/looks",
    "POST /pages/clients/{case}/own-page/number",
}


def log_of(pages):
    with pages.gateway.store.reading() as tx:
        return tx.looks.page(Cursor()).items


def emptied(pages):
    with pages.gateway.store.transaction() as tx:
        tx.session.driver.execute("DELETE FROM access_log")


def digest_of(pages, client=CLIENT):
    return pages.gateway.store.vault.client_digest(client)


def shown_to(house, visitor, routes):
    """Ask for each of these; give by route the status, and who looked at whom."""
    browser, said = house.browser(visitor), {}
    for route in routes:
        waits = visitor == LIAISON and "{answer}" not in route.path  # of the first client nothing waits any more
        ids = house.ids | {"listed": "ends"} | ({"id": house.others["id"]} if waits else {})
        emptied(house.pages)
        answer = ask(browser, route, ids, form_of(route) | FOUND if route.method == "POST" else None)
        said[str(route)] = answer.status_code, log_of(house.pages)
    return said


def test_every_page_is_in_the_log_or_named_here(pages):
    house = inhabit(pages)
    wrong, silent = {}, set()
    for visitor in (CLIENTS_PAGE, LIAISON, MANAGER, OFFICE):
        routes = [route for route in TABLE if visitor in route.may and len(route.may) <= len(UserRole) and route.method == "GET"]
        routes += [route for route in TABLE if visitor in route.may and str(route) in SENT | NOTHING.keys() and route.method == "POST"]
        for route, (status, looks) in shown_to(house, visitor, routes).items():
            if status != LEADS_ON.get(route, 200):
                wrong[route] = status
            elif status == 200 and not looks:
                silent.add(route)
            elif looks and {(look.door, look.what, look.partner) for look in looks} != {
                (Door.PAGES, route, JOBCENTER if visitor == LIAISON or "{partner}" in route else None)
            }:
                wrong[route] = looks
    assert wrong == {}
    assert silent == NOTHING.keys()
    assert all(NOTHING.values())


@pytest.mark.parametrize("visitor", [CLIENTS_PAGE, LIAISON, MANAGER])
def test_each_page_of_one_client_names_the_client_and_who_looked(pages, visitor):
    house = inhabit(pages)
    paths = {
        CLIENTS_PAGE: "GET /pages/client/mine",
        LIAISON: "GET /pages/inbox/{id}/print",
        MANAGER: "GET /pages/clients/{case}/declarations/{declaration}",
    }
    (route,) = [route for route in TABLE if str(route) == paths[visitor]]
    ((status, (look,)),) = shown_to(house, visitor, [route]).values()
    assert (status, look.client) == (200, digest_of(pages, OTHER if visitor == LIAISON else CLIENT))
    assert look.actor == ("client" if visitor == CLIENTS_PAGE else pages.user(visitor).id)


def test_a_list_names_everybody_on_it(pages):
    for client, reference in ((CLIENT, "355A1"), (OTHER, "355A2")):
        pages.link(reference, client=client)
        pages.declare("language.level", client=client)
        pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, client=client)
    pages.link("355A3", client="K-NOT-ON-IT")
    pages.liaison().get("/pages/inbox")
    assert {look.client for look in log_of(pages)} == {digest_of(pages), digest_of(pages, OTHER)}


def test_what_is_not_there_for_somebody_does_not_stand_in_the_log(pages):
    house = inhabit(pages)
    stranger = pages.liaison(partner="abh-winnenden", login="abh")
    emptied(pages)
    assert stranger.get(f"/pages/inbox/{house.ids['id']}").status == 404
    assert pages.stranger().get(f"/pages/inbox/{house.ids['id']}", follow=False).status == 303
    assert log_of(pages) == ()


def test_trying_codes_leaves_no_trace_that_a_clock_could_tell(pages):
    """A code that is somebody's, with a wrong second factor, writes as much as one that is nobody's."""
    house = inhabit(pages)
    emptied(pages)
    code = code_on_copy(pages.corridor, house.ids["declaration"])
    assert pages.stranger().post("/pages/client", {"code": code, "number": "000000"}).path == "/pages/client"
    assert log_of(pages) == ()
