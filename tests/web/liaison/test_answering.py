"""A liaison with only a browser answers: the form is the record's own, the values arrive as they were typed, and nobody learns more."""

import re

import pytest

from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT, REFERENCE
from tests.web.liaison.waiting import NOT_THERE, waiting, without_ids

APPOINTMENTS, MEASURES, CONTACT_PERSON = "appointments.upcoming", "work.measures", "contact_persons.jobcenter"
APPOINTMENT = {"value-0-at": "2026-04-01T09:30", "value-0-with": "Fr. Kälberer", "value-0-bring": "Ausweis\r\n\r\n Zeugnis "}
MEASURE = {"value-0-title": "Bewerbungskurs", "value-0-status": "approved", "value-0-decided_on": "2026-03-01"}
PERSON = {"value-unit": "Team 412", "value-name-family": "Müßig", "value-channels-0-kind": "phone", "value-channels-0-value": "0715 1"}


def form(liaison, exchange, scope):
    page = liaison.get(f"/pages/inbox/{exchange}/answer/{scope}")
    assert page.status == 200
    return page


def tell(liaison, exchange, scope, **fields):
    """Fill in, look at it, send it."""
    review = form(liaison, exchange, scope).send("Weiter zur Durchsicht", **fields)
    assert (review.status, review.title) == (200, "Stimmt das so?")
    return review.send("Antwort senden")


def arrived(pages):
    pages.work()
    return [item["record"] for item in pages.inbox()]


@pytest.mark.parametrize(
    ("scope", "fields", "record"),
    [
        (
            APPOINTMENTS,
            APPOINTMENT,
            {"appointments": {"upcoming": [{"at": "2026-04-01T09:30:00+02:00", "with": "Fr. Kälberer", "bring": ["Ausweis", "Zeugnis"]}]}},
        ),
        (MEASURES, MEASURE, {"work": {"measures": [{"title": "Bewerbungskurs", "status": "approved", "decided_on": "2026-03-01"}]}}),
        (
            CONTACT_PERSON,
            PERSON,
            {
                "contact_persons": {
                    "jobcenter": {"unit": "Team 412", "name": {"family": "Müßig"}, "channels": [{"kind": "phone", "value": "0715 1"}]}
                }
            },
        ),
        ("identifiers.jobcenter_number", {"value": "355A000815"}, {"identifiers": {"jobcenter_number": "355A000815"}}),
        (
            "benefits.regime",
            {"value-code": "sgb2", "value-since": "3.2026"},
            {"benefits": {"regime": {"code": "sgb2", "since": "2026-03"}}},
        ),
        (
            "benefits.cooperation_plan",
            {"value-steps": "Kurs\nPraktikum", "value-until": "1.9.2026"},
            {"benefits": {"cooperation_plan": {"steps": ["Kurs", "Praktikum"], "until": "2026-09-01"}}},
        ),
    ],
)
def test_what_was_typed_arrives_with_exactly_these_values(pages, scope, fields, record):
    _, exchange = waiting(pages)
    pages.declare(scope)
    page = tell(pages.liaison(), exchange, scope, **fields)
    assert (page.status, page.title) == (200, "Angenommen")
    assert arrived(pages) == [record]


def test_the_way_to_it_leads_from_the_message(pages):
    _, exchange = waiting(pages)
    page = pages.liaison().get(f"/pages/inbox/{exchange}").follow("Antwort schreiben")
    assert page.title == "Was möchten Sie mitteilen?"
    offered = [href.rpartition("/")[2] for href in page.links().values() if "/answer/" in href]
    assert {APPOINTMENTS, MEASURES, CONTACT_PERSON} <= set(offered)
    assert not any(scope.startswith(("person.", "language.", "health.")) for scope in offered)


def test_what_is_offered_does_not_depend_on_what_is_allowed(pages):
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    before = liaison.get(f"/pages/inbox/{exchange}/answer").answer.content
    pages.declare(APPOINTMENTS)
    assert liaison.get(f"/pages/inbox/{exchange}/answer").answer.content == before


def test_the_second_entry_of_a_list_may_be_the_only_one(pages):
    _, exchange = waiting(pages)
    pages.declare(CONTACT_PERSON)
    fields = {"value-unit": "Team 412", "value-channels-1-kind": "email", "value-channels-1-value": "team@example.org"}
    tell(pages.liaison(), exchange, CONTACT_PERSON, **fields)
    (record,) = arrived(pages)
    assert record["contact_persons"]["jobcenter"]["channels"] == [{"kind": "email", "value": "team@example.org"}]


def test_whether_anything_was_taken_shows_nowhere(pages):
    """The same bytes, but for the receipt, whether the client allowed it or not."""
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    withheld = tell(liaison, exchange, MEASURES, **MEASURE)
    pages.declare(MEASURES)
    taken = tell(liaison, exchange, MEASURES, **MEASURE)
    assert without_ids(withheld) == without_ids(taken)
    assert withheld.answer.text != taken.answer.text
    assert len(arrived(pages)) == 2  # both were decided by the worker, after the client had allowed it
    for word in ("übernommen", "erlaubt"):
        assert word not in taken.text


