"""`make bench`: measure everything, print the table, write benchmarks/latest.json. Exit status 1 where a promise does not hold."""

import argparse
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SUBJECTS = (
    "exchange",
    "delivery",
    "gateways",
    "log",
    "updates",
    "finished",
    "decision",
    "stored",
    "translation",
    "jobkraftwerk",
    "forms",
    "pages",
    "startup",
)


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SUBJECTS, action="append", help="measure this subject; can stand several times")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, and of everything that is stored much less")
    arguments = parser.parse_args()
    sys.path[0] = str(ROOT)  # the package `benchmarks`, and not its folder, whose names are common words
    from benchmarks import table

    rows: list[table.Row] = []
    for name in arguments.only or SUBJECTS:
        begun = time.perf_counter()
        try:
            rows += importlib.import_module(f"benchmarks.{name}").measure(quick=arguments.quick)
        except Exception as error:  # noqa: BLE001  # the other subjects are still worth measuring; this one is shown as failed
            traceback.print_exc()
            rows.append(
                table.failure(
                    name, f"{type(error).__name__}: {str(error).strip().splitlines()[-1][:80]}" if str(error) else type(error).__name__
                )
            )
        print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    load = os.getloadavg()[0]
    print("\n".join(table.lines(rows)))
    print(f"\n{os.cpu_count()} cores, load {load:.1f}; medians of interleaved rounds; a ratio is the median of the rounds' ratios.")
    table.write(rows, ROOT / "benchmarks" / "latest.json")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
