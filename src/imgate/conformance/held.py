"""Find what still holds a text of a client, in everything that Python's garbage collector knows or can reach from there.

Wherever it hangs: in a global, a cache, a default, an attribute, a context variable. An author waits for each look at the whole
heap, and beside many other tests it is large; so most of it is gone through without a step of Python for each object.
"""

import array
import contextvars
import functools
import gc
import io
import sys
import types
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, compress
from typing import Any

# So many objects are asked for their content at once; with more the processor's cache is too small.
_CHUNK = 2000
_NAMED = 3
# So far up, and so broad, a name is looked for.
_STEPS = 8
_BROAD = 50
_HOLDERS = frozenset({dict, tuple, list, set, frozenset})
_WITH_BYTES = frozenset({bytes, bytearray, io.StringIO, io.BytesIO, array.array})
_is_text = frozenset({str}).__contains__
_is_looked_into = (_HOLDERS | _WITH_BYTES).__contains__
_WORDS_ON = tuple("abcdefghij")


def holders_of(*words: str) -> list[str]:
    """Name what still holds a text that begins with one of these words and goes on, as a canary does.

    The caller has let go of all such texts before, else it finds itself.
    """
    gc.collect()
    objects = gc.get_objects()
    # A text hangs in many places, and is read once unless it is found.
    clean: set[str] = set()
    found: list[object] = []
    for start in range(0, len(objects), _CHUNK):
        if _among(_within(objects[start : start + _CHUNK]), words, clean):
            found += [each for each in objects[start : start + _CHUNK] if _among(_within([each]), words, clean)]
    del objects, clean
    # A few say enough, and each is looked for in the whole heap.
    few = {id(holder): holder for holder in found[-_NAMED:] + found[:_NAMED] if not isinstance(holder, types.FrameType)}
    del found
    names = _names(few)
    return sorted(name for name in names if not name.startswith("a builtins.")) or sorted(names)


def _among(referents: list[Any], words: tuple[str, ...], clean: set[str]) -> bool:
    while referents:
        kinds = list(map(type, referents))
        texts = set(compress(referents, map(_is_text, kinds))) - clean
        if _any_goes_on(texts, words):
            return True
        clean |= texts
        others = list(compress(referents, map(_is_looked_into, kinds)))
        if any(_goes_on(text_within(each), words) for each in others if type(each) in _WITH_BYTES):
            return True
        # What holds only atoms is not tracked by itself, so it is looked into here.
        referents = _within([each for each in others if type(each) in _HOLDERS and not gc.is_tracked(each)])
    return False


def _within(objects: list[Any]) -> list[Any]:
    # Of a dict whose keys are all texts, the collector tells the values only.
    keys = chain.from_iterable(list(each) for each in objects if type(each) is dict)
    return [*gc.get_referents(*objects), *keys]


def _any_goes_on(texts: Iterable[str], words: tuple[str, ...]) -> bool:
    # No canary has a null in it, so none begins in one text and goes on in the next.
    return _goes_on("\0".join(texts), words)


def text_within(value: Any) -> str:
    """Give the content of what holds bytes or a text in memory, as a text; nothing of what is closed."""
    try:
        content = value.getvalue() if isinstance(value, io.StringIO | io.BytesIO) else bytes(value)
    except ValueError:  # a closed file holds nothing any more
        return ""
    return content if isinstance(content, str) else content.decode("utf-8", errors="replace")


def _goes_on(text: str, words: tuple[str, ...]) -> bool:
    for word in words:
        start = text.find(word)
        while start >= 0:
            if text.startswith(_WORDS_ON, start + len(word)):
                return True
            start = text.find(word, start + 1)
    return False


def _names(holders: Mapping[int, object]) -> set[str]:
    """Say where these hang: go up through what refers to each, until that is a module or a class.

    All go up together, because what refers to something is found by a look at the whole heap.
    """
    modules = {id(vars(module)): name for name, module in list(sys.modules.items())}
    names: set[str] = set()
    below: dict[int, list[object]] = {number: [] for number in holders}
    levels = {number: [holder] for number, holder in holders.items()}
    passed = {number: {id(holders), number} for number in holders}
    for _ in range(_STEPS):
        for number, level in list(levels.items()):
            name = _name_among(level, below[number], modules)
            if name is not None:
                names.add(name)
                del levels[number]
        if not any(levels.values()):
            break
        below, levels = levels, _above(levels, passed, modules)
    return names | {f"a {type(holders[number]).__module__}.{type(holders[number]).__qualname__}" for number in levels}


def _above(levels: dict[int, list[object]], passed: Mapping[int, set[int]], modules: Collection[int]) -> dict[int, list[object]]:
    """Give what refers to something in each level and was not passed on the way there, modules first."""
    own = {id(levels), *map(id, levels.values())}
    referring = [
        (one, frozenset(map(id, gc.get_referents(one))))
        for one in gc.get_referrers(*chain.from_iterable(levels.values()))
        if id(one) not in own and not isinstance(one, types.FrameType)
    ]
    above: dict[int, list[object]] = {}
    for number, level in levels.items():
        wanted = frozenset(map(id, level))
        up = [one for one, referents in referring if id(one) not in passed[number] and not wanted.isdisjoint(referents)]
        above[number] = sorted(up, key=lambda one: id(one) not in modules)[:_BROAD]
        passed[number].update(map(id, above[number]))
    return above


def _name_among(level: list[object], below: list[object], modules: Mapping[int, str]) -> str | None:
    for one in level:
        if id(one) in modules:
            module = modules[id(one)]
            attributes = [key for key, value in vars(sys.modules[module]).items() if any(value is each for each in below)]
            return f"{module}.{attributes[0]}" if attributes else f"a global of {module}"
        if isinstance(one, type):
            return f"the class {one.__module__}.{one.__qualname__}"
        if isinstance(one, types.FunctionType):
            return f"the function {one.__module__}.{one.__qualname__}"
        if isinstance(one, functools._lru_cache_wrapper):
            return f"the cache of {getattr(one, '__module__', '?')}.{getattr(one, '__qualname__', '?')}"
        if isinstance(one, contextvars.Context):
            return "a context variable"
    return None
