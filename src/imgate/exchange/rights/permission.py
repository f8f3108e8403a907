"""Until when a permission ran: of one scope under one declaration, and of what was passed on under several."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import now, superseded
from imgate.exchange.stored import Headless, StoredDeclaration
from imgate.vocabulary.words import EndCause


@dataclass(frozen=True, slots=True)
class Ended:
    """That a permission is over. ``at`` is None where it cannot be told: an unreadable successor counts as in force."""

    cause: EndCause
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Permission:
    """Under which declaration these scopes were allowed. ``until`` is its last day, ``ended`` says that it is over by now.

    Of a declaration that nobody can read there is nothing but its id: ``until`` is None.
    """

    declaration: str
    scopes: tuple[str, ...]
    until: str | None
    ended: Ended | None


def ended(
    declaration: VerifiedDeclaration, siblings: Iterable[VerifiedDeclaration], at: datetime, scope: str | None = None
) -> Ended | None:
    """Tell whether a declaration, or this scope of it, is over at ``at``, and since when: what came first counts."""
    ends: list[Ended] = []
    if declaration.wholly_revoked_at is not None:
        ends.append(Ended(EndCause.REVOKED, declaration.wholly_revoked_at))
    if scope is not None and scope in declaration.revoked:
        ends.append(Ended(EndCause.PARTLY_REVOKED, declaration.revoked[scope]))
    siblings = tuple(siblings)
    if superseded(declaration, siblings, now(at)):
        ends.append(Ended(EndCause.SUPERSEDED, _replaced_at(declaration, siblings)))
    if at >= declaration.closes_at:
        ends.append(Ended(EndCause.EXPIRED, declaration.closes_at))
    # An end of which nobody knows the moment may have come before all others.
    return min(ends, key=lambda end: (end.at is not None, end.at), default=None)


def _replaced_at(declaration: VerifiedDeclaration, siblings: Sequence[VerifiedDeclaration]) -> datetime | None:
    """Give the later of complete evidence and first day of the successor (contract §3); None where it cannot be read."""
    successors = [sibling for sibling in siblings if sibling.id in declaration.superseded_by and sibling.complete_at is not None]
    return min((max(one.complete_at, one.opens_at) for one in successors if one.complete_at is not None), default=None)


def permissions(
    scopes: Iterable[str], named: Sequence[str], declarations: Mapping[str, StoredDeclaration | Headless], at: datetime
) -> tuple[Permission, ...]:
    """Give for the scopes of one hand-out the declaration that runs, or ran, the longest of those it names.

    What no readable one of them covers is told under the first of them, without a last day.
    """
    readable = [
        (stored.verified, stored.siblings)
        for stored in (declarations.get(each) for each in named)
        if isinstance(stored, StoredDeclaration) and stored.verified is not None
    ]
    grouped: dict[tuple[str, str | None, Ended | None], list[str]] = {}
    for scope in scopes:
        covering = [(one, ended(one, siblings, at, scope)) for one, siblings in readable if scope in one.scopes]
        if covering:
            longest, end = max(covering, key=lambda pair: _length(*pair))
            grouped.setdefault((longest.id, longest.valid_until, end), []).append(scope)
        elif named:
            grouped.setdefault((named[0], None, None), []).append(scope)
    return tuple(Permission(declaration, tuple(covered), until, end) for (declaration, until, end), covered in grouped.items())


def _length(declaration: VerifiedDeclaration, end: Ended | None) -> tuple[bool, datetime, str]:
    """Order by what runs still, then by when it ends or ended; the id tells equal ones apart."""
    over_at = declaration.closes_at if end is None else end.at or declaration.opens_at
    return end is None, over_at, declaration.id
