"""A plugin of pytest: writes which promises of the conformance kit passed, for which adapter, as the kit states them.

A class that inherits the kit may replace a promise by a weaker test of the same name, or skip it. Such a promise does not count.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from imgate.cli.plugin.kit import REPORT
from imgate.conformance.adapter import AdapterConformance
from imgate.conformance.run import promises

_KIT = "imgate.conformance."


class _Outcomes:
    """What came of the tests so far, by test class."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed: list[str] = []
        self.first_failure: list[str] = []
        self.adapters: dict[str, str] = {}
        self.kept: dict[str, set[str]] = {}
        self.not_kept: dict[str, set[str]] = {}

    def test(self, item: pytest.Function, outcome: str) -> None:
        """Note one test that came to its end."""
        if outcome == "passed":
            self.passed += 1
        elif outcome == "failed":
            self.failed.append(item.nodeid)
        if item.cls is None or not issubclass(item.cls, AdapterConformance) or not f"{item.function.__module__}.".startswith(_KIT):
            return
        of_class, promise = item.nodeid.rpartition("::")[0], item.originalname
        adapter = getattr(item.funcargs.get("adapter"), "id", item.funcargs.get("adapter_id"))
        if isinstance(adapter, str):
            self.adapters[of_class] = adapter
        (self.kept if outcome == "passed" else self.not_kept).setdefault(of_class, set()).add(promise)

    def reason(self, nodeid: str, text: str) -> None:
        """Note why a test failed, if it is the first."""
        self.first_failure = self.first_failure or [nodeid, *text.splitlines()]

    def shown(self) -> dict[str, object]:
        """Give the report."""
        classes = [
            {"adapter": self.adapters.get(of_class), "kept": sorted(kept - self.not_kept.get(of_class, set()))}
            for of_class, kept in self.kept.items()
        ]
        return {
            "passed": self.passed,
            "failed": self.failed,
            "first_failure": self.first_failure,
            "promises": list(promises()),
            "classes": classes,
        }


_outcomes = _Outcomes()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note each test: its own outcome, or that of a fixture that failed or skipped it."""
    report = yield
    if isinstance(item, pytest.Function) and (report.when == "call" or report.outcome != "passed"):
        _outcomes.test(item, report.outcome)
    if report.failed:
        _outcomes.reason(item.nodeid, report.longreprtext)
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a file that could not even be read."""
    if report.outcome == "failed":
        _outcomes.failed.append(report.nodeid)
        _outcomes.reason(report.nodeid, report.longreprtext)


def pytest_sessionfinish() -> None:
    """Write the report where the command asked for it."""
    Path(os.environ[REPORT]).write_text(json.dumps(_outcomes.shown()), encoding="utf-8")
