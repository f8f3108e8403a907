"""Try the kit's promises without pytest's collecting, on fixtures that are given: for tests of the kit itself, and for tools."""

import inspect
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from imgate.conformance.adapter import AdapterConformance


@dataclass(frozen=True, slots=True)
class Failure:
    """A promise that was not kept: the name of its test, and the first sentence about it."""

    promise: str
    sentence: str


def promises(kit: type[AdapterConformance] = AdapterConformance) -> dict[str, str]:
    """List every promise by the name of its test, with the first sentence of what it says."""
    tests = {name: getattr(kit, name) for name in dir(kit) if name.startswith("test_")}
    return {name: (inspect.getdoc(test) or "").partition("\n\n")[0].replace("\n", " ") for name, test in tests.items()}


def failures(fixtures: dict[str, Any], only: Collection[str] | None = None) -> list[Failure]:
    """Try every promise, or only those named, and give those that are not kept, each once.

    ``fixtures`` has what ``AdapterConformance`` declares: adapter, adapter_id, package, settings, records, golden,
    write_as_partner, narrower. Raises KeyError for one that a promise needs and that is missing.
    """
    kit = AdapterConformance()
    found: dict[str, str] = {}
    for name in promises():
        if only is not None and name not in only:
            continue
        test = getattr(kit, name)
        for given in _cases(test):
            wanted = {each: given[each] if each in given else fixtures[each] for each in inspect.signature(test).parameters}
            try:
                test(**wanted)
            # What pytest.fail raises is no Exception; a crash of the adapter is a promise broken as well, and so is sys.exit in it.
            except SystemExit:
                found.setdefault(name, "the adapter ended the process")
            except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # as said
                found.setdefault(name, str(error) or type(error).__name__)
    return [Failure(name, sentence) for name, sentence in found.items()]


def _cases(test: Any) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each case of a parametrised test, once without any for another."""
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    if not marks:
        yield {}
    for mark in marks:
        argument, values = mark.args
        yield from ({argument: value} for value in values)
