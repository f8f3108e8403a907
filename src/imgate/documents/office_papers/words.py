"""The German words of the office's papers, and how a fact is read in them."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from imgate.consent.declaration import WORDING_OF_REGIME
from imgate.documents.languages import GERMAN
from imgate.documents.office_papers.facts import Facts, Says, ScopeFacts, TermFacts
from imgate.documents.wording import words_of

_MISSING = Says("").missing
_SCOPES, _PURPOSES, _WEEKDAYS = "scopes", "purposes", "weekdays"


@cache
def words() -> Mapping[str, Any]:
    """Give all words."""
    return tomllib.loads((resources.files("imgate.documents.office_papers") / "words.toml").read_text(encoding="utf-8"))


@cache
def _table(name: str) -> Mapping[str, str]:
    """Give a table of words; purposes are called as on the forms."""
    if name == _PURPOSES:
        texts: Mapping[str, str] = words_of(WORDING_OF_REGIME["sgb-x"], GERMAN.tag).german.texts[_PURPOSES]
        return texts
    found: Mapping[str, str] = words()[name]
    return found


class Reader:
    """Reads facts in German. Scopes are called as the facts themselves call them; a word that nobody knows is shown as it is."""

    def __init__(self, scopes: Sequence[ScopeFacts]) -> None:
        """Take the names of scopes."""
        self._scopes = {each.scope: each for each in scopes}

    def word(self, table: str, word: str) -> str:
        """Read one word."""
        if table == _SCOPES:
            known = self._scopes.get(word)
            return word if known is None else f"{known.label} ({word})"
        return _table(table).get(word, word)

    def value(self, value: object, says: Says) -> str:
        """Read one value; a list in one line."""
        match value:
            case None | ():
                return says.missing
            case bool():
                return _yes_or_no(value)
            case str() if says.words == _WEEKDAYS:
                weekday, _, at = value.partition(" ")
                return f"{self.word(_WEEKDAYS, weekday)}, {at} Uhr"
            case str():
                return self.word(says.words, value) if says.words else value
            case tuple():
                return self.grouped(value) if says.words == _SCOPES else "; ".join(self.value(each, says) for each in value)
            case _:
                return str(value)

    def grouped(self, scopes: Sequence[str]) -> str:
        """Read scopes in one line, group by group and in the order of the record."""
        groups: dict[str, list[str]] = {}
        for scope, known in self._scopes.items():
            if scope in scopes:
                groups.setdefault(known.section, []).append(known.label)
        unknown = [scope for scope in scopes if scope not in self._scopes]
        return "; ".join([*(f"{section}: {', '.join(labels)}" for section, labels in groups.items()), *unknown])

    def rows(self, facts: Facts, without: Collection[str] = ()) -> Iterator[tuple[str, str]]:
        """Read all facts of one kind, and those within them, as label and value; what there is nothing of comes last, together."""
        nothing: list[str] = []
        yield from self._rows(facts, nothing, without)
        if nothing:
            yield words()["nothing"], "; ".join(nothing)

    def _rows(self, facts: Facts, nothing: list[str], without: Collection[str] = ()) -> Iterator[tuple[str, str]]:
        for name, says in said_by(type(facts)).items():
            value = getattr(facts, name)
            if name in without:
                continue
            if says is None:
                yield from self._inner(value, nothing)
            elif says.quiet and not value:
                nothing.append(says.german)
            else:
                yield says.german, self.value(value, says)

    def _inner(self, inner: Facts | tuple[Facts, ...], nothing: list[str]) -> Iterator[tuple[str, str]]:
        """Read further facts; one of a list is one row, called by the first of its own."""
        if not isinstance(inner, tuple):
            yield from self._rows(inner, nothing)
            return
        for one in inner:
            (label, called), *others = self._rows(one, nothing)
            yield f"{label}: {called}", "; ".join(f"{label}: {value}" for label, value in others)


@cache
def said_by(kind: type[Facts]) -> Mapping[str, Says | None]:
    """Give what each fact of a kind is called; None for what holds further facts."""
    return {name: next((mark for mark in field.metadata if isinstance(mark, Says)), None) for name, field in kind.model_fields.items()}


def term_name(name: str) -> str:
    """Give the German name of a term; one that nobody knows is shown as the configuration has it."""
    return str(words()["terms"].get(name, name))


def term_value(term: TermFacts) -> str:
    """Read a term with its unit, which the end of its name says."""
    unit = words()["units"].get(term.name.rpartition("_")[2])
    match term.value:
        case None:
            return _MISSING
        case bool():
            return _yes_or_no(term.value)
        case 0 if term.name in words()["terms_of_nought"]:
            return str(words()["terms_of_nought"][term.name])
        case int() if unit is not None:
            return f"{term.value} {unit[0] if term.value == 1 else unit[1]}"
        case _:
            return str(term.value)


def _yes_or_no(flag: bool) -> str:
    return str(words()["yes" if flag else "no"])
