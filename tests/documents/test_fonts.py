"""The fonts have every letter that is printed, and what they lack is shown by its number."""

import unicodedata
from importlib import resources

import pytest
from fontTools.ttLib import TTFont

from imgate.documents.fonts import FOLDER, printable
from imgate.documents.languages import LANGUAGES

WORDINGS = resources.files("imgate.documents") / "wordings"
FILES = {
    "Noto Sans": "NotoSans",
    "Noto Naskh Arabic": "NotoNaskhArabic",
    "Noto Sans Ethiopic": "NotoSansEthiopic",
}
NAMES = {
    "ar": "محمد عبد الرحمن الأسعد، آمنة، لؤي، هدى",
    "prs": "گل‌محمد چراغ، ژیلا، پروین",
    "fa": "علی‌رضا گودرزی، ژاله",
    "ps": "ګلالۍ، ټولواک، ځلاند، څپاند، ډېوه، ړومي، ږيره، ښایسته، ڼه",
    "ti": "ሓጎስ ተስፋይ፣ ኣበባ ግርማይ",
    "uk": "Ґалаґан Їжакевич Євген",
    "ru": "Ёлкина Фёдор Щукин",
    "tr": "Ömer Çelik, Işıl Ağaoğlu, Şükrü İnönü",
    "so": "Xaawo Cabdullaahi",
    "fr": "Éloïse Lefèvre, Œuvrard",
    "de": "Strauß-Groẞ, Lüdenscheid, Jānis Bērziņš, Nguyễn, Đorđević",
    "en": "Siân O’Connor",
}


def characters(family, weight):
    return set(TTFont(FOLDER / f"{FILES[family]}-{weight}.ttf").getBestCmap())


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_letter_of_a_wording_and_of_names_has_a_glyph(tag, weight):
    has = set().union(*(characters(family, weight) for family in LANGUAGES[tag].families))
    wanted = {ord(letter) for letter in (WORDINGS / "1" / f"{tag}.toml").read_text(encoding="utf-8") + NAMES[tag] if letter != "\n"}
    assert {chr(letter) for letter in wanted - has} == set()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_has_a_glyph_is_printed_as_it_is(tag):
    assert printable(NAMES[tag]) == NAMES[tag]


UNSEEN = {0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF}


def test_the_list_of_what_can_be_printed_is_that_of_the_fonts():
    has = set().union(*(characters(family, "Regular") & characters(family, "Bold") for family in FILES))
    for number in (*range(0x20, 0x3000), 0xE000, 0xFE0F, 0xFEFF, 0xFFFD, 0x1F600, 0x20000, 0xE0100):
        assert (printable(chr(number)) == chr(number)) is (number in has and number not in UNSEEN), hex(number)


def test_whatever_unicode_calls_a_format_character_is_shown_unless_it_is_drawn():
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2}
    for number in range(0x110000):
        if unicodedata.category(chr(number)) in ("Cf", "Zl", "Zp", "Cc") and number not in drawn and number != 0x0A:
            assert printable(f"a{chr(number)}b") == f"a[U+{number:04X}]b", hex(number)


@pytest.mark.parametrize(
    "letter", ["\u202e", "\u2067", "\x7f", "\x00", "\t", "漢", "\U0001f600", "\ue000", "\xad", "\u200b", "\u2028", "\ufe0f"]
)
def test_what_has_none_or_is_not_seen_or_turns_the_order_is_shown_by_its_number(letter):
    assert printable(f"a{letter}b") == f"a[U+{ord(letter):04X}]b"


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_a_joiner_stays_between_two_letters_of_arabic_script_and_nowhere_else(joiner):
    number = f"[U+{ord(joiner):04X}]"
    for word in (f"می{joiner}خواهم", f"میِ{joiner}خواهم"):
        assert printable(word) == word
    for text in ("a{}b", "{}خواهم", "می{}", "می{} خواهم", "می{}b", "a{}خ", "5{}٣", "ِ{}خ"):
        assert printable(text.format(joiner)) == text.format(number), text
    assert printable(f"می{joiner}{joiner}خواهم") == f"می{number}{number}خواهم"


def test_at_most_four_marks_stand_on_one_letter():
    assert printable("A" + "\u0301" * 4 + "b") == "A" + "\u0301" * 4 + "b"
    assert printable("A" + "\u0301\u0323" * 30 + "b\u0301") == "A" + "\u0301\u0323" * 2 + "[U+0301][U+0323]" * 28 + "b\u0301"
    assert printable("مُحَمَّدٌ") == "مُحَمَّدٌ"


def test_the_fonts_are_small_and_their_licence_lies_beside_them():
    fonts = list(FOLDER.glob("*.ttf"))
    assert sum(font.stat().st_size for font in fonts) < 1_500_000
    for font in fonts:
        licence = (FOLDER / f"OFL-{font.stem.partition('-')[0]}.txt").read_text(encoding="utf-8")
        assert "SIL Open Font License, Version 1.1" in licence
