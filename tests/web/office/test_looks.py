"""Who looked at what: the newest first, narrowed by who, when and at whom; nobody is named, and whoever reads it stands in it."""

from datetime import timedelta

import pytest

from imgate.exchange.ports import Look
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import NIL_UUID, new_id
from imgate.vocabulary.words import Door, Role, UserRole
from imgate.web.office.words import looked_at
from tests.exchange.conftest import CLIENT, JOBCENTER
from tests.http.test_access_log import SHOWN as OF_API
from tests.web.matrix import CLIENTS_PAGE, MANAGER, OTHER, TABLE
from tests.web.test_access_log import LEADS_ON, NOTHING

PAGE = "/pages/office/looks"
ALL = {"since": "", "until": "", "client": "", "actor": ""}


@pytest.fixture
def looked(pages):
    """Four acts of looking, a day apart: a person, a program and the command line at one client; a person at a list of two."""
    for client in (CLIENT, OTHER):
        pages.link(f"355A{client[-4:]}", client=client)
    store = pages.gateway.store
    pages.vera = pages.user(MANAGER).id
    pages.program = store.access.add(Role.CASE_SYSTEM, None, "Fallsystem Nord", pages.now, "operator")[0].client_id
    pages.digests = [store.vault.client_digest(client) for client in (CLIENT, OTHER)]
    acts = (
        (pages.vera, Door.PAGES, "GET /pages/clients/{case}", None, pages.digests[:1]),
        (pages.program, Door.API, "GET /v1/clients/{client}/disclosures", None, pages.digests[:1]),
        ("operator", Door.COMMAND, "exchange show", None, pages.digests[:1]),
        (pages.vera, Door.PAGES, "GET /pages/received", JOBCENTER, pages.digests),
    )
    with store.transaction() as tx:
        for actor, door, what, partner, clients in acts:
            tx.looks.add(Look(pages.now, actor, door, what, partner, client) for client in clients)
            pages.later(days=1)
    return pages


def log_of(pages):
    with pages.gateway.store.reading() as tx:
        return tx.looks.page(Cursor(limit=500)).items


def rows(page):
    return [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in page.tree.xpath("//tbody/tr")]


def asked(pages, **fields):
    return pages.office().post(PAGE, ALL | fields)


def test_the_newest_stands_first_and_what_was_one_look_is_one_line(looked):
    shown = rows(looked.office().get(PAGE))
    assert [row[1:] for row in shown] == [
        ["Otto Amt", "Einsichten GET /pages/office/looks", "–", "Seiten", "–"],
        ["Vera Beispiel", "Eingang von Partnern GET /pages/received", "2", "Seiten", "Jobcenter Rems-Murr, Team 412"],
        ["die IT, über die Befehlszeile", "exchange show", "1", "Befehlszeile", "–"],
        ["Fallsystem Nord", "Auskunft GET /v1/clients/{client}/disclosures", "1", "Schnittstelle", "–"],
        ["Vera Beispiel", "Übersicht einer Person GET /pages/clients/{case}", "1", "Seiten", "–"],
    ]
    assert [row[0] for row in shown][::4] == ["06.03.2026, 10:00", "02.03.2026, 10:00"]


def test_at_first_it_shows_the_last_week(looked):
    looked.later(days=7)
    shown = rows(looked.office().get(PAGE))
    assert [row[1] for row in shown] == ["Otto Amt"]


def test_it_names_nobody_and_no_digest(looked):
    content = looked.office().get(PAGE).answer.text
    assert [word for word in (CLIENT, OTHER, *looked.digests) if word in content] == []


def test_it_is_narrowed_to_a_person_a_program_and_the_command_line(looked):
    assert {row[1] for row in rows(asked(looked, actor=looked.vera))} == {"Vera Beispiel"}
    assert {row[1] for row in rows(asked(looked, actor=looked.program))} == {"Fallsystem Nord"}
    assert {row[1] for row in rows(asked(looked, actor="operator"))} == {"die IT, über die Befehlszeile"}
    assert "Hier steht nichts." in asked(looked, actor="client").text


def test_it_is_narrowed_to_a_client_by_the_typed_reference(looked):
    assert len(rows(asked(looked, client=CLIENT))) == 5
    shown = rows(asked(looked, client=OTHER))
    assert [row[2:4] for row in shown] == [["Einsichten POST /pages/office/looks", "1"], ["Eingang von Partnern GET /pages/received", "1"]]


def test_it_is_narrowed_to_days_of_the_house(looked):
    assert [row[0] for row in rows(asked(looked, since="2026-03-03", until="2026-03-04"))] == ["04.03.2026, 10:00", "03.03.2026, 10:00"]
    assert [row[0] for row in rows(asked(looked, until="2026-03-02"))] == ["02.03.2026, 10:00"]
    assert rows(asked(looked, since="2026-03-07")) == []


def test_a_day_begins_at_midnight_of_the_house_and_not_of_greenwich(pages):
    midnight = pages.now.replace(hour=23, minute=0)  # in Winnenden the next day begins
    with pages.gateway.store.transaction() as tx:
        tx.looks.add(
            Look(at, "operator", Door.COMMAND, what) for at, what in ((midnight, "new day"), (midnight - timedelta(seconds=1), "old day"))
        )
    assert [row[2] for row in rows(asked(pages, until="2026-03-02", actor="operator"))] == ["old day"]
    assert [row[2] for row in rows(asked(pages, since="2026-03-03", actor="operator"))] == ["new day"]


