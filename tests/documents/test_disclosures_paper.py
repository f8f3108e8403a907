"""The disclosures on paper: every hand-out stands in it, in every language, and nothing of anybody else."""

import io
import json
import re
import tomllib
from datetime import date, datetime
from functools import cache
from importlib import resources

import pikepdf
import pytest

from imgate.documents import disclosure_paper as module
from imgate.documents import wording
from imgate.documents.disclosure_paper import disclosures_paper
from imgate.documents.languages import LANGUAGES
from imgate.documents.office import Office
from imgate.documents.wording import Reviewer, words_of
from imgate.exchange.refusals import Refused
from imgate.exchange.rights.disclosed import Arrival, Category, Term, disclosed
from imgate.record import CATALOGUE
from imgate.vocabulary.words import Purpose
from tests.documents.declared import attached, letters, pages, structure, text_of
from tests.documents.papered import BERLIN, metadata
from tests.documents.worlds import opened
from tests.exchange.conftest import ABH, CLIENT
from tests.exchange.rights.handed_out import hand_out_many

OFFICE = Office(("Marktplatz 1, 71364 Winnenden", "+49 7195 13-0"), "Dr. D. Schutz")
HOSTILE = """#panic("boom") $x^2$ @ref ] [ *bold* _it_ <label> \\ // `raw` {curly}"""
# Number, day, time, and the end of the exchange's id: in this order in every language, because the columns are.
_ROW = re.compile(r"(\d+)\s+(\d{2}\.\d{2}\.\d{4})\s+(\d{2}:\d{2}:\d{2})\s+…?([0-9a-f]{12})")
MARK = "Maschineller Übersetzungsentwurf"


class Many:
    """A client with 60 hand-outs, and each paper of them set once."""

    def __init__(self, world):
        self.world = world
        self.found = told(world)
        self._set = {}

    def paper(self, tag="de"):
        if tag not in self._set:
            self._set[tag] = paper(self.found, tag)
        return self._set[tag]


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("many")) as world:
        hand_out_many(world, 60)
        yield Many(world)


@pytest.fixture
def world(tmp_path):
    with opened(tmp_path) as world:
        yield world


def told(world, client=CLIENT):
    return disclosed(world.corridor, client, world.gateway.terms)


def paper(found, tag="de", office=OFFICE):
    return disclosures_paper(found, words_of("1", tag), office, BERLIN)


@cache
def texts():
    return tomllib.loads((resources.files("imgate.documents") / "disclosure_words.toml").read_text(encoding="utf-8"))


def printed_rows(pdf, tag):
    """Read each row off the pages: its number, day, time, exchange, and how many scopes it says it has.

    Of the exchange only which characters it has: where a page runs from right to left, pypdfium2 turns digits and letters round.
    """
    text = "\n".join(pages(pdf))
    found = list(_ROW.finditer(text))
    counts = {letters(texts()[tag]["count"].format(count=count)): count for count in range(len(CATALOGUE.scopes) + 1)}
    rows = []
    for row, following in zip(found, [*found, None][1:], strict=True):
        rest = text[row.end() : None if following is None else following.start()]
        said = [counts[letters(line)] for line in rest.split("\n") if letters(line) in counts]
        rows.append((int(row[1]), row[2], row[3], sorted(row[4]), said[0]))
    return rows


def expected_rows(found):
    rows = []
    for number, row in enumerate(found["disclosures"], 1):
        here = datetime.fromisoformat(row["at"]).astimezone(BERLIN)
        rows.append((number, f"{here:%d.%m.%Y}", f"{here:%H:%M:%S}", sorted(row["exchange"][-12:]), len(row["scopes"])))
    return rows


def in_database(world):
    with world.corridor.store.reading() as tx:
        return [(row.exchange, row.at, list(row.scopes)) for row in tx.disclosures.of(tx.clients.find(CLIENT).digest)]


