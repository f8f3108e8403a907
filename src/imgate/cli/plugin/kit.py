"""Runs the tests of a plugin's package in a process of their own, and asks which promises of the kit they kept.

In a process of their own, because tests are foreign code that leaves modules, fixtures and settings behind.
"""

import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from imgate.adapters.quality.package import KitRun
from imgate.cli.output import say

REPORT = "IMGATE_KIT_REPORT"
_SHOWN_LINES = 40
_SUMMARY = "short test summary info"

_PLUGINS = ("-p", "imgate.cli.plugin.kit_report", "-p", "no:cacheprovider")


def run_tests(adapter_id: str, tests: Path) -> KitRun:
    """Run them all; if one fails, stderr tells why the first one did, and pytest's line about each."""
    if find_spec("pytest") is None:
        return KitRun("pytest is not installed, and the conformance kit consists of tests: `pip install pytest`")
    say(f"Running the tests in {tests}.")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        # A golden file that is written anew proves nothing.
        environment = {name: value for name, value in os.environ.items() if name != "IMGATE_WRITE_GOLDEN"}
        # pytest cuts its line about a failure at the width of the terminal, and the reason stands at the end.
        environment |= {REPORT: str(report), "COLUMNS": "200"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--tb=short", *_PLUGINS, str(tests.resolve())],
            cwd=tests.resolve().parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if not report.exists():
            say("\n".join(done.stdout.splitlines()[-_SHOWN_LINES:]))
            return KitRun(f"pytest could not run them (exit status {done.returncode})")
        said = json.loads(report.read_text(encoding="utf-8"))
        if done.returncode != 0:
            say("\n".join(_told(said["first_failure"], done.stdout.splitlines())))
        return _came_of(adapter_id, said)


def _told(first_failure: list[str], lines: list[str]) -> list[str]:
    """One mistake may fail every test, so the reason of the first comes first, and the beginning of the list rather than its end."""
    begins = next((number for number, line in enumerate(lines) if _SUMMARY in line), None)
    if begins is None:
        return [*first_failure[-_SHOWN_LINES:], *lines[-_SHOWN_LINES:]]
    *listed, last = lines[begins + 1 :]
    more = [] if len(listed) <= _SHOWN_LINES else [f"… and {len(listed) - _SHOWN_LINES} more"]
    return ["The first failure:", *first_failure[-_SHOWN_LINES:], "", *listed[:_SHOWN_LINES], *more, last]


def _came_of(adapter_id: str, said: Any) -> KitRun:
    kept = {promise for one in said["classes"] if one["adapter"] == adapter_id for promise in one["kept"]}
    return KitRun(None, said["passed"], tuple(said["failed"]), tuple(promise for promise in said["promises"] if promise not in kept))
