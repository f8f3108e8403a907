"""A pytest plugin for tools/mutants.py: what runs while the tests are being loaded concerns each of them.

mutmut asks each test which functions it reaches, and tries a change with those tests alone. Functions that ran before the first test, to
compile the tables that stand in modules, it gives to the first test only. Here they are given to all that are there to notice: a
plugin's tests load half of imgate, and say nothing about it that imgate's own tests would not have to say as well. The quick tests come
first. A change under which the tests cannot even be loaded is noticed; pytest would say that it was asked for something wrong.
"""

import os
from collections.abc import Generator

import pytest
from mutmut.mutation.trampoline import get_mutant_under_test
from mutmut.state import state

_while_loading: set[str] = set()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the quick tests first, as far as it is known which they are."""
    durations = state().duration_by_test
    items.sort(key=lambda item: durations.get(item.nodeid, 0.0))


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Say that the change was noticed: what all tests share could not be loaded."""
    try:
        yield
    except Exception:
        _noticed()
        raise


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Say that the change was noticed: these tests could not be loaded."""
    if report.failed:
        _noticed()


def _noticed() -> None:
    if "__mutmut_" in get_mutant_under_test():
        os._exit(pytest.ExitCode.TESTS_FAILED)


def pytest_collection_finish() -> None:
    """Remember what has run so far; where all tests are loaded before a change is made, none of them can notice it that way."""
    if os.environ.get("IMGATE_MUTANTS") == "FRESH":
        _while_loading.update(state()._stats)
    state()._stats.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let the test have reached it, as far as it is there to notice: imgate's tests for imgate, a plugin's for the plugin."""
    of_a_plugin = item.nodeid.startswith("plugins/")
    reached = state()._stats | _while_loading
    state()._stats = {function for function in reached if function.startswith("imgate.") is not of_a_plugin}
