"""Cut the fonts of the papers down to the scripts that are printed: `cut_fonts.py FOLDER` with the unpacked Noto packages.

Writes ``src/imgate/documents/fonts/``: the cut fonts, their licence, and ``coverage.toml``, the list of characters that can be
printed. PDF/A allows no character without a glyph, and the gateway itself has no library that reads fonts.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from compose_letters import compose_letters
from fontTools.subset import Options, Subsetter, load_font, save_font
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent.parent / "src/imgate/documents/fonts"

_LATIN = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),  # with what DIN 91379 allows in names
    *range(0x2B0, 0x370),  # modifiers and combining marks
    *range(0x1E00, 0x1F00),
    *range(0x2000, 0x2070),
    *range(0x2070, 0x20C0),
    *range(0x2100, 0x2150),
    *range(0x2190, 0x2200),
    0x2212,
    0x25CC,
)
_GREEK_AND_CYRILLIC = (*range(0x370, 0x400), *range(0x400, 0x530))
_PUNCTUATION = (*range(0x20, 0x41), *range(0x5B, 0x61), *range(0x7B, 0x7F), 0xA0, 0xAB, 0xBB)
_ARABIC = (
    *_PUNCTUATION,
    *range(0x600, 0x700),
    *range(0x750, 0x780),
    *range(0x8A0, 0x900),
    *range(0x2000, 0x2070),
    0x25CC,
)
_ETHIOPIC = (*range(0x20, 0x7F), 0xA0, 0xAB, 0xBB, *range(0x1200, 0x13A0), *range(0x2000, 0x2070))
_MONO = (*range(0x20, 0x7F), 0xA0, *range(0xA0, 0x180), 0x2013, 0x2026)

CUTS = {
    "NotoSans_400Regular": (*_LATIN, *_GREEK_AND_CYRILLIC),
    "NotoSans_700Bold": (*_LATIN, *_GREEK_AND_CYRILLIC),
    "NotoNaskhArabic_400Regular": _ARABIC,
    "NotoNaskhArabic_700Bold": _ARABIC,
    "NotoSansEthiopic_400Regular": _ETHIOPIC,
    "NotoSansEthiopic_700Bold": _ETHIOPIC,
    "NotoSansMono_400Regular": _MONO,
}
_FEATURES = ["ccmp", "locl", "mark", "mkmk", "kern", "curs", "calt", "rlig", "rclt", "init", "medi", "med2", "fina", "fin2", "fin3", "isol"]


def cut(source: Path, script: tuple[int, ...]) -> frozenset[int]:
    """Write the cut font and give the characters that it has."""
    options = Options(
        hinting=False, recalc_bounds=True, layout_features=_FEATURES, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17], notdef_outline=True
    )
    font = load_font(str(source), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=script)
    subsetter.subset(font)
    if script is _ARABIC:
        compose_letters(font)
    target = FONTS / f"{source.stem.replace('_400', '-').replace('_700', '-')}.ttf"
    save_font(font, str(target), options)
    return frozenset(TTFont(target).getBestCmap())


def _ranges(characters: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for character in sorted(characters):
        if ranges and ranges[-1][1] == character - 1:
            ranges[-1] = (ranges[-1][0], character)
        else:
            ranges.append((character, character))
    return ranges


def main(folder: Path) -> None:
    """Cut every font and write what can be printed: what the regular and the bold font of a script both have."""
    has: dict[str, frozenset[int]] = {}
    for name, characters in CUTS.items():
        (source,) = folder.rglob(f"{name}.ttf")
        family = name.partition("_")[0]
        found = cut(source, characters)
        has[family] = has.get(family, found) & found
        (licence,) = {file.read_text(encoding="utf-8") for file in source.parent.parent.glob("LICENSE_FONT")}
        (FONTS / f"OFL-{family}.txt").write_text(licence, encoding="utf-8")
    lines = ["# Made by tools/cut_fonts.py: the characters that can be printed, as ranges.", ""]
    for family, characters in sorted(has.items()):
        pairs = ", ".join(f"[0x{first:04X}, 0x{last:04X}]" for first, last in _ranges(characters))
        lines.append(f"{family} = [{pairs}]")
    (FONTS / "coverage.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
