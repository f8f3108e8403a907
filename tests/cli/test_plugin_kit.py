"""A promise of the kit counts where it passed for this adapter as the kit states it, and nowhere else."""

from types import SimpleNamespace

import pytest

from imgate.cli.plugin import kit
from imgate.cli.plugin.kit_report import _Outcomes
from imgate.conformance.adapter import AdapterConformance
from imgate.conformance.run import promises

PROMISES = list(promises())
FIRST = PROMISES[0]


@pytest.fixture(autouse=True)
def _without_others(monkeypatch):
    """The processes that are started here load no plugins of pytest that only happen to be installed: half of their time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


class Inherits(AdapterConformance):
    pass


class Replaces(AdapterConformance):
    pass


def replaced(self):
    """Promise nothing."""


setattr(Replaces, FIRST, replaced)


def item(promise, *, cls=Inherits, adapter="made-up", case=""):
    function = getattr(cls, promise)
    return SimpleNamespace(
        cls=cls,
        function=function,
        originalname=promise,
        nodeid=f"test_a.py::{cls.__name__}::{promise}{case}",
        funcargs={"adapter_id": adapter},
    )


def unkept(*tests):
    outcomes = _Outcomes()
    for test, outcome in tests:
        outcomes.test(test, outcome)
    return kit._came_of("made-up", outcomes.shown()).unkept


def all_passed(**changed):
    return [(item(promise, **changed), "passed") for promise in PROMISES]


def test_the_kit_makes_promises():
    assert len(PROMISES) >= 15
    assert all(promise.startswith("test_") for promise in PROMISES)


def test_every_promise_passed():
    assert unkept(*all_passed()) == ()


def test_nothing_ran():
    assert unkept() == tuple(PROMISES)


def test_a_promise_that_a_class_replaces_does_not_count():
    assert unkept(*all_passed(cls=Replaces)) == (FIRST,)


def test_what_one_class_replaces_another_may_keep():
    assert unkept(*all_passed(cls=Replaces), *all_passed()) == ()


def test_promises_kept_by_another_adapter_do_not_count():
    assert unkept(*all_passed(adapter="jobcenter")) == tuple(PROMISES)


@pytest.mark.parametrize("outcome", ["skipped", "failed"])
def test_one_case_of_a_promise_that_did_not_pass(outcome):
    assert unkept(*all_passed(), (item(FIRST, case="[second]"), outcome)) == (FIRST,)


def test_a_test_outside_the_kit_counts_as_a_test_only():
    outcomes = _Outcomes()
    outcomes.test(SimpleNamespace(cls=None, nodeid="test_a.py::test_own"), "passed")
    outcomes.test(SimpleNamespace(cls=None, nodeid="test_a.py::test_other"), "failed")
    run = kit._came_of("made-up", outcomes.shown())
    assert (run.passed, run.failed) == (1, ("test_a.py::test_other",))


def test_without_pytest_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(kit, "find_spec", lambda name: None)
    assert kit.run_tests("made-up", tmp_path).trouble == (
        "pytest is not installed, and the conformance kit consists of tests: `pip install pytest`"
    )


def test_tests_that_cannot_be_collected_are_failures(tmp_path):
    (tmp_path / "test_odd.py").write_text("import there_is_no_such_module_of_ours\n")
    run = kit.run_tests("made-up", tmp_path)
    assert run.trouble is None
    assert [failed.rpartition("/")[2] for failed in run.failed] == ["test_odd.py"]


def test_the_reason_of_the_first_failure_comes_first_however_many_there_are(tmp_path, capfd):
    (tmp_path / "test_odd.py").write_text(
        "import pytest\n\n"
        "@pytest.fixture\ndef broken():\n    pytest.fail('the reason', pytrace=False)\n\n"
        "@pytest.mark.parametrize('number', range(60))\ndef test_each(broken, number):\n    pass\n"
    )
    assert len(kit.run_tests("made-up", tmp_path).failed) == 60
    told = capfd.readouterr().err.splitlines()
    assert told[1:4] == ["The first failure:", f"{tmp_path.name}/test_odd.py::test_each[0]", "the reason"]
    assert next(line for line in told if "ERROR" in line).endswith("test_odd.py::test_each[0] - Failed: the reason")
    assert told[-2:] == ["… and 20 more", told[-1]]
    assert "60 errors in" in told[-1]


def test_a_failure_is_told_with_its_line(tmp_path, capfd):
    (tmp_path / "test_odd.py").write_text("def test_odd():\n    assert 1 == 2\n")
    kit.run_tests("made-up", tmp_path)
    told = capfd.readouterr().err
    assert "test_odd.py:2: in test_odd" in told
    assert told.count("E   assert 1 == 2") == 1


def test_a_folder_without_tests_keeps_no_promise(tmp_path, capfd):
    run = kit.run_tests("made-up", tmp_path)
    assert (run.passed, run.failed, run.unkept) == (0, (), tuple(PROMISES))
