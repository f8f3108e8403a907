"""Every text of a wording is printed by some paper, and every text that a paper is given is printed by its template."""

import dataclasses
import json
import re
from importlib import resources

import pytest

from imgate.consent.bundle_life import EVENTS
from imgate.documents import annex, blank, clients_copy, form
from imgate.documents.office import Office
from imgate.documents.wording import Wording, words_of
from imgate.exchange.declarations.course import course_of
from imgate.exchange.declarations.would_be import AnnexRequest, WouldBeMessage, would_be_sent
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import Clause, DeclaredDirection, SignerRole
from tests.documents.declared import OFFICE, form_of
from tests.documents.worlds import opened
from tests.exchange.conftest import ABH, JOBCENTER

TEMPLATES = resources.files("imgate.documents") / "templates"
GERMAN = words_of("1", "de")
# One text for each word of a closed list: that the words are those of the list is another test's (test_wording.py).
CLOSED_LISTS = {"scopes", "purposes", "directions", "roles", "states", "kinds", "events", "reasons"}


@pytest.fixture
def world(tmp_path):
    with opened(tmp_path) as world:
        world.link()
        yield world


@pytest.fixture
def asked(monkeypatch):
    """Collect what the papers ask of the wording."""
    keys = set()
    found = Wording._found

    def noted(self, key):
        keys.add(key)
        return found(self, key)

    monkeypatch.setattr(Wording, "_found", noted)
    return keys


@pytest.fixture
def given(monkeypatch):
    """Collect the names of the texts that each template is given to choose from."""
    names = {}

    def noted(typeset):
        def noting(template, data, **more):
            names.setdefault(template, set()).update(data["w"])
            return typeset(template, data, **more)

        return noting

    for module in (annex, blank, clients_copy, form):
        monkeypatch.setattr(module, "typeset", noted(module.typeset))
    return names


def set_every_paper(world, samples):
    """Set each paper, as often as it takes until each of its texts has its case."""
    for direction in DeclaredDirection:
        form_of(direction=direction.value, signers_required=[role.value for role in SignerRole])
    for clause in Clause:
        form_of("ar", clauses=[clause.value], interpreter=None, onward_from=[], informed_of=[], wording="1-gdpr-land")
    blank.blank(world.corridor.policy.partners[JOBCENTER], "Stelle", GERMAN, OFFICE)
    declaration = world.declare("language.level", "language.course", "education.vocational", signed=False)
    clients_copy.clients_copy(course_of(world.corridor, declaration), GERMAN, OFFICE)
    world.sign(declaration)
    other = world.declare("language.level", "residence.status", onward_from=[ABH])
    world.revoke(other, ["residence.status"])
    clients_copy.clients_copy(course_of(world.corridor, other), GERMAN, Office())
    world.revoke(other)
    clients_copy.clients_copy(course_of(world.corridor, other), GERMAN, Office())
    record = json.loads((samples / "K-2026-1101.json").read_text(encoding="utf-8"))
    record["language"]["level"]["tested_on"] = None
    record["education"]["vocational"] = [{"title": "Schneiderin", "certificate": given} for given in (True, False)]
    request = AnnexRequest.model_validate({"purpose": "labour_market_integration", "record": record})
    shown = would_be_sent(world.corridor, declaration, request)
    for message in (None, shown.message, WouldBeMessage("application/zip", b"PK"), WouldBeMessage("text/csv", b"a;" * 40_000)):
        annex.annex(dataclasses.replace(shown, message=message), GERMAN)
    annex.annex(dataclasses.replace(shown, origins={}), GERMAN)


def test_every_text_is_printed_by_some_paper(world, asked, samples):
    set_every_paper(world, samples)
    there = {f"{section}.{name}" for section, texts in GERMAN.german.texts.items() if section not in CLOSED_LISTS for name in texts}
    assert there - asked == set()


def test_every_text_that_a_paper_is_given_is_printed_by_its_template(world, given, samples):
    set_every_paper(world, samples)
    assert set(given) == {"annex", "blank", "copy", "form"}
    for template, names in given.items():
        assert names <= printed_by(template) | printed_by("sheet"), template
        assert printed_by(template) <= names, template


def printed_by(template):
    return set(re.findall(r"\bw\.(\w+)", (TEMPLATES / f"{template}.typ").read_text(encoding="utf-8")))


def test_a_reason_in_words_is_one_that_there_is():
    assert set(GERMAN.german.texts["reasons"]) - {"other"} <= {reason.value for reason in Reason}


def test_an_event_in_words_is_one_that_there_is():
    assert set(GERMAN.german.texts["events"]) == EVENTS
