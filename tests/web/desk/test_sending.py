"""What is sent was looked at before, byte for byte; looking stores nothing, and nothing of it stays anywhere."""

import base64
import json

import pytest

from imgate.exchange.stored import Cursor
from imgate.vocabulary.words import UserRole
from imgate.web.desk import sending
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.web.desk.opening import LEVEL, PHONE, file_of, opened, previewed

BOTH = LEVEL | PHONE


def exchanges(pages):
    with pages.corridor.store.reading() as tx:
        keys = tx.clients.find(CLIENT)
        return () if keys is None else tx.exchanges.page(keys.digest, Cursor()).items


@pytest.fixture
def manager(pages):
    return pages.manager()


@pytest.fixture
def allowed(pages):
    pages.link()
    pages.declare("language.level")
    return pages


def test_the_preview_shows_what_would_leave_what_would_not_and_why(allowed, manager):
    page = previewed(manager, BOTH)
    assert (page.status, page.title) == (200, "Das würde gesendet")
    assert "Niveau: B1" in page.text
    assert "Telefon: Steht nicht in der Erklärung" in page.text
    assert PHONE["contact"]["phone"] not in page.text


PERSON = {
    "person": {"name": {"family": "Ṣāleḥī", "given": "Šīrīn"}, "birth": {"date": "1988-11-03", "place": "Kermānšāh", "country": "439"}}
}


def test_whose_file_it_is_stands_beside_the_case_so_that_another_clients_is_noticed(allowed, manager):
    page = previewed(manager, LEVEL | PERSON)
    said = " ".join(page.tree.xpath("string(//section[@aria-labelledby='whose'])").split())
    assert CLIENT in said
    assert all(part in said for part in ("Ṣāleḥī", "Šīrīn", "03.11.1988"))
    assert "Kermānšāh" not in page.text


def test_of_a_file_without_a_person_the_preview_says_so(allowed, manager):
    assert "kein Name und kein Geburtsdatum" in previewed(manager, LEVEL).text


def test_to_name_the_person_sends_and_keeps_nothing_of_them(allowed, manager):
    previewed(manager, LEVEL | PERSON).send("Jetzt senden")
    (item,) = allowed.outbox()
    assert "Ṣāleḥī" not in base64.b64decode(item["content"]).decode()


def test_a_preview_is_no_attempt_and_stores_nothing(allowed, manager):
    previewed(manager, BOTH)
    assert exchanges(allowed) == ()
    assert allowed.outbox() == []


def test_the_message_on_the_preview_is_the_one_that_leaves_but_for_id_and_time(allowed, manager):
    page = previewed(manager, LEVEL)
    shown = page.tree.xpath("string(//pre)")
    file = page.send("Mitteilung herunterladen")
    assert file.headers["content-disposition"] == 'attachment; filename="message.xml"'
    assert file.headers["cache-control"] == "no-store"
    assert file.answer.content.decode().replace("\r\n", "\n") == shown.replace("\r\n", "\n")
    page.send("Jetzt senden")
    (item,) = allowed.outbox()
    left = base64.b64decode(item["content"]).decode()
    looked_at = file.answer.content.decode()
    nil, made_up = "00000000-0000-0000-0000-000000000000", "1970-01-01T00:00:00Z"
    assert left == looked_at.replace(nil, item["id"]).replace(made_up, item["created_at"])


def test_downloading_the_message_is_no_attempt(allowed, manager):
    previewed(manager, LEVEL).send("Mitteilung herunterladen")
    assert exchanges(allowed) == ()


def test_what_was_sent_is_shown_with_what_was_withheld(allowed, manager):
    page = previewed(manager, BOTH).send("Jetzt senden")
    (exchange,) = exchanges(allowed)
    assert page.path.endswith(f"/exchanges/{exchange.id}")
    assert "Sprachniveau" in page.text
    assert "Telefon: Steht nicht in der Erklärung" in page.text
    assert exchange.released == ("language.level",)