def is_complete(world, found, pdf, tag):
    stored = in_database(world)
    assert [(row["exchange"], datetime.fromisoformat(row["at"]), row["scopes"]) for row in found["disclosures"]] == stored
    assert printed_rows(pdf, tag) == expected_rows(found)
    assert json.loads(attached(pdf)["disclosures.json"]) == found


# ---- Nothing is left out ----


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_hand_out_of_the_database_stands_in_it(many, tag):
    is_complete(many.world, many.found, many.paper(tag), tag)


@pytest.mark.long
@pytest.mark.parametrize("tag", ["de", "ar"])
def test_every_one_of_500_stands_in_it(world, tag):
    """Short form: ``test_every_hand_out_of_the_database_stands_in_it`` with 60."""
    hand_out_many(world, 500)
    found = told(world)
    is_complete(world, found, paper(found, tag), tag)


def test_each_row_names_who_what_what_for_and_until_when(many):
    found, text = many.found, letters(text_of(many.paper()))
    german = words_of("1", "de").german
    for number, row in enumerate(found["disclosures"], 1):
        here = datetime.fromisoformat(row["at"]).astimezone(BERLIN)
        scopes = "".join(letters(german.scope(scope)[0][0]) for scope in row["scopes"])
        begins = text.index(letters(f"{number}{here:%d%m%Y%H%M%S}{row['exchange'][-12:]}{row['name']}"))
        ends = text.index(letters(german.text(f"purposes.{row['purpose']}")), begins)
        assert scopes in text[begins:ends]


def test_who_received_and_who_sent_stands_at_a_glance(many):
    text = text_of(many.paper())
    glance = text.partition("Auf einen Blick")[2].partition("Jede Weitergabe einzeln")[0]
    for said in ("Ausländerbehörde Winnenden", "Jobcenter Rems-Murr, Team 412", "Aufenthaltsstatus", "Vermittlungsvorschläge"):
        assert said in glance
    assert sum(int(count) for count in re.findall(r"Anzahl: (\d+)", glance)) == 60


def test_each_page_says_again_what_its_columns_are_and_which_page_it_is(many):
    pdf = many.paper()
    rows_begin = [page for page in pages(pdf) if _ROW.search(page)]
    assert len(rows_begin) > 3
    assert all("Wofür und mit welcher Erlaubnis" in page for page in rows_begin)
    said = pages(pdf)
    assert all(f"Seite {number} von {len(said)}" in page for number, page in enumerate(said, 1))


def test_what_is_uncertain_and_from_whom_it_came_is_said(many):
    text = text_of(many.paper())
    for said in (
        "Es ist nicht sicher, ob es angekommen ist. Es zählt als bekommen.",
        "Der Empfang ist bestätigt.",
        "Herkunft: von mir selbst",
        "Herkunft: Jobcenter Rems-Murr, Team 412",
        "Herkunft Ausländerbehörde Winnenden: Aufenthaltsstatus",
        "Erklärung 1, gilt bis 31.12.2026",
        "Erklärung 1, galt bis 03.03.2026 nur: Arbeit zurzeit",
        "Widerrufen am 03.03.2026: Arbeit zurzeit",
    ):
        assert said in text, said


def test_it_says_what_is_kept_for_how_long_and_what_rights_there_are(many):
    text = text_of(many.paper())
    for said in (
        "höchstens so viele Tage: 180",
        "so viele Jahre danach: 3",
        "Auskunft, Berichtigung und Löschung",
        "Marktplatz 1",
        "Dr. D. Schutz",
    ):
        assert said in text, said


# ---- In the client's language alone ----


def test_an_arabic_paper_runs_from_right_to_left_and_is_arabic_to_a_screen_reader(many):
    pdf = many.paper("ar")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "ar"
        assert str(document.Root.ViewerPreferences.Direction) == "/R2L"
    kinds = [kind for kind, _ in structure(pdf)]
    assert (kinds.count("/THead"), kinds.count("/Title")) == (4, 1)
    assert "pdfuaid" in metadata(pdf)


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "de"])
def test_a_translation_says_on_every_page_that_it_is_a_machine_draft(many, tag):
    assert all(letters(MARK) in letters(page) or all(word in page for word in MARK.split()) for page in pages(many.paper(tag)))