def test_what_the_client_does_not_allow_reaches_nobody(pages):
    _, exchange = waiting(pages)
    tell(pages.liaison(), exchange, MEASURES, **MEASURE)
    assert arrived(pages) == []


@pytest.mark.parametrize("view", ["/answer", f"/answer/{APPOINTMENTS}"])
@pytest.mark.parametrize("why", NOT_THERE)
def test_what_is_not_there_is_not_answered_in_the_same_bytes(pages, why, view):
    liaison = pages.liaison()
    exchange = NOT_THERE[why](pages, liaison)
    known, unknown = (liaison.get(f"/pages/inbox/{each}{view}") for each in (exchange, new_id()))
    assert (known.status, unknown.status) == (404, 404)
    assert without_ids(known) == without_ids(unknown)


@pytest.mark.parametrize("step", ["review", "change", "send"])
@pytest.mark.parametrize("why", ["another partner's", "unknown", "revoked", "paused", "acknowledged"])
def test_nothing_can_be_sent_to_what_is_not_there(pages, why, step):
    liaison = pages.liaison()
    exchange = NOT_THERE[why](pages, liaison)
    fields = {"key": new_id(), "step": step, **APPOINTMENT}
    known, unknown = (liaison.post(f"/pages/inbox/{each}/answer/{APPOINTMENTS}", fields) for each in (exchange, new_id()))
    assert (known.status, unknown.status) == (404, 404)
    assert without_ids(known) == without_ids(unknown)
    wrong = liaison.post(f"/pages/inbox/{exchange}/answer/{APPOINTMENTS}", {"key": new_id(), "step": step})
    assert wrong.status == 404  # not a word about the form
    assert pages.work() == 0


def test_revoked_between_review_and_sending_it_is_not_sent(pages):
    declaration, exchange = waiting(pages)
    review = form(pages.liaison(), exchange, APPOINTMENTS).send("Weiter zur Durchsicht", **APPOINTMENT)
    pages.revoke(declaration)
    assert review.send("Antwort senden").status == 404
    assert pages.work() == 0


@pytest.mark.parametrize("scope", ["person.name", "health.constraints", "language.level", "x.y", "residence.status"])
def test_a_scope_that_is_not_offered_is_not_there(pages, scope):
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    assert liaison.get(f"/pages/inbox/{exchange}/answer/{scope}").status == 404
    assert liaison.post(f"/pages/inbox/{exchange}/answer/{scope}", {"key": new_id(), "step": "send", "value": "x"}).status == 404


@pytest.mark.parametrize(
    "fields",
    [{"value-0-note": "x"}, {"value-1-at": "2026-04-01T09:30"}, {"record": "{}"}, {"reference": REFERENCE}, {"scope": "person.name"}],
)
def test_a_field_that_the_form_does_not_have_is_refused(pages, fields):
    _, exchange = waiting(pages)
    path = f"/pages/inbox/{exchange}/answer/{APPOINTMENTS}"
    page = pages.liaison().post(path, {"key": new_id(), "step": "send", **APPOINTMENT, **fields})
    assert page.status == 400
    assert pages.work() == 0


@pytest.mark.parametrize("key", ["", "x", "../", "0" * 36])
def test_a_key_that_is_none_of_ours_is_refused(pages, key):
    _, exchange = waiting(pages)
    path = f"/pages/inbox/{exchange}/answer/{APPOINTMENTS}"
    assert pages.liaison().post(path, {"key": key, "step": "send", **APPOINTMENT}).status == 400


@pytest.mark.parametrize(
    ("scope", "fields", "field", "sentence"),
    [
        (APPOINTMENTS, {"value-0-with": "x"}, "value-0-at", "Bitte füllen Sie dieses Feld aus."),
        (APPOINTMENTS, {"value-0-with": "x", "value-0-at": "morgen"}, "value-0-at", "Bitte geben Sie Tag und Uhrzeit an"),
        (APPOINTMENTS, {"value-0-with": "x", "value-0-at": "2026-03-29T02:30"}, "value-0-at", "Bitte geben Sie Tag und Uhrzeit an"),
        (APPOINTMENTS, {"value-0-with": "a\x07b", "value-0-at": "2026-04-01T09:30"}, "value-0-with", "Der Text enthält ein Zeichen"),
        (APPOINTMENTS, {"value-0-with": "x" * 2001, "value-0-at": "2026-04-01T09:30"}, "value-0-with", "Bitte kürzen Sie den Text."),
        (MEASURES, MEASURE | {"value-0-status": "vielleicht"}, "value-0-status", "Bitte wählen Sie aus der Liste."),
        (MEASURES, MEASURE | {"value-0-decided_on": "31.2.2026"}, "value-0-decided_on", "Bitte geben Sie einen Tag an"),
        (MEASURES, MEASURE | {"value-0-provider": "حزم"}, "value-0-provider", "Bitte schreiben Sie das in lateinischen Buchstaben."),
        (CONTACT_PERSON, {"value-unit": "x", "value-channels-1-value": "1"}, "value-channels-1-kind", "Bitte füllen Sie dieses Feld aus."),
        ("identifiers.jobcenter_number", {"value": "123"}, "value", "Bitte prüfen Sie die Schreibweise."),
        ("identifiers.jobcenter_number", {}, "value", "Bitte füllen Sie dieses Feld aus."),
    ],
)
@pytest.mark.parametrize("step", ["review", "send"])
def test_what_is_wrong_is_said_at_its_field(pages, scope, fields, field, sentence, step):
    _, exchange = waiting(pages)
    said = {"key": new_id(), "step": step, **fields}
    page = pages.liaison().post(f"/pages/inbox/{exchange}/answer/{scope}", said)
    assert page.status == 422
    (error,) = page.tree.xpath("//*[@id=$id]", id=f"{field}-error")
    assert sentence in error.text_content()
    (bound,) = page.tree.xpath("//*[@name=$name]", name=field)
    assert f"{field}-error" in bound.get("aria-describedby")
    for name, text in fields.items():
        (kept,) = page.tree.xpath("//*[@name=$name]", name=name)
        if kept.tag == "input" and text.isprintable():
            assert kept.get("value") == text
    assert pages.work() == 0


