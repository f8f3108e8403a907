"""The search form of a name: by which two spellings of it are found to be the same.

DIN 91379 maps each of its Latin letters, and each of its sequences, onto the letters A to Z, as an extension of the recommendations of
ICAO Doc 9303: ä, æ, ø and œ count as two letters, most others as the letter without its marks. The standard itself has to be bought; the
mapping here was read off the list of it that is published at github.com/String-Latin/DIN-91379-Characters-and-Sequences
(latin_list_search_form_1.3.txt), and is the same for all of them.

What the standard leaves to its user is imgate's own choice: apostrophes, middle dots and modifier letters (the Ayn of a transliteration)
vanish, every other sign and every run of blanks is one blank, and nothing stands at the ends. Letters of other scripts stay letters,
in capitals; Greek ones lose their accents, as they do in Greek capitals. Digits stay.

For comparing only: a search form is not a name, and is stored nowhere.
"""

import unicodedata
from collections.abc import Iterator

# Letters that are not a base letter with marks. That one of them stands for A to Z is what the standard says.
_LETTERS = {
    "Æ": "AE",
    "Œ": "OE",
    "Ø": "OE",
    "ẞ": "SS",
    "Þ": "TH",
    "Ð": "D",
    "Đ": "D",
    "Ħ": "H",
    "Ɨ": "I",
    "ĸ": "K",
    "Ł": "L",
    "Ŋ": "N",
    "Ŧ": "T",
    "Ƈ": "C",
    "Ə": "E",
    "Ʒ": "Z",
    "Ǥ": "G",
}
_DIAERESIS, _RING = "\u0308", "\u030a"
# A, O and U alone change with their marks: ë is E, but ä is AE, and å is AA, but ů is U.
_MARKED = {("A", _DIAERESIS): "AE", ("O", _DIAERESIS): "OE", ("U", _DIAERESIS): "UE", ("A", _RING): "AA"}
_VANISH = dict.fromkeys(map(ord, "'`\u00b4\u00b7\u2018\u2019\u201b\u2032"))


def search_form(text: str) -> str:
    """Give the search form. The same for every spelling of the same letters, and of a search form itself.

    Empty where the text has neither letter nor digit: an empty form is no match for anything, which is for the caller to see to.
    """
    return " ".join("".join(_pieces(text)).split())


def _pieces(text: str) -> Iterator[str]:
    # Before and after: an acute accent that stands for an apostrophe decomposes into a blank, and some letters into one with a dot.
    decomposed = unicodedata.normalize("NFKD", text.translate(_VANISH)).translate(_VANISH)
    for base, marks in _letters(decomposed):
        if unicodedata.category(base) == "Lm":
            continue
        if not base.isalnum():
            yield " "
            continue
        capital = "I" if base == "ı" else "ẞ" if base == "ß" else base.upper()
        name = unicodedata.name(base, "")
        if name.startswith("LATIN "):
            marked = (_MARKED.get((capital, mark)) for mark in marks)
            yield next((found for found in marked if found is not None), _LETTERS.get(capital, capital))
        elif name.startswith("GREEK "):
            yield capital
        else:
            yield unicodedata.normalize("NFC", capital + marks)


def _letters(decomposed: str) -> Iterator[tuple[str, str]]:
    """Give each character with the marks that stand on it. A mark with nothing to stand on is a character of its own."""
    start = 0
    for end in range(1, len(decomposed) + 1):
        if end == len(decomposed) or not unicodedata.category(decomposed[end]).startswith("M"):
            yield decomposed[start], decomposed[start + 1 : end]
            start = end
