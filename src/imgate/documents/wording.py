"""What is printed: the wordings, one folder for each version, one file for each language, and who has reviewed a translation."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from imgate.documents.languages import GERMAN, LANGUAGES, Language, language_of
from imgate.documents.runs import Runs, runs_of

# A declaration's content names its wording; what the Land's law says instead of the SGB X is a variant of the same folder.
_SGB_X, _VARIANTS = "sgb-x", ("gdpr-land",)

Both = dict[str, Runs | None]


class WordingUnknown(Exception):
    """This release does not hold the wording that a declaration was made with. For the operator."""

    def __init__(self, wording: str) -> None:
        """Name the wording."""
        super().__init__(f"This release of imgate does not have wording {wording!r}; install the one that the declaration was made with.")


class WordingIncomplete(Exception):
    """A file of a wording lacks a text, or a text names something that the paper does not fill in. For us."""

    def __init__(self, file: str, key: str) -> None:
        """Name the file and the key."""
        super().__init__(f"{file}: {key} is missing or cannot be filled in")


class LanguageUnsupported(Exception):
    """There are no papers in this language."""

    def __init__(self) -> None:
        """Name those that there are."""
        super().__init__(f"Papers can be had in these languages: {', '.join(LANGUAGES)}.")


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The certified person who has checked a translation."""

    name: str
    certified_on: date


@dataclass(frozen=True, slots=True)
class Wording:
    """The text of one wording in one language. ``reviewer`` is None for a machine draft."""

    file: str
    language: Language
    texts: Mapping[str, Mapping[str, Any]]
    reviewer: Reviewer | None

    def text(self, key: str) -> str:
        """Give the text of ``section.key`` as it stands in the file. Raises WordingIncomplete."""
        found = self._found(key)
        if not isinstance(found, str):
            raise WordingIncomplete(self.file, key)
        return found

    def runs(self, key: str, **values: str) -> Runs:
        """Give the text with its placeholders filled in. Raises WordingIncomplete."""
        return self._filled(key, self.text(key), values)

    def scope(self, scope: str) -> tuple[Runs, Runs]:
        """Give a scope in words and an example of what it means. Raises WordingIncomplete."""
        match self._found(f"scopes.{scope}"):
            case [str(words), str(example)]:
                return self._filled(f"scopes.{scope}", words, {}), self._filled(f"scopes.{scope}", example, {})
            case _:
                raise WordingIncomplete(self.file, f"scopes.{scope}")

    def _found(self, key: str) -> Any:
        section, _, name = key.partition(".")
        return self.texts.get(section, {}).get(name)

    def _filled(self, key: str, text: str, values: Mapping[str, str]) -> Runs:
        try:
            return runs_of(text, self.language, values)
        except KeyError:
            raise WordingIncomplete(self.file, key) from None


@dataclass(frozen=True, slots=True)
class Words:
    """A wording in German and in one more language; ``other`` is None where that is German too."""

    regime: str
    german: Wording
    other: Wording | None

    @property
    def machine_draft(self) -> bool:
        """Tell whether nobody certified has checked the translation."""
        return self.other is not None and self.other.reviewer is None

    def both(self, key: str, **values: str) -> Both:
        """Give one text in both languages, as the sheet takes it. Raises WordingIncomplete."""
        return {"de": self.german.runs(key, **values), "tr": None if self.other is None else self.other.runs(key, **values)}

    def scope(self, scope: str) -> dict[str, Both]:
        """Give a scope's words and example in both languages. Raises WordingIncomplete."""
        german = self.german.scope(scope)
        other = (None, None) if self.other is None else self.other.scope(scope)
        return {"words": {"de": german[0], "tr": other[0]}, "example": {"de": german[1], "tr": other[1]}}


def words_of(wording: str, tag: str) -> Words:
    """Give the words of a wording in German and in the language of this tag. Raises WordingUnknown, LanguageUnsupported."""
    language = language_of(tag)
    if language is None:
        raise LanguageUnsupported
    version, variant, regime = wording.partition("-")
    german = None if variant and regime not in _VARIANTS else _wording(version, GERMAN)
    if german is None:
        raise WordingUnknown(wording)
    other = None if language is GERMAN else _wording(version, language)
    if other is None and language is not GERMAN:
        raise LanguageUnsupported
    return Words(regime or _SGB_X, german, other)


@cache
def _wording(version: str, language: Language) -> Wording | None:
    folder = _folder() / version
    file = folder / f"{language.tag}.toml"
    if not version.isdigit() or not file.is_file():
        return None
    content = file.read_bytes()
    texts = tomllib.loads(content.decode("utf-8"))
    return Wording(f"wordings/{version}/{file.name}", language, texts, _reviewer(folder, language, hashlib.sha256(content).hexdigest()))


def _reviewer(folder: Traversable, language: Language, digest: str) -> Reviewer | None:
    """Give the reviewer of exactly this file; one of another is none: whoever changed a word needs a new review."""
    file = folder / "reviewers.toml"
    named = tomllib.loads(file.read_text(encoding="utf-8")).get(language.tag) if file.is_file() else None
    if named is None or named["sha256"] != digest:
        return None
    return Reviewer(named["name"], named["certified_on"])


def _folder() -> Traversable:
    return resources.files("imgate.documents") / "wordings"
