"""The page on the conformance kit names every promise and every fixture, and none that does not exist."""

import inspect
import json
import re
from pathlib import Path

import pytest

from imgate.conformance import adapter
from imgate.conformance.envelope import ENVELOPE
from imgate.conformance.released import release
from imgate.conformance.run import promises
from imgate.plugin_api import TranslationFault
from imgate.plugin_api.json import JsonFormat, Member, Object, Words, sent

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
    fixtures = {name for name, value in vars(kit).items() if type(value).__name__ == "FixtureFunctionDefinition" and name[0] != "_"}
    shown = {name for name, _ in rows_of("Fixtures")}
    assert shown == fixtures - {"adapter", "package"}
    assert all(f"`{name}`" in PAGE for name in fixtures)


SECTION = PAGE.partition("## A word that the partner lacks\n")[2].partition("\n## ")[0]
KINDS = {"integration_course": "IK", "vocational_course": "BSK", "literacy_course": "Alpha", "vabo": "VABO", "other": "andere"}
COURSE = {"language": {"course": {"kind": "vabo", "status": "started"}}}


def sent_course(kinds, without=()):
    shape = Object({"kind": Member("kurs", Words(kinds)), "status": "stand"} if kinds else {"status": "stand"}, without=without)
    written = JsonFormat(items=(sent("language.course", "kurs", shape, not_taken="No course is theirs to tell."),))
    return json.loads(written.to_partner(release(COURSE, {"language.course"}), ENVELOPE))["content"]["kurs"]


def test_a_word_that_the_partner_lacks_is_agreed_on_or_left_out_with_its_detail():
    assert '`"vabo": "VABO"`' in SECTION
    assert sent_course(KINDS) == {"kurs": "VABO", "stand": "started"}
    assert 'without=("kind",)' in SECTION
    assert sent_course(None, without=("kind",)) == {"stand": "started"}


def test_a_word_that_the_partner_lacks_is_no_other_word_and_is_not_passed_over():
    with pytest.raises(ValueError, match="share one of the partner's"):
        sent_course({**KINDS, "vabo": "andere"})
    with pytest.raises(TranslationFault):
        sent_course({word: theirs for word, theirs in KINDS.items() if word != "vabo"})
    assert set(re.findall(r"`(test_\w+)`", SECTION)) <= set(promises())


def test_every_promise_says_in_its_docstring_what_it_promises():
    assert [name for name, said in promises().items() if not said.endswith(".") and "." not in said] == []


def test_the_page_says_that_a_plugin_is_trusted_code():
    assert "An in-process plugin is trusted code all the same." in PAGE


def test_nothing_in_the_kit_can_be_skipped():
    sources = [inspect.getsource(adapter), *(path.read_text() for path in Path(adapter.__file__).parent.glob("promises/*.py"))]
    assert not any("skip" in source.replace("can be skipped", "") for source in sources)
