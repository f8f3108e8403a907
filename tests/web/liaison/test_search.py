"""A search finds what is the partner's and permitted now; of anybody else it says nothing, in the same bytes and the same time."""

import time

import pytest

from imgate.exchange import reading_list
from imgate.exchange.ports import Wanted
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from imgate.storage.statement import Statement
from imgate.web.liaison import search
from tests.acceptance.chance import chance
from tests.acceptance.rank_sum import z_of
from tests.exchange.conftest import ABH, JOBCENTER, REFERENCE
from tests.web.liaison.waiting import LEVEL, ids_on, waiting

# Each reference is as long as the others, so that whole pages can be compared.
NOBODY, WITHOUT, REVOKED, ELSEWHERE, ERASED, PAUSED = (f"355A90000{place}" for place in range(6))
UNKNOWN_ALIKE = (NOBODY, WITHOUT, REVOKED, ELSEWHERE, ERASED, PAUSED)


@pytest.fixture
def crowd(pages):
    """People of each kind, and one of whom something waits."""
    waiting(pages)
    for place, reference in enumerate(UNKNOWN_ALIKE[1:]):
        client = f"K-2026-9{place:03}"
        partner = ABH if reference == ELSEWHERE else JOBCENTER
        pages.link(reference, client=client, partner=partner)
        if reference == WITHOUT:
            continue
        declaration = pages.declare("language.level", client=client, partner=partner)
        assert pages.send(LEVEL, client=client, partner=partner)["state"] == "queued"
        if reference == REVOKED:
            pages.revoke(declaration)
        if reference == PAUSED:
            pages.pause(declaration)
        if reference == ERASED:
            erase_client(pages.gateway.store, client, pages.now, "operator")
    return pages


def found(pages, **typed):
    return ids_on(pages.liaison().post("/pages/search", typed))


def test_the_form_is_a_post_and_nothing_typed_stands_in_an_address(pages):
    page = pages.liaison().get("/pages/search")
    assert [form.get("method") for form in page.tree.xpath("//main//form")] == ["post"]
    answer = pages.liaison().get("/pages/search", params={"reference": REFERENCE})
    assert REFERENCE not in answer.answer.text


def test_who_is_known_by_this_reference_is_found(pages):
    _, exchange = waiting(pages)
    page = pages.liaison().get("/pages/search").send("Suchen", reference=f"  {REFERENCE} ")
    assert ids_on(page) == [exchange]
    assert page.tree.xpath("string(//input[@name='reference']/@value)") == REFERENCE


@pytest.mark.parametrize("reference", [REFERENCE[:-1], REFERENCE + "0", REFERENCE.lower(), "%", "355A%", "' OR 1=1 --", "K-2026-1101"])
def test_a_reference_is_found_as_a_whole_or_not_at_all(pages, reference):
    waiting(pages)
    assert found(pages, reference=reference) == []


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ({"purpose": "labour_market_integration"}, True),
        ({"purpose": "housing"}, False),
        ({"scope": "language.level"}, True),
        ({"scope": "work.status"}, False),
        ({"since": "2026-03-02", "until": "2026-03-02"}, True),
        ({"since": "2026-03-03"}, False),
        ({"until": "2026-03-01"}, False),
    ],
)
def test_the_other_fields_narrow_what_is_found(pages, typed, hit):
    waiting(pages)
    assert bool(found(pages, **typed)) is hit


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("since", "gestern"),
        ("until", "9999-12-31"),
        ("purpose", "alles"),
        ("scope", "health.constraints"),
        ("scope", "x"),
        ("reference", "x" * 65),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_searched(pages, field, text, monkeypatch):
    monkeypatch.setattr(reading_list, "page", lambda *_: pytest.fail("searched"))
    page = pages.liaison().post("/pages/search", {field: text})
    assert page.status == 422
    assert page.tree.xpath(f"//*[@name='{field}'][@aria-invalid='true']")


def test_days_in_the_wrong_order_are_said_to_be_so(pages):
    page = pages.liaison().post("/pages/search", {"since": "2026-03-02", "until": "2026-03-01"})
    assert (page.status, "Der letzte Tag liegt vor dem ersten." in page.text) == (422, True)
    page = pages.liaison().post("/pages/search", {"since": "2026-03-02", "until": "gestern"})
    assert "Bitte einen Tag angeben, zum Beispiel 2026-03-01." in page.text


def test_a_long_result_goes_on_by_post(pages):
    pages.link()
    pages.declare("language.level")
    liaison, ids = pages.liaison(), []
    for _ in range(26):
        ids.append(pages.send(LEVEL)["id"])
        liaison.get("/pages/inbox?order=newest")  # what was seen is not overtaken
    page = liaison.get("/pages/search").send("Suchen", reference=REFERENCE)
    assert ids_on(page) == ids[:25]
    assert ids_on(page.send("Weitere anzeigen")) == ids[25:]


def test_a_place_that_was_never_given_is_not_there(pages):
    assert pages.liaison().post("/pages/search", {"after": "AAAA"}).status == 404


# Of anybody else nothing


def test_nobody_and_whoever_may_not_be_read_about_give_the_same_bytes(crowd):
    liaison = crowd.liaison()
    answers = {who: liaison.post("/pages/search", {"reference": who}).answer for who in UNKNOWN_ALIKE}
    bodies = {answer.text.replace(who, "-") for who, answer in answers.items()}
    assert len(bodies) == 1
    assert "Dazu wartet nichts, das Sie lesen dürfen." in bodies.pop()
    assert len({(answer.status_code, *answer.headers.items()) for answer in answers.values()}) == 1


def test_the_database_is_asked_the_same_whoever_is_sought(crowd, monkeypatch):
    """So there is nothing that could take another time."""
    asked = {}
    run = {name: getattr(Statement, name) for name in ("run", "first", "all")}
    for who in UNKNOWN_ALIKE:
        steps = asked[who] = []
        for name, real in run.items():

            def noted(self, on, /, _real=real, _steps=steps, **values):
                _steps.append((id(self), tuple(values)))
                return _real(self, on, **values)

            monkeypatch.setattr(Statement, name, noted)
        reading_list.page(crowd.corridor, crowd.call(), JOBCENTER, Cursor(None, 25), Wanted(reference=who))
    assert len({tuple(steps) for steps in asked.values()}) == 1


def test_no_answer_goes_before_its_time(pages):
    """What is past its term and was not looked at yet is dropped by the search itself, which takes longer than to find nothing."""
    waiting(pages, valid_until="2026-03-02")
    pages.later(hours=18)
    liaison = pages.liaison()
    for reference in (REFERENCE, NOBODY):
        begun = time.perf_counter()
        assert ids_on(liaison.post("/pages/search", {"reference": reference})) == []
        assert time.perf_counter() - begun >= search.STEP_SECONDS


@pytest.mark.long
def test_the_time_tells_nothing_about_the_person(crowd):
    def seconds(who):
        begun = time.perf_counter()
        reading_list.page(crowd.corridor, crowd.call(), JOBCENTER, Cursor(None, 25), Wanted(reference=who))
        return time.perf_counter() - begun

    def alike(rng):
        order = [who for who in UNKNOWN_ALIKE for _ in range(2_000)]
        rng.shuffle(order)
        times = {who: [] for who in UNKNOWN_ALIKE}
        for who in order:
            times[who].append(seconds(who))
        return all(abs(z_of(times[NOBODY], times[who])) < 3 for who in UNKNOWN_ALIKE[1:])

    seconds(NOBODY)
    assert sum(alike(chance()) for _ in range(3)) >= 2
