"""What a declaration says, in words: the pieces that the form and the client's copy have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from imgate.documents.languages import language_of, written_day
from imgate.documents.runs import Runs, written
from imgate.documents.wording import Both, Words, words_of
from imgate.record import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Clause, DeclaredDirection


@dataclass(frozen=True, slots=True)
class Parties:
    """Who gives information, and who gets it. ``persons`` are named on the side of the unit that keeps the declaration."""

    giving: Mapping[str, Any] = field(repr=False)
    receiving: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Parties":
        """Tell the two apart: with ``from_partner`` the partner's unit discloses and ours receives (contract §3)."""
        discloser = content["discloser"]
        ours = {"unit": written(discloser["unit"]), "persons": [written(person) for person in discloser["persons"]], "named": True}
        theirs = {"unit": written(content["recipient"]), "persons": [], "named": False}
        if content["direction"] == DeclaredDirection.FROM_PARTNER:
            return cls(theirs, ours)
        return cls(ours, theirs)


def clause(which: Clause, content: Mapping[str, Any], words: Words) -> Both:
    """Say which of the two permissions is given, and which is not."""
    if which not in content["clauses"]:
        return words.both(f"clauses.{which.value}_absent")
    if which is Clause.DATA_PROTECTION_CONSENT:
        return words.both(f"clauses.{which.value}_{words.regime}")
    unit, recipient = content["discloser"]["unit"], content["recipient"]
    return words.both(f"clauses.{which.value}_{content['direction']}", unit=unit, recipient=recipient)


def scope_in_words(scope: str, words: Words) -> dict[str, Any]:
    """Give a scope and an example in words, and whether it is specially protected."""
    return words.scope(scope) | {"special": CATALOGUE.scopes[scope].sensitivity is Sensitivity.SPECIAL}


def day(iso: str) -> str:
    """Write a day of the content."""
    return written_day(date.fromisoformat(iso))


def language_named(tag: str, wording: str) -> Runs:
    """Name a language: as it calls itself, where we know that, and by its tag."""
    language = language_of(tag)
    if language is None:
        return [written(tag)]
    words = words_of(wording, language.tag)
    return [written((words.other or words.german).text("language.name")), f" ({tag})"]


def interpreter_named(interpreter: str | Mapping[str, Any] | None, wording: str) -> dict[str, Any] | None:
    """Name who interpreted, and the language where it was said."""
    if interpreter is None:
        return None
    if isinstance(interpreter, str):
        return {"name": written(interpreter), "language": None}
    language = interpreter.get("language")
    return {"name": written(interpreter["name"]), "language": None if language is None else language_named(language, wording)}
