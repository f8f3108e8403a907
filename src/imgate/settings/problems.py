"""What is wrong with a configuration, as sentences for the operator: where, what, and what was probably meant. No values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from imgate.settings.environment import variable_of
from imgate.settings.lines import Path, line_of
from imgate.settings.model import Settings
from imgate.settings.words import nearest
from imgate.vocabulary.form_faults import form_fault


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``line`` is the line in the file; ``variable`` names what set it in the environment instead."""

    sentence: str
    line: int | None = None
    variable: str | None = None

    def __str__(self) -> str:
        """Say where, then what."""
        if self.variable is not None:
            return f"{self.variable} (environment): {self.sentence}"
        return self.sentence if self.line is None else f"line {self.line}: {self.sentence}"


class ConfigurationInvalid(Exception):
    """The operator must act: the configuration cannot be used. Holds every problem that was found.

    ``rest`` is the configuration without what is wrong, if it can be told: only for looking for further problems in it.
    """

    def __init__(self, problems: Sequence[Problem], file: str = "imgate.toml", rest: Settings | None = None) -> None:
        """Collect the problems, in the order of the file."""
        self.rest = rest
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0)))
        self.file = file
        super().__init__("\n".join(f"{file}: {problem}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Places:
    """Where each value stands: on which line, or in which variable."""

    lines: Mapping[Path, int]

    def problem(self, path: Path, sentence: str) -> Problem:
        """Make a problem of a path and a sentence about it."""
        joint = " " if sentence.startswith(("is ", "must ")) else ": "
        named = f"`{'.'.join(map(str, path))}`{joint}{sentence}" if path else sentence
        variable = variable_of(path)
        return Problem(named, variable=variable) if variable else Problem(named, line_of(self.lines, path))


def sentences(error: ValidationError, model: type[BaseModel], places: Places) -> list[Problem]:
    """Turn what pydantic found into problems. Never shows an input."""
    found = []
    for entry in error.errors(include_url=False, include_input=False):
        path = tuple(part for part in entry["loc"] if part != "[key]")
        if entry["type"] == "extra_forbidden":
            sentence = f"is not known{nearest(str(path[-1]), _known(model, path[:-1]))}"
        else:
            sentence = form_fault(entry["type"], entry.get("ctx", {}), entry["msg"])
        found.append(places.problem(path, sentence))
    return found


def _known(model: type[BaseModel], path: Path) -> list[str]:
    """Give the names that a table knows."""
    at: Any = model
    for part in path:
        at = _inner(at.model_fields[part].annotation) if _is_model(at) and part in at.model_fields else at
    return list(at.model_fields) if _is_model(at) else []


def _inner(annotation: Any) -> Any:
    """Give the model in a field's type: the type itself, or the values of a table."""
    return annotation if _is_model(annotation) else next((part for part in get_args(annotation) if _is_model(part)), None)


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)
