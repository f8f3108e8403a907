"""What the core asks of a format, whichever it is: may these bytes come in, and do those hold exactly what was released?"""

from collections.abc import Set
from dataclasses import dataclass
from typing import Protocol

from imgate.adapters.heads import Told
from imgate.plugin_api import RowProblem


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a message must not leave: a kind of ``AdapterFault``, and a scope or a path of element names."""

    kind: str
    where: str | None = None


class Form(Protocol):
    """One direction of one adapter."""

    def guard(self, body: bytes) -> None:
        """Let a partner's message in, or raise MessageUnreadable. Depends on the bytes alone."""

    def explain(self, body: bytes) -> tuple[RowProblem, ...]:
        """List what is wrong with a message that ``guard`` refused as ``schema_invalid``; empty where there is no schema."""

    def misfit(self, content: bytes, scopes: Set[str], attached: int = 0, told: Told | None = None) -> Misfit | None:
        """Tell what is wrong with a message that is about to leave, or None if it holds exactly these scopes.

        ``attached`` is the number of attachments that may stand in its envelope; whether they are the right ones is the
        caller's question. ``told`` is what its envelope has to say; without it, that is not asked.
        """


def difference(standing: Set[str], released: Set[str]) -> Misfit | None:
    """Compare the scopes that stand in the bytes with those that were released; what is too much comes first."""
    if standing == released:
        return None
    if unreleased := standing - released:
        return Misfit("scope_unreleased", min(unreleased))
    return Misfit("scope_missing", min(released - standing))
