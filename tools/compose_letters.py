"""Make whole letters of the parts that an Arabic font sets: skeleton and dots become one glyph once the shape is chosen.

Noto draws a letter as a skeleton and its dots, two glyphs. In a PDF each of the two then stands for the letter, so that whoever copies
the text, or listens to it, gets every dotted letter twice. A last substitution joins the two, so that one glyph is one letter again.
"""

from collections.abc import Iterator
from itertools import product

from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

Anchor = tuple[int, int]
Parts = tuple[str, tuple[str, ...]]
_BASE, _MARK = 1, 3  # classes of GDEF
_FEATURE = "rlig"  # the last of the features that choose an Arabic shape
_ROUND_XY_TO_GRID, _ARGS_ARE_XY_VALUES = 0x0004, 0x0002


def compose_letters(font: TTFont) -> int:
    """Add a glyph for each skeleton with its dots, and the substitution that takes it; give how many there are."""
    substituted = _substituted(font)
    joined: dict[Parts, str] = {}
    for skeleton, marks in sorted(_decomposed(font)):
        for base in sorted(_reachable(skeleton, substituted)):
            for dots in product(*(sorted(_reachable(mark, substituted)) for mark in marks)):
                offsets = [offset for mark in dots if (offset := _offset(font, base, mark)) is not None]
                if len(offsets) == len(dots) and (base, dots) not in joined:
                    joined[base, dots] = _add_glyph(font, base, dots, offsets)
    _place_marks(font, joined)
    _add_substitution(font, joined)
    return len(joined)


def _subtables(font: TTFont, table: str, kind: int) -> Iterator[otTables.BaseTable]:
    for lookup in font[table].table.LookupList.Lookup:
        if lookup.LookupType == kind:
            yield from lookup.SubTable


def _decomposed(font: TTFont) -> set[Parts]:
    """Give each skeleton with the dots of some letter: one mark, or one above and one below."""
    classes = font["GDEF"].table.GlyphClassDef.classDefs
    found = set()
    for subtable in _subtables(font, "GSUB", 2):
        for parts in subtable.mapping.values():
            base, *marks = parts
            if marks and all(classes.get(mark) == _MARK for mark in marks) and classes.get(base) != _MARK:
                found.add((base, tuple(marks)))
    return found


def _substituted(font: TTFont) -> dict[str, set[str]]:
    """Give what each glyph can turn into, one for one."""
    into: dict[str, set[str]] = {}
    for subtable in _subtables(font, "GSUB", 1):
        for glyph, other in subtable.mapping.items():
            into.setdefault(glyph, set()).add(other)
    for subtable in _subtables(font, "GSUB", 2):
        for glyph, parts in subtable.mapping.items():
            if len(parts) == 1:
                into.setdefault(glyph, set()).add(parts[0])
    return into


def _reachable(glyph: str, substituted: dict[str, set[str]]) -> set[str]:
    reached, waiting = set(), [glyph]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += substituted.get(current, ())
    return reached


def _anchor(anchor: otTables.Anchor) -> Anchor:
    return anchor.XCoordinate, anchor.YCoordinate


def _offset(font: TTFont, base: str, mark: str) -> Anchor | None:
    """Give where the font puts this mark on this glyph. A later lookup overrules an earlier one, as in shaping."""
    found = None
    for subtable in _subtables(font, "GPOS", 4):
        if base in subtable.BaseCoverage.glyphs and mark in subtable.MarkCoverage.glyphs:
            record = subtable.MarkArray.MarkRecord[subtable.MarkCoverage.glyphs.index(mark)]
            on_base = subtable.BaseArray.BaseRecord[subtable.BaseCoverage.glyphs.index(base)].BaseAnchor[record.Class]
            if on_base is not None:
                (x, y), (dx, dy) = _anchor(on_base), _anchor(record.MarkAnchor)
                found = (x - dx, y - dy)
    return found


def _add_glyph(font: TTFont, base: str, marks: tuple[str, ...], offsets: list[Anchor]) -> str:
    name = "_".join((base, *marks))
    glyph = Glyph()
    glyph.numberOfContours = -1
    glyph.components = []
    for part, (x, y) in zip((base, *marks), [(0, 0), *offsets], strict=True):
        component = GlyphComponent()
        component.glyphName, component.x, component.y = part, x, y
        component.flags = _ARGS_ARE_XY_VALUES | _ROUND_XY_TO_GRID
        glyph.components.append(component)
    font["glyf"][name] = glyph
    font["hmtx"][name] = font["hmtx"][base]
    font["GDEF"].table.GlyphClassDef.classDefs[name] = _BASE
    return name


def _place_marks(font: TTFont, joined: dict[Parts, str]) -> None:
    """Let vowel signs sit on a joined letter: on its dots where the font stacks marks there, else where they sit on the skeleton."""
    stacking = list(_subtables(font, "GPOS", 6))
    order = font.getReverseGlyphMap(rebuild=True)
    for subtable in _subtables(font, "GPOS", 4):
        records = dict(zip(subtable.BaseCoverage.glyphs, subtable.BaseArray.BaseRecord, strict=True))
        stacked = next((other for other in stacking if set(other.Mark1Coverage.glyphs) == set(subtable.MarkCoverage.glyphs)), None)
        for (base, marks), name in joined.items():
            if base in records:
                on_dots = [at for mark in marks if stacked is not None and (at := _on_dots(font, stacked, base, mark)) is not None]
                records[name] = _record(on_dots[-1]) if on_dots else records[base]
        glyphs = sorted(records, key=order.__getitem__)
        subtable.BaseCoverage.glyphs = glyphs
        subtable.BaseArray.BaseRecord = [records[glyph] for glyph in glyphs]
        subtable.BaseArray.BaseCount = len(glyphs)


def _on_dots(font: TTFont, stacked: otTables.MarkMarkPos, base: str, mark: str) -> Anchor | None:
    offset = _offset(font, base, mark)
    if offset is None or mark not in stacked.Mark2Coverage.glyphs:
        return None
    anchor = stacked.Mark2Array.Mark2Record[stacked.Mark2Coverage.glyphs.index(mark)].Mark2Anchor[0]
    return None if anchor is None else (anchor.XCoordinate + offset[0], anchor.YCoordinate + offset[1])


def _record(at: Anchor) -> otTables.BaseRecord:
    anchor = otTables.Anchor()
    anchor.Format, (anchor.XCoordinate, anchor.YCoordinate) = 1, at
    record = otTables.BaseRecord()
    record.BaseAnchor = [anchor]
    return record


def _add_substitution(font: TTFont, joined: dict[Parts, str]) -> None:
    subtable = otTables.LigatureSubst()
    subtable.ligatures = {}
    for (base, marks), name in sorted(joined.items(), key=lambda parts: -len(parts[0][1])):  # the longest first
        ligature = otTables.Ligature()
        ligature.Component, ligature.CompCount, ligature.LigGlyph = list(marks), len(marks) + 1, name
        subtable.ligatures.setdefault(base, []).append(ligature)
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag, lookup.SubTable, lookup.SubTableCount = 4, 0, [subtable], 1
    table = font["GSUB"].table
    table.LookupList.Lookup.append(lookup)
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == _FEATURE:
            record.Feature.LookupListIndex.append(table.LookupList.LookupCount - 1)
            record.Feature.LookupCount = len(record.Feature.LookupListIndex)
