"""How long `imgate --version` takes, against a Python that does nothing."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import Goal, Row, check, interleaved, median_ratio, promise


def measure(*, quick: bool = False) -> list[Row]:
    """Measure whole processes, from their start to their end."""
    bin_folder = Path(sys.executable).parent
    version = [str(bin_folder / "imgate"), "--version"]
    nothing = [sys.executable, "-I", "-c", "pass"]
    said = subprocess.run(version, capture_output=True, text=True, check=True).stdout
    check(said.startswith("imgate ") and said.count("\n") == 1, "imgate --version does not print a version")
    ours, bare = interleaved(10 if quick else 25, _timed(version), _timed(nothing))
    return [
        promise(
            "imgate --version (reference: python -I -c pass)",
            statistics.median(ours),
            "ms",
            statistics.median(bare),
            median_ratio(ours, bare),
            Goal("at most", 5),
        )
    ]


def _timed(command: list[str]) -> Callable[[], float]:
    def side() -> float:
        begun = time.perf_counter_ns()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return (time.perf_counter_ns() - begun) / 1e6

    return side
