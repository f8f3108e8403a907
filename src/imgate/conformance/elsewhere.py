"""The same translation in another process: other hash seed, time zone, language, home and working directory.

What differs there hung on something that is not the record: the order of a set, the local time, an encoding that was not named.
The other process also tells the core's constants as they are before any plugin is loaded.
"""

import base64
import contextlib
import dataclasses
import functools
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.errors import AdapterFault
from imgate.adapters.registry import load_plugins
from imgate.conformance.envelope import ENVELOPE
from imgate.conformance.kept import added_to, attributes_of_all, folder_of
from imgate.conformance.overheard import overhearing, without_addresses
from imgate.conformance.patches import constants, is_core
from imgate.conformance.purity import watched
from imgate.conformance.released import release
from imgate.conformance.variations import Record, scopes_of
from imgate.plugin_api import MessageUnreadable

_SECONDS = 120
# Under watch everything takes ten times as long.
_WATCHED = 6
# The least that Python and its libraries need to start.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
_ELSEWHERE = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "HOME": "/nonexistent"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of each record and each message, as digests, and what was said meanwhile.

    There, also the core's constants before a plugin was loaded, what a translation reached for where no test runs, and what was hung
    into modules that are not the plugin's.
    """

    written: tuple[str, ...]
    read: tuple[str, ...]
    said: str
    constants: Mapping[str, str] = field(default_factory=dict)
    reached: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def answers_here(adapter: LoadedAdapter, records: Sequence[Record], messages: Sequence[bytes]) -> Answers:
    """Translate in this process."""
    with overhearing() as heard:
        written, read = tuple(_written(adapter, record) for record in records), tuple(_read(adapter, message) for message in messages)
    said = sha256(without_addresses(repr(heard.said)).encode("utf-8", errors="surrogatepass")).hexdigest()
    return Answers(written, read, said)


def answers_elsewhere(adapter_id: str, settings: Mapping[str, object], records: Sequence[Record], messages: Sequence[bytes]) -> Answers:
    """Translate in another process. Raises AssertionError, with what it said last, if that process fails."""
    task = {
        "adapter": adapter_id,
        "settings": dict(settings),
        "records": list(records),
        # A constant is compared where both processes have loaded its module.
        "modules": sorted(name for name in sys.modules if is_core(name)),
        "messages": [base64.b64encode(each).decode() for each in messages],
    }
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {**_ELSEWHERE, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", "imgate.conformance.elsewhere"],
            input=json.dumps(task).encode(),
            capture_output=True,
            cwd=folder,
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    assert ended.returncode == 0, f"the adapter does not work in another process: {ended.stderr.decode(errors='replace')[-300:]}"
    # A plugin may have printed something before.
    told = json.loads(ended.stdout.rpartition(b"\n\x1e")[2])
    return Answers(
        tuple(told["written"]), tuple(told["read"]), told["said"], told["constants"], tuple(told["reached"]), tuple(told["added"])
    )


def _written(adapter: LoadedAdapter, record: Record) -> str:
    try:
        content = adapter.translate(release(record, scopes_of(record)), ENVELOPE).content
    except AdapterFault as fault:
        return str(fault)
    return sha256(content).hexdigest()


def _read(adapter: LoadedAdapter, message: bytes) -> str:
    try:
        reading = adapter.read(message)
    except MessageUnreadable as refusal:
        return f"{refusal.code} {refusal.line} {refusal.column}"
    except AdapterFault as fault:
        return str(fault)
    said: Any = [reading.message_id, reading.purpose, [[p.line, p.column, p.code] for p in reading.problems]]
    people = [[person.reference, person.line, person.record] for person in reading.people]
    return sha256(json.dumps([said, people], sort_keys=True).encode()).hexdigest()


def _reached_for(adapter: LoadedAdapter, folder: str, records: Sequence[Record], messages: Sequence[bytes]) -> Iterator[str]:
    """Yield what translations reach for, as ``test_reaches_for_nothing_outside`` does; here nothing says that a test is running."""
    for record in records[:_WATCHED]:
        released = release(record, scopes_of(record))
        yield from watched(functools.partial(adapter.translator.to_partner, released, ENVELOPE), folder)[1]
    for message in messages[:_WATCHED]:
        yield from watched(functools.partial(adapter.translator.from_partner, message), folder)[1]


def _main() -> None:
    task = json.loads(sys.stdin.buffer.read())
    for name in task["modules"]:
        # What only a test has made up cannot be loaded here, and is not compared.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    unspoilt, around = constants(), attributes_of_all()
    registry = load_plugins()
    adapter = registry.adapter(task["adapter"], task["settings"])
    messages = [base64.b64decode(each) for each in task["messages"]]
    answers = answers_here(adapter, task["records"], messages)
    folder = folder_of(registry.adapters[task["adapter"]].plugin.package)
    with overhearing():
        reached = list(dict.fromkeys(_reached_for(adapter, folder, task["records"], messages)))
    told = json.dumps({**dataclasses.asdict(answers), "constants": unspoilt, "reached": reached, "added": added_to(around)})
    sys.stdout.write("\n\x1e" + told)


if __name__ == "__main__":
    _main()
