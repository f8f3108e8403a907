"""An explanation of a past decision as it is read on a page: answers and premises side by side, and what each premise rests on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from imgate.consent.premises import UNKNOWN_ORIGIN, Fact, Facts, Turned
from imgate.exchange.past.explanation import Explanation, Rules
from imgate.exchange.past.side_by_side import (
    Column,
    PremiseRow,
    columns_of,
    declarations_of,
    rows_of_both,
    rows_of_declaration,
    rows_of_scope,
    scopes_of,
)
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import SELF
from imgate.web.labels import DIRECTIONS
from imgate.web.office.past_words import CLAUSES, FACTS, NO, NOBODY_KNOWS, NOT_CONFIGURED, PREMISES, REASONS, RELEASED, THE_PERSON, YES
from imgate.web.office.words import LEVELS, SENSITIVITIES
from imgate.web.texts import _

_TITLES: Mapping[tuple[bool, Rules, bool], str] = {
    (True, Rules.OF_THEN, True): _("zum Zeitpunkt von damals, nach den Regeln von damals; nach den heutigen ist es dasselbe"),
    (True, Rules.OF_THEN, False): _("zum Zeitpunkt von damals, nach den Regeln von damals"),
    (True, Rules.OF_TODAY, False): _("zum Zeitpunkt von damals, nach den heutigen Regeln"),
    (False, Rules.OF_TODAY, False): _("heute, nach den heutigen Regeln"),
}


class Kind(StrEnum):
    """How a fact is shown."""

    MOMENT = "moment"
    DAY = "day"
    PURPOSE = "purpose"
    SENTENCE = "sentence"  # a German text of ours
    ID = "id"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FactShown:
    """What a premise rests on; no ``values``: nothing."""

    label: str
    values: tuple[tuple[Kind, str | datetime], ...]


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """What was asked, by its number. ``title`` is German."""

    number: int
    at: datetime
    title: str


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One scope: what is on record, each later decision too, and what comes out in each column (None: not asked). All German."""

    scope: str
    recorded: tuple[str, ...]
    answers: tuple[tuple[str, bool] | None, ...]


@dataclass(frozen=True, slots=True)
class PremiseShown:
    """One premise: whether it holds in each column (None: not asked), and on what it rests, by the numbers of the columns.

    ``assumed_own_word``: from where the scope came is not on record, and it is asked about as the client's own word.
    """

    words: str
    holds: tuple[bool | None, ...]
    facts: tuple[tuple[tuple[int, ...], tuple[FactShown, ...]], ...]
    assumed_own_word: bool = False


@dataclass(frozen=True, slots=True)
class PartShown:
    """The premises of one scope, or of one declaration. ``of_both``: of the scope under each declaration."""

    name: str
    premises: tuple[PremiseShown, ...]
    of_both: tuple[tuple[str, tuple[PremiseShown, ...]], ...]
    fails: bool


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """A scope that two columns answer differently, and the premises that make the difference, as they are in the later one."""

    scope: str
    earlier: tuple[int, str]
    later: tuple[int, str]
    turned: tuple[tuple[str | None, str, bool, tuple[FactShown, ...]], ...]


@dataclass(frozen=True, slots=True)
class ExplanationShown:
    """All of it; what is not laid out anew is read off ``told``."""

    told: Explanation
    columns: tuple[ColumnShown, ...]
    answers: tuple[AnswerShown, ...]
    scopes: tuple[PartShown, ...]
    declarations: tuple[PartShown, ...]
    differences: tuple[DifferenceShown, ...]


def shown(told: Explanation, partners: Mapping[str, str]) -> ExplanationShown:
    """Lay it out. ``partners`` are their names by id."""
    columns, lay = columns_of(told), _Laying(partners)
    names = declarations_of(columns)
    return ExplanationShown(
        told,
        tuple(_column(column) for column in columns),
        tuple(_answers(told, columns)),
        tuple(lay.scope(scope, names, columns, told) for scope in scopes_of(columns)),
        tuple(lay.declaration(name, columns) for name in names),
        tuple(lay.differences(told, columns)),
    )


def answer(reason: str | None) -> str:
    """Say in German what was decided; a reason that nobody knows here is shown as it is."""
    return RELEASED if reason is None else REASONS.get(reason, reason)


def _column(column: Column) -> ColumnShown:
    asking = column.asking
    return ColumnShown(column.number, asking.at, _TITLES[asking.decision is not None, asking.rules, column.is_the_same_today])


