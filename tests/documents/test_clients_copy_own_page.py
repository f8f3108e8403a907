"""A copy carries the address and the code of the client's own page where there is one, for the eye and for a telephone."""

import tomllib
from importlib import resources

import pytest

from imgate.documents import clients_copy as module
from imgate.documents.clients_copy import OwnPage, clients_copy
from imgate.documents.digest_code import address_code
from imgate.documents.languages import LANGUAGES
from imgate.documents.office import Office
from imgate.documents.papers import Papers
from imgate.documents.wording import words_of
from imgate.exchange.client_page import code_on_copy, in_groups, make_page, renew_code
from imgate.exchange.declarations.course import course_of
from tests.documents.test_clients_copy import pages, text_of
from tests.documents.worlds import opened
from tests.exchange.conftest import CLIENT

URL = "https://einwilligung.winnenden.example"
PAGE = OwnPage(f"{URL}/pages/client", "0123456789ABCDEFGHJK")


@pytest.fixture
def world(tmp_path):
    with opened(tmp_path) as world:
        yield world


@pytest.fixture
def declaration(world):
    return world.declare("language.level")


def papers(world):
    return Papers(world.corridor, Office(), URL)


def copy_of(world, declaration, tag="de", own_page=PAGE):
    return clients_copy(course_of(world.corridor, declaration), words_of("1", tag), Office(), own_page)


def texts():
    return tomllib.loads((resources.files("imgate.documents") / "client_page_words.toml").read_text(encoding="utf-8"))


def test_without_a_wish_nothing_of_it_stands_on_a_copy(world, declaration):
    text = text_of(papers(world).copy(declaration, "de"))
    assert "eigene Seite" not in text
    assert "/pages/client" not in text


def test_with_a_page_address_and_code_stand_on_it(world, declaration):
    make_page(world.corridor, "manager", CLIENT)
    text = text_of(papers(world).copy(declaration, "de"))
    assert "Meine eigene Seite" in text
    assert f"{URL}/pages/client" in text
    assert in_groups(code_on_copy(world.corridor, declaration)) in text


def test_printing_again_prints_the_same_code(world, declaration):
    make_page(world.corridor, "manager", CLIENT)
    assert papers(world).copy(declaration, "de") == papers(world).copy(declaration, "de")


def test_another_code_stands_on_the_next_copy(world, declaration):
    make_page(world.corridor, "manager", CLIENT)
    before = in_groups(code_on_copy(world.corridor, declaration))
    renew_code(world.corridor, "manager", CLIENT)
    assert before not in text_of(papers(world).copy(declaration, "de"))


def test_somebody_elses_page_gives_a_copy_nothing(world, declaration):
    world.declare("language.level", client="K-2026-2202")
    make_page(world.corridor, "manager", "K-2026-2202")
    assert "eigene Seite" not in text_of(papers(world).copy(declaration, "de"))


def test_neither_form_nor_consent_record_carries_the_code(world):
    draft = world.declare("language.level", signed=False)
    make_page(world.corridor, "manager", CLIENT)
    code = code_on_copy(world.corridor, draft)
    assert in_groups(code) not in text_of(papers(world).form(draft, "de"))
    record = papers(world).consent_record(draft)
    assert code.encode() not in record
    assert in_groups(code).encode() not in record


def test_the_picture_holds_the_code_behind_the_hash(world, declaration, monkeypatch):
    drawn = []

    def draw(address):
        drawn.append(address)
        return address_code(address)

    monkeypatch.setattr(module, "address_code", draw)
    copy_of(world, declaration)
    assert drawn == [f"{URL}/pages/client#0123456789ABCDEFGHJK"]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_it_is_said_in_german_and_beside_it_in_every_language(world, declaration, tag):
    text = text_of(copy_of(world, declaration, tag))
    assert "0123-4567-89AB-CDEF-GHJK" in text
    assert "Meine eigene Seite" in text
    if not LANGUAGES[tag].right_to_left:
        assert texts()[tag]["title"] in text


@pytest.mark.parametrize("tag", ["ar", "ti"])
def test_the_longest_copy_is_a_page_longer_at_most(world, declaration, tag):
    assert len(pages(copy_of(world, declaration, tag))) <= len(pages(copy_of(world, declaration, tag, None))) + 1


def test_every_language_says_all_of_it():
    assert set(texts()) == set(LANGUAGES)
    for tag, said in texts().items():
        assert said.keys() == texts()["de"].keys(), tag
        assert all(said.values()), tag


def test_no_text_of_it_fills_anything_in():
    assert not any("{" in text for said in texts().values() for text in said.values())


def test_the_code_is_not_in_what_is_shown_for_debugging():
    assert PAGE.code not in repr(PAGE)
