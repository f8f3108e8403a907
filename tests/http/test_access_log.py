"""Who looked at whom through the API: every route is in the access log, or is left out with a reason, and no answer goes before it is."""

import asyncio

import pytest

from imgate.exchange import inbound
from imgate.exchange.looking import Looker, looked, looking, looks, watching
from imgate.exchange.ports import Unavailable
from imgate.exchange.stored import Cursor
from imgate.http import examples
from imgate.http.looking import UNLOGGED
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import Door as By
from imgate.vocabulary.words import Role
from tests.exchange.conftest import message
from tests.exchange.noticing import notice
from tests.http.live import CLIENT, PARTNER, Door, open_live

REFERENCE, OTHER = "617D123456", "K-2026-9999"
APPOINTMENTS = {"appointments": {"upcoming": [{"at": "2026-03-10T09:30:00+01:00", "with": "VHS Winnenden"}]}}
SCOPES = [*examples.DECLARATION["scopes"], "appointments.upcoming"]
QUESTION = {"resource": {"type": "scope", "id": "language.level", "properties": {"client": CLIENT}}}
OPEN = {"/oauth/token", "/healthz", "/readyz", "/.well-known/jwks.json", "/.well-known/authzen-configuration"}
# Each route that shows something of a client, and how to have it shown.
SHOWN = {
    ("GET", "/v1/declarations"): (f"/v1/declarations?client={CLIENT}", None),
    ("GET", "/v1/declarations/expiring"): ("/v1/declarations/expiring?days=400", None),
    ("GET", "/v1/declarations/{id}"): ("/v1/declarations/{declaration}", None),
    ("GET", "/v1/declarations/{id}/bundle"): ("/v1/declarations/{declaration}/bundle", None),
    ("GET", "/v1/declarations/{id}/form"): ("/v1/declarations/{declaration}/form", None),
    ("GET", "/v1/declarations/{id}/copy"): ("/v1/declarations/{declaration}/copy", None),
    ("GET", "/v1/declarations/{id}/consent-record"): ("/v1/declarations/{declaration}/consent-record", None),
    ("POST", "/v1/declarations/{id}/annex"): ("/v1/declarations/{declaration}/annex", examples.ANNEX),
    ("POST", "/v1/exchanges/preview"): ("/v1/exchanges/preview", examples.EXCHANGE),
    ("GET", "/v1/exchanges"): (f"/v1/exchanges?client={CLIENT}", None),
    ("GET", "/v1/exchanges/{id}"): ("/v1/exchanges/{exchange}", None),
    ("GET", "/v1/intake"): ("/v1/intake", None),
    ("GET", "/v1/intake/{receipt}"): ("/v1/intake/{receipt}", None),
    ("GET", "/v1/inbox"): ("/v1/inbox", None),
    ("GET", "/v1/inbox/notices"): ("/v1/inbox/notices", None),
    ("GET", "/v1/inbox/{id}/calendar"): ("/v1/inbox/{item}/calendar", None),
    ("GET", "/v1/revocations"): ("/v1/revocations", None),
    ("GET", "/v1/revocations/{id}"): ("/v1/revocations/{revocation}", None),
    ("GET", "/v1/clients/{client}/disclosures"): (f"/v1/clients/{CLIENT}/disclosures", None),
    ("GET", "/v1/clients/{client}/ledger"): (f"/v1/clients/{CLIENT}/ledger", None),
    ("POST", "/access/v1/evaluation"): ("/access/v1/evaluation", examples.EVALUATION | QUESTION),
    ("POST", "/access/v1/evaluations"): ("/access/v1/evaluations", {"evaluations": [examples.EVALUATION | QUESTION]}),
}


