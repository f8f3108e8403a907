"""The languages that a declaration can be shown in, each by its name in the house's language and by its own."""

from collections.abc import Sequence

from babel import Locale

from imgate.documents.languages import GERMAN, LANGUAGES, Language, language_of
from imgate.documents.wording import words_of

# Unicode's isolates: the brackets around a name that is written from right to left stay where they are.
_ISOLATED = "\u2068{}\u2069"


def languages_offered(wording: str, spoken: str) -> Sequence[tuple[str, str]]:
    """Give tag and name of each; ``spoken`` is the language of the page."""
    names = Locale.parse(spoken).languages
    return [(tag, _named(language, names.get(_cldr(language), tag), wording)) for tag, language in LANGUAGES.items()]


def bcp47(language: Language) -> str:
    """Give the tag that browsers and screen readers know."""
    return language.lang if language is GERMAN or language.region is None else f"{language.lang}-{language.region}"


def beside_german(tag: str) -> Language:
    """Give the language that papers about a declaration in this language are written in beside German; German where there is none."""
    return language_of(tag) or GERMAN


def _named(language: Language, name: str, wording: str) -> str:
    words = words_of(wording, language.tag)
    own = (words.other or words.german).text("language.name")
    return name if own == name else f"{name} ({_ISOLATED.format(own)})"


def _cldr(language: Language) -> str:
    return bcp47(language).replace("-", "_")
