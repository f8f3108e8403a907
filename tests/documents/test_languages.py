"""Which language a BCP 47 tag gets: the lookup of RFC 4647, and nothing for a tag that none of ours serves."""

from datetime import date

import pytest

from imgate.documents.languages import LANGUAGES, language_of, written_day


@pytest.mark.parametrize(
    ("tag", "served_by"),
    [
        ("ar-SY", "ar"),
        ("AR", "ar"),
        ("ps-AF", "ps"),
        ("fa-AF", "prs"),
        ("FA-af", "prs"),
        ("prs-AF", "prs"),
        ("fa-Arab-AF", "prs"),
        ("fa-IR", "fa"),
        ("fa", "fa"),
        ("de-CH-1996", "de"),
        ("en-GB", "en"),
        ("uk-UA-x-own", "uk"),
        ("so-Latn", "so"),
        ("ru-Cyrl-RU", "ru"),
        ("ti-ER", "ti"),
        *((tag, tag) for tag in LANGUAGES),
    ],
)
def test_a_tag_is_served_by_its_language(tag, served_by):
    assert language_of(tag).tag == served_by


@pytest.mark.parametrize("tag", ["ku", "ckb", "x-private", "i-klingon", "", "-", "arabic", "so-Arab", "tr-Arab", "uk-Latn", "zh", "d"])
def test_a_tag_that_none_of_ours_serves_has_none(tag):
    assert language_of(tag) is None


def test_four_languages_run_from_right_to_left():
    assert {tag for tag, language in LANGUAGES.items() if language.right_to_left} == {"ar", "prs", "fa", "ps"}


def test_a_day_is_written_alike_everywhere():
    assert written_day(date(2026, 1, 5)) == "05.01.2026"