@pytest.fixture(scope="module")
def inhabited(tmp_path_factory):
    """One client of whom there is something everywhere, and the ids of it."""
    with open_live(tmp_path_factory.mktemp("looked")) as gateway:
        door = Door(gateway)
        door.link(REFERENCE)
        ended = door.declare(scopes=["language.level"], valid_from="2026-01-01", valid_until="2028-12-31")
        exchange = door.ask("POST", "/v1/exchanges", examples.EXCHANGE).json()["id"]
        door.as_partner("GET", f"/v1/partners/{PARTNER}/outbox")
        revocation = door.ask("POST", f"/v1/declarations/{ended}/revocation", {"scopes": None}).json()["revocation"]
        declaration = door.declare(scopes=SCOPES)
        receipt = posted(door, REFERENCE)
        item = door.ask("GET", f"/v1/intake/{receipt}").json()["people"][0]["exchange"]
        taken_over(door, notice("appointments.upcoming", reference=REFERENCE))
        door.ids = {"declaration": declaration, "exchange": exchange, "receipt": receipt, "item": item, "revocation": revocation}
        yield door


@pytest.fixture
def door(inhabited):
    emptied(inhabited)
    return inhabited


def posted(door, reference):
    return taken_over(door, message(PARTNER, reference, APPOINTMENTS, purpose="labour_market_integration"))


def taken_over(door, body):
    headers = {"Authorization": f"Bearer {door.token(Role.PARTNER, PARTNER)}", "Content-Type": "application/xml"}
    receipt = door.http.post(f"/v1/partners/{PARTNER}/messages", content=body, headers=headers).json()["receipt"]
    inbound.take_due(door.gateway.corridor)
    return receipt


def emptied(door):
    with door.gateway.store.transaction() as tx:
        tx.session.driver.execute("DELETE FROM access_log")


def log_of(door):
    with door.gateway.store.reading() as tx:
        return tx.looks.page(Cursor()).items


def digest_of(door, client=CLIENT):
    return door.gateway.store.vault.client_digest(client)


def ask(door, route, role=Role.CASE_SYSTEM):
    path, body = SHOWN[route]
    headers = {"Authorization": f"Bearer {door.token(role)}"}
    return door.http.request(route[0], path.format(**door.ids), json=body, headers=headers)


def test_every_route_is_in_the_log_or_left_out_with_a_reason(inhabited):
    """A route that somebody adds is in it by itself; here it wants to be shown to be."""
    paths = inhabited.http.get("/openapi.json").json()["paths"]
    routes = {(method.upper(), path) for path, methods in paths.items() for method in methods if path not in OPEN}
    left_out = {route for route in UNLOGGED if not route[1].startswith("/pages")}
    assert routes == SHOWN.keys() | left_out
    assert not SHOWN.keys() & left_out
    assert all(UNLOGGED.values())


@pytest.mark.parametrize("route", SHOWN, ids=" ".join)
def test_who_is_shown_something_of_a_client_stands_in_the_log(door, route):
    answer = ask(door, route)
    assert answer.status_code == 200, answer.text
    looks_ = [look for look in log_of(door) if look.client == digest_of(door)]
    assert [(look.door, look.what, look.partner) for look in looks_] == [(By.API, " ".join(route), None)]
    assert door.gateway.store.access.get(looks_[0].actor).role is Role.CASE_SYSTEM


def test_the_auditor_too(door):
    ask(door, ("GET", "/v1/exchanges/{id}"), Role.AUDITOR)
    (look,) = log_of(door)
    assert door.gateway.store.access.get(look.actor).role is Role.AUDITOR


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        (f"/v1/exchanges/{NIL_UUID}", Role.CASE_SYSTEM, 404),
        ("/v1/exchanges/{exchange}", Role.ADMIN, 403),
        (f"/v1/exchanges?client={CLIENT}&limit=0", Role.CASE_SYSTEM, 422),
        (f"/v1/exchanges?client={OTHER}", Role.CASE_SYSTEM, 200),
        (f"/v1/clients/{OTHER}/ledger", Role.CASE_SYSTEM, 200),
        ("/healthz", Role.CASE_SYSTEM, 200),
    ],
)
def test_who_is_shown_nothing_does_not(door, path, role, status):
    answer = door.http.get(path.format(**door.ids), headers={"Authorization": f"Bearer {door.token(role)}"})
    assert answer.status_code == status
    assert log_of(door) == ()


def test_a_list_names_everybody_on_it_and_people_nobody_knows_by_no_name(door):
    with door.gateway.store.transaction() as tx:
        tx.clients.open("K-NOT-ON-IT")
    posted(door, "NOBODY-1")
    ask(door, ("GET", "/v1/intake"))
    assert {look.client for look in log_of(door)} == {digest_of(door), None}


