"""The texts that stand in code: a code of a refusal is one of them, since one that is put together may hold what was sent.

The gateway keeps such a code in its log. Compared with what the code holds, because in closed words, days and numbers no canary fits.
"""

import types
from collections.abc import Iterator
from enum import Enum
from functools import cache

from imgate.conformance.kept import modules_of

_OF_IMGATE = ("imgate.plugin_api", "imgate.adapters", "imgate.record")


def stands_in_code(text: object, package: str) -> bool:
    """Tell whether a text stands as it is in the code of this package, or of the part of imgate that reads messages."""
    return isinstance(text, str) and (text in _texts_in(package) or any(text in _texts_in(each) for each in _OF_IMGATE))


@cache
def _texts_in(package: str) -> frozenset[str]:
    return frozenset(text for name, module in modules_of(package).items() for text in _texts_of(name, module))


def _texts_of(name: str, module: types.ModuleType) -> Iterator[str]:
    # Compiled code has them whether the source is installed or not.
    code_of = getattr(None if module.__spec__ is None else module.__spec__.loader, "get_code", None)
    if code_of is not None:
        yield from _constants(code_of(name))
    for value in list(vars(module).values()):
        if isinstance(value, type) and issubclass(value, Enum):
            # `auto()` makes them of names.
            yield from (member.value for member in value if isinstance(member.value, str))


def _constants(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case types.CodeType():
            for each in value.co_consts:
                yield from _constants(each)
        case tuple() | frozenset():
            for each in value:
                yield from _constants(each)
        case _:
            return
