"""Say of a name that is not of its data type what kind of characters do not fit, and what to do, without a character of it.

A problem must not repeat what somebody is called. Which script a name was written in is as much as its writer needs: they look at
what they typed, and mend it.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from imgate.record import din91379
from imgate.record.din91379 import DataType, strangers


class CharacterClass(StrEnum):
    """What kind of characters do not fit. ``OTHER_SCRIPT`` is every script that has no word of its own here."""

    ARABIC = "arabic"
    ARMENIAN = "armenian"
    CJK = "cjk"
    CYRILLIC = "cyrillic"
    ETHIOPIC = "ethiopic"
    GEORGIAN = "georgian"
    GREEK = "greek"
    HEBREW = "hebrew"
    OTHER_SCRIPT = "other_script"
    LATIN = "latin"
    DIGIT = "digit"
    MARK = "mark"
    INVISIBLE = "invisible"
    SIGN = "sign"


_SCRIPTS: Mapping[str, CharacterClass] = {
    "ARABIC": CharacterClass.ARABIC,
    "ARMENIAN": CharacterClass.ARMENIAN,
    "BOPOMOFO": CharacterClass.CJK,
    "CJK": CharacterClass.CJK,
    "HANGUL": CharacterClass.CJK,
    "HIRAGANA": CharacterClass.CJK,
    "KATAKANA": CharacterClass.CJK,
    "CYRILLIC": CharacterClass.CYRILLIC,
    "ETHIOPIC": CharacterClass.ETHIOPIC,
    "GEORGIAN": CharacterClass.GEORGIAN,
    "GREEK": CharacterClass.GREEK,
    "HEBREW": CharacterClass.HEBREW,
    "LATIN": CharacterClass.LATIN,
}
_CALLED: Mapping[CharacterClass, str] = {
    CharacterClass.ARABIC: "letters of the Arabic script",
    CharacterClass.ARMENIAN: "letters of the Armenian script",
    CharacterClass.CJK: "Chinese, Japanese or Korean characters",
    CharacterClass.CYRILLIC: "Cyrillic letters",
    CharacterClass.ETHIOPIC: "letters of the Ethiopic script",
    CharacterClass.GEORGIAN: "letters of the Georgian script",
    CharacterClass.GREEK: "Greek letters",
    CharacterClass.HEBREW: "letters of the Hebrew script",
    CharacterClass.OTHER_SCRIPT: "letters of another script",
    CharacterClass.LATIN: "Latin letters that no register takes",
    CharacterClass.DIGIT: "digits",
    CharacterClass.MARK: "accents or marks on letters that do not carry them",
    CharacterClass.INVISIBLE: "invisible characters",
    CharacterClass.SIGN: "signs",
}
# No name is as long: of more than this nobody needs to be told twice what it holds, and a body of 16 MiB is not to take seconds.
_LOOKED_AT = 1_000

_FOREIGN = frozenset(_SCRIPTS.values()) - {CharacterClass.LATIN} | {CharacterClass.OTHER_SCRIPT}
_KINDS_OF_NAME: Mapping[DataType, str] = {
    DataType.A: "a person's name after DIN 91379, type A (Latin letters with their accents, no digits)",
    DataType.B: "the name of a place or street after DIN 91379, type B (Latin letters with their accents, digits, common signs)",
    DataType.E: "the name of an organisation after DIN 91379, type E (Latin, Greek and Cyrillic letters, digits, common signs)",
}
_TRANSLITERATE: Mapping[DataType, str] = {
    DataType.A: "Give the Latin transliteration, as in the passport",
    DataType.B: "Give the Latin transliteration, as on German documents",
    DataType.E: "Give the Latin transliteration",
}
_OF_PATTERN: Mapping[str, DataType] = {
    din91379.PERSONS: DataType.A,
    din91379.PLACES: DataType.B,
    din91379.ORGANISATIONS: DataType.E,
}


@dataclass(frozen=True, slots=True)
class NameHint:
    """What a name was expected to be, and which kinds of characters do not fit, each once."""

    expected: DataType
    found: tuple[CharacterClass, ...]

    def __str__(self) -> str:
        """Say it to whoever has to mend the name."""
        contains = ", ".join(_CALLED[kind] for kind in self.found)
        advice = [] if not _FOREIGN.intersection(self.found) else [_TRANSLITERATE[self.expected]]
        if CharacterClass.DIGIT in self.found and self.expected is DataType.A:
            advice.append("Leave numbers out")
        if {CharacterClass.INVISIBLE, CharacterClass.MARK} & set(self.found):
            advice.append("Type it anew instead of copying it")
        sentences = [f"Expected {_KINDS_OF_NAME[self.expected]}, and it contains {contains}.", *(f"{one}." for one in advice)]
        return " ".join(sentences)


def name_hint(pattern: str, text: str) -> NameHint | None:
    """Say why a text missed one of the record's patterns of names; None for another pattern, or for a text whose beginning fits."""
    expected = _OF_PATTERN.get(pattern)
    if expected is None:
        return None
    kinds = {_class_of(character) for character in strangers(pattern, unicodedata.normalize("NFC", text[:_LOOKED_AT]))}
    return NameHint(expected, tuple(kind for kind in CharacterClass if kind in kinds)) if kinds else None


def _class_of(character: str) -> CharacterClass:
    # Private and unassigned characters are no letters of anybody's script.
    category = unicodedata.category(character)
    if category.startswith("L"):
        return _SCRIPTS.get(unicodedata.name(character, "").partition(" ")[0], CharacterClass.OTHER_SCRIPT)
    if category.startswith("N"):
        return CharacterClass.DIGIT
    if category.startswith("M"):
        return CharacterClass.MARK
    return CharacterClass.INVISIBLE if category[0] in "CZ" else CharacterClass.SIGN
