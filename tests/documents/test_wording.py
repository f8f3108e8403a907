"""The words that are signed: complete in each language, never changed, and a machine draft until somebody certified has checked them."""

import hashlib
import re
import tomllib
from importlib import resources

import pytest

from imgate.consent.declaration import WORDING_OF_REGIME
from imgate.documents import wording
from imgate.documents.languages import LANGUAGES
from imgate.documents.wording import LanguageUnsupported, WordingIncomplete, words_of
from imgate.record import CATALOGUE
from imgate.vocabulary import words as vocabulary

FOLDER = resources.files("imgate.documents") / "wordings"
# A wording that was ever used is never changed: whoever changes a printed word makes the next one (wordings/README.md).
GERMAN_DIGESTS = {"1": "3ebec51c158b04dfd2c99375ad834858f2b4998ce8e3ed7a26f5d12a677e0f74"}


def texts(tag, version="1"):
    return tomllib.loads((FOLDER / version / f"{tag}.toml").read_text(encoding="utf-8"))


def flat(tag):
    found = {f"{section}.{key}": value for section, entries in texts(tag).items() for key, value in entries.items()}
    return {key: " | ".join(value) if isinstance(value, list) else value for key, value in found.items()}


@pytest.mark.parametrize(("version", "digest"), GERMAN_DIGESTS.items())
def test_no_printed_german_word_was_changed(version, digest):
    assert hashlib.sha256((FOLDER / version / "de.toml").read_bytes()).hexdigest() == digest


def test_every_wording_is_pinned():
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == set(GERMAN_DIGESTS)
    assert {wording.partition("-")[0] for wording in WORDING_OF_REGIME.values()} <= set(GERMAN_DIGESTS)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_each_language_says_all_that_the_german_text_says(tag):
    german, other = flat("de"), flat(tag)
    assert list(other) == list(german)
    for key, text in german.items():
        assert other[key].strip()
        assert sorted(re.findall(r"\{\w+\}", other[key])) == sorted(re.findall(r"\{\w+\}", text)), key


def test_every_word_of_the_closed_lists_is_in_the_wording():
    german = texts("de")
    assert set(german["scopes"]) == set(CATALOGUE.scopes)
    assert all(len(pair) == 2 for pair in german["scopes"].values())
    for section, words in (
        ("purposes", vocabulary.Purpose),
        ("directions", vocabulary.DeclaredDirection),
        ("roles", vocabulary.SignerRole),
        ("states", vocabulary.DeclarationState),
        ("kinds", vocabulary.EvidenceKind),
    ):
        assert set(german[section]) == {word.value for word in words}
    assert {told.value for told in vocabulary.Information} <= set(german["information"])


def test_a_missing_text_names_the_file_and_the_key():
    words = words_of("1", "ar")
    with pytest.raises(WordingIncomplete, match=r"wordings/1/de\.toml: form\.nothing"):
        words.both("form.nothing")
    with pytest.raises(WordingIncomplete, match=r"wordings/1/de\.toml: scopes\.no\.scope"):
        words.scope("no.scope")
    with pytest.raises(WordingIncomplete, match=r"form\.term_span"):
        words.both("form.term_span")


def test_an_unknown_language_names_those_that_there_are():
    with pytest.raises(LanguageUnsupported, match="de, en, fr, ar, prs, fa, uk, ru, tr, ti, so, ps"):
        words_of("1", "ku")


@pytest.fixture
def own_wording(tmp_path, monkeypatch):
    """Give a folder of wordings of which the test may name reviewers."""
    folder = tmp_path / "1"
    folder.mkdir()
    for tag in ("de", "ar"):
        (folder / f"{tag}.toml").write_bytes((FOLDER / "1" / f"{tag}.toml").read_bytes())
    monkeypatch.setattr(wording, "_folder", lambda: tmp_path)
    wording._wording.cache_clear()
    yield folder
    wording._wording.cache_clear()


def reviewed(folder, digest):
    named = f'[ar]\nname = "Dr. A. Muster"\ncertified_on = 2026-05-01\nsha256 = "{digest}"\n'
    (folder / "reviewers.toml").write_text(named, encoding="utf-8")


def test_a_translation_is_a_machine_draft_until_somebody_has_checked_exactly_this_file(own_wording):
    digest = hashlib.sha256((own_wording / "ar.toml").read_bytes()).hexdigest()
    reviewed(own_wording, digest)
    words = words_of("1", "ar")
    assert not words.machine_draft
    assert words.other.reviewer.name == "Dr. A. Muster"


@pytest.mark.parametrize("change", ["digest", "file", "nobody"])
def test_a_review_of_anything_else_does_not_count(own_wording, change):
    digest = hashlib.sha256((own_wording / "ar.toml").read_bytes()).hexdigest()
    if change == "digest":
        reviewed(own_wording, "0" * 64)
    if change == "file":
        reviewed(own_wording, digest)
        (own_wording / "ar.toml").write_bytes((own_wording / "ar.toml").read_bytes() + b"# one byte more\n")
    assert words_of("1", "ar").machine_draft


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "de"])
def test_every_translation_that_is_delivered_is_a_machine_draft(tag):
    """Until a certified person is named: the day that happens, this test is told so."""
    assert words_of("1", tag).machine_draft


def test_german_is_the_text_itself():
    assert not words_of("1", "de-CH").machine_draft
