"""A partner learns line, known names and rule, and never reads a value or a name of its own again."""

import re
from pathlib import Path

import pytest

from imgate.adapters.explain import MAX_BYTES, MAX_PROBLEMS, explain_schema_problems
from imgate.adapters.registry import load_plugins
from imgate.plugin_api import MessageUnreadable, RowProblem
from imgate.vocabulary.words import Direction

SECRET = "Geheimnis4711"
MESSAGE = """<m:fromJobcenter xmlns:m="urn:imgate:jobcenter:1" xmlns:e="urn:imgate:envelope:1">
<e:header><e:messageId>6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11</e:messageId>
<e:createdAt>2026-02-02T08:00:00Z</e:createdAt><e:reference>R 1</e:reference></e:header>
<m:content>
@
</m:content></m:fromJobcenter>"""


@pytest.fixture(scope="module")
def adapter():
    return load_plugins().adapter("jobcenter", {})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"<m:jobcenterNumber>{SECRET}</m:jobcenterNumber>", RowProblem(5, "content/jobcenterNumber", "wrong_pattern")),
        (
            f"<m:benefitsRegime><m:regime>{SECRET}</m:regime></m:benefitsRegime>",
            RowProblem(5, "content/benefitsRegime/regime", "not_in_list"),
        ),
        (f"<m:{SECRET}/>", RowProblem(5, "content/?", "unexpected_element")),
        ("<m:measures/>\n<m:jobcenterNumber>1</m:jobcenterNumber>", RowProblem(6, "content/jobcenterNumber", "unexpected_element")),
        ("<m:measures><m:measure/></m:measures>", RowProblem(5, "content/measures/measure/title", "element_missing")),
        (
            f"<m:appointments><m:appointment>\n<m:with>{SECRET}</m:with></m:appointment></m:appointments>",
            RowProblem(5, "content/appointments/appointment/at", "element_missing"),
        ),
        (
            f"<m:appointments><m:appointment>\n<m:with>{SECRET}</m:with><m:at>x</m:at></m:appointment></m:appointments>",
            RowProblem(6, "content/appointments/appointment/with", "unexpected_element"),
        ),
        (f'<m:measures {SECRET}="1"/>', RowProblem(5, "content/measures", "wrong_attribute")),
        (f"<m:measures>{SECRET}</m:measures>", RowProblem(5, "content/measures", "wrong_children")),
        (
            f"<m:appointments><m:appointment><m:at>{SECRET}</m:at><m:with>x</m:with></m:appointment></m:appointments>",
            RowProblem(5, "content/appointments/appointment/at", "wrong_type"),
        ),
    ],
)
def test_the_rule_and_the_place_are_told_and_no_value(adapter, content, problem):
    body = MESSAGE.replace("@", content).encode()
    with pytest.raises(MessageUnreadable, match="schema_invalid") as caught:
        adapter.read(body)
    assert SECRET not in f"{caught.value!r} {caught.value.line} {caught.value.column} {caught.value.__context__!r}"
    problems = adapter.explain(body)
    assert problem in problems
    assert SECRET not in repr(problems)


@pytest.mark.parametrize(
    ("without", "problem"),
    [
        ("<e:createdAt>.*</e:createdAt>", RowProblem(2, "header/createdAt", "element_missing")),
        ("<e:header>.*</e:header>", RowProblem(1, "header", "element_missing")),
        ("<m:content>.*</m:content>", RowProblem(1, "content", "element_missing")),
    ],
)
def test_an_element_of_the_head_that_is_missing_is_named(adapter, without, problem):
    body = re.sub(without, "", MESSAGE.replace("@", ""), flags=re.DOTALL).encode()
    assert adapter.explain(body) == (problem,)


def test_unknown_names_on_the_way_are_not_repeated(adapter):
    body = f"<m:{SECRET} xmlns:m='urn:imgate:jobcenter:1'><m:{SECRET}><m:x/></m:{SECRET}></m:{SECRET}>".encode()
    assert SECRET not in repr(adapter.explain(body))


def test_a_good_message_needs_no_explanation(adapter):
    assert adapter.explain(MESSAGE.replace("@", "").encode()) == ()


@pytest.mark.parametrize("name", ["jobcenter", "auslaenderbehoerde"])
def test_both_readers_of_schemas_agree_on_the_golden_messages(name):
    """lxml decides, and xmlschema, which knows nothing of lxml, finds nothing to add."""
    schema = load_plugins().adapters[name].schemas[Direction.TO_PARTNER]
    golden = sorted((Path(__file__).parents[2] / "plugins" / name / "tests" / "golden").rglob("*.xml"))
    assert len(golden) > 4
    for path in golden:
        assert explain_schema_problems(schema.content, path.read_bytes()) == ()


def test_problems_are_counted_out(adapter):
    many = "<m:proposals>" + "<m:proposal/>" * 100 + "</m:proposals>"
    assert len(adapter.explain(MESSAGE.replace("@", many).encode())) == MAX_PROBLEMS


def test_a_large_message_is_not_explained(adapter):
    body = MESSAGE.replace("@", "<m:x/>" * (MAX_BYTES // 5)).encode()
    assert adapter.explain(body) == (RowProblem(None, None, "schema_invalid"),)


def test_what_the_guard_refuses_is_explained_by_the_guard(adapter):
    assert adapter.explain(b"<!DOCTYPE a><a/>") == (RowProblem(1, None, "dtd_refused"),)
