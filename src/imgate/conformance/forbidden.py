"""What a pure translation does not call: the functions behind clock, chance, environment, files, network, processes, threads.

The functions are those that C offers, because whatever Python code stands before them ends there: ``uuid.uuid4`` asks
``posix.urandom``, ``Path.exists`` asks ``posix.stat``, ``datetime.now`` is C itself.
"""

import datetime
import io
import os
import random
import sys
import threading
import types
import weakref
from enum import StrEnum
from functools import cache
from typing import Any, assert_never


class Outside(StrEnum):
    """What lies outside a translation's input."""

    CLOCK = "clock"
    CHANCE = "chance"
    ENVIRONMENT = "environment"
    FILE = "file"
    NETWORK = "network"
    PROCESS = "process"
    THREAD = "thread"
    OUTPUT = "output"
    FOREIGN_CODE = "foreign_code"
    WATCHING = "watching"
    LATER = "later"
    LOOKING = "looking"


def sentence(outside: Outside, called: str, where: str) -> str:
    """Say what a translation did, where, and how its author mends it."""
    at = f"({called}) in {where}"
    match outside:
        case Outside.CLOCK:
            return f"translation read the clock {at}; the envelope carries the time"
        case Outside.CHANCE:
            return f"translation made something by chance {at}; the envelope carries an id, and anything else follows from the record"
        case Outside.ENVIRONMENT:
            return f"translation read the environment {at}; what differs from partner to partner is a setting, handed to `configure`"
        case Outside.FILE:
            return f"translation touched a file {at}; read what belongs to the plugin once, in `configure`"
        case Outside.NETWORK:
            return f"translation opened a connection {at}; the core delivers, a plugin only translates"
        case Outside.PROCESS:
            return f"translation asked the operating system {at}; the answer must follow from the record and the settings alone"
        case Outside.THREAD:
            return f"translation started a thread {at}; nothing may go on after it has returned"
        case Outside.OUTPUT:
            return f"translation printed {at}; what has to be said is a TranslationFault, a MessageUnreadable or a RowProblem"
        case Outside.FOREIGN_CODE:
            return f"translation called foreign code {at}, which nobody here can watch; use a library for Python"
        case Outside.WATCHING:
            return f"translation changed how Python runs {at}, and with it what this kit can see; leave that alone"
        case Outside.LATER:
            return f"translation left something to be done later {at}; nothing may go on after it has returned"
        case Outside.LOOKING:
            return f"translation looked into the memory of its callers {at}; what it may know of a client is handed to it"
        case _:
            assert_never(outside)


_CLOCK_READERS = frozenset(
    {
        *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns"),
        *("thread_time", "thread_time_ns", "clock_gettime", "clock_gettime_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"),
        *("sleep", "tzset"),
    }
)
_POSIX_PURE = frozenset({"fspath", "fsencode", "fsdecode", "strerror", "_path_normpath", "_path_splitroot", "_path_splitroot_ex"})
_POSIX_ENVIRONMENT = frozenset({"putenv", "unsetenv", "getcwd", "getcwdb", "getlogin", "cpu_count", "sched_getaffinity"})
_POSIX_PROCESS = frozenset(
    {
        *("fork", "forkpty", "execv", "execve", "posix_spawn", "posix_spawnp", "system", "kill", "killpg", "wait", "waitpid", "abort"),
        *("_exit", "getpid", "getppid", "nice", "times", "getloadavg"),
    }
)
_WATCHERS = frozenset({"setprofile", "settrace", "addaudithook", "setrecursionlimit", "setswitchinterval", "set_asyncgen_hooks"})
_LOOKERS = frozenset(
    {
        *(("gc", "get_objects"), ("gc", "get_referrers"), ("gc", "get_referents")),
        *(("sys", "_getframe"), ("sys", "_getframemodulename"), ("sys", "_current_frames"), ("sys", "_current_exceptions")),
    }
)
# From each of these it is one step to what the core has not released.
_FRAMES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
# Modules of which each function is the same thing.
_WHOLE_MODULES = {
    "_socket": Outside.NETWORK,
    "_ssl": Outside.NETWORK,
    "select": Outside.NETWORK,
    "_sqlite3": Outside.FILE,
    "fcntl": Outside.FILE,
    "pwd": Outside.ENVIRONMENT,
    "grp": Outside.ENVIRONMENT,
    "resource": Outside.PROCESS,
    "_posixsubprocess": Outside.PROCESS,
    "_winapi": Outside.PROCESS,
    "_signal": Outside.PROCESS,
    "_uuid": Outside.CHANCE,
    "_ctypes": Outside.FOREIGN_CODE,
    "faulthandler": Outside.PROCESS,
    "atexit": Outside.LATER,
}
_FUNCTIONS = {
    ("builtins", "open"): Outside.FILE,
    ("_io", "open"): Outside.FILE,
    ("_io", "open_code"): Outside.FILE,
    ("builtins", "print"): Outside.OUTPUT,
    ("builtins", "input"): Outside.OUTPUT,
    ("_codecs", "register"): Outside.LATER,
    ("_codecs", "register_error"): Outside.LATER,
    ("_thread", "start_new_thread"): Outside.THREAD,
    ("_thread", "start_new"): Outside.THREAD,
    ("_thread", "start_joinable_thread"): Outside.THREAD,
}
# Python's own copy of the environment, and the one behind `os.environ`.
_ENVIRONMENTS = tuple(
    owner for owner in (getattr(os.environ, "_data", None), getattr(sys.modules.get("posix"), "environ", None)) if owner is not None
)
_OPEN_FILES = (io.FileIO, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper)
# The one generator that everybody shares: `random.random` and its kin are its methods.
_SHARED_GENERATOR: object = getattr(random.random, "__self__")  # noqa: B009  # mypy takes it for a plain function


