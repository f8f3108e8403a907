"""Find what foreign code keeps of a client beyond the call that it was given for: a global, a cache, a default, an attribute.

Looked for twice. First by canary, in everything that Python's garbage collector knows or can reach from there, wherever it
hangs. Then by comparing what the plugin's modules and the adapter hold before and after, which also finds a count, a digest or
a name turned around.
"""

import array
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
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from lxml import etree

_CHUNK = 2000
_NAMED = 3
_ATOMS = (str, bytes, bytearray, int, float, complex, bool, type(None))
_HOLDERS = (dict, tuple, list, set, frozenset)
_WORDS_ON = "abcdefghij"
# What Python itself writes into a module: how it was loaded, and which warnings were shown; a canary is looked for in there all the same.
_LOADING = frozenset({"__builtins__", "__loader__", "__spec__", "__cached__", "__warningregistry__"})
_OF_LOGGING = frozenset({"parent", "manager", "_cache"})
_SHARED = frozenset({"imgate", *sys.stdlib_module_names}) - {"__main__"}


def holders_of(*words: str) -> list[str]:
    """Name what still holds a text that begins with one of these words and goes on, as a canary does.

    The caller has let go of all such texts before, else it finds itself.
    """
    gc.collect()
    objects = gc.get_objects()
    found: list[object] = []
    for start in range(0, len(objects), _CHUNK):
        if _among(gc.get_referents(*objects[start : start + _CHUNK]), words):
            found += [each for each in objects[start : start + _CHUNK] if _among(gc.get_referents(each), words)]
    del objects
    # A few say enough, and each is looked for in the whole heap.
    names = {_name(holder) for holder in found[-_NAMED:] + found[:_NAMED] if not isinstance(holder, types.FrameType)}
    return sorted(name for name in names if not name.startswith("a builtins.")) or sorted(names)


def _among(referents: list[Any], words: tuple[str, ...]) -> bool:
    for each in referents:
        kind = type(each)
        if kind is str:
            if _goes_on(each, words):
                return True
        elif kind in _HOLDERS:
            # What holds only atoms is not tracked by itself, so it is looked into here.
            if not gc.is_tracked(each) and _among(gc.get_referents(each), words):
                return True
        elif kind in _WITH_BYTES and _goes_on(_text_within(each), words):
            return True
    return False


_WITH_BYTES = (bytes, bytearray, io.StringIO, io.BytesIO, array.array)


def _text_within(value: Any) -> str:
    try:
        content = value.getvalue() if isinstance(value, io.StringIO | io.BytesIO) else bytes(value)
    except ValueError:  # a closed file holds nothing any more
        return ""
    return content if isinstance(content, str) else content.decode("utf-8", errors="replace")


def _goes_on(text: str, words: tuple[str, ...]) -> bool:
    for word in words:
        start = text.find(word)
        while start >= 0:
            if text[start + len(word) : start + len(word) + 1] in tuple(_WORDS_ON):
                return True
            start = text.find(word, start + 1)
    return False


def _name(holder: object) -> str:
    """Say where something hangs: go up through what refers to it, until that is a module or a class."""
    modules = {id(vars(module)): name for name, module in list(sys.modules.items())}
    level: list[object] = [holder]
    for _ in range(8):
        for one in level:
            if isinstance(one, type):
                return f"the class {one.__module__}.{one.__qualname__}"
            if isinstance(one, types.FunctionType):
                return f"the function {one.__module__}.{one.__qualname__}"
            if isinstance(one, functools._lru_cache_wrapper):
                return f"the cache of {getattr(one, '__module__', '?')}.{getattr(one, '__qualname__', '?')}"
            if id(one) in modules:
                return f"a global of {modules[id(one)]}"
        above = [each for each in gc.get_referrers(*level) if each is not level and not isinstance(each, types.FrameType)]
        named = [modules[id(each)] for each in above if id(each) in modules]
        if named:
            names = [key for key, value in vars(sys.modules[named[0]]).items() if any(value is one for one in level)]
            return f"{named[0]}.{names[0]}" if names else f"a global of {named[0]}"
        level = above[:50]
    return f"a {type(holder).__module__}.{type(holder).__qualname__}"


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
    state = {
        f"{name}.{attribute}": _digest(value, package)
        for name, module in modules_of(package).items()
        for attribute, value in list(vars(module).items())
        if attribute not in _LOADING
    }
    return {**state, "the adapter": _digest(translator, package)}


def _digest(value: object, package: str) -> str:
    digest = sha256()
    for part in _parts(value, package):
        digest.update(part.encode("utf-8", errors="surrogatepass"))
        digest.update(b"\x00")
    return digest.hexdigest()


def _parts(value: Any, package: str) -> Iterator[str]:
    """Yield what can be told of a value without calling any code of its own, however deep it lies."""
    # It holds what it names: of something that was made for the question only, another one could have the same id.
    seen: dict[int, Any] = {}
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, _ATOMS):
            yield repr(one)
        elif id(one) not in seen:
            seen[id(one)] = one
            yield type(one).__qualname__
            left.extend(reversed(list(_inside(one, package))))


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
            yield _text_within(value)
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
