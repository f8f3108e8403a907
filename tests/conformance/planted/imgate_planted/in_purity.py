"""Faults in what a translation is: it reaches outside, remembers, or changes what is not its own."""

import ctypes
import datetime
import functools
import json
import os
import pathlib
import random
import socket
import subprocess
import threading
import time
import uuid

import imgate.adapters.adapter
import imgate.plugin_api.xml_read
import imgate.plugin_api.xml_write
from imgate_planted.good import Good

SEEN = []
UNDO = []


class Does(Good):
    """Does something beside each translation, and throws the answer away."""

    def __init__(self, do):
        super().__init__()
        self.do = do

    def to_partner(self, released, envelope):
        self.do()
        return super().to_partner(released, envelope)


class DoesOnReading(Good):
    def from_partner(self, message):
        uuid.uuid4()
        return super().from_partner(message)


class Notes(Good):
    """Writes something that is not the record's into the note."""

    def __init__(self, note):
        super().__init__()
        self.note = note

    def to_partner(self, released, envelope):
        note = f"<m:note>{self.note(released)}</m:note></m:content>"
        return super().to_partner(released, envelope).replace(b"</m:content>", note.encode())


class KeepsInAGlobal(Good):
    def to_partner(self, released, envelope):
        SEEN.append(released.record)
        return super().to_partner(released, envelope)


class KeepsWhatItReads(Good):
    def from_partner(self, message):
        SEEN.append(message)
        return super().from_partner(message)


class KeepsInACache(Good):
    def to_partner(self, released, envelope):
        for item in released.record.get("person", {}).values():
            remembered(str(item))
        return super().to_partner(released, envelope)


@functools.lru_cache
def remembered(text):
    return len(text)


class KeepsADigest(Good):
    """Keeps nothing that can be read, and yet whether it has seen somebody before."""

    digests = frozenset()

    def to_partner(self, released, envelope):
        KeepsADigest.digests |= {hash(str(released.record))}
        return super().to_partner(released, envelope)


class KeepsInADefault(Good):
    def to_partner(self, released, envelope, before=[]):  # noqa: B006  # the fault
        before.append(released.record)
        return super().to_partner(released, envelope)


class Counts(Good):
    def __init__(self):
        super().__init__()
        self.count = 0

    def to_partner(self, released, envelope):
        self.count += 1
        return super().to_partner(released, envelope)


class NumbersItsMessages(Counts):
    def to_partner(self, released, envelope):
        message = super().to_partner(released, envelope)
        return message.replace(b"</m:content>", f"<m:note>{self.count}</m:note></m:content>".encode())


def in_order_of_a_set(released):
    return " ".join(set(released.releases))


def local_time(_):
    return datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.UTC).astimezone().isoformat()


def opens_a_socket():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def starts_a_thread():
    thread = threading.Thread(target=len, args=("",))
    thread.start()
    thread.join()


def replaced(owner, name, value):
    """Replace something for good, as a bad plugin would, and remember how to undo it."""

    def fault():
        UNDO.append(functools.partial(setattr, owner, name, getattr(owner, name)))
        setattr(owner, name, value)
        return Good()

    return fault


def lets_everything_pass(self, message):
    return imgate.adapters.adapter.ValidMessage(message.content, message.media_type, message.scopes)


def escapes_nothing(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def dumps(value, _dumps=json.dumps, **options):
    return _dumps(value, **options)


FAULTS = {
    "reads the clock": lambda: Does(time.time),
    "reads today": lambda: Does(lambda: datetime.date.today()),  # noqa: DTZ011  # the fault
    "makes an id": lambda: Does(lambda: uuid.uuid4()),
    "makes something by chance": lambda: Does(lambda: random.random()),  # noqa: S311  # the fault
    "makes an id while it reads": DoesOnReading,
    "reads the environment": lambda: Does(lambda: os.environ.get("IMGATE_SECRET")),
    "reads a file": lambda: Does(lambda: pathlib.Path("/etc/hostname").exists()),
    "opens a socket": lambda: Does(opens_a_socket),
    "starts a thread": lambda: Does(starts_a_thread),
    "starts a process": lambda: Does(lambda: subprocess.run(["true"], check=True)),
    "calls foreign code": lambda: Does(lambda: ctypes.CDLL(None)),
    "prints": lambda: Does(lambda: print(end="")),  # noqa: T201  # the fault
    "writes in the order of a set": lambda: Notes(in_order_of_a_set),
    "writes the local time": lambda: Notes(local_time),
    "keeps what it saw in a global": KeepsInAGlobal,
    "keeps what it read in a global": KeepsWhatItReads,
    "keeps what it saw in a cache": KeepsInACache,
    "keeps what it saw in a default": KeepsInADefault,
    "keeps a digest of what it saw": KeepsADigest,
    "counts": Counts,
    "numbers its messages": NumbersItsMessages,
    "patches a core function": replaced(imgate.adapters.adapter.LoadedAdapter, "validate", lets_everything_pass),
    "patches a function of the plugin API": replaced(imgate.plugin_api.xml_write, "escape_attribute", escapes_nothing),
    "patches a core function with another's": replaced(imgate.plugin_api.xml_read, "line_of", id),
    "patches a function of Python": replaced(json, "dumps", dumps),
    "changes a limit of the core": replaced(imgate.plugin_api.xml_read, "MAX_DEPTH", 10_000),
}
