"""The page on code lists: its commands run, in their order, and what it shows is what they print."""

import json
import re
import shlex
import shutil
import tomllib

import pytest

from imgate.adapters.manifest import CodeListUse
from imgate.adapters.quality.coded_leaves import coded_leaves
from imgate.adapters.registry import load_plugins
from imgate.codelists import runs_out
from imgate.codelists.genericode import MAX_BYTES, ROWS_MAX
from imgate.plugin_api.xoev import TITLE_LISTS, auslaenderbehoerde_unit, jobcenter_unit
from imgate.record import RecordInvalid, validate_record
from imgate.record.search_form import search_form
from tests.cli.conftest import Imgate
from tests.codelists.made_up import FILE
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "code-lists.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_print_what_the_page_shows(tmp_path):
    imgate = Imgate(tmp_path)
    imgate.configure()
    assert imgate("keys", "make").returncode == 0
    shutil.copy(FILE, tmp_path)
    commands = [step.partition("\n")[::2] for block in blocks("console") for step in block.removeprefix("$ ").split("\n$ ")]
    assert len(commands) == 6
    for command, shown in commands:
        program, *arguments = shlex.split(command)
        done = imgate(*arguments)
        assert (program, done.returncode) == ("imgate", 0), done.stderr
        printed = re.sub(r'"sha256": "[0-9a-f]{64}"', '"sha256": "…"', done.stdout)
        if arguments[1] != "list":
            assert printed.strip() == shown.strip()
    assert "urn:imgate:example:codelist:beispielstufen" in printed


def test_what_an_adapter_says_is_read():
    (use,) = tomllib.loads(blocks("toml")[0])["code_lists"]
    assert CodeListUse.model_validate(use).version == "2024-08-01"


def test_the_table_says_of_each_coded_leaf_which_list_it_is_of():
    shown = re.findall(r"^\| `([^`]+)` \| (?:`(.+)`)? ?\| `([^`]+)` \| (\S+) \|$", PAGE, re.MULTILINE)
    assert shown == [(leaf.scope, leaf.path, leaf.code_list.uri, leaf.code_list.version) for leaf in coded_leaves()]
    titles = re.search("^The lists of `residence.title` are (.+?), each behind `(.+?)`", PAGE, re.MULTILINE | re.DOTALL)
    assert tuple(titles[2] + name for name in re.findall("`(.+?)`", titles[1])) == TITLE_LISTS
    assert all(f"`{unit('').list_uri}`" in PAGE for unit in (jobcenter_unit, auslaenderbehoerde_unit))


@pytest.mark.parametrize("name", ["jobcenter", "auslaenderbehoerde", "jobkraftwerk", "nachbar"])
def test_each_adapter_names_for_its_coded_leaves_what_the_table_says(name):
    adapter = load_plugins().adapter(name, {})
    named = {(use.uri, use.version, scope) for use in adapter.manifest.code_lists for scope in use.scopes}
    places = {**adapter.translator.fields.sent(), **adapter.translator.fields.taken()}
    held = [leaf for leaf in coded_leaves() if leaf.scope in places and leaf.stands_at(places[leaf.scope])]
    assert {(leaf.code_list.uri, leaf.code_list.version, leaf.scope) for leaf in held} <= named
    beside = {*TITLE_LISTS, jobcenter_unit("").list_uri, auslaenderbehoerde_unit("").list_uri}
    assert {one for one in named if one[0] not in beside} == {(leaf.code_list.uri, leaf.code_list.version, leaf.scope) for leaf in held}


def test_the_hint_is_what_is_answered():
    shown = json.loads(blocks("json")[0])
    with pytest.raises(RecordInvalid) as raised:
        validate_record({"person": {"name": {"family": "صالحی"}}})
    (problem,) = raised.value.problems
    assert shown == {"code": problem.code, "pointer": problem.below("/record").pointer, "hint": str(problem.hint)}


def test_limits_and_the_built_in_fact_are_those_of_the_code():
    assert f"more than {MAX_BYTES // 1024**2} MiB or {ROWS_MAX:,} rows" in PAGE
    assert "codes 488 to 491" in PAGE
    assert {runs_out("urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis", "17", str(code)) for code in range(488, 492)} == {"2025-12-30"}


def test_the_search_forms_are_those_that_are_made():
    said = re.findall(r"`([^` ]+)` (?:is|are)\s+`([A-Z]+)`", PAGE)
    assert len(said) == 3
    assert all(search_form(name) == form for name, form in said)
