"""The Merkle tree over the log's leaves (RFC 9162, 2.1.1): one hash that stands for everything up to a place.

A checkpoint kept elsewhere is what shows that the end of the log was cut, or all of it written anew.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_NODE = b"\x01"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """So many entries, and the root over them."""

    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.size} {self.root.hex()}"

    @classmethod
    def parsed(cls, line: str) -> "Checkpoint":
        """Read what ``str`` wrote. Raises ValueError."""
        size, root = line.split()
        if not size.isdecimal() or len(root) != 64:
            raise ValueError("not a checkpoint")
        return cls(int(size), bytes.fromhex(root))


class Tree:
    """Grows leaf by leaf and keeps only the roots of its full subtrees, so that a log of any length fits."""

    __slots__ = ("_full", "size")

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._full: list[tuple[int, bytes]] = []  # (number of leaves, root), the largest first
        self.size = 0
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        """Add the hash of one entry."""
        count, root = 1, leaf
        while self._full and self._full[-1][0] == count:
            before = self._full.pop()[1]
            count, root = 2 * count, _node(before, root)
        self._full.append((count, root))
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves; of none it is the hash of nothing."""
        if not self._full:
            return hashlib.sha256().digest()
        root = self._full[-1][1]
        for _, before in reversed(self._full[:-1]):
            root = _node(before, root)
        return root

    @property
    def checkpoint(self) -> Checkpoint:
        """What to keep elsewhere."""
        return Checkpoint(self.size, self.root)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
