"""The list of accepted survivors is read by a tool that runs seldom; what is wrong with it must be seen before."""

import ast
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTED = tomllib.loads((ROOT / "docs" / "mutants.toml").read_text(encoding="utf-8")).get("survivor", [])
SOURCES = [ROOT / "src", *(ROOT / "plugins").glob("*/src")]


@pytest.fixture(scope="module")
def mutants():
    spec = spec_from_file_location("mutants", ROOT / "tools" / "mutants.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def functions_of(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name, body=body):
                yield from (f"{name}.{method.name}" for method in body if isinstance(method, ast.FunctionDef))


def named(path, source):
    return ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")


@pytest.fixture(scope="module")
def changed(mutants):
    """The functions that the tool changes, by subject."""
    return {
        subject: {
            f"{named(path, source)}.{function}"
            for source in SOURCES
            for pattern in asked.changed
            for path in source.glob(pattern)
            for function in functions_of(path)
        }
        for subject, asked in mutants.SUBJECTS.items()
    }


def test_every_survivor_says_which_it_is_and_why_it_may_live():
    for one in LISTED:
        assert one.keys() == {"function", "becomes", "because"}
        assert all(value.strip() == value and value for value in one.values())
        assert len(one["because"].split()) >= 5
        assert one["because"].endswith(".")


def test_no_survivor_is_listed_twice(mutants):
    assert len(mutants.listed({"survivor": LISTED})) == len(LISTED)


def test_the_function_of_every_survivor_still_exists_and_is_among_those_that_are_changed(changed):
    assert {one["function"] for one in LISTED} <= set().union(*changed.values())


def test_every_subject_changes_something_and_names_tests_that_exist(mutants, changed):
    for name, subject in mutants.SUBJECTS.items():
        assert changed[name]
        assert all((ROOT / path).exists() for path in subject.tests)


@pytest.mark.parametrize(
    ("mutant", "function"),
    [
        ("imgate.consent.judge.x_decide__mutmut_12", "imgate.consent.judge.decide"),
        ("imgate.consent.judge.x__of_one__mutmut_1", "imgate.consent.judge._of_one"),
        ("imgate.plugin_api.json.xǁJsonFormatǁ__init____mutmut_3", "imgate.plugin_api.json.JsonFormat.__init__"),
    ],
)
def test_a_survivor_is_known_by_its_function_and_not_by_its_number(mutants, mutant, function):
    assert mutants.function_of(mutant) == function


def test_a_survivor_is_known_by_what_its_lines_become(mutants):
    diff = "--- a.py\n+++ a.py\n@@ -1,3 +1,3 @@\n def f():\n-    if a:\n+    if not a:\n+        pass\n     return"
    assert mutants.becomes(diff) == "if not a: pass"


@pytest.mark.parametrize("outcome", ["survived", "no tests", "suspicious", "not run"])
def test_what_nobody_could_judge_counts_as_not_noticed(mutants, outcome):
    assert mutants.alive({"a": outcome, "b": "killed", "c": "timeout"}) == {"a"}
