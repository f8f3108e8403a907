"""Value lists: which words of a partner stand for which codes of the case record, both ways."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from imgate.plugin_api import SettingsInvalid

# Lists that grow several times a year: a code of this form without a word is written and read as it is.
_OPEN: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType({"state": re.compile(r"[0-9]{3}\Z"), "language": re.compile(r"[a-z]{3}\Z")})


@dataclass(frozen=True, slots=True)
class ValueList:
    """One list. ``word`` gives what is written for a code, ``code`` what was meant by a cell."""

    by_code: Mapping[str, str]
    by_word: Mapping[str, str]
    open_codes: re.Pattern[str] | None = None

    def word(self, code: str) -> str:
        """Return the word for a code, or the code itself where the list has none."""
        return self.by_code.get(code, code)

    def code(self, text: str) -> str | None:
        """Return the code for a word, or for a code written out; None if the list knows neither."""
        known = self.by_word.get(_folded(text))
        if known is None and (text in self.by_code or (self.open_codes and self.open_codes.match(text))):
            return text
        return known


def read_value_lists(table: Mapping[str, object]) -> Mapping[str, ValueList]:
    """Complete the built-in lists with the words of a mapping: for a code that it names, its words count alone.

    ``table`` is the mapping's ``[values]``: ``{list: {code: [word, ...]}}``; the first word is the one written. Raises
    SettingsInvalid.
    """
    lists = {name: dict(words) for name, words in _built_in().items()}
    for name, words in table.items():
        if name not in lists:
            raise _invalid(f"[values.{name}] is none of the value lists {', '.join(sorted(lists))}")
        if not isinstance(words, Mapping):
            raise _invalid(f"[values.{name}] must be a table of codes, each with a list of words")
        for code, said in words.items():
            lists[name][code] = _checked(name, code, said, lists[name])
    return MappingProxyType({name: _value_list(name, words) for name, words in lists.items()})


@cache
def _built_in() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    here = resources.files("imgate_jobkraftwerk")
    lists = tomllib.loads((here / "values.toml").read_text("utf-8"))
    lists["state"] = tomllib.loads((here / "states.toml").read_text("utf-8"))
    return {name: {code: tuple(said) for code, said in words.items()} for name, words in lists.items()}


def _checked(name: str, code: str, said: object, known: Mapping[str, object]) -> tuple[str, ...]:
    if code not in known and not (name in _OPEN and _OPEN[name].match(code)):
        raise _invalid(f"[values.{name}] has {code}, which is no code of this list")
    if not isinstance(said, list) or not said or not all(isinstance(word, str) and word.strip() for word in said):
        raise _invalid(f"[values.{name}] {code} must be a list of at least one word, in quotation marks")
    return tuple(said)


def _value_list(name: str, words: Mapping[str, tuple[str, ...]]) -> ValueList:
    by_word: dict[str, str] = {}
    for code, said in words.items():
        for word in said:
            if by_word.setdefault(_folded(word), code) != code:
                raise _invalid(f"[values.{name}] has the word {word} for two codes, {by_word[_folded(word)]} and {code}")
            if word in words and word != code:
                raise _invalid(f"[values.{name}] has the word {word} for {code}, but {word} is another code")
    return ValueList(MappingProxyType({code: said[0] for code, said in words.items()}), MappingProxyType(by_word), _OPEN.get(name))


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())


def _invalid(sentence: str) -> SettingsInvalid:
    return SettingsInvalid("mapping", sentence)
