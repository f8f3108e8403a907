"""Find what a plugin has changed outside itself: functions of imgate or of Python replaced by its own, constants of the core.

A plugin is imported long before its tests begin, so there is nothing to compare with that would be older. Three things are
compared instead: the code of a function with the code that its module's file compiles to, where a function comes from with
where it hangs, and the core's constants with those of another process (``elsewhere``).
"""

import copyreg
import csv
import dataclasses
import decimal
import functools
import gc
import importlib.util
import locale
import logging
import re
import signal
import sys
import threading
import types
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from imgate.conformance.kept import modules_of

# What a message passes on its way; other rooms of imgate are not loaded where a plugin is tested.
CORE = ("imgate.vocabulary", "imgate.record", "imgate.plugin_api", "imgate.consent", "imgate.adapters", "imgate.audit", "imgate.exchange")
# Python's modules, and the libraries that a message passes.
_OTHERS = sys.stdlib_module_names | {"pydantic", "pydantic_core", "lxml", "jsonschema_rs", "python_calamine", "structlog", "pluggy"}
_constant_name = re.compile(r"_?[A-Z][A-Z0-9_]*").fullmatch


def patched(package: str) -> list[str]:
    """Name each function outside the plugin that is the plugin's own, or is not what its file says."""
    found = {f"{where} was replaced by code of the plugin" for where in _plants_of(package)}
    found |= {f"{where} is not what its file says; somebody replaced it" for where in _replaced() if not any(where in one for one in found)}
    found |= {f"{where} has something of the plugin in it" for where in _hung_up(package)}
    if _runs_on(_files_of(package, len(sys.modules))):
        found.add("a thread of the plugin's is running")
    return sorted(found)


def _hung_up(package: str) -> Iterator[str]:
    """Yield where Python calls whatever somebody has put there, and the plugin has."""
    lists: list[tuple[str, Collection[Any]]] = [
        ("sys.meta_path", sys.meta_path),
        ("sys.path_hooks", sys.path_hooks),
        ("gc.callbacks", gc.callbacks),
        ("copyreg.dispatch_table", copyreg.dispatch_table.values()),
        ("a signal", [signal.getsignal(number) for number in signal.valid_signals()]),
    ]
    loggers = {"root": logging.root, **logging.root.manager.loggerDict}
    for name, logger in loggers.items():
        if isinstance(logger, logging.Logger) and not _is_within(name, package):
            lists.append((f"the logger {name}", [*logger.handlers, *logger.filters]))
    for where, entries in lists:
        if any(_is_made_by(entry, package) or _is_within(type(entry).__module__, package) for entry in entries):
            yield where


def _runs_on(files: Collection[str | None]) -> bool:
    """Tell whether another thread is in code of the plugin's just now."""
    frames: list[types.FrameType | None] = [frame for thread, frame in sys._current_frames().items() if thread != threading.get_ident()]
    while frames:
        frame = frames.pop()
        if frame is not None:
            if frame.f_code.co_filename in files:
                return True
            frames.append(frame.f_back)
    return False


def _plants_of(package: str) -> Iterator[str]:
    """Yield what hangs in a module of imgate or of Python, or in a class there, and was made by the plugin."""
    for name, module in list(sys.modules.items()):
        if not is_core(name) and name.partition(".")[0] not in _OTHERS:
            continue
        for attribute, value in _attributes(module):
            if _is_made_by(value, package):
                yield f"{name}.{attribute}"
            elif isinstance(value, type) and value.__module__ == name:
                yield from (f"{name}.{attribute}.{inner}" for inner, method in _attributes(value) if _is_made_by(method, package))


def _attributes(owner: object) -> list[tuple[str, Any]]:
    return list(vars(owner).items())


def _is_made_by(value: Any, package: str, depth: int = 0) -> bool:
    """Tell whether a callable is the plugin's; other things of a plugin (its modules in ``sys.modules``) have reasons to be there."""
    match value:
        case types.FunctionType():
            # The code by itself can be put into a function of somebody else's.
            own = _is_within(value.__globals__.get("__name__"), package) or value.__code__.co_filename in _files_of(
                package, len(sys.modules)
            )
            wrapped = getattr(value, "__wrapped__", None)
            return own or (wrapped is not None and depth < 5 and _is_made_by(wrapped, package, depth + 1))
        case staticmethod() | classmethod() | types.MethodType():
            return depth < 5 and _is_made_by(value.__func__, package, depth + 1)
        case property():
            return any(depth < 5 and _is_made_by(each, package, depth + 1) for each in (value.fget, value.fset))
        case functools.partial():
            return depth < 5 and _is_made_by(value.func, package, depth + 1)
        case type():
            return _is_within(value.__module__, package)
        case _:
            return callable(value) and _is_within(type(value).__module__, package)


