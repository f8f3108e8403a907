"""Making proofs (RFC 9162, 2.1.3.1 and 2.1.4.1) from a tree's hashes, wherever they are kept. What checks them is ``verify``.

``Subtrees`` gives the root over a full subtree: ``subtrees(h, i)`` is over the leaves from i * 2^h to (i + 1) * 2^h.
"""

from collections.abc import Callable

from imgate.audit.verify import NOTHING, node_hash

Subtrees = Callable[[int, int], bytes]


def root_of(subtrees: Subtrees, size: int) -> bytes:
    """Give the root over the first ``size`` leaves."""
    return _root(subtrees, 0, size) if size else NOTHING


def inclusion_proof(subtrees: Subtrees, place: int, size: int) -> tuple[bytes, ...]:
    """Prove that the leaf in this place is among the first ``size``. Raises ValueError where it is not."""
    if not 0 <= place < size:
        raise ValueError("no such place in a log of this size")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if place < middle:
            path.append(_root(subtrees, middle, end))
            end = middle
        else:
            path.append(_root(subtrees, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(subtrees: Subtrees, first: int, second: int) -> tuple[bytes, ...]:
    """Prove that the first ``second`` leaves begin with the first ``first``; empty where they are as many.

    Raises ValueError where they cannot, and for a first tree of nothing, of which there is nothing to prove.
    """
    if not 0 < first <= second:
        raise ValueError("no such sizes")
    path: list[bytes] = []
    start, end = 0, second
    while first != end:
        middle = _middle(start, end)
        if first <= middle:
            path.append(_root(subtrees, middle, end))
            end = middle
        else:
            path.append(_root(subtrees, start, middle))
            start = middle
    if start:
        path.append(_root(subtrees, start, end))
    return tuple(reversed(path))


def _middle(start: int, end: int) -> int:
    """Where a tree of more than one leaf is split: its left side is the largest full one that leaves something for the right."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _root(subtrees: Subtrees, start: int, end: int) -> bytes:
    """Give the root over a part that splitting the whole has led to."""
    size = end - start
    if size & (size - 1) == 0:
        return subtrees(size.bit_length() - 1, start // size)
    middle = _middle(start, end)
    return node_hash(_root(subtrees, start, middle), _root(subtrees, middle, end))
