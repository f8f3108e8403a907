"""The languages of the papers as a page offers them: each by its name in the language of the page, and by its own."""

from collections.abc import Sequence

from babel import Locale

from imgate.documents.languages import GERMAN, LANGUAGES, Language, language_of
from imgate.documents.wording import words_of

# Unicode's isolates: the brackets around a name that is written from right to left stay where they are.
_ISOLATED = "\u2068{}\u2069"


def name_of(language: Language, spoken: str) -> str:
    """Call a language by its name in another."""
    return str(Locale.parse(spoken).languages.get(language.bcp47.replace("-", "_"), language.tag))


def languages_offered(wording: str, spoken: str) -> Sequence[tuple[str, str]]:
    """Give tag and name of each; ``spoken`` is the language of the page."""
    return [(tag, _named(language, name_of(language, spoken), wording)) for tag, language in LANGUAGES.items()]


def beside_german(tag: str) -> Language:
    """Give the language that papers about a declaration in this language are written in beside German; German where there is none."""
    return language_of(tag) or GERMAN


def _named(language: Language, name: str, wording: str) -> str:
    words = words_of(wording, language.tag)
    own = (words.other or words.german).text("language.name")
    return name if own == name else f"{name} ({_ISOLATED.format(own)})"
