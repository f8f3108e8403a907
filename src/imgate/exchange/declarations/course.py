"""The course of a declaration as its copies tell it: given, withdrawn in part or as a whole, paused, replaced, ended; and when.

Told from what decides (the verified head), so that a copy says what the judge goes by, and not from the lines of the history.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from imgate.consent.head import WHOLE, VerifiedDeclaration
from imgate.consent.judge import now
from imgate.consent.life import state
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.loading import existing
from imgate.exchange.declarations.register import shown
from imgate.exchange.stored import StoredDeclaration
from imgate.vocabulary.words import DeclarationState


class Turn(StrEnum):
    """What can happen to a consent."""

    REQUESTED = "requested"
    GIVEN = "given"
    PARTLY_WITHDRAWN = "partly_withdrawn"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    RESUMED = "resumed"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Happened:
    """One turn. ``at`` is None where it cannot be told: a successor that cannot be read counts as in force, since nobody knows when.

    ``scopes`` are those that were withdrawn, where that was a part.
    """

    turn: Turn
    at: datetime | None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """A declaration as GET shows it, and its course until ``as_of``, in the gateway's zone.

    The last turn is what holds now, but for a part withdrawn. ``onward_from`` are the names of the partners whose data may be passed on.
    """

    shown: Mapping[str, Any] = field(repr=False)
    as_of: datetime
    state: DeclarationState
    turns: tuple[Happened, ...]
    replaced_by: tuple[str, ...]
    onward_from: tuple[str, ...]


def course_of(corridor: Corridor, declaration: str) -> Course:
    """Tell the course of a declaration. Raises Refused 404, and ``declaration_unreadable``: nobody is handed a copy of that."""
    at = corridor.clock()
    with corridor.store.reading() as tx:
        _, stored = existing(tx, declaration)
    assert stored.verified is not None  # noqa: S101  # `existing` has refused the other case
    as_shown = shown(stored, at)
    stands = state(stored.verified, stored.siblings, now(at))
    replaced = stands is DeclarationState.REVOKED and stored.verified.wholly_revoked_at is None
    turns = tuple(_turns(stored, stored.verified, stands))
    return Course(
        shown=as_shown,
        as_of=at.astimezone(corridor.policy.zone),
        state=stands,
        turns=turns,
        replaced_by=stored.verified.superseded_by if replaced else (),
        onward_from=tuple(corridor.policy.partner(origin).name or origin for origin in as_shown["content"]["onward_from"]),
    )


def _turns(stored: StoredDeclaration, declaration: VerifiedDeclaration, stands: DeclarationState) -> Iterator[Happened]:
    """Give the turns in their order. After the one that ended it nothing is told: it changed nothing any more."""
    end = _end(stored, declaration, stands)
    yield Happened(Turn.REQUESTED, stored.history[0][0])
    for turn in sorted(_before_the_end(declaration), key=lambda turn: (turn[0], list(Turn).index(turn[1].turn))):
        if end is None or end.at is None or turn[0] < end.at:
            yield turn[1]
    if end is not None:
        yield end


def _end(stored: StoredDeclaration, declaration: VerifiedDeclaration, stands: DeclarationState) -> Happened | None:
    if stands is DeclarationState.EXPIRED:
        return Happened(Turn.EXPIRED, declaration.closes_at)
    if stands is not DeclarationState.REVOKED:
        return None
    if declaration.wholly_revoked_at is not None:
        return Happened(Turn.WITHDRAWN, declaration.wholly_revoked_at)
    # Contract §3: superseding takes effect at the later of complete evidence and first day.
    effects = [max(s.complete_at, s.opens_at) for s in stored.siblings if s.id in declaration.superseded_by and s.complete_at is not None]
    return Happened(Turn.REPLACED, min(effects, default=None))


def _before_the_end(declaration: VerifiedDeclaration) -> Iterator[tuple[datetime, Happened]]:
    if declaration.complete_at is not None:
        yield declaration.complete_at, Happened(Turn.GIVEN, declaration.complete_at)
    parts: dict[datetime, list[str]] = {}
    for scope, at in declaration.revoked.items():
        if scope != WHOLE:
            parts.setdefault(at, []).append(scope)
    for at, scopes in parts.items():
        yield at, Happened(Turn.PARTLY_WITHDRAWN, at, tuple(sorted(scopes)))
    for begun, ended in declaration.pauses:
        yield begun, Happened(Turn.PAUSED, begun)
        if ended is not None:
            yield ended, Happened(Turn.RESUMED, ended)