def test_what_is_wrong_with_several_fields_is_said_where_they_begin(pages):
    _, exchange = waiting(pages)
    fields = {"value-channels-0-kind": "phone", "value-channels-0-value": "1"}
    page = form(pages.liaison(), exchange, CONTACT_PERSON).send("Weiter zur Durchsicht", **fields)
    assert page.status == 422
    assert "Bitte füllen Sie mindestens eines dieser Felder aus." in page.text


def test_nothing_typed_is_nothing_sent(pages):
    _, exchange = waiting(pages)
    for scope in (APPOINTMENTS, CONTACT_PERSON, "benefits.cooperation_plan"):
        page = form(pages.liaison(), exchange, scope).send("Weiter zur Durchsicht")
        assert page.status == 422


def test_what_was_looked_at_can_be_changed(pages):
    _, exchange = waiting(pages)
    pages.declare(MEASURES)
    review = form(pages.liaison(), exchange, MEASURES).send("Weiter zur Durchsicht", **MEASURE)
    assert "Bewerbungskurs" in review.text
    assert "bewilligt" in review.text
    assert "approved" not in review.text
    again = review.send("Ändern")
    assert again.status == 200
    again.send("Weiter zur Durchsicht", **{"value-0-title": "Sprachkurs"}).send("Antwort senden")
    (record,) = arrived(pages)
    assert record["work"]["measures"][0]["title"] == "Sprachkurs"


def test_sent_twice_is_once(pages):
    _, exchange = waiting(pages)
    pages.declare(MEASURES)
    review = form(pages.liaison(), exchange, MEASURES).send("Weiter zur Durchsicht", **MEASURE)
    first, second = review.send("Antwort senden"), review.send("Antwort senden")
    assert first.answer.text == second.answer.text
    assert pages.work() == 1
    assert len(pages.inbox()) == 1


def test_a_receipt_is_shown_to_whoever_answered_and_to_nobody_else(pages):
    _, exchange = waiting(pages)
    page = tell(pages.liaison(), exchange, MEASURES, **MEASURE)
    assert pages.liaison().get(page.path).answer.text == page.answer.text
    assert pages.liaison(login="zweite").get(page.path).status == 404
    assert pages.liaison(ABH, login="abh").get(page.path).status == 404
    assert pages.liaison().get(f"/pages/inbox/{exchange}/answered/{new_id()}").status == 404


def test_a_script_stays_text_in_review_and_with_the_manager(pages):
    _, exchange = waiting(pages)
    pages.declare(MEASURES)
    evil = MEASURE | {"value-0-title": '"><script>alert(1)</script>', "value-0-note": "</textarea><script>alert(2)</script>"}
    review = form(pages.liaison(), exchange, MEASURES).send("Weiter zur Durchsicht", **evil)
    assert "<script>alert" not in review.answer.text
    assert '"><script>alert(1)</script>' in review.text
    again = review.send("Ändern")
    assert "<script>alert" not in again.answer.text
    assert again.tree.xpath("//textarea[@name='value-0-note']")[0].text == evil["value-0-note"]
    review.send("Antwort senden")
    pages.work()
    received = pages.manager().get("/pages/received")
    assert "<script>alert" not in received.answer.text


def test_pages_hold_neither_reference_nor_client(pages):
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    seen = [liaison.get(f"/pages/inbox/{exchange}/answer"), form(liaison, exchange, APPOINTMENTS)]
    seen += [seen[1].send("Weiter zur Durchsicht", **APPOINTMENT), tell(liaison, exchange, APPOINTMENTS, **APPOINTMENT)]
    for page in seen:
        assert REFERENCE not in page.answer.text
        assert CLIENT not in page.answer.text


def test_labels_in_an_english_page_say_that_they_are_german(pages):
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    liaison.http.cookies.set("imgate-language", "en")
    page = liaison.get(f"/pages/inbox/{exchange}/answer/{APPOINTMENTS}")
    assert re.search(r'<label[^>]*><span lang="de">Zeitpunkt</span>', page.answer.text)
