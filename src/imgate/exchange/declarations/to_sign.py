"""What is still to be signed of one declaration, and by which kinds of evidence it can be: for the page on which somebody signs.

Nothing here counts as signed, and nothing is decided: see ``signing``, and ``consent`` for which evidence suffices for what.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from imgate.exchange.context import Corridor
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel


def kinds_to_sign(corridor: Corridor, shown: Mapping[str, Any]) -> Sequence[str]:
    """Name the kinds of evidence to offer: a note of what was said only where something passes on it. ``shown`` is as of ``register``."""
    kinds = [EvidenceKind.DRAWN, EvidenceKind.PAPER_SCAN, EvidenceKind.PADES]
    if len(not_by_word(corridor, shown)) < len(shown["content"]["scopes"]):
        kinds.append(EvidenceKind.ORAL_RECORD)
    return [kind.value for kind in kinds]


def not_by_word(corridor: Corridor, shown: Mapping[str, Any]) -> Sequence[str]:
    """Name the scopes for which a note of what was said is not enough."""
    needed = corridor.policy.partner(shown["content"]["partner"]).needed_rank
    return [scope for scope in shown["content"]["scopes"] if needed.get(scope) != EvidenceLevel.RECORDED.rank]


def next_role(shown: Mapping[str, Any]) -> str:
    """Give the role that is asked for next: the first that has not signed as often as it has to."""
    given = Counter(piece["role"] for piece in shown["evidence"])
    required = shown["content"]["signers_required"]
    for role in required:
        if given[role] == 0:
            return str(role)
        given[role] -= 1
    return str(required[0])
