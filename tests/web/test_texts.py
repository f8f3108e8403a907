"""Every German text of the pages has its English counterpart, and nothing is translated that no page shows any more."""

from importlib import resources
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOM = Path(str(resources.files("imgate.web")))
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "false"}}


def shown():
    """Collect what the pages say, placeholders and plurals included."""
    texts = set()
    for _, _, message, _, _ in extract_from_dir(ROOM, METHODS, OPTIONS):
        texts.add(message if isinstance(message, str) else message[0])
    return texts


def catalogue(language):
    entries = {}
    for path in sorted((ROOM / "locale" / language).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=language):
                text = entry.id if isinstance(entry.id, str) else entry.id[0]
                assert not text or text not in entries, f"{text!r} stands twice: let it stand in shared.po"
                entries |= {text: entry} if text else {}
    return entries


def test_there_are_texts_to_translate():
    assert len(shown()) > 20


def test_every_text_is_translated_into_english():
    english = catalogue("en")
    missing = sorted(text for text in shown() if text not in english or not english[text].string)
    assert missing == []


def test_nothing_is_translated_that_is_shown_nowhere():
    assert sorted(set(catalogue("en")) - shown()) == []


def test_a_translation_fills_in_what_the_german_text_fills_in():
    wrong = [entry.id for entry in catalogue("en").values() if any(error for error in entry.check())]
    assert wrong == []