def test_german_is_no_draft(many):
    assert MARK not in text_of(many.paper())


def test_a_translation_whose_wording_somebody_checked_is_a_draft_all_the_same(world, monkeypatch):
    monkeypatch.setattr(wording, "_reviewer", lambda *_: Reviewer("Dr. A. Muster", date(2026, 1, 1)))
    wording._wording.cache_clear()
    try:
        world.declare("language.level")
        checked = words_of("1", "tr")
        assert not checked.machine_draft
        assert MARK in text_of(disclosures_paper(told(world), checked, OFFICE, BERLIN))
    finally:
        wording._wording.cache_clear()


def test_all_languages_have_the_same_texts_with_the_same_places():
    german, *others = (texts()[tag] for tag in LANGUAGES)
    places = {name: sorted(re.findall(r"\{(\w+)\}", text)) for name, text in german.items()}
    for other in others:
        assert {name: sorted(re.findall(r"\{(\w+)\}", text)) for name, text in other.items()} == places
    assert list(texts()) == list(LANGUAGES)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_word_of_a_closed_list_has_its_text(tag):
    said = texts()[tag]
    assert {f"{category.value}_kept" for category in Category} <= said.keys()
    assert {term.value for term in Term} <= said.keys()
    assert {Arrival.UNCERTAIN.value, Arrival.REJECTED.value, Arrival.ACKNOWLEDGED.value} <= said.keys()
    words = words_of("1", tag)
    assert all((words.other or words.german).runs(f"purposes.{purpose.value}") for purpose in Purpose)


# ---- Nobody else, and whatever somebody wrote ----


def test_who_received_nothing_is_told_so(world):
    world.declare("language.level")
    text = text_of(paper(told(world)))
    assert "Bisher hat niemand etwas bekommen oder geschickt." in text
    assert "Jede Weitergabe einzeln" not in text


def test_another_clients_rows_never_stand_in_it(world):
    hand_out_many(world, 10, client="K-2026-2202")
    world.declare("language.level")
    pdf = paper(told(world))
    assert printed_rows(pdf, "de") == []
    assert "K-2026-2202" not in text_of(pdf) + metadata(pdf) + attached(pdf)["disclosures.json"].decode()


@pytest.mark.parametrize("tag", ["de", "fa"])
def test_a_name_is_never_read_as_markup(world, tag):
    hand_out_many(world, 4)
    hostile = told(world)
    for each in (*hostile["partners"], *hostile["disclosures"]):
        each["name"] = HOSTILE
    text = text_of(paper(hostile, tag))
    assert all(word in text for word in ("panic", "boom", "label", "curly", "raw"))


def test_the_same_report_gives_the_same_bytes(many):
    assert paper(many.found, "ti") == many.paper("ti")


def test_without_a_wish_it_is_in_the_language_that_the_client_signed_in_last(world):
    world.declare("language.level", language="tr")
    world.declare("residence.status", partner=ABH, language="ar-SY")
    papers = world.gateway.papers
    assert papers.disclosures(told(world)) == papers.disclosures(told(world), "ar")


def test_a_client_whose_language_there_is_no_paper_in_gets_german(world):
    world.declare("language.level", language="ku")
    assert "Auskunft: was über mich weitergegeben wurde" in text_of(world.gateway.papers.disclosures(told(world)))


def test_a_language_that_there_is_not_is_refused(world):
    world.declare("language.level")
    with pytest.raises(Refused) as refused:
        world.gateway.papers.disclosures(told(world), "tlh")
    assert refused.value.code == "language_unsupported"


def test_the_digits_of_an_id_are_enough_to_tell_two_of_one_moment_apart(many):
    assert len({row["exchange"][-module._TAIL :] for row in many.found["disclosures"]}) == 60
