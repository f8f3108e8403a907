"""Find what foreign code keeps of a client beyond the call that it was given for: a global, a cache, a default, an attribute.

What the plugin's modules and the adapter hold is compared before and after, which finds also a count, a digest or a name turned
around. A canary is looked for everywhere (``held``).
"""

import collections
import contextvars
import ctypes
import functools
import gc
import io
import logging
import mmap
import operator
import random
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from lxml import etree

from imgate.conformance.held import text_within

_ATOMS = (str, bytes, bytearray, int, float, complex, bool, type(None))
# What Python itself writes into a module: how it was loaded, and which warnings were shown; a canary is looked for in there all the same.
_LOADING = frozenset({"__builtins__", "__loader__", "__spec__", "__cached__", "__warningregistry__"})
_OF_LOGGING = frozenset({"parent", "manager", "_cache"})
_SHARED = frozenset({"imgate", *sys.stdlib_module_names}) - {"__main__"}


def modules_of(package: str) -> Mapping[str, types.ModuleType]:
    """Give a plugin's modules that are loaded, by name."""
    return {name: module for name, module in list(sys.modules.items()) if name == package or name.startswith(f"{package}.")}


def folder_of(package: str) -> str:
    """Give the folder where a plugin's code lies; its name where there is none."""
    files = [module.__file__ for module in modules_of(package).values() if module.__file__ is not None]
    return str(Path(min(files, key=len)).parent) if files else package


def attributes_of_all() -> Mapping[str, frozenset[str]]:
    """Name what hangs in each module of imgate and of Python, but other modules: a plugin adds nothing there."""
    return {
        name: frozenset(attribute for attribute, value in list(vars(module).items()) if not isinstance(value, types.ModuleType)) - _LOADING
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in _SHARED and isinstance(module, types.ModuleType)
    }


def added_to(before: Mapping[str, frozenset[str]]) -> list[str]:
    """Name what hangs there and did not before. A module that was only now loaded is no addition."""
    after = attributes_of_all()
    return sorted(f"{name}.{attribute}" for name in before.keys() & after.keys() for attribute in after[name] - before[name])


def state_of(package: str, translator: object) -> dict[str, str]:
    """Digest what a plugin's modules and its adapter hold, by name; two digests of one name differ if something was changed."""
    # Many names lead to the same things, and each is looked into once.
    told: _Told = {}
    state = {
        f"{name}.{attribute}": _digest(value, package, told)
        for name, module in modules_of(package).items()
        for attribute, value in list(vars(module).items())
        if attribute not in _LOADING
    }
    return {**state, "the adapter": _digest(translator, package, told)}


# By id: the thing itself, so that no other one gets its id; what can be told of it; and what lies in it, last first.
_Told = dict[int, tuple[object, bytes, Sequence[object]]]


def _digest(value: object, package: str, told: _Told) -> str:
    """Digest a value without calling any code of its own, however deep it lies."""
    digest = sha256()
    seen: set[int] = set()
    left = [value]
    while left:
        one = left.pop()
        number = id(one)
        if number not in seen:
            seen.add(number)
            if number not in told:
                told[number] = (one, *_told_of(one, package))
            _, text, inner = told[number]
            digest.update(text)
            left.extend(inner)
    return digest.hexdigest()


def _told_of(value: object, package: str) -> tuple[bytes, Sequence[object]]:
    """Give what a value shows by itself, with a gap for each thing that lies in it, and those things."""
    if isinstance(value, _ATOMS):
        return repr(value).encode("utf-8", errors="surrogatepass"), ()
    parts: list[str] = [type(value).__qualname__]
    inner: list[object] = []
    for each in _inside(value, package):
        if isinstance(each, _ATOMS):
            parts.append(repr(each))
        else:
            parts.append("")
            inner.append(each)
    return "\x00".join((*parts, "\x01")).encode("utf-8", errors="surrogatepass"), inner[::-1]


def _inside(value: Any, package: str) -> Iterator[Any]:
    match value:
        case dict() | types.MappingProxyType():
            for key, inner in list(value.items()):
                yield key
                yield inner
        case list() | tuple() | collections.deque():
            yield from list(value)
        case set() | frozenset():
            # The order of a set is no state, but belongs to the process.
            yield from sorted(repr(each) if isinstance(each, _ATOMS) else type(each).__qualname__ for each in value)
            yield from sorted((each for each in value if not isinstance(each, _ATOMS)), key=id)
        case types.FunctionType():
            yield from (value.__defaults__, value.__kwdefaults__, value.__dict__, value.__doc__, value.__annotations__, value.__code__)
            yield from (_content(cell) for cell in value.__closure__ or ())
        case types.CodeType():
            yield (value.co_code, value.co_names, [each for each in value.co_consts if isinstance(each, _ATOMS)])
        case types.MethodType():
            yield from (value.__self__, value.__func__)
        case staticmethod() | classmethod():
            yield value.__func__
        case property():
            yield from (value.fget, value.fset, value.fdel)
        case functools.partial():
            yield from (value.func, value.args, value.keywords)
        case functools._lru_cache_wrapper():
            # A miss is something new, also where the cache is full and as large as before.
            yield (value.cache_info().currsize, value.cache_info().misses)
        case types.GeneratorType():
            yield (value.gi_frame.f_lasti, value.gi_frame.f_locals) if value.gi_frame is not None else None
        case contextvars.ContextVar():
            yield value.get(None)
        case io.StringIO() | io.BytesIO():
            yield text_within(value)
        case random.Random():
            yield value.getstate()
        case logging.Logger():
            # What logging itself remembers there changes with each message; what hangs on it beside that is the plugin's.
            yield {name: inner for name, inner in vars(value).items() if name not in _OF_LOGGING}
        case memoryview() | mmap.mmap() | ctypes.Array():
            yield bytes(value)
        case etree._Element():
            yield etree.tostring(value)
        case etree._ElementTree():
            yield value.getroot()
        case type():
            if value.__module__.partition(".")[0] == package.partition(".")[0]:
                yield from (inner for name, inner in list(vars(value).items()) if name not in ("__dict__", "__weakref__"))
        case types.ModuleType():
            return
        case _ if type(value).__module__ in _PLAIN_IN_C:
            yield repr(value)
            yield from gc.get_referents(value)
        case _ if type(value).__module__ == "builtins":
            # An iterator, which shows how far it has come by what is left.
            yield from (operator.length_hint(value), *gc.get_referents(value))
        case _:
            yield getattr(value, "__dict__", None)
            for kind in type(value).__mro__:
                # Found by their descriptors: a private one has another name than it stands under.
                yield from (_slot(each, value) for each in vars(kind).values() if isinstance(each, types.MemberDescriptorType))


# Types of these show all that they are when they are asked for their ``repr``, and run no code but C.
_PLAIN_IN_C = frozenset({"datetime", "decimal", "re", "itertools", "array", "_struct", "zoneinfo"})


def _slot(slot: types.MemberDescriptorType, value: object) -> object:
    try:
        return slot.__get__(value)
    except AttributeError:  # an empty slot
        return None


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return None
