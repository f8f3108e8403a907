"""The office erases a client in two steps; what is not that client stays, and what was promised to stay stays as long."""

import json

import pytest

from imgate.bootstrap import erasing
from imgate.exchange.ports import Unavailable
from imgate.exchange.refusals import Refused
from imgate.exchange.rights.disclosed import disclosed
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import CLIENT, CONFIG

PAGE, OTHER = "/pages/office/disclosures", "K-2026-2202"
LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


@pytest.fixture
def two(pages):
    """Two clients, of each of whom a message waits and one was fetched."""
    for client, reference in ((CLIENT, "355A1"), (OTHER, "355A2")):
        pages.declare("language.level", client=client)
        pages.link(reference, client=client)
        pages.send(LEVEL, client=client)
        pages.outbox()
        pages.send(LEVEL, client=client)
    return pages


def is_known(pages, client=CLIENT):
    try:
        return bool(disclosed(pages.corridor, client, pages.gateway.terms))
    except Refused:
        return False


def asked(pages):
    return pages.office().get(PAGE).send("Anzeigen", client=CLIENT).send("Löschen vorbereiten")


def test_the_first_step_says_what_goes_what_stays_until_when_and_changes_nothing(two):
    before = disclosed(two.corridor, CLIENT, two.gateway.terms)
    text = asked(two).text
    for said in (
        "Das lässt sich nicht rückgängig machen",
        "Mitteilungen, die noch warten, mit ihrem Inhalt: 2",
        "Zeichen, unter denen Partner die Person kennen: 1",
        "Erklärungen (1) mit Unterschriften und Nachweisen (1)",
        "bis 02.03.2029",
        "Eine Erklärung gilt noch.",
        CLIENT,
    ):
        assert said in text, said
    assert OTHER not in text
    assert disclosed(two.corridor, CLIENT, two.gateway.terms) == before


@pytest.mark.parametrize("config", [CONFIG + "\n[retention]\nproof_years = 7\n"])
def test_the_term_of_proof_is_the_configured_one(two):
    assert "bis 02.03.2033" in asked(two).text


def test_who_revoked_before_is_not_told_to_revoke_first(two):
    for client in (CLIENT, OTHER):
        two.revoke(two.declare("language.level", client=client))
    declared = disclosed(two.corridor, CLIENT, two.gateway.terms)["declarations"]
    two.revoke(next(one["id"] for one in declared if one["state"] == "active"))
    assert "Zuerst widerrufen?" not in asked(two).text


@pytest.mark.parametrize("typed", ["", "K", OTHER, CLIENT.lower(), f"{CLIENT}0"])
def test_another_reference_typed_again_erases_nobody(two, typed):
    page = asked(two).send("Endgültig löschen", again=typed)
    assert (page.status, "Es wurde nichts gelöscht." in page.text) == (422, True)
    assert page.tree.xpath("//input[@name='again']/@aria-invalid") == ["true"]
    assert is_known(two)
    assert is_known(two, OTHER)


def test_the_second_step_erases_this_client_and_nobody_else(two):
    others = disclosed(two.corridor, OTHER, two.gateway.terms)
    page = asked(two).send("Endgültig löschen", again=CLIENT)
    assert (page.status, page.path) == (200, PAGE)
    assert "Gelöscht. Was als Nachweis bleibt" in page.text
    assert CLIENT not in str(page.answer.url)
    assert not is_known(two)
    assert disclosed(two.corridor, OTHER, two.gateway.terms) == others
    with two.gateway.store.reading() as tx:
        last = [json.loads(entry.content) for entry in tx.audit_log.entries()][-1]
    assert (last["event"], last["actor"]) == ("client_erased", two.user(UserRole.OFFICE).id)


def test_sent_twice_the_second_time_nobody_is_known(two):
    page = asked(two)
    page.send("Endgültig löschen", again=CLIENT)
    again = page.send("Endgültig löschen", again=CLIENT)
    assert (again.status, "niemand bekannt" in again.text) == (404, True)


def test_the_second_step_alone_asks_for_the_reference_again(two):
    assert two.office().post(f"{PAGE}/erased", {"client": CLIENT}).status == 422
    assert is_known(two)


def test_a_file_that_somebody_reads_just_now_is_no_failure_of_erasing(two, monkeypatch):
    """The rows are gone then; that they are overwritten, the next sweep sees to."""
    real = erasing.erase_client

    def busy(*given):
        real(*given)
        raise Unavailable("somebody reads")

    monkeypatch.setattr(erasing, "erase_client", busy)
    assert "Gelöscht." in asked(two).send("Endgültig löschen", again=CLIENT).text
    assert not is_known(two)


def test_a_database_that_does_not_answer_has_erased_nobody_and_says_so(two, monkeypatch):
    page = asked(two)

    def lost(*given):
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(erasing, "erase_client", lost)
    assert page.send("Endgültig löschen", again=CLIENT).status == 503
    assert is_known(two)
