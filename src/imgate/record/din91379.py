r"""The character repertoires of DIN 91379:2022-08 as regular expressions.

DIN 91379 says which Latin letters, and which letters with combining marks, German registers must be able to store.
Its data types are A (names of persons), B (places, streets and other names), C (every normative character, with line ends),
D (legal entities and products: Greek and typographic signs in addition, no line ends) and E (everything the standard knows, with Greek and
Cyrillic letters). The record holds persons to A, places to B, and employers and offices to E but for the two differences below. Which code
points belong to a type is a fact; it was read off the data types that KoSIT publishes (`din-norm-91379-datatypes.xsd`, version 2022-08),
and a test compares every code point and every sequence with that file where it is at hand.

The expressions use nothing but ranges, groups and ``\uXXXX``, so that Rust (pydantic), Python and ECMA 262 (whoever reads
the published JSON Schema) understand them alike. They expect NFC: a combining mark stands only where no composed letter
exists.

Two things differ in ``ORGANISATIONS`` from the published type E, both on purpose:

- Tabulator, line feed and carriage return are left out: the name of an office has one line, and control characters
  are refused throughout the record.
- The standard's Cyrillic is Bulgarian (its neighbours in the EU). Employers of our clients are in Ukraine, Belarus, Russia or
  Serbia, so the whole alphabet block U+0400-045F and the Ukrainian letter U+0490-0491 are accepted as well.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

# Type A: ASCII letters with the signs that occur in names; then the other letters, and modifier letters such as U+02BF (Ayn).
_PERSONS_ASCII = r" ',-.A-Z`-z~"
_LETTERS = (
    r"\u00A8\u00B4\u00B7\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u017E\u0187\u0188\u018F\u0197\u01A0\u01A1\u01AF\u01B0\u01B7"
    r"\u01CD-\u01DC\u01DE\u01DF\u01E2-\u01F0\u01F4\u01F5\u01F8-\u01FF\u0212\u0213\u0218-\u021B\u021E\u021F\u0227-\u0233"
    r"\u0259\u0268\u0292\u02B9\u02BA\u02BE\u02BF\u02C8\u02CC\u1E02\u1E03\u1E06\u1E07\u1E0A-\u1E11\u1E17\u1E1C-\u1E2B\u1E2F-\u1E37"
    r"\u1E3A\u1E3B\u1E40-\u1E49\u1E52-\u1E5B\u1E5E-\u1E63\u1E6A-\u1E6F\u1E80-\u1E87\u1E8C-\u1E97\u1E9E\u1EA0-\u1EF9\u2019\u2021"
)
# Type B has digits and the rest of printable Latin-1 in addition; the ranges overlap with the letters.
_PLACES_FURTHER = r" -~\u00A1-\u00A3\u00A5\u00A7-\u00AC\u00AE-\u00B7\u00B9-\u00BB\u00BF-\u017E\u20AC"
# Types C, D and E have the rest of Latin-1 too; C and E also the no-break space.
_LATIN1_FURTHER = r"\u00A4\u00A6\u00B8\u00BC-\u00BE"
_LATIN1_WHOLE = r"\u00A0-\u00AC\u00AE-\u017E"
_LINE_ENDS = r"\u0009\u000A\u000D"
# Types D and E add typographic signs, superior and inferior figures, and Greek.
_GREEK = r"\u0192\u02B0\u02B3\u02C6\u02DC\u02E2\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03CE"
_SIGNS = (
    r"\u1D48\u1D57\u2018\u201A\u201C-\u201E\u2020\u2026\u2030\u2032\u2033\u2039\u203A"
    r"\u2070\u2074-\u2079\u207F-\u2089\u2122\u221E\u2264\u2265"
)
# Type E adds the Bulgarian alphabet; ours has the whole block (see above).
_BULGARIAN = r"\u040D\u0410-\u042A\u042C\u042E-\u044A\u044C\u044E\u044F\u045D"
_CYRILLIC = r"\u0400-\u045F\u0490\u0491"

# Combining marks with the letters that may stand before them; the same in all types. (U+035F joins two letters.)
SEQUENCES = (
    (r"\u0300", "CFGKMPSTZcfgkmpstz"),
    (r"\u0301", r"Jj\u00FF\u012A\u012B"),
    (r"\u0302", "DKLMNdklmn"),
    (r"\u0304", r"CFHKNPSTZcfhknpstz\u00DB\u00FB\u1E32\u1E33\u1E62\u1E63\u1E6C\u1E6D\u1EE4\u1EE5"),
    (r"\u0306", r"CMNRZcmnrz\u00C7\u00E7"),
    (r"\u0307", "KUku"),
    (r"\u0308", r"CTZcz\u1EA0\u1EA1\u1ECC\u1ECD\u1EE4\u1EE5"),
    (r"\u030B", "Aa"),
    (r"\u030C", "J"),
    (r"\u030D", r"\u0113\u014D"),
    (r"\u0310", "Mm"),
    (r"\u0315", r"CKPTckpt\u010C\u010D"),
    (r"\u031B", "KTkt"),
    (r"\u031B\u0304", "Ss"),
    (r"\u0323", r"CPcp\u010C\u010D"),
    (r"\u0325", "LRlr"),
    (r"\u0325\u0304", "LRlr"),
    (r"\u0326", r"CHKLNchkln\u017D\u017E"),
    (r"\u0327", r"Zz\u017D\u017E"),
    (r"\u0328\u0306", "Cc"),
    (r"\u0331", "HSs"),
    (r"\u035Fh", "Kk"),
    (r"\u035FH", "K"),
)


_SEQUENCES = "|".join(f"[{letters}]{marks}" for marks, letters in SEQUENCES)


def _pattern(single: str) -> str:
    return f"^(?:[{single}]|{_SEQUENCES})*$"


PERSONS = _pattern(_PERSONS_ASCII + _LETTERS)
PLACES = _pattern(_PLACES_FURTHER + _LETTERS)
NORMATIVE = _pattern(_LINE_ENDS + _PLACES_FURTHER + _LETTERS + _LATIN1_WHOLE)
LEGAL_ENTITIES = _pattern(_PLACES_FURTHER + _LETTERS + _LATIN1_FURTHER + _GREEK + _SIGNS)
EVERYTHING = _pattern(_LINE_ENDS + _PLACES_FURTHER + _LETTERS + _LATIN1_WHOLE + _GREEK + _BULGARIAN + _SIGNS)
ORGANISATIONS = _pattern(_PLACES_FURTHER + _LETTERS + _LATIN1_WHOLE + _GREEK + _CYRILLIC + _SIGNS)


class DataType(StrEnum):
    """The five data types of the standard."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


PATTERNS: Mapping[DataType, str] = {
    DataType.A: PERSONS,
    DataType.B: PLACES,
    DataType.C: NORMATIVE,
    DataType.D: LEGAL_ENTITIES,
    DataType.E: EVERYTHING,
}


def belongs_to(data_type: DataType, text: str) -> bool:
    """Tell whether a text is of this data type, as published. The text has to be in NFC."""
    return re.fullmatch(PATTERNS[data_type][1:-1], text) is not None


def strangers(pattern: str, text: str) -> str:
    """Give what is left of a text when all that one of these patterns takes is removed, in its order.

    A mark behind a letter that the standard does not pair it with is left, without the letter.
    """
    return _accepted(pattern).sub("", text)


@cache
def _accepted(pattern: str) -> re.Pattern[str]:
    single = pattern.removeprefix("^(?:").partition("]|")[0]
    longest_first = sorted(SEQUENCES, key=lambda sequence: len(sequence[0]), reverse=True)
    return re.compile("".join(f"[{letters}]{marks}|" for marks, letters in longest_first) + f"{single}]")