def test_a_form_that_is_sent_twice_sends_once(allowed, manager):
    page = previewed(manager, LEVEL)
    first, second = page.send("Jetzt senden"), page.send("Jetzt senden")
    assert first.path == second.path
    assert len(exchanges(allowed)) == 1


def test_the_same_key_for_another_record_sends_nothing_more(allowed, manager):
    allowed.declare("contact.phone")
    page = previewed(manager, LEVEL)
    page.send("Jetzt senden")
    other = base64.b64encode(json.dumps(PHONE).encode()).decode()
    (seen,) = previewed(manager, PHONE).tree.xpath("//input[@name='seen']/@value")
    answer = page.send("Jetzt senden", record=other, seen=seen)
    assert answer.status == 409
    assert len(exchanges(allowed)) == 1


def test_where_nothing_is_allowed_there_is_nothing_to_send(pages, manager):
    pages.link()
    page = previewed(manager, LEVEL)
    assert page.title == "Es würde nichts gesendet"
    assert "Sprachniveau: Es gibt keine Erklärung für diesen Partner" in page.text
    assert page.tree.xpath("//button[contains(., 'Jetzt senden')]") == []


def test_what_changed_since_the_preview_is_shown_again_and_not_sent(allowed, manager):
    page = previewed(manager, BOTH)
    allowed.declare("contact.phone")
    again = page.send("Jetzt senden")
    assert again.status == 409
    assert "Es wurde nichts gesendet" in again.text
    assert exchanges(allowed) == ()
    again.send("Jetzt senden")
    assert exchanges(allowed)[0].released == ("contact.phone", "language.level")


def test_a_revocation_between_preview_and_sending_holds(pages, manager):
    pages.link()
    declaration = pages.declare("language.level")
    page = previewed(manager, LEVEL)
    pages.revoke(declaration)
    assert page.send("Jetzt senden").status == 409
    assert exchanges(pages) == ()


def nothing_left(pages, answer):
    """What was sent is shown again, and no byte left."""
    assert answer.status == 409
    assert "Es wurde nichts gesendet" in answer.text
    assert pages.outbox() == []
    return answer


def test_another_record_than_the_one_looked_at_is_shown_and_not_sent(allowed, manager):
    other = base64.b64encode(json.dumps({"language": {"level": {"cefr": "C2", "evidence": "dtz"}}}).encode()).decode()
    again = nothing_left(allowed, previewed(manager, LEVEL).send("Jetzt senden", record=other))
    assert "Niveau: C2" in again.text
    again.send("Jetzt senden")
    (item,) = allowed.outbox()
    assert b"C2" in base64.b64decode(item["content"])


def test_under_another_reference_than_the_one_looked_at_nothing_leaves(allowed, manager):
    page = previewed(manager, LEVEL)
    allowed.link("999X999999")
    nothing_left(allowed, page.send("Jetzt senden")).send("Jetzt senden")
    (item,) = allowed.outbox()
    left = base64.b64decode(item["content"]).decode()
    assert "999X999999" in left
    assert REFERENCE not in left


def test_what_was_looked_at_for_one_client_is_not_sent_for_another(allowed, manager):
    allowed.declare("language.level", client="K-77")
    allowed.link("777A777777", client="K-77")
    page = previewed(manager, LEVEL)
    fields = {field.get("name"): field.get("value") for field in page.form("Jetzt senden")[0].xpath(".//input")}
    nothing_left(allowed, manager.post(f"{opened(manager, 'K-77')}/send", fields))


def test_what_somebody_else_looked_at_is_not_sent(allowed, manager):
    page, karla = previewed(manager, LEVEL), allowed.visit(UserRole.INTEGRATION_MANAGER, login="karla", name="Karla Beispiel")
    fields = {field.get("name"): field.get("value") for field in page.form("Jetzt senden")[0].xpath(".//input")}
    nothing_left(allowed, karla.post(f"{opened(karla)}/send", fields))


@pytest.mark.parametrize("seen", ["", "language.level", "0" * 64, "é", None])
def test_without_the_mark_of_a_preview_nothing_leaves(allowed, manager, seen):
    nothing_left(allowed, previewed(manager, LEVEL).send("Jetzt senden", seen=seen))


