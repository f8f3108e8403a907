"""The blank form offers exactly what a declaration to this partner may hold, and has no digest."""

import dataclasses

import pytest

from imgate.consent.policy import LEVEL_FLOOR, PartnerPolicy
from imgate.documents.blank import blank, offered
from imgate.documents.languages import LANGUAGES
from imgate.documents.runs import plain
from imgate.documents.wording import words_of
from imgate.record import CATALOGUE
from imgate.vocabulary.words import Direction
from tests.documents.declared import OFFICE, attached, letters, text_of

UNIT = "Integrationsmanagement Winnenden"
OPEN = PartnerPolicy(
    partner="jobcenter-rems-murr",
    name="Jobcenter Rems-Murr, Team 412",
    formerly=frozenset(),
    ceiling={direction: frozenset(CATALOGUE.scopes) for direction in Direction},
    open=frozenset(),
    levels=LEVEL_FLOOR,
    partners=frozenset(),
    catalogue=CATALOGUE,
)


def blank_of(tag="de", **changes):
    return blank(dataclasses.replace(OPEN, **changes), UNIT, words_of("1", tag), OFFICE)


def words_for(scope):
    return letters(plain(words_of("1", "de").german.scope(scope)[0]))


def test_every_scope_of_the_ceiling_is_offered_and_no_closed_one():
    assert set(offered(OPEN)) == set(CATALOGUE.scopes) - CATALOGUE.closed
    text = letters(text_of(blank_of()))
    assert all(words_for(scope) in text for scope in offered(OPEN))
    assert not any(words_for(scope) in text for scope in CATALOGUE.closed)


def test_a_scope_beyond_the_ceiling_is_not_offered():
    narrow = {Direction.TO_PARTNER: frozenset({"language.level"})}
    assert offered(dataclasses.replace(OPEN, ceiling=narrow)) == ["language.level"]
    text = text_of(blank_of(ceiling=narrow))
    assert "Sprachniveau" in text
    assert "Aufenthaltsstatus" not in text
    assert "Zurück kommt nichts" in text
    assert "Gegenseitig" not in text


def test_a_scope_that_is_opened_for_the_partner_is_offered():
    assert "health.constraints" in offered(dataclasses.replace(OPEN, open=frozenset({"health.constraints"})))


def test_a_partner_that_may_have_nothing_is_offered_nothing():
    assert offered(dataclasses.replace(OPEN, ceiling={})) == []
    assert "Gegenseitig" not in text_of(blank_of(ceiling={}))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_it_has_no_digest_and_leaves_no_placeholder(tag):
    pdf = blank_of(tag)
    text = text_of(pdf)
    assert "SHA-256" not in text
    assert "{" not in text
    assert "Ein Vordruck hat keine Prüfsumme" in text
    assert attached(pdf) == {}


def test_it_has_lines_for_every_role_and_the_information():
    text = text_of(blank_of())
    for said in ("Klientin oder Klient", "Aufgabenkreis laut Beschluss", "Sorgeberechtigt als", "Widerruf:", "Freiwillig:", "widerruf@"):
        assert said in text
    assert "nicht als erklärt vermerkt" not in text


def test_the_same_configuration_makes_the_same_bytes():
    assert blank_of("ti") == blank_of("ti")