def of_c_function(function: Any) -> Outside | None:
    """Tell what a function or a bound method that C offers reaches for; None where it is harmless."""
    module, name, owner = getattr(function, "__module__", None), function.__name__, getattr(function, "__self__", None)
    if isinstance(module, str):
        return _of_module_function(module, name)
    if name in ("now", "today", "utcnow") and isinstance(owner, type) and issubclass(owner, datetime.date):
        return Outside.CLOCK
    if owner is _SHARED_GENERATOR:
        return Outside.CHANCE
    if any(owner is each for each in _ENVIRONMENTS):
        return Outside.ENVIRONMENT
    if isinstance(owner, _OPEN_FILES):
        return Outside.FILE
    return Outside.NETWORK if type(owner).__module__ in ("socket", "_socket", "ssl", "_ssl") else None


@cache
def _of_module_function(module: str, name: str) -> Outside | None:
    if module == "time":
        return Outside.CLOCK if name in _CLOCK_READERS else None
    if module in ("posix", "nt"):
        return _of_system_call(name)
    if (module, name) in _LOOKERS:
        return Outside.LOOKING
    if module == "sys":
        return Outside.WATCHING if name in _WATCHERS else None
    return _WHOLE_MODULES.get(module) or _FUNCTIONS.get((module, name))


def _of_system_call(name: str) -> Outside | None:
    if name in _POSIX_PURE:
        return None
    if name in ("urandom", "getrandom"):
        return Outside.CHANCE
    if name in _POSIX_ENVIRONMENT:
        return Outside.ENVIRONMENT
    return Outside.PROCESS if name in _POSIX_PROCESS else Outside.FILE


def _codes(*owners: type) -> frozenset[types.CodeType]:
    return frozenset(value.__code__ for owner in owners for value in vars(owner).values() if isinstance(value, types.FunctionType))


_ENVIRONMENT_CODES = _codes(type(os.environ))
_CHANCE_CODES = _codes(random.Random, random.SystemRandom)
_SEED = random.Random.seed.__code__
_LATER_CODES = _codes(weakref.finalize)
_WATCHING_CODES = frozenset(function.__code__ for function in (threading.setprofile, threading.settrace))


def of_python_function(frame: types.FrameType) -> Outside | None:
    """Tell the same of a call of Python code, where what it does cannot be seen in C: a dict that is the environment."""
    code = frame.f_code
    if code in _ENVIRONMENT_CODES:
        return Outside.ENVIRONMENT
    if code in _LATER_CODES:
        return Outside.LATER
    if code in _WATCHING_CODES:
        return Outside.WATCHING
    if code in _CHANCE_CODES:
        owner = frame.f_locals.get("self")
        # A generator of the plugin's own that begins with a number of the record's is no chance.
        shared = owner is _SHARED_GENERATOR or isinstance(owner, random.SystemRandom)
        return Outside.CHANCE if shared or (code is _SEED and frame.f_locals.get("a") is None) else None
    return None


_AUDITED = {
    "open": Outside.FILE,
    "socket": Outside.NETWORK,
    "ssl": Outside.NETWORK,
    "urllib": Outside.NETWORK,
    "http": Outside.NETWORK,
    "ftplib": Outside.NETWORK,
    "smtplib": Outside.NETWORK,
    "subprocess": Outside.PROCESS,
    "os": Outside.FILE,
    "shutil": Outside.FILE,
    "tempfile": Outside.FILE,
    "sqlite3": Outside.FILE,
    "mmap": Outside.FILE,
    "glob": Outside.FILE,
    "pathlib": Outside.FILE,
    "ctypes": Outside.FOREIGN_CODE,
    "syslog": Outside.OUTPUT,
    "webbrowser": Outside.PROCESS,
    "signal": Outside.PROCESS,
    "_thread": Outside.THREAD,
}
_AUDITED_EXACTLY = {
    "os.putenv": Outside.ENVIRONMENT,
    "os.unsetenv": Outside.ENVIRONMENT,
    **dict.fromkeys(("os.system", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.posix_spawn", "os.startfile"), Outside.PROCESS),
    **dict.fromkeys(("sys.addaudithook", "sys.setprofile", "sys.settrace"), Outside.WATCHING),
}


def of_audit_event(event: str, arguments: tuple[Any, ...]) -> Outside | None:
    """Tell the same of an event of Python's audit hooks (PEP 578), which libraries in C raise as well."""
    if event == "object.__getattr__":
        return Outside.LOOKING if arguments[1] in _FRAMES else None
    return _of_event(event)


@cache
def _of_event(event: str) -> Outside | None:
    area, _, name = event.partition(".")
    if (area, name) in _LOOKERS:
        return Outside.LOOKING
    return _AUDITED_EXACTLY.get(event) or _AUDITED.get(area)


_LOGGING = frozenset({"logging", "structlog", "warnings"})
# Where a warning or an exception is written out with the line of code that it came from.
_QUOTING = frozenset({"linecache", "tokenize"})
_IMPORTING = ("<frozen importlib", "<frozen zipimport")


def is_let_through(outside: Outside, frame: types.FrameType) -> bool:
    """Tell whether this code may do that for whoever called it: an import anything, a log record its time and where it was made."""
    if frame.f_code.co_filename.startswith(_IMPORTING):
        return True
    module = str(frame.f_globals.get("__name__")).partition(".")[0]
    if module in _QUOTING:
        return outside is Outside.FILE
    return module in _LOGGING and outside in (Outside.CLOCK, Outside.PROCESS, Outside.LOOKING)
