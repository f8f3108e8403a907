"""Revoking takes two clicks and no proof of anything; what it does is said before, and what it did after."""

import pytest

from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import CLIENT, JOBCENTER
from tests.exchange.told import BOTH, LEVEL
from tests.web.desk.opening import opened


@pytest.fixture
def manager(pages):
    return pages.manager()


@pytest.fixture
def declaration(pages):
    pages.link()
    return pages.declare("language.level", "residence.status")


def hand_out(pages, record=LEVEL):
    exchange = pages.send(record)["id"]
    pages.outbox()
    return exchange


def state(pages, declaration):
    with pages.corridor.store.reading() as tx:
        return tx.declarations.get(declaration)[1].history[-1][1]


def test_two_clicks_revoke_everything(pages, manager, declaration):
    case = manager.get(opened(manager))
    asked = case.follow("Widerrufen Jobcenter Rems-Murr, Team 412")
    assert asked.title == "Erklärung widerrufen"
    done = asked.send("Alles widerrufen")
    assert (done.status, done.title) == (200, "Widerrufen")
    assert state(pages, declaration) == "revoked"


def test_who_has_not_confirmed_lately_may_revoke(pages, declaration):
    browser = pages.visit(UserRole.INTEGRATION_MANAGER, confirmed=False)
    assert browser.get(f"{opened(browser)}/declarations/{declaration}/revoke").send("Alles widerrufen").status == 200
    assert state(pages, declaration) == "revoked"


def test_what_waits_is_said_before_and_cancelled_after(pages, manager, declaration):
    pages.send(LEVEL)
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    assert "Eine Mitteilung wartet noch." in asked.text
    assert "noch nichts bekommen und erfährt nichts" in asked.text
    done = asked.send("Alles widerrufen")
    assert "Eine wartende Mitteilung wurde zurückgezogen." in done.text
    assert pages.outbox() == []


def test_who_was_handed_something_is_told_and_the_way_leads_on_to_it(pages, manager, declaration):
    exchange = hand_out(pages)
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    assert "hat schon Angaben bekommen und wird benachrichtigt" in asked.text
    done = asked.send("Alles widerrufen")
    assert f"Mitteilung {exchange}" in done.text
    assert done.follow("Ende der Nutzung ansehen").title == "Ende der Nutzung"


def test_single_scopes_are_revoked_and_the_others_go_on(pages, manager, declaration):
    pages.send(BOTH)
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    done = asked.send("Ausgewählte Angaben widerrufen", scopes=["language.level"], reason="Auf eigenen Wunsch")
    assert "gilt" in done.text
    assert "Es musste keine Mitteilung zurückgezogen werden." in done.text
    assert state(pages, declaration) == "partly_revoked"
    again = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    assert again.tree.xpath("//input[@name='scopes']/@value") == ["residence.status"]


def test_no_scope_is_asked_for_again_and_nothing_is_revoked(pages, manager, declaration):
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    answer = asked.send("Ausgewählte Angaben widerrufen", reason="weil")
    assert (answer.status, "Bitte wählen Sie mindestens eine Angabe." in answer.text) == (422, True)
    assert answer.tree.xpath("string(//textarea)") == "weil"
    assert state(pages, declaration) == "activated"


def test_a_scope_that_is_not_in_it_revokes_nothing(pages, manager, declaration):
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    assert asked.send("Ausgewählte Angaben widerrufen", scopes=["person.name"]).status == 422
    assert state(pages, declaration) == "activated"


@pytest.mark.parametrize("reason", ["x" * 2001, "a\x07b"])
def test_a_reason_that_cannot_be_kept_is_said_and_not_repeated_elsewhere(pages, manager, declaration, capsys, reason):
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    answer = asked.send("Ausgewählte Angaben widerrufen", scopes=["language.level"], reason=reason)
    assert answer.status == 422
    assert state(pages, declaration) == "activated"
    assert reason not in capsys.readouterr().out


def test_a_form_that_is_sent_twice_shows_the_same_again(pages, manager, declaration):
    pages.send(LEVEL)
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    first, second = asked.send("Alles widerrufen"), asked.send("Alles widerrufen")
    assert first.path == second.path
    assert "Eine wartende Mitteilung wurde zurückgezogen." in second.text


def test_what_was_revoked_can_be_looked_at_only_by_who_revoked_it(pages, manager, declaration):
    case = opened(manager)
    done = manager.get(f"{case}/declarations/{declaration}/revoke").send("Alles widerrufen")
    other = pages.visit(UserRole.INTEGRATION_MANAGER, login="zweite", name="Zweite Person")
    theirs = opened(other)
    assert other.get(done.path).status == 404
    assert other.get(done.path.replace(case, theirs)).status == 404
    assert manager.get(done.path.replace(done.path[-36:], new_id())).status == 404


def test_a_declaration_that_is_revoked_offers_nothing_more(pages, manager, declaration):
    pages.revoke(declaration)
    asked = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    assert "schon ganz widerrufen" in asked.text
    assert asked.tree.xpath("//main//button") == []


