"""The twelve languages of the papers: which tag means which, how each is written, and in which letters it is set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from imgate.documents.fonts import ARABIC, ETHIOPIC, LATIN


class Script(StrEnum):
    """How a language is written, by its ISO 15924 code."""

    LATIN = "Latn"
    CYRILLIC = "Cyrl"
    ARABIC = "Arab"
    ETHIOPIC = "Ethi"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the papers. ``lang`` and ``region`` are what a PDF calls it."""

    tag: str
    script: Script = Script.LATIN
    lang: str = ""
    region: str | None = None

    @property
    def bcp47(self) -> str:
        """The tag by which browsers, screen readers and CLDR know it; a region is named where the language is another one by it."""
        return self.tag if self.tag == self.lang else f"{self.lang}-{self.region}"

    @property
    def right_to_left(self) -> bool:
        """Tell whether it is written from right to left."""
        return self.script is Script.ARABIC

    @property
    def families(self) -> tuple[str, ...]:
        """The fonts it is set in: its own first, then those that names from elsewhere may need."""
        own = _FAMILY_OF_SCRIPT[self.script]
        return (own, *(family for family in (LATIN, ARABIC, ETHIOPIC) if family != own))


_FAMILY_OF_SCRIPT = {Script.LATIN: LATIN, Script.CYRILLIC: LATIN, Script.ARABIC: ARABIC, Script.ETHIOPIC: ETHIOPIC}

GERMAN = Language("de", lang="de", region="DE")
_ALL = (
    GERMAN,
    Language("en", lang="en"),
    Language("fr", lang="fr"),
    Language("ar", Script.ARABIC, "ar"),
    Language("prs", Script.ARABIC, "fa", "AF"),  # Dari; CLDR and screen readers know it as fa-AF
    Language("fa", Script.ARABIC, "fa"),
    Language("uk", Script.CYRILLIC, "uk"),
    Language("ru", Script.CYRILLIC, "ru"),
    Language("tr", lang="tr"),
    Language("ti", Script.ETHIOPIC, "ti"),
    Language("so", lang="so"),
    Language("ps", Script.ARABIC, "ps"),
)
LANGUAGES: Mapping[str, Language] = {language.tag: language for language in _ALL}
_BY_RANGE: Mapping[str, Language] = {**LANGUAGES, "fa-af": LANGUAGES["prs"]}


def language_of(tag: str) -> Language | None:
    """Give the language that serves this BCP 47 tag: the lookup of RFC 4647 §3.4, without a default.

    A tag that asks for another script than ours (``so-Arab``) has none: nobody would be helped by letters they cannot read.
    """
    subtags = tag.lower().split("-")
    scripts = [subtag for subtag in subtags[1:] if len(subtag) == 4 and subtag.isalpha()]
    wanted = [subtag for subtag in subtags if subtag not in scripts]
    while wanted:
        found = _BY_RANGE.get("-".join(wanted))
        if found is not None:
            return found if all(script == found.script.lower() for script in scripts) else None
        wanted.pop()
        if wanted and len(wanted[-1]) == 1:
            wanted.pop()
    return None


def written_day(day: date) -> str:
    """Write a day as day.month.year with the digits 0 to 9: read alike in all twelve languages, and as on German letters."""
    return f"{day:%d.%m.%Y}"