def _answers(told: Explanation, columns: Sequence[Column]) -> Iterator[AnswerShown]:
    for scope in dict.fromkeys(scope for decision in told.recorded for scope in decision.asked):
        recorded = dict.fromkeys(answer(decision.reason(scope)) for decision in told.recorded if scope in decision.asked)
        walks = [column.asking.walks.get(scope) for column in columns]
        yield AnswerShown(
            scope, tuple(recorded), tuple(None if walk is None else (answer(walk.reason), walk.reason is None) for walk in walks)
        )


class _Laying:
    """Lays out premises, with the partners' names."""

    def __init__(self, partners: Mapping[str, str]) -> None:
        self._partners = partners

    def scope(self, scope: str, declarations: Sequence[str], columns: Sequence[Column], told: Explanation) -> PartShown:
        unsourced = scope in told.unsourced
        of_both = [
            (name, tuple(self._row(row, columns, unsourced=unsourced) for row in rows_of_both(scope, name, columns)))
            for name in declarations
        ]
        walks = [column.asking.walks.get(scope) for column in columns]
        return PartShown(
            scope,
            tuple(self._row(row, columns) for row in rows_of_scope(scope, columns)),
            tuple((name, rows) for name, rows in of_both if rows),
            any(walk is not None and walk.reason is not None for walk in walks),
        )

    def declaration(self, name: str, columns: Sequence[Column]) -> PartShown:
        rows = tuple(self._row(row, columns) for row in rows_of_declaration(name, columns))
        return PartShown(name, rows, (), any(holds is False for row in rows for holds in row.holds))

    def differences(self, told: Explanation, columns: Sequence[Column]) -> Iterator[DifferenceShown]:
        numbers = {place: column.number for column in columns for place in column.places}
        for each in told.differences:
            earlier, later = (told.askings[place].walks[each.scope] for place in (each.earlier, each.later))
            yield DifferenceShown(
                each.scope,
                (numbers[each.earlier], answer(earlier.reason)),
                (numbers[each.later], answer(later.reason)),
                tuple(self._turned(one) for one in each.turned),
            )

    def _turned(self, one: Turned) -> tuple[str | None, str, bool, tuple[FactShown, ...]]:
        premise = one.premise
        return one.declaration, PREMISES[premise.reason], premise.holds, self._facts(premise.facts)

    def _row(self, row: PremiseRow, columns: Sequence[Column], *, unsourced: bool = False) -> PremiseShown:
        return PremiseShown(
            PREMISES[row.reason],
            tuple(None if premise is None else premise.holds for premise in row.premises),
            tuple((numbers, self._facts(facts)) for numbers, facts in row.facts(columns)),
            unsourced and row.reason is Reason.ONWARD_TRANSFER_NOT_COVERED,
        )

    def _facts(self, facts: Facts) -> tuple[FactShown, ...]:
        return tuple(FactShown(FACTS[name], tuple(self._values(name, fact))) for name, fact in facts.items())

    def _values(self, name: str, fact: Fact) -> Iterator[tuple[Kind, str | datetime]]:
        if isinstance(fact, datetime):
            yield Kind.MOMENT, fact
            return
        kind, say = _SAID.get(name, (Kind.TEXT, str))
        for word in (fact,) if isinstance(fact, str) else fact:
            if name in {"origin", "allowed_from"}:
                yield self._origin(word)
            elif name == "covers" and word in DIRECTIONS:
                yield Kind.SENTENCE, DIRECTIONS[word]
            else:
                yield kind, say(word)

    def _origin(self, word: str) -> tuple[Kind, str]:
        if word == SELF:
            return Kind.SENTENCE, THE_PERSON
        return (Kind.SENTENCE, NOBODY_KNOWS) if word == UNKNOWN_ORIGIN else (Kind.TEXT, self._partners.get(word, word))


def _one_of(texts: Mapping[str, str]) -> Callable[[str], str]:
    return lambda word: texts.get(word, word)


# How a fact that is a word, or several, is shown; what does not stand here is shown as it is.
_SAID: Mapping[str, tuple[Kind, Callable[[str], str]]] = {
    "superseded_by": (Kind.ID, str),
    "last_day": (Kind.DAY, str),
    "missing": (Kind.SENTENCE, _one_of(CLAUSES)),
    "covers": (Kind.PURPOSE, str),
    "needed": (Kind.SENTENCE, _one_of(LEVELS)),
    "reached": (Kind.SENTENCE, _one_of(LEVELS)),
    "closed_in_catalogue": (Kind.SENTENCE, _one_of({"yes": YES, "no": NO})),
    "opened_for_partner": (Kind.SENTENCE, _one_of({"yes": YES, "no": NO})),
    "sensitivity": (Kind.SENTENCE, _one_of(SENSITIVITIES)),
    "direction": (Kind.SENTENCE, _one_of(DIRECTIONS)),
    "partner": (Kind.SENTENCE, lambda _word: NOT_CONFIGURED),
}