@lru_cache(maxsize=1)
def _files_of(package: str, _: int) -> frozenset[str | None]:
    """Give the files of a plugin. With the number of all modules, because one may have been loaded since."""
    return frozenset(getattr(module, "__file__", None) for module in modules_of(package).values())


def _is_within(name: object, package: str) -> bool:
    return isinstance(name, str) and (name == package or name.startswith(f"{package}."))


def is_core(name: str) -> bool:
    """Tell whether a module belongs to what a message passes."""
    return name.startswith("imgate.") and any(_is_within(name, room) for room in CORE)


def _replaced() -> Iterator[str]:
    """Yield each function of the core whose code is not that of its file, whoever did it."""
    for name, module in list(sys.modules.items()):
        if not is_core(name):
            continue
        codes = _codes_of(name)
        for attribute, value in _attributes(module):
            if attribute in codes and not _is_one_of(value, codes[attribute]):
                yield f"{name}.{attribute}"
            elif isinstance(value, type) and value.__module__ == name:
                for inner, method in _attributes(value):
                    known = codes.get(f"{value.__qualname__}.{inner}")
                    if known is not None and not _is_one_of(method, known):
                        yield f"{name}.{value.__qualname__}.{inner}"


def _is_one_of(value: Any, codes: Collection[types.CodeType]) -> bool:
    function = _innermost(value)
    # A class has the name of its body's code, and is built, not called.
    return isinstance(function, type) or (isinstance(function, types.FunctionType) and function.__code__ in codes)


def _innermost(value: Any) -> Any:
    for _ in range(10):
        match value:
            case property():
                value = value.fget
            case functools.cached_property():
                value = value.func
            case staticmethod() | classmethod() | types.MethodType():
                value = value.__func__
            case _ if hasattr(value, "__wrapped__"):
                value = value.__wrapped__
            case _:
                return value
    return value


@cache
def _codes_of(module: str) -> Mapping[str, tuple[types.CodeType, ...]]:
    """Give the code of each function in a module's file, by its qualified name; a name may stand there more than once."""
    spec = importlib.util.find_spec(module)
    whole = getattr(spec.loader, "get_code", lambda _: None)(module) if spec is not None and spec.loader is not None else None
    found: dict[str, tuple[types.CodeType, ...]] = {}
    left = [] if whole is None else [whole]
    while left:
        for constant in left.pop().co_consts:
            if isinstance(constant, types.CodeType):
                found[constant.co_qualname] = (*found.get(constant.co_qualname, ()), constant)
                left.append(constant)
    return found


def constants() -> dict[str, str]:
    """Give the core's constants as text, by name, and what the whole process shares. Another process has the same."""
    return _shared() | {
        f"{name}.{attribute}": shown
        for name, module in list(sys.modules.items())
        if is_core(name)
        for attribute, value in _attributes(module)
        if (shown := _shown(_defaults(value) if isinstance(value, types.FunctionType) else value)) is not None
        if _constant_name(attribute) or isinstance(value, types.FunctionType)
    }


def _defaults(function: types.FunctionType) -> Any:
    return function.__defaults__, function.__kwdefaults__


def _shared() -> dict[str, str]:
    """Give what one call sets for everybody: how numbers are rounded and written, how long a cell may be, whether logs are kept."""
    context = decimal.getcontext()
    categories = {name: getattr(locale, name) for name in ("LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY")}
    return {
        "decimal.getcontext()": repr((context.prec, context.rounding, context.Emin, context.Emax, context.capitals, context.clamp)),
        "csv.field_size_limit()": repr(csv.field_size_limit()),
        "logging.disable()": repr(logging.root.manager.disable),
        **{f"locale.{name}": locale.setlocale(category) for name, category in categories.items()},
    }


def _shown(value: Any) -> str | None:
    match value:
        case str() | bytes() | bool() | int() | float() | None:
            return repr(value)
        case tuple() | list():
            return _joined([_shown(each) for each in value])
        case set() | frozenset():
            parts = [_shown(each) for each in value]
            return None if None in parts else repr(sorted(str(part) for part in parts))
        case dict() | types.MappingProxyType():
            return _joined([_shown(each) for pair in value.items() for each in pair])
        case re.Pattern():
            return repr((value.pattern, value.flags))
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _joined([_shown(getattr(value, field.name)) for field in dataclasses.fields(value)])
        case _:
            return None


def _joined(parts: list[str | None]) -> str | None:
    return None if None in parts else repr(parts)
