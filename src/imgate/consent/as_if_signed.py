"""For the annex of a form: what a declaration would permit once everybody has signed it (architecture: a form shows its effect).

What comes out of here is wider than what was signed. It is asked for by ``exchange/declarations/would_be.py`` alone, which can neither
store nor send; ``tests/exchange/declarations/test_would_be.py`` holds that.
"""

from collections.abc import Iterable
from dataclasses import replace

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Moment, superseded
from imgate.vocabulary.words import EvidenceLevel

# What satisfies every partner, whatever its configuration asks for.
_HIGHEST = max(EvidenceLevel, key=lambda level: level.rank)


def as_if_signed(declaration: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], moment: Moment) -> VerifiedDeclaration:
    """Give the declaration as if its evidence were complete, and at the level that any partner asks for.

    ``siblings`` are the declarations of the same client and partner. The result is to be judged without them: whether a successor
    has taken effect is settled here. Everything else stays: revoked and paused scopes, the term, and what was never asked for.
    """
    replaced = superseded(declaration, siblings, moment)
    return replace(
        declaration,
        levels=((declaration.opens_at, _HIGHEST),),
        superseded_by=declaration.superseded_by if replaced else (),
    )