def test_pausing_and_resuming(pages, manager, declaration):
    pages.send(LEVEL)
    path = f"{opened(manager)}/declarations/{declaration}/pause"
    done = manager.get(path).send("Ruhen lassen")
    assert (done.title, "Eine wartende Mitteilung wurde zurückgezogen." in done.text) == ("Die Erklärung ruht", True)
    resumed = manager.get(path).send("Wieder gelten lassen")
    assert resumed.title == "Die Erklärung gilt wieder"
    assert state(pages, declaration) == "resumed"
    assert pages.outbox() == []


@pytest.mark.parametrize("act", ["revoke", "pause", "resume"])
def test_another_clients_declaration_is_not_found_in_the_same_words_as_none(pages, manager, act):
    pages.link("355A000001", client="K-2")
    foreign = pages.declare("language.level", client="K-2")
    case = opened(manager)
    answers = [
        manager.post(f"{case}/declarations/{each}/{act}", {"key": new_id(), "what": "all"}) for each in (foreign, new_id(), "x", "0" * 36)
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.answer.text.replace(answer.path, "") for answer in answers}) == 1
    assert state(pages, foreign) == "activated"


@pytest.mark.parametrize("act", ["revoke", "pause"])
def test_another_clients_declaration_cannot_be_looked_at(pages, manager, act):
    foreign = pages.declare("language.level", client="K-2")
    case = opened(manager)
    answers = [manager.get(f"{case}/declarations/{each}/{act}") for each in (foreign, new_id())]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.answer.text.replace(answer.path, "") for answer in answers}) == 1


@pytest.mark.parametrize("act", ["revoke", "pause", "resume"])
@pytest.mark.parametrize("role", ["liaison", "office"])
def test_other_roles_revoke_nothing(pages, manager, declaration, role, act):
    case = opened(manager)
    answer = getattr(pages, role)().post(f"{case}/declarations/{declaration}/{act}", {"key": new_id(), "what": "all"})
    assert answer.status == 403
    assert state(pages, declaration) == "activated"


@pytest.mark.parametrize("key", ["", "x", "../../etc", "0" * 36])
def test_a_form_without_its_key_revokes_nothing(pages, manager, declaration, key):
    answer = manager.post(f"{opened(manager)}/declarations/{declaration}/revoke", {"key": key, "what": "all"})
    assert answer.status == 400
    assert state(pages, declaration) == "activated"


# The end of use


def ended(pages, declaration):
    hand_out(pages)
    return pages.revoke(declaration)["revocation"]


def test_what_the_partner_says_by_telephone_is_put_on_record(pages, manager, declaration):
    page = manager.get(f"/pages/ends-of-use/{ended(pages, declaration)}")
    assert "Noch keine Antwort." in page.text
    answered = page.send("Antwort eintragen", answer="kept_under_statute", statute="§ 84 SGB X")
    assert answered.status == 200
    assert "Die Angaben müssen nach einer Rechtsvorschrift behalten werden. § 84 SGB X" in answered.text


@pytest.mark.parametrize(
    ("answer", "statute", "said"),
    [
        ("", "", "Bitte wählen Sie eine Antwort."),
        ("maybe", "", "Bitte wählen Sie eine Antwort."),
        ("kept_under_statute", "", "Bitte nennen Sie die Rechtsvorschrift"),
        ("kept_under_statute", "a\x07b", "Bitte nennen Sie die Rechtsvorschrift"),
        ("ended", "§ 84 SGB X", "Eine Rechtsvorschrift gehört nur zu der Antwort"),
    ],
)
def test_an_answer_that_cannot_be_is_asked_for_again(pages, manager, declaration, answer, statute, said):
    page = manager.get(f"/pages/ends-of-use/{ended(pages, declaration)}")
    again = page.send("Antwort eintragen", answer=answer, statute=statute)
    assert (again.status, said in again.text) == (422, True)
    assert "Noch keine Antwort." in again.text


def test_an_end_that_nobody_has_is_not_found(manager):
    assert manager.get(f"/pages/ends-of-use/{new_id()}").status == 404
    assert manager.post(f"/pages/ends-of-use/{new_id()}", {"answer": "ended"}).status == 404


@pytest.mark.parametrize("role", ["liaison", "office"])
def test_other_roles_answer_nothing_here(pages, declaration, role):
    run = ended(pages, declaration)
    browser = getattr(pages, role)()
    assert browser.get(f"/pages/ends-of-use/{run}").status == 403
    assert browser.post(f"/pages/ends-of-use/{run}", {"answer": "ended"}).status == 403


def test_the_case_is_named_in_no_address(pages, manager, declaration):
    page = manager.get(f"{opened(manager)}/declarations/{declaration}/revoke")
    assert not any(CLIENT in address or JOBCENTER in address for address in page.tree.xpath("//@href|//@action"))