@pytest.mark.parametrize("changes", [{"purpose": "housing"}, {"origin:language.level": "abh-winnenden"}])
def test_for_another_purpose_or_of_another_origin_than_looked_at_nothing_leaves(allowed, manager, changes):
    allowed.declare("language.level", purposes=["housing"])
    nothing_left(allowed, previewed(manager, LEVEL).send("Jetzt senden", **changes))


def test_a_permission_until_another_day_than_the_one_looked_at_is_shown_again(allowed, manager):
    page = previewed(manager, LEVEL)
    allowed.declare("language.level", valid_until="2026-03-20")
    assert "Erlaubt bis 20.03.2026" not in page.text
    assert "Erlaubt bis 20.03.2026" in nothing_left(allowed, page.send("Jetzt senden")).text


def test_a_missing_link_is_asked_for_in_place(pages, manager):
    pages.declare("language.level")
    page = previewed(manager, LEVEL)
    assert page.title == "Zeichen beim Partner"
    then = page.send("Eintragen und Vorschau zeigen", reference=REFERENCE)
    assert then.title == "Das würde gesendet"
    then.send("Jetzt senden")
    assert len(pages.outbox()) == 1


def test_a_reference_of_somebody_else_is_not_taken(pages, manager):
    pages.declare("language.level")
    pages.link(client="K-2")
    page = previewed(manager, LEVEL).send("Eintragen und Vorschau zeigen", reference=REFERENCE)
    assert page.status == 422
    assert "schon jemand anderen" in page.text
    assert "K-2" not in page.answer.text.replace("K-2026", "")


@pytest.mark.parametrize("reference", ["", "x" * 65, "a\x07b"])
def test_what_can_be_no_reference_is_not_taken(pages, manager, reference):
    pages.declare("language.level")
    page = previewed(manager, LEVEL).send("Eintragen und Vorschau zeigen", reference=reference)
    assert page.status == 422
    assert "Ein Zeichen hat 1 bis 64 sichtbare Schriftzeichen." in page.text


def received_from_partner(pages):
    """Have the Jobcenter deliver a scope, and the case system take it."""
    pages.link()
    pages.declare("contact_persons.jobcenter")
    pages.post(message(JOBCENTER, REFERENCE, CONTACT))
    pages.work()
    pages.inbox()


def test_where_a_partner_delivered_it_before_it_is_asked_where_it_comes_from(pages, manager):
    received_from_partner(pages)
    page = previewed(manager, CONTACT)
    assert page.title == "Woher stammt die Angabe?"
    then = page.send("Vorschau zeigen", **{"origin:contact_persons.jobcenter": "self"})
    assert then.title == "Das würde gesendet"
    assert "Stammt von der Klientin oder dem Klienten." in then.text


def test_what_came_from_another_partner_does_not_go_on_without_permission(pages, manager):
    received_from_partner(pages)
    page = previewed(manager, CONTACT).send("Vorschau zeigen", **{"origin:contact_persons.jobcenter": ABH})
    assert page.title == "Es würde nichts gesendet"
    assert "Kommt von einer anderen Stelle" in page.text


def test_a_question_that_was_not_answered_is_asked_again(pages, manager):
    received_from_partner(pages)
    page = previewed(manager, CONTACT).send("Vorschau zeigen")
    assert (page.status, page.title) == (422, "Woher stammt die Angabe?")
    assert "Bitte sagen Sie bei jeder Angabe, woher sie stammt." in page.text


def test_an_origin_that_is_no_partner_is_no_answer(pages, manager):
    received_from_partner(pages)
    page = previewed(manager, CONTACT).send("Vorschau zeigen", **{"origin:contact_persons.jobcenter": "jobcenter-stuttgart"})
    assert page.status == 422


