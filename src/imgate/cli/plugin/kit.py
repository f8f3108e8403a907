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


def run_tests(adapter_id: str, tests: Path) -> KitRun:
    """Run them all; what pytest said is told on stderr if one fails."""
    if find_spec("pytest") is None:
        return KitRun("pytest is not installed, and the conformance kit consists of tests: `pip install pytest`")
    say(f"Running the tests in {tests}.")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        # A golden file that is written anew proves nothing.
        environment = {name: value for name, value in os.environ.items() if name != "IMGATE_WRITE_GOLDEN"} | {REPORT: str(report)}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "imgate.cli.plugin.kit_report", "-p", "no:cacheprovider", str(tests.resolve())],
            cwd=tests.resolve().parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            say("\n".join(done.stdout.splitlines()[-_SHOWN_LINES:]))
        if not report.exists():
            return KitRun(f"pytest could not run them (exit status {done.returncode})")
        return _came_of(adapter_id, json.loads(report.read_text(encoding="utf-8")))


def _came_of(adapter_id: str, said: Any) -> KitRun:
    kept = {promise for one in said["classes"] if one["adapter"] == adapter_id for promise in one["kept"]}
    return KitRun(None, said["passed"], tuple(said["failed"]), tuple(promise for promise in said["promises"] if promise not in kept))
