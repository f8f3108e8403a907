"""Tiles: the roots over each 256 entries, and over each 256 of those, kept so that a proof reads some hundred hashes and not the log.

A tile's root is written in the transaction that fills the tile. One that is missing, as in a database that is older than the table,
is made from what is below it, and kept where the transaction writes. They are a shortcut and no proof: ``verify_store`` compares them.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from sqlalchemy import bindparam, select

from imgate.audit.verify import Tree
from imgate.storage.log_columns import LEAF, as_bytes
from imgate.storage.log_tables import audit_tiles
from imgate.storage.schema import audit_log
from imgate.storage.session import Session
from imgate.storage.statement import Statement

HEIGHT = 8  # 256 hashes, as C2SP's tlog-tiles have them
WIDTH = 1 << HEIGHT

_t, _a = audit_tiles.c, audit_log.c
_ADD = Statement(lambda insert: insert(audit_tiles).on_conflict_do_nothing(), audit_tiles.columns)
_LEAVES = Statement(select(_a.place, LEAF).where(_a.place >= bindparam("first"), _a.place < bindparam("behind")).order_by(_a.place))
_ROOTS = Statement(
    select(_t.tile, as_bytes(_t.root))
    .where(_t.level == bindparam("of_level"), _t.tile >= bindparam("first"), _t.tile < bindparam("behind"))
    .order_by(_t.tile)
)
_EVERY = Statement(select(_t.level, _t.tile, as_bytes(_t.root)))


class LogBroken(Exception):
    """The operator must act: an entry is missing in the middle of the log. ``imgate audit verify`` says more."""


class Tiles:
    """The hashes of the log's tree, as far as they are asked for. For one transaction, and what it wrote before.

    ``leaves`` are those by place that the caller has at hand, and that need not be read.
    """

    def __init__(self, session: Session, leaves: Mapping[int, bytes] = {}) -> None:
        self._on = session
        self._leaves = leaves
        self._read: dict[tuple[int, int], Tree] = {}

    def filled(self, before: int, after: int) -> None:
        """Keep the roots of the tiles that were filled when the log grew from one size to the other.

        Where an entry is missing, none is kept: that must not hinder writing, and ``imgate audit verify`` finds it.
        """
        level = 0
        with suppress(LogBroken):
            while before >> HEIGHT < after >> HEIGHT:
                before, after = before >> HEIGHT, after >> HEIGHT
                level += 1
                for tile in range(before, after):
                    self._keep(level, tile, self._below(level, tile))

    def subtree(self, height: int, index: int) -> bytes:
        """Give the root over the entries from index * 2^height to (index + 1) * 2^height. Raises LogBroken."""
        level, within = divmod(height, HEIGHT)
        first = index << within
        tile, offset = divmod(first, WIDTH)
        tree = self._read.get((level, tile))
        behind = offset + (1 << within)
        if tree is None or tree.size < behind:
            tree = self._read[level, tile] = Tree(self._hashes(level, tile * WIDTH, behind))
        root: bytes = tree.levels[within][offset >> within]
        return root

    def _hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Give so many hashes of a level; the caller knows that the log has them."""
        if level == 0:
            return self._leaves_from(first, count)
        found: dict[int, bytes] = dict(_ROOTS.all(self._on, of_level=level, first=first, behind=first + WIDTH))
        for tile in range(first, first + count):
            if tile not in found:
                found[tile] = self._below(level, tile)
                self._keep(level, tile, found[tile])
        return [found[each] for each in sorted(found)]

    def _leaves_from(self, first: int, count: int) -> Sequence[bytes]:
        places = range(first, first + count)
        known = [self._leaves[place] for place in places if place in self._leaves]
        if len(known) == count:
            return known
        found: dict[int, bytes] = dict(_LEAVES.all(self._on, first=first, behind=first + WIDTH))
        if any(place not in found for place in places):
            raise LogBroken("an entry is missing")
        return [found[place] for place in sorted(found)]

    def _below(self, level: int, tile: int) -> bytes:
        root: bytes = Tree(self._hashes(level - 1, tile * WIDTH, WIDTH)).levels[HEIGHT][0]
        return root

    def _keep(self, level: int, tile: int, root: bytes) -> None:
        if self._on.writing:
            _ADD.run(self._on, level=level, tile=tile, root=root)


def wrong_tiles(session: Session, tree: Tree) -> list[int | None]:
    """Give the first place of each tile whose root is not that of the entries; None for one that is about no places of this log."""
    full = dict(enumerate(tree.levels[HEIGHT::HEIGHT], 1))
    wrong: list[int | None] = []
    for level, tile, root in _EVERY.all(session):
        roots = full.get(level, ())
        if type(tile) is not int or not 0 <= tile < len(roots):  # SQLite keeps any kind of value anywhere
            wrong.append(None)
        elif roots[tile] != root:
            wrong.append(tile << level * HEIGHT)
    return wrong
