"""Find what foreign code keeps of a client beyond the call that it was given for: a global, a cache, a default, an attribute.

Looked for twice. First by canary, in everything that Python's garbage collector knows or can reach from there, wherever it
hangs. Then by comparing what the plugin's modules and the adapter hold before and after, which also finds a count, a digest or
a name turned around.
"""

import array
import collections
import functools
import gc
import io
import itertools
import random
import sys
import types
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from lxml import etree

_CHUNK = 2000
_NAMED = 3
_ATOMS = (str, bytes, bytearray, int, float, complex, bool, type(None))
_HOLDERS = (dict, tuple, list, set, frozenset)
_WORDS_ON = "abcdefghij"


def holders_of(word: str) -> list[str]:
    """Name what still holds a text that begins with this word and goes on, as a canary does.

    The caller has let go of all such texts before, else it finds itself.
    """
    gc.collect()
    objects = gc.get_objects()
    found: list[object] = []
    for start in range(0, len(objects), _CHUNK):
        if _among(gc.get_referents(*objects[start : start + _CHUNK]), word):
            found += [each for each in objects[start : start + _CHUNK] if _among(gc.get_referents(each), word)]
    del objects
    # A few say enough, and each is looked for in the whole heap.
    names = {_name(holder) for holder in found[-_NAMED:] + found[:_NAMED] if not isinstance(holder, types.FrameType)}
    return sorted(name for name in names if not name.startswith("a builtins.")) or sorted(names)


def _among(referents: list[Any], word: str) -> bool:
    for each in referents:
        kind = type(each)
        if kind is str:
            if word in each and _goes_on(each, word):
                return True
        elif kind in _HOLDERS:
            # What holds only atoms is not tracked by itself, so it is looked into here.
            if not gc.is_tracked(each) and _among(gc.get_referents(each), word):
                return True
        elif kind in _WITH_BYTES and _goes_on(_text_within(each), word):
            return True
    return False


_WITH_BYTES = (bytes, bytearray, io.StringIO, io.BytesIO, array.array)


def _text_within(value: Any) -> str:
    try:
        content = value.getvalue() if isinstance(value, io.StringIO | io.BytesIO) else bytes(value)
    except ValueError:  # a closed file holds nothing any more
        return ""
    return content if isinstance(content, str) else content.decode("utf-8", errors="replace")


def _goes_on(text: str, word: str) -> bool:
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


def state_of(package: str, translator: object) -> dict[str, str]:
    """Digest what a plugin's modules and its adapter hold, by name; two digests of one name differ if something was changed."""
    state = {
        f"{name}.{attribute}": _digest(value, package)
        for name, module in modules_of(package).items()
        for attribute, value in list(vars(module).items())
        if not (attribute.startswith("__") and attribute.endswith("__"))
    }
    return {**state, "the adapter": _digest(translator, package)}


def _digest(value: object, package: str) -> str:
    digest = sha256()
    for part in _parts(value, package, {}, 0):
        digest.update(part.encode("utf-8", errors="surrogatepass"))
        digest.update(b"\x00")
    return digest.hexdigest()


def _parts(value: Any, package: str, seen: dict[int, Any], depth: int) -> Iterator[str]:
    """Yield what can be told of a value without calling any code of its own.

    ``seen`` holds what it names: of something that was made for the question only, another one could have the same id.
    """
    if isinstance(value, _ATOMS):
        yield repr(value)
        return
    if id(value) in seen or depth > 40:
        return
    seen[id(value)] = value
    yield type(value).__qualname__
    for inner in _inside(value, package):
        yield from _parts(inner, package, seen, depth + 1)


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
        case types.FunctionType():
            yield from (value.__defaults__, value.__kwdefaults__, value.__dict__)
            yield from (_content(cell) for cell in value.__closure__ or ())
        case types.MethodType():
            yield value.__self__
        case functools.partial():
            yield from (value.func, value.args, value.keywords)
        case functools._lru_cache_wrapper():
            # A miss is something new, also where the cache is full and as large as before.
            yield (value.cache_info().currsize, value.cache_info().misses)
        case io.StringIO() | io.BytesIO():
            yield _text_within(value)
        case random.Random():
            yield value.getstate()
        case itertools.count() | array.array():
            yield repr(value)
        case etree._Element():
            yield etree.tostring(value)
        case etree._ElementTree():
            yield value.getroot()
        case type():
            if value.__module__.partition(".")[0] == package.partition(".")[0]:
                yield from (inner for name, inner in list(vars(value).items()) if name not in ("__dict__", "__weakref__"))
        case types.ModuleType():
            return
        case _:
            yield getattr(value, "__dict__", None)
            for kind in type(value).__mro__:
                slots = vars(kind).get("__slots__", ())
                for slot in (slots,) if isinstance(slots, str) else slots:
                    yield getattr(value, slot, None)


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return None
