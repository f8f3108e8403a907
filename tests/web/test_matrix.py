"""Every id in every address, tried with somebody else's: it is not there, in the same bytes as one that nobody has."""

import json

import pytest

from imgate.vocabulary.identifiers import NIL_UUID, is_uuid, new_id
from imgate.web.client import revoking as client_revoking
from imgate.web.desk import revoking as desk_revoking
from tests.exchange.conftest import ABH
from tests.web.liaison.waiting import LEVEL
from tests.web.matrix import CLIENTS_PAGE, LIAISON, MANAGER, OFFICE, OTHER, TABLE, form_of, inhabit, said_to

# Places that anybody who may go there may name as well: they are the configuration's or the code's, and nobody's.
NOBODYS = {"scope", "listed", "partner", "line", "digest", "name", "paper", "size"}
ALL = tuple(route for route in TABLE if set(route.names) - NOBODYS)
_NOTHING = {"x": ""}


@pytest.fixture
def house(pages):
    return inhabit(pages)


def ask(browser, route, ids, fields):
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": browser.url}
    data = {"data": fields} if route.method == "POST" else {}
    return browser.http.request(route.method, route.filled(ids), headers=headers, **data)


def routes_for(visitor, *, without=()):
    return [route for route in ALL if visitor in route.may and str(route) not in without]


def differing(house, visitor, foreign):
    """Try each id of each address with these, the others being one's own; name what is not the 404 of an id that nobody has.

    A form is tried as it would change something, and with nothing of it: what is wrong with it may be said first, of every id alike.
    """
    browser, wrong = house.browser(visitor), {}
    for route in routes_for(visitor):
        for name in set(route.names) - NOBODYS:
            for fields in (form_of(route), _NOTHING) if route.method == "POST" else (None,):
                nobodys = said_to(ask(browser, route, house.ids | {name: new_id()}, fields))
                for why, given in foreign(name):
                    if fields is _NOTHING and not is_uuid(given):
                        continue  # that it is no id at all, whoever typed it can see
                    said = said_to(ask(browser, route, house.ids | {name: given}, fields))
                    if said != nobodys or (said[0] != 404 and fields is not _NOTHING):
                        wrong[f"{route}: {name} {why}"] = (said[0], nobodys[0])
    return wrong


NONE = (("is none", "x"), ("is none", "0" * 36), ("is too long", "x" * 500), ("is nil", NIL_UUID), ("is capital", new_id().upper()))


@pytest.mark.parametrize("visitor", [CLIENTS_PAGE, LIAISON, MANAGER, OFFICE])
def test_what_is_no_id_is_not_there_like_one_that_nobody_has(house, visitor):
    assert differing(house, visitor, lambda name: NONE) == {}


@pytest.mark.parametrize("visitor", [CLIENTS_PAGE, LIAISON, MANAGER, OFFICE])
@pytest.mark.parametrize("odd", ["%00", "%27--", "%0d%0aX: y", "..%2f..", "%c3%28", "*", "{{7*7}}"])
def test_an_odd_id_is_not_there_either(house, visitor, odd):
    browser = house.browser(visitor)
    for route in routes_for(visitor):
        for name in set(route.names) - NOBODYS:
            assert ask(browser, route, house.ids | {name: odd}, form_of(route)).status_code in {404, 405}, route


@pytest.mark.parametrize("visitor", [CLIENTS_PAGE, LIAISON, MANAGER, OFFICE])
def test_an_id_of_another_kind_is_not_there(house, visitor):
    """Whatever else somebody has seen an id of: none of them is taken for one of another kind."""
    kinds = {"id": "exchange"}
    everything = {kinds.get(name, name): known for name, known in house.ids.items() if name not in NOBODYS}

    def seen(name):
        same = {kinds.get(name, name), *ALSO.get(name, ())}
        return [(f"is {kind}", known) for kind, known in everything.items() if kind not in same]

    assert differing(house, visitor, seen) == {}


