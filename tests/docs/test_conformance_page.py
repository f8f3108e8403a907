"""The page on the conformance kit names every promise and every fixture, and none that does not exist."""

import inspect
import re
from pathlib import Path

from imgate.conformance import adapter
from imgate.conformance.run import promises

PAGE = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")


def rows_of(heading):
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)


def test_the_table_has_every_promise_once():
    assert sorted(name for name, _ in rows_of("Promises")) == sorted(promises())


def test_every_promise_says_what_is_tried_and_what_a_failure_means():
    assert [name for name, said in rows_of("Promises") if len([cell for cell in said.split(" | ") if len(cell) > 10]) != 2] == []


def test_the_table_has_every_fixture_once():
    kit = adapter.AdapterConformance
    fixtures = {name for name, value in vars(kit).items() if type(value).__name__ == "FixtureFunctionDefinition"}
    shown = {name for name, _ in rows_of("Fixtures")}
    assert shown == fixtures - {"adapter", "package"}
    assert all(f"`{name}`" in PAGE for name in fixtures)


def test_every_promise_says_in_its_docstring_what_it_promises():
    assert [name for name, said in promises().items() if not said.endswith(".") and "." not in said] == []


def test_the_page_says_that_a_plugin_is_trusted_code():
    assert "An in-process plugin is trusted code all the same." in PAGE


def test_nothing_in_the_kit_can_be_skipped():
    sources = [inspect.getsource(adapter), *(path.read_text() for path in Path(adapter.__file__).parent.glob("promises/*.py"))]
    assert not any("skip" in source.replace("can be skipped", "") for source in sources)
