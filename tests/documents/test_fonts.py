"""The fonts have every letter that is printed, and what they lack is shown by its number."""

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


def test_the_list_of_what_can_be_printed_is_that_of_the_fonts():
    has = set().union(*(characters(family, "Regular") & characters(family, "Bold") for family in FILES))
    turning = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    for number in (*range(0x20, 0x3000), 0xE000, 0xFEFF, 0xFFFD, 0x1F600, 0x20000):
        assert (printable(chr(number)) == chr(number)) is (number in has and number not in turning), hex(number)


@pytest.mark.parametrize("letter", ["\u202e", "\u2067", "\x7f", "\x00", "\t", "漢", "\U0001f600", "\ue000"])
def test_what_has_none_or_turns_the_order_is_shown_by_its_number(letter):
    assert printable(f"a{letter}b") == f"a[U+{ord(letter):04X}]b"


def test_the_fonts_are_small_and_their_licence_lies_beside_them():
    fonts = list(FOLDER.glob("*.ttf"))
    assert sum(font.stat().st_size for font in fonts) < 1_500_000
    for font in fonts:
        licence = (FOLDER / f"OFL-{font.stem.partition('-')[0]}.txt").read_text(encoding="utf-8")
        assert "SIL Open Font License, Version 1.1" in licence
