"""An explanation laid out for people to compare: each asking is a column, each premise a row. Whoever shows it adds the words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imgate.consent.premises import Facts, Premise, Walk
from imgate.exchange.past.explanation import Asking, Explanation
from imgate.vocabulary.reasons import Reason

_REASONS = tuple(Reason)
# The premises that are about a declaration as a whole; the others are about one scope under it.
WHOLE = _REASONS[_REASONS.index(Reason.NOT_SIGNED) : _REASONS.index(Reason.SCOPE_NOT_COVERED)]
_OF_SCOPE = (Reason.UNKNOWN_SCOPE, Reason.SCOPE_CLOSED, Reason.BEYOND_PARTNER_CEILING)


@dataclass(frozen=True, slots=True)
class Column:
    """An asking, or two that say the same in every premise: ``number`` is what they are called by, ``places`` where they stand."""

    number: int
    places: tuple[int, ...]
    asking: Asking

    @property
    def is_the_same_today(self) -> bool:
        """Tell whether today's rules say the same of that time as those of then."""
        return len(self.places) > 1


@dataclass(frozen=True, slots=True)
class PremiseRow:
    """One premise, column by column; None where it was not asked."""

    reason: Reason
    premises: tuple[Premise | None, ...]

    def facts(self, columns: Sequence[Column]) -> tuple[tuple[tuple[int, ...], Facts], ...]:
        """Give what it rests on, each with the numbers of the columns where it does."""
        told: list[tuple[tuple[int, ...], Facts]] = []
        for column, premise in zip(columns, self.premises, strict=True):
            if premise is None:
                continue
            place = next((place for place, (_, facts) in enumerate(told) if facts == premise.facts), None)
            if place is None:
                told.append(((column.number,), premise.facts))
            else:
                told[place] = ((*told[place][0], column.number), premise.facts)
        return tuple(told)


def columns_of(told: Explanation) -> tuple[Column, ...]:
    """Put askings about the same time together where no premise differs between the rules of then and today's."""
    found: list[Column] = []
    for place, asking in enumerate(told.askings):
        if found and asking.decision is not None and found[-1].asking.decision == asking.decision and _same(found[-1].asking, asking):
            found[-1] = Column(found[-1].number, (*found[-1].places, place), found[-1].asking)
        else:
            found.append(Column(len(found) + 1, (place,), asking))
    return tuple(found)


def declarations_of(columns: Sequence[Column]) -> tuple[str, ...]:
    """Name the declarations that were looked at."""
    walks = [walk for column in columns for walk in column.asking.walks.values()]
    return tuple(dict.fromkeys(each.declaration for walk in walks for each in walk.under))


def scopes_of(columns: Sequence[Column]) -> tuple[str, ...]:
    """Name the scopes that were asked about."""
    return tuple(dict.fromkeys(scope for column in columns for scope in column.asking.walks))


def rows_of_declaration(declaration: str, columns: Sequence[Column]) -> tuple[PremiseRow, ...]:
    """Give what is about the declaration as a whole: it is the same for every scope, but that one may be revoked by itself."""
    return tuple(
        PremiseRow(reason, tuple(_found(column.asking.walks.values(), declaration, reason) for column in columns)) for reason in WHOLE
    )


def rows_of_scope(scope: str, columns: Sequence[Column]) -> tuple[PremiseRow, ...]:
    """Give what is about the scope, under whatever declaration."""
    walks = [column.asking.walks.get(scope) for column in columns]
    rows = [PremiseRow(reason, tuple(None if walk is None else _of(walk.itself, reason) for walk in walks)) for reason in _OF_SCOPE]
    return tuple(row for row in rows if any(row.premises))


def rows_of_both(scope: str, declaration: str, columns: Sequence[Column]) -> tuple[PremiseRow, ...]:
    """Give what is about this scope under this declaration."""
    walks = [column.asking.walks.get(scope) for column in columns]
    under = [None if walk is None else {each.declaration: each for each in walk.under}.get(declaration) for walk in walks]
    rows = [PremiseRow(reason, tuple(None if each is None else _of(each.premises, reason) for each in under)) for reason in _REASONS]
    return tuple(row for row in rows if any(map(_is_of_both, row.premises)))


def _same(one: Asking, other: Asking) -> bool:
    return all(_held(one.walks[scope]) == _held(other.walks[scope]) for scope in one.walks)


def _held(walk: Walk) -> list[bool]:
    return [premise.holds for premises in (walk.itself, *(each.premises for each in walk.under)) for premise in premises]


def _found(walks: Iterable[Walk], declaration: str, reason: Reason) -> Premise | None:
    premises = [
        premise
        for walk in walks
        for each in walk.under
        if each.declaration == declaration
        for premise in each.premises
        if premise.reason is reason
    ]
    return min(premises, key=lambda premise: "scope_revoked_at" in premise.facts, default=None)


def _is_of_both(premise: Premise | None) -> bool:
    return premise is not None and (premise.reason not in WHOLE or "scope_revoked_at" in premise.facts)


def _of(premises: Iterable[Premise], reason: Reason) -> Premise | None:
    return next((premise for premise in premises if premise.reason is reason), None)