def test_reading_it_is_put_on_record_and_at_whom_once(looked):
    before = len(log_of(looked))
    browser = looked.office()
    browser.get(PAGE)
    browser.post(PAGE, ALL | {"client": CLIENT})
    browser.post(PAGE, ALL | {"client": "K-NIEMAND"})
    otto = looked.gateway.store.people.users.by_login("office").id
    assert [(look.actor, look.door, look.what, look.partner, look.client) for look in log_of(looked)[before:]] == [
        (otto, Door.PAGES, f"GET {PAGE}", None, None),
        (otto, Door.PAGES, f"POST {PAGE}", None, looked.digests[0]),
        (otto, Door.PAGES, f"POST {PAGE}", None, None),
    ]


def test_an_unknown_client_an_erased_one_and_one_at_whom_nobody_looked_are_the_same(looked):
    looked.link("355A7777", client="K-STILL")
    browser = looked.office()
    fields = ALL | {"until": "2026-03-01"}
    erase_client(looked.gateway.store, OTHER, looked.now, "operator")
    said = [browser.post(PAGE, fields | {"client": client}).answer.text.replace(client, "K") for client in ("K-STILL", "K-NIE", OTHER)]
    assert said[0] == said[1] == said[2]
    assert "Hier steht nichts." in said[0]


def test_after_an_erasure_it_says_who_looked_and_no_longer_at_whom(looked):
    erase_client(looked.gateway.store, CLIENT, looked.now, "operator")
    assert "Hier steht nichts." in asked(looked, client=CLIENT).text
    assert {row[1] for row in rows(asked(looked, since="2026-03-02", until="2026-03-05"))} == {
        "Vera Beispiel",
        "Fallsystem Nord",
        "die IT, über die Befehlszeile",
    }


@pytest.mark.parametrize("client", ["", CLIENT])
def test_page_by_page_nothing_is_left_out_shown_twice_or_put_into_an_address(looked, monkeypatch, client):
    monkeypatch.setattr("imgate.web.office.looks._SHOWN", 1)
    page, times = asked(looked, until="2026-03-05", client=client), []
    while True:
        times += [row[0] for row in rows(page)]
        assert CLIENT not in str(page.answer.url)
        assert [href for href in page.tree.xpath("//@href | //@action | //@formaction") if CLIENT in href] == []
        if "Ältere anzeigen" not in page.text:
            break
        page = page.send("Ältere anzeigen")
    days = ["05.03.2026, 10:00", "04.03.2026, 10:00", "03.03.2026, 10:00", "02.03.2026, 10:00"]
    assert times == (days if client else [days[0], *days])  # two clients on one list, and one line on each page


def test_asked_by_an_address_it_shows_what_it_always_does(looked):
    page = looked.office().get(f"{PAGE}?client={CLIENT}&actor={looked.vera}&since=x")
    assert page.status == 200
    assert page.tree.xpath("//input[@name='client'][@value]") == []
    assert CLIENT not in page.answer.text


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("client", "K 1"),
        ("client", "ä"),
        ("client", "a" * 65),
        ("client", "<script>"),
        ("since", "gestern"),
        ("until", "9999-12-31"),
        ("until", "02.03.2026"),
    ],
)
def test_what_is_no_reference_and_no_day_is_asked_for_again_and_nothing_is_shown_or_recorded(looked, field, said):
    before = len(log_of(looked))
    page = asked(looked, **{field: said})
    assert (page.status, page.tree.xpath("//input[@aria-invalid='true']/@name")) == (422, [field])
    assert rows(page) == []
    assert len(log_of(looked)) == before


def test_days_that_run_backwards_are_asked_for_again(looked):
    page = asked(looked, since="2026-03-03", until="2026-03-02")
    assert (page.status, "Der letzte Tag liegt vor dem ersten." in page.text) == (422, True)


def test_what_is_no_day_is_asked_for_in_the_words_of_every_page(looked):
    assert "Bitte einen Tag angeben, zum Beispiel 2026-03-01." in asked(looked, since="gestern").text


@pytest.mark.parametrize("actor", ["x", NIL_UUID, new_id(), "worker", "' OR 1=1 --"], ids=["x", "nil", "unknown", "worker", "quoted"])
def test_there_is_nothing_of_somebody_who_never_had_access(looked, actor):
    before = len(log_of(looked))
    assert asked(looked, actor=actor).status == 404
    assert len(log_of(looked)) == before


@pytest.mark.parametrize("after", ["x", "AAAA", "1"])
def test_a_place_that_is_none_leads_nowhere(looked, after):
    assert asked(looked, after=after).status == 404


def test_who_had_access_once_is_still_named(looked):
    looked.gateway.store.people.users.revoke(looked.vera, looked.now, "operator")
    assert {row[1] for row in rows(asked(looked, actor=looked.vera))} == {"Vera Beispiel"}


def test_every_route_that_shows_something_of_a_client_has_words():
    routes = {str(route) for route in TABLE if route.may <= {CLIENTS_PAGE, *UserRole}} - NOTHING.keys()
    shows = {route for route in routes if route.startswith("GET")} | {" ".join(route) for route in OF_API}
    assert sorted(route for route in shows - LEADS_ON.keys() if looked_at(route) is None) == []
    assert looked_at("GET /pages/inboxes") is None
    assert looked_at("exchange show") is None
