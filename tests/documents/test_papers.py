"""The doors get a form of exactly the stored declaration, or a refusal that says who must act."""

import dataclasses
import hashlib
import sys

import pytest

from imgate.codelists import read_code_list
from imgate.documents import typesetting
from imgate.documents.papers import Papers
from imgate.exchange.code_lists import Import, import_code_list
from imgate.exchange.declarations import register
from imgate.exchange.declarations.would_be import AnnexRequest
from imgate.exchange.refusals import Refused
from tests.codelists.made_up import version
from tests.documents.declared import OFFICE, attached, text_of
from tests.documents.worlds import opened
from tests.exchange.conftest import JOBCENTER

NATIONALITIES = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit"


@pytest.fixture
def world(tmp_path):
    with opened(tmp_path) as world:
        yield world


@pytest.fixture
def papers(world):
    return Papers(world.corridor, OFFICE)


def refused(step, *args):
    with pytest.raises(Refused) as refusal:
        step(*args)
    return refusal.value.status, refusal.value.code


def test_the_form_is_of_that_very_declaration(world, papers):
    declaration = world.declare("language.level", signed=False)
    pdf = papers.form(declaration)
    digest = register.show(world.corridor, declaration)["digest"]
    assert hashlib.sha256(attached(pdf)["declaration.json"]).hexdigest() == digest
    assert digest[:16] in text_of(pdf)
    assert "المستوى" in text_of(pdf)
    assert "Unterschriften" in text_of(pdf)


def test_a_revoked_one_says_so_on_its_form(world, papers):
    declaration = world.declare("language.level")
    assert "widerrufen oder ersetzt" not in text_of(papers.form(declaration, "de"))
    world.revoke(declaration)
    assert "widerrufen oder ersetzt" in text_of(papers.form(declaration, "de"))


def test_another_language_can_be_asked_for(world, papers):
    declaration = world.declare("language.level")
    assert "Рівень" in text_of(papers.form(declaration, "uk-UA"))


def test_a_declaration_in_a_language_without_papers_is_german(world, papers):
    text = text_of(papers.form(world.declare("language.level", language="ku")))
    assert "Sprachniveau" in text
    assert "Übersetzungsentwurf" not in text


def test_what_cannot_be_printed_is_refused(world, papers):
    declaration = world.declare("language.level")
    assert refused(papers.form, declaration, "ku") == (422, "language_unsupported")
    assert refused(papers.form, "00000000-0000-4000-8000-000000000000") == (404, "not_found")
    assert refused(papers.blank, "nobody") == (404, "not_found")
    assert refused(papers.blank, JOBCENTER, "ku") == (422, "language_unsupported")


def test_an_unreadable_declaration_gets_no_form(world, papers, monkeypatch):
    declaration = world.declare("language.level")
    shown = register.show(world.corridor, declaration) | {"state": "unreadable"}
    monkeypatch.setattr(register, "show", lambda *_: shown)
    assert refused(papers.form, declaration) == (409, "declaration_unreadable")


def test_a_wording_that_this_release_does_not_hold_is_refused(world, papers, monkeypatch):
    declaration = world.declare("language.level")
    shown = register.show(world.corridor, declaration)
    monkeypatch.setattr(register, "show", lambda *_: shown | {"content": shown["content"] | {"wording": "99"}})
    assert refused(papers.form, declaration) == (501, "wording_unknown")


def test_without_the_extra_the_operator_is_told(world, papers, monkeypatch):
    declaration = world.declare("language.level")
    typesetting._compiler.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    assert refused(papers.form, declaration) == (501, "papers_unavailable")
    typesetting._compiler.cache_clear()


def test_the_same_form_is_the_same_bytes_on_another_day(world, papers):
    declaration = world.declare("language.level")
    first = papers.form(declaration)
    world.later(days=3)
    assert papers.form(declaration) == first


def test_the_configuration_s_office_stands_on_the_form(tmp_path):
    with opened(tmp_path) as world:
        office = world.gateway.settings.papers.model_copy(update={"office": ("Marktplatz 1",), "data_protection_officer": "Dr. D. Schutz"})
        settings = world.gateway.settings.model_copy(update={"papers": office})
        gateway = dataclasses.replace(world.gateway, settings=settings)
        text = text_of(gateway.papers.blank(JOBCENTER))
        assert "Marktplatz 1" in text
        assert "Dr. D. Schutz" in text


def test_the_annex_shows_names_of_codes_once_their_list_is_imported(world, papers):
    world.link()
    declaration = world.declare("person.nationality", signed=False)
    request = AnnexRequest.model_validate({"purpose": "labour_market_integration", "record": {"person": {"nationality": ["423"]}}})
    before = text_of(papers.annex(declaration, request))
    content = version("2024-08-01", name="Afghanistan", uri=NATIONALITIES).replace(b"<SimpleValue>1<", b"<SimpleValue>423<")
    assert import_code_list(world.corridor, read_code_list(content), "a" * 64, replace=False) is Import.NEW
    after = text_of(papers.annex(declaration, request))
    assert "Afghanistan" not in before
    assert "Schlüssel 423 der Liste „Staatsangehörigkeiten“" in before
    assert "Afghanistan" in after
    assert "Schlüssel" not in after