CANARY = "Krankheit-Kanarienvogel"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Bitte wählen Sie die Datei mit den Falldaten."),
        (CANARY.encode(), "Die Datei ist keine JSON-Datei."),
        (f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode(), "In der Datei steht ein Name zweimal"),
        (b"\xff", "Die Datei ist nicht in UTF-8 geschrieben."),
        (b"{}", "In der Datei steht keine einzige Angabe."),
        (
            f'{{"language": {{"level": {{"cefr": "{CANARY}", "evidence": "dtz"}}}}}}'.encode(),
            "Deutsch › Sprachniveau › Niveau: Dieses Wort steht nicht",
        ),
        (f'{{"{CANARY}": {{}}}}'.encode(), "ein unbekanntes Feld: Dieses Feld gibt es nicht."),
        (f'{{"contact": {{"{CANARY}": "x"}}}}'.encode(), "Kontakt › ein unbekanntes Feld: Dieses Feld gibt es nicht."),
        (f'["{CANARY}"]'.encode(), "Die Datei als Ganzes"),
    ],
)
def test_a_broken_file_is_told_by_its_places_and_never_by_its_values(allowed, manager, capsys, body, said):
    page = previewed(manager, body)
    assert page.status == 422
    assert said in page.text
    out = capsys.readouterr()
    assert CANARY not in page.answer.text + out.out + out.err
    assert page.tree.xpath("//select[@name='partner']/option[@selected]/@value") == [JOBCENTER]


def test_what_nobody_foresaw_says_nothing_of_the_record(allowed, manager, capsys, monkeypatch):
    def broken(corridor, request):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(sending, "foresee", broken)
    page = previewed(manager, LEVEL)
    out = capsys.readouterr()
    assert page.status == 500
    assert CANARY not in page.answer.text + out.out + out.err


@pytest.mark.parametrize(
    ("partner", "purpose"), [("", "housing"), ("jobcenter-stuttgart", "housing"), (JOBCENTER, ""), (JOBCENTER, CANARY)]
)
def test_partner_and_purpose_have_to_be_chosen(allowed, manager, partner, purpose):
    page = previewed(manager, LEVEL, partner=partner, purpose=purpose)
    assert page.status == 422
    assert "Bitte wählen Sie einen" in page.text
    assert CANARY not in page.answer.text


def test_a_script_in_a_value_is_text(allowed, manager):
    allowed.declare("needs.support")
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    page = previewed(manager, {"needs": {"support": [{"field": "other", "text": evil}]}})
    assert page.tree.xpath("//script|//img|//*[@onerror]") == []
    assert evil in page.tree.xpath("string(//main)")


def test_no_value_and_no_reference_stands_in_any_address(allowed, manager):
    page = previewed(manager, LEVEL)
    addresses = page.tree.xpath("//@href|//@action|//@formaction")
    assert not any(CLIENT in address or REFERENCE in address or "B1" in address for address in addresses)
    assert not any(form.get("method") == "get" for form in page.tree.xpath("//form"))


def test_no_page_with_values_may_be_kept(allowed, manager):
    assert previewed(manager, LEVEL).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("role", ["liaison", "office"])
@pytest.mark.parametrize("path", ["/send", "/send/preview", "/send/link", "/send/message"])
def test_other_roles_have_no_business_here(pages, manager, role, path):
    case = opened(manager)
    browser = getattr(pages, role)()
    answer = browser.post(f"{case}{path}", {"partner": JOBCENTER}, files=file_of(LEVEL))
    assert answer.status == 403
    assert exchanges(pages) == ()


@pytest.mark.parametrize("path", ["/send/preview", "/send/link", "/send/message", "/send"])
def test_who_has_not_opened_the_client_finds_nobody(pages, manager, path):
    case = opened(manager)
    other = pages.visit(UserRole.INTEGRATION_MANAGER, login="zweite", name="Zweite Person")
    key = "00000000-0000-0000-0000-000000000001"
    fields = {"partner": JOBCENTER, "purpose": "housing", "key": key, "record": base64.b64encode(json.dumps(LEVEL).encode()).decode()}
    assert other.post(f"{case}{path}", fields).status == 404


def test_a_stranger_is_led_to_the_sign_in(pages, manager):
    case = opened(manager)
    answer = pages.stranger().post(f"{case}/send/preview", {}, files=file_of(LEVEL), follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/sign-in")