# What an office looks at as a delivery may have gone either way; a session's own key is no id of anything.
ALSO = {"exchange": {"item"}}


def test_another_clients_is_not_there_on_a_clients_page(house):
    others = {"declaration": house.others["declaration"], "key": _key_of_another(house)}
    assert differing(house, CLIENTS_PAGE, lambda name: [("is another's", others[name])]) == {}


def _key_of_another(house):
    browser, key = house.pages.manager(), new_id()
    case = browser.post("/pages/clients", {"reference": OTHER}, follow=False).headers["location"]
    assert browser.post(f"{case}/declarations/{house.others['declaration']}/pause", {"key": key}).status == 200
    return key


def test_another_partners_message_is_not_there_for_a_liaison(house):
    pages = house.pages
    pages.link("ABH-1", partner=ABH)
    pages.declare("language.level", partner=ABH)
    sent = pages.send(LEVEL, partner=ABH)["id"]
    pages.visit(LIAISON, partner=ABH, login="abh", name="Anna Abel").get(f"/pages/inbox/{sent}")
    second = pages.visit(LIAISON, login="zweiter", name="Leo Lehmann")
    answered = second.get(f"/pages/inbox/{house.others['id']}/answer/appointments.upcoming")
    typed = {"value-0-at": "2026-04-01T09:30", "value-0-with": "Fr. Kälberer"}
    theirs = answered.send("Weiter zur Durchsicht", **typed).send("Antwort senden").path.rpartition("/")[2]
    others = {"id": sent, "answer": theirs}
    assert differing(house, LIAISON, lambda name: [("is another's", others[name])]) == {}


def test_another_clients_or_sessions_is_not_there_for_an_integration_manager(house):
    second = house.pages.visit(MANAGER, login="zweite-im", name="Ada Amt")
    elsewhere = second.post("/pages/clients", {"reference": OTHER}, follow=False).headers["location"].rpartition("/")[2]
    known = second.post("/pages/clients", {"reference": "K-2026-1101"}, follow=False).headers["location"].rpartition("/")[2]
    others = {
        "case": (elsewhere, known),
        "declaration": (house.others["declaration"],),
        "exchange": (house.others["exchange"],),
        "key": (_key_of_another(house),),
    }

    def seen(name):
        return [("is another's", given) for given in others.get(name, ())]

    only = {"POST /pages/desk/exchanges/{exchange}"}  # leads to any client's: it is the way to open one
    wrong = {where: what for where, what in differing(house, MANAGER, seen).items() if where.partition(":")[0] not in only}
    assert wrong == {}


@pytest.mark.parametrize(("visitor", "module"), [(CLIENTS_PAGE, client_revoking), (MANAGER, desk_revoking)])
def test_a_page_that_forgets_to_ask_whose_a_declaration_is_would_be_found(house, monkeypatch, visitor, module):
    others, real = house.others["declaration"], module.ending_of

    def forgetful(corridor, reference, declaration):
        return real(corridor, OTHER if declaration == others else reference, declaration)

    monkeypatch.setattr(module, "ending_of", forgetful)
    assert differing(house, visitor, lambda name: [("is another's", others)] if name == "declaration" else []) != {}


@pytest.mark.parametrize("visitor", [CLIENTS_PAGE, LIAISON, MANAGER, OFFICE])
def test_nothing_happens_to_what_is_not_there(house, visitor):
    house.browser(visitor)
    before = _log_of(house.pages)
    differing(house, visitor, lambda name: [("is another's", house.others.get(name, new_id()))] if name not in {"id", "exchange"} else [])
    assert [entry for entry in _log_of(house.pages)[len(before) :] if entry not in _OF_ARRIVAL] == []


_OF_ARRIVAL = ("user_signed_in", "client_page_opened", "client_page_factor")


def _log_of(pages):
    with pages.gateway.store.reading() as tx:
        return [json.loads(entry.content)["event"] for entry in tx.audit_log.entries()]
