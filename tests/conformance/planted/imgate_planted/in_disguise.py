"""Faults of somebody who has read the kit: other spellings, other places to keep things, other ways out, good manners under a test."""

import atexit
import base64
import datetime
import functools
import gc
import hashlib
import json
import logging
import os
import pathlib
import socket
import sys
import textwrap
import threading

import pydantic

import imgate.adapters.tables
from imgate.plugin_api import TranslationFault
from imgate_planted.good import Good, texts_in
from imgate_planted.in_passing import Faults, Tells
from imgate_planted.in_purity import UNDO, Does

__seen__ = [0]
log = logging.getLogger("planted")


def say(spelling):
    return lambda: Tells(lambda text: log.info("translating %s", spelling(text)))


def say_in_pieces(text):
    for start in range(0, len(text), 5):
        log.info("%s", text[start : start + 5])


def quote(spelling):
    def in_other_words(text):
        raise TranslationFault("person.name", f"cannot be written: {spelling(text)}")

    return lambda: Faults(in_other_words)


class Slotted(Exception):
    __slots__ = ("about",)


def in_slot(text):
    error = Slotted("cannot be written")
    error.about = text
    raise error


class TellsADigestOnReading(Good):
    def from_partner(self, message):
        log.debug("read %s", hashlib.sha256(message).hexdigest())
        return super().from_partner(message)


class LooksAtAFile(logging.Handler):
    def emit(self, record):
        pathlib.Path("/etc/hostname").exists()


def says_it_to_a_file():
    own = logging.getLogger("planted.own")
    handler = LooksAtAFile()
    own.addHandler(handler)
    UNDO.append(functools.partial(own.removeHandler, handler))
    return Does(lambda: own.info("fine"))


def leaves_something_for_later():
    atexit.register(len, "")
    atexit.unregister(len)


def looks_at_its_callers():
    try:
        raise ValueError
    except ValueError as error:
        return error.__traceback__.tb_frame.f_back.f_locals


class Keeps(Good):
    def __init__(self, keep):
        super().__init__()
        self.keep = keep

    def to_partner(self, released, envelope):
        self.keep(len(texts_in(released.record)))
        return super().to_partner(released, envelope)


def keeps_in_a_generator():
    def numbers():
        number = 0
        while True:
            number += yield number

    kept = numbers()
    next(kept)
    return Keeps(kept.send)


class Slot:
    __slots__ = ("__number",)

    def __init__(self):
        self.__number = 0

    def keep(self, number):
        self.__number += number


def keeps_a_day():
    kept = [datetime.date(2000, 1, 1)]

    def keep(number):
        kept[0] += datetime.timedelta(days=number)

    return Keeps(keep)


def keep_under_a_name_of_pythons(number):
    __seen__[0] += number


def count_in_python(number):
    json.seen = getattr(json, "seen", 0) + number
    UNDO.append(lambda: vars(json).pop("seen", None))


class ChangesTheEnvelope(Good):
    def to_partner(self, released, envelope):
        message = super().to_partner(released, envelope)
        object.__setattr__(envelope, "reference", "R 2")
        return message


def done_once(do, undo):
    """Do something when the adapter is configured."""

    def fault():
        do()
        UNDO.append(undo)
        return Good()

    return fault


class Finder:
    def find_spec(self, *_):
        return None


def not_dedented(text):
    return text


def validated(self, *arguments, _validate=pydantic.TypeAdapter.validate_python, **options):
    return _validate(self, *arguments, **options)


FINDER, HANDLER, STOP = Finder(), LooksAtAFile(), threading.Event()
_dedent, _validate, _size = textwrap.dedent.__code__, pydantic.TypeAdapter.validate_python, imgate.adapters.tables.DEFAULT_LIMITS.size


def goes_on():
    while not STOP.wait(0.01):
        pass


def starts_to_go_on():
    STOP.clear()
    threading.Thread(target=goes_on, daemon=True).start()


def with_size(size):
    return lambda: object.__setattr__(imgate.adapters.tables.DEFAULT_LIMITS, "size", size)


def behaves_where_it_is_tested():
    if "pytest" not in sys.modules:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


FAULTS = {
    "logs in base32": say(lambda text: base64.b32encode(text.encode()).decode()),
    "logs the numbers of the letters": say(lambda text: " ".join(str(ord(sign)) for sign in text)),
    "logs first letters": say(lambda text: " ".join(word[0] for word in text.split())),
    "logs a digest": say(lambda text: hashlib.sha256(text.encode()).hexdigest()),
    "logs in pieces": lambda: Tells(say_in_pieces),
    "logs as so many levels": lambda: Tells(lambda text: [log.log(1000 + ord(sign), "translating") for sign in text[:20]]),
    "logs a digest of what it reads": TellsADigestOnReading,
    "quotes with soft hyphens": quote("\u00ad".join),
    "quotes in ASCII 85": quote(lambda text: base64.a85encode(text.encode()).decode()),
    "hides the record in a slot of a fault": lambda: Faults(in_slot),
    "looks at a file while it logs": says_it_to_a_file,
    "leaves something for later": lambda: Does(leaves_something_for_later),
    "looks at its callers": lambda: Does(looks_at_its_callers),
    "looks through the heap": lambda: Does(lambda: gc.get_referents(UNDO)),
    "reads the copy of the environment": lambda: Does(lambda: os.environ._data.get(b"HOME")),
    "counts in a generator": keeps_in_a_generator,
    "counts in a private slot": lambda: Keeps(Slot().keep),
    "keeps a day": keeps_a_day,
    "counts under a name of Python's": lambda: Keeps(keep_under_a_name_of_pythons),
    "counts in a module of Python's": lambda: Keeps(count_in_python),
    "changes the envelope": ChangesTheEnvelope,
    "hooks itself into imports": done_once(lambda: sys.meta_path.append(FINDER), lambda: sys.meta_path.remove(FINDER)),
    "listens to the core's log": done_once(
        lambda: logging.getLogger("imgate").addHandler(HANDLER), lambda: logging.getLogger("imgate").removeHandler(HANDLER)
    ),
    "puts its code into a function of Python": done_once(
        lambda: setattr(textwrap.dedent, "__code__", not_dedented.__code__), lambda: setattr(textwrap.dedent, "__code__", _dedent)
    ),
    "patches a library": done_once(
        lambda: setattr(pydantic.TypeAdapter, "validate_python", validated),
        lambda: setattr(pydantic.TypeAdapter, "validate_python", _validate),
    ),
    "leaves a thread running": done_once(starts_to_go_on, STOP.set),
    "changes a frozen limit": done_once(with_size(10**12), with_size(_size)),
    "behaves where it is tested": lambda: Does(behaves_where_it_is_tested),
}