def test_what_changes_something_is_left_to_the_audit_log(door):
    door.declare(scopes=["language.level"])
    door.link(REFERENCE)
    assert log_of(door) == ()


def test_no_path_no_query_and_no_reference_stands_in_it(door):
    for route in SHOWN:
        ask(door, route)
    with door.gateway.store.reading() as tx:
        rows = str(tx.session.driver.execute("SELECT * FROM access_log").fetchall())
    assert CLIENT not in rows
    assert REFERENCE not in rows
    assert not [known for known in door.ids.values() if known in rows]


@pytest.mark.parametrize(("failure", "status"), [(Unavailable("away"), 503), (RuntimeError("K-2026-0815"), 500)])
def test_without_a_record_there_is_no_answer(door, monkeypatch, failure, status):
    def fails(job):
        raise failure

    authorised = {"Authorization": f"Bearer {door.token(Role.CASE_SYSTEM)}"}
    monkeypatch.setattr(door.gateway.store, "commit", fails)
    answer = door.http.get("/v1/exchanges/{exchange}".format(**door.ids), headers=authorised)
    assert answer.status_code == status
    assert CLIENT not in answer.text
    assert "released" not in answer.text


def test_of_jobs_that_share_a_transaction_none_sees_whom_another_opened(door):
    """Requests that are due in the same moment are committed together, on the loop of one of them."""
    store = door.gateway.store

    async def together():
        with watching() as seen:
            mine = asyncio.ensure_future(store.commit(lambda tx: None))
            other = asyncio.ensure_future(store.commit(lambda tx: tx.clients.find(CLIENT)))
            await asyncio.gather(mine, other)
        return seen

    assert asyncio.run(together()) == set()


def test_reading_the_log_stands_in_the_log(door):
    ask(door, ("GET", "/v1/exchanges/{id}"))
    corridor, reader = door.gateway.corridor, Looker("operator", By.COMMAND, "access log")
    shown = looks(corridor, reader, Cursor(), client=CLIENT)["items"]
    assert [(look["actor"], look["what"], look["client"]) for look in shown][1:] == [("operator", "access log", CLIENT)]
    assert shown[0].keys() == {"at", "actor", "door", "what", "client"}
    assert looks(corridor, reader, Cursor(), client=OTHER) == {"items": []}
    assert log_of(door)[-1].client is None


def test_the_log_is_searched_by_client_actor_and_day_and_read_page_by_page(door):
    corridor = door.gateway.corridor
    for actor in ("a", "b", "a"):
        looked(corridor, Looker(actor, By.PAGES, "GET /pages/x"), CLIENT)
    with door.gateway.store.reading() as tx:
        first = tx.looks.page(Cursor(limit=2), actor="a", client=digest_of(door), since=log_of(door)[0].at)
        assert [look.actor for look in first.items] == ["a", "a"]
        assert first.next is None
        page = tx.looks.page(Cursor(limit=2))
        assert [look.actor for look in (*page.items, *tx.looks.page(Cursor(page.next, 2)).items)] == ["a", "b", "a"]
        assert tx.looks.page(Cursor(), since=corridor.clock()).items == ()


def test_what_raises_has_been_looked_at_all_the_same(door):
    corridor = door.gateway.corridor

    def opens_and_fails():
        with looking(corridor, Looker("operator", By.COMMAND, "exchange show")), corridor.store.reading() as tx:
            tx.clients.find(CLIENT)
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        opens_and_fails()
    assert [look.client for look in log_of(door)] == [digest_of(door)]


def test_after_the_erasure_nobody_can_say_at_whom_it_was(tmp_path):
    with open_live(tmp_path) as gateway:
        door = Door(gateway)
        door.declare()
        door.ask("GET", f"/v1/declarations?client={CLIENT}")
        digest = digest_of(door)
        erase_client(gateway.store, CLIENT, gateway.corridor.clock(), "operator")
        (look,) = log_of(door)
        assert look.client not in (None, digest)
        shown = looks(gateway.corridor, Looker("operator", By.COMMAND, "access log"), Cursor())["items"]
        assert ["client" in each for each in shown] == [False, False]
