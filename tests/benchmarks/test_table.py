"""The benchmark's own arithmetic: a promise that is missed must be shown as missed."""

import importlib.util
import json
import math
import sys
from pathlib import Path

import pytest

_FILE = Path(__file__).parents[2] / "benchmarks" / "table.py"


@pytest.fixture(scope="module")
def table():
    # By its path: benchmarks are scripts and not installed.
    spec = importlib.util.spec_from_file_location("benchmarks_table", _FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmarks_table"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["benchmarks_table"]


@pytest.mark.parametrize(
    ("side", "bound", "ratio", "holds"),
    [
        ("at least", 0.30, 0.30, True),
        ("at least", 0.30, 0.2999, False),
        ("at least", 3, math.nan, False),
        ("at most", 1.3, 1.3, True),
        ("at most", 1.3, 1.3001, False),
        ("at most", 5, math.nan, False),
    ],
)
def test_a_goal_holds_on_its_own_side_only(table, side, bound, ratio, holds):
    assert table.Goal(side, bound).holds(ratio) is holds


def test_a_promise_that_is_missed_by_less_than_the_table_shows_is_still_missed(table):
    row = table.promise("x", 1, "s", 1, 0.29999, table.Goal("at least", 0.30))
    assert row.holds is False
    assert "DOES NOT HOLD" in table.lines([row])[-1]


def test_what_could_not_be_measured_does_not_hold(table):
    assert table.failure("x", "no database").holds is False


def test_ratios_are_taken_round_by_round(table):
    # The machine was ten times slower in the second round: medians of each side alone would say 1.0 against 2.0.
    assert table.median_ratio([10, 1, 10], [5, 0.5, 5]) == 2


def test_rounds_of_unequal_length_are_an_error(table):
    with pytest.raises(ValueError, match="zip"):
        table.median_ratio([1, 2], [1])


def test_every_other_round_goes_the_other_way(table):
    order = []
    figures = table.interleaved(3, lambda: order.append("a") or 1.0, lambda: order.append("b") or 2.0)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert figures == [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]


def test_a_check_raises_what_run_shows_as_a_failed_subject(table):
    table.check(holds=True, what="fine")
    with pytest.raises(table.CheckFailed, match="not done"):
        table.check(holds=False, what="not done")


def test_the_file_has_the_fields_of_the_contract(table, tmp_path):
    rows = [table.promise("a", 2, "µs", 1, 2, table.Goal("at most", 3)), table.note("b", 1, "µs")]
    table.write(rows, tmp_path / "latest.json")
    written = json.loads((tmp_path / "latest.json").read_text())
    assert [set(row) for row in written] == [{"name", "value", "unit", "reference", "ratio", "goal", "holds"}] * 2
    assert [row["holds"] for row in written] == [True, True]
