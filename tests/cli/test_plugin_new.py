"""`imgate plugin new` begins a package that is sound at once; it refuses what it cannot begin, and leaves nothing behind."""

import ast
import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from imgate.adapters.quality.findings import UNDECIDED
from imgate.adapters.quality.scale import RULES, Tier
from imgate.record.catalogue import CATALOGUE
from tests.conftest import ROOT

NAME = "wohnungsamt"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A place to install into, which has everything that this one has, and leaves this one alone."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "as-here.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IMGATE_", "PYTEST_", "PYTHON"))}
    # What else is installed here beside pytest is nothing that a new package needs.
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

    def run(*arguments, cwd):
        python = [str(folder / "bin" / "python"), "-W", "ignore", "-m"]
        return subprocess.run([*python, *arguments], cwd=cwd, env=kept, capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="module")
def begun(environment, tmp_path_factory):
    """The package as the command makes it, installed by the command that it prints."""
    folder = tmp_path_factory.mktemp("begun")
    made = environment("imgate", "plugin", "new", NAME, cwd=folder)
    assert (made.returncode, made.stdout) == (0, f"{NAME}\n"), made.stderr
    program, *install = made.stderr.splitlines()[1].split()
    assert program == "pip"
    installed = environment("pip", *install, "--no-index", cwd=folder)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder / NAME


@pytest.fixture(scope="module")
def checked(environment, begun):
    done = environment("imgate", "plugin", "check", NAME, "--json", cwd=begun.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_it_passes_the_kit_and_is_bronze_at_once(checked):
    assert (checked["name"], checked["version"], checked["level"], checked["problems"]) == (NAME, "0.1.0", "bronze", [])
    found = {rule["rule"]: rule["found"] for rule in checked["rules"]}
    assert found["passes_the_kit"] == "kept"
    assert [rule for rule, seen in found.items() if seen == "broken"] == ["every_scope_decided"]


def test_the_json_has_its_documented_shape(checked):
    assert checked.keys() == {"name", "version", "level", "problems", "schemas", "rules"}
    assert [rule["rule"] for rule in checked["rules"]] == list(RULES)
    for rule in checked["rules"]:
        assert rule.keys() == {"rule", "tier", "answer", "reason", "found", "sentence"}
    (schema,) = checked["schemas"]
    assert (schema["file"], schema["named"]) == (f"schemas/{NAME}.schema.json", True)


def test_only_decisions_and_proofs_keep_it_from_gold(checked):
    assert {rule["rule"] for rule in checked["rules"] if rule["answer"] == "todo"} == {
        "every_scope_decided",
        *(name for name, rule in RULES.items() if rule.looks_at is None),
    }


def test_a_test_that_fails_takes_bronze_away_and_the_table_shows_where(environment, begun, tmp_path):
    (tmp_path / "test_odd.py").write_text("def test_odd():\n    assert False\n")
    done = environment("imgate", "plugin", "check", NAME, "--tests", str(tmp_path), cwd=begun.parent)
    assert done.returncode == 1
    problems, rows = done.stdout.splitlines()[: -len(RULES) - 2], done.stdout.splitlines()[-len(RULES) - 2 :]
    assert any(line.startswith(f'{NAME}: [quality] passes_the_kit is answered "done", but 1 of 1 tests fail: ') for line in problems)
    assert [row.split()[0] for row in rows[1:-1]] == list(RULES)
    assert rows[-1] == f"{NAME} 0.1.0: not even bronze"
    assert done.stderr.splitlines()[-1] == f"{len(problems)} problems."
    assert "assert False" in done.stderr


def test_the_package_imports_nothing_but_the_api_and_the_kit(begun):
    modules = set()
    for file in begun.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                modules.add(node.module)
            elif isinstance(node, ast.Import):
                modules |= {name.name for name in node.names}
    assert {module for module in modules if module.split(".")[0] == "imgate"} == {
        "imgate.conformance.adapter",
        "imgate.conformance.json_partner",
        "imgate.conformance.record_files",
        "imgate.plugin_api",
        "imgate.plugin_api.json",
    }


def test_every_scope_stands_in_the_table_and_all_but_one_wait_for_a_decision(begun):
    table = (begun / "src" / f"imgate_{NAME}" / "fields.py").read_text("utf-8")
    assert f'UNDECIDED = "{UNDECIDED}"' in table
    for scope in CATALOGUE.scopes:
        row = 'both("housing.situation", "wohnung", _SITUATION),' if scope == "housing.situation" else f'neither("{scope}", UNDECIDED),'
        assert table.count(row) == 1


def test_what_python_and_pytest_leave_behind_is_not_committed(begun):
    ignored = (begun / ".gitignore").read_text("utf-8").splitlines()
    assert {"__pycache__/", ".hypothesis/", ".pytest_cache/"} <= set(ignored)


def test_the_help_says_that_it_makes_json_and_where_the_rest_begins(imgate):
    told = " ".join(imgate("plugin", "new", "--help").stdout.split())
    assert "adapter of JSON messages" in told
    assert all(f"plugins/{name}" in told and (ROOT / "plugins" / name).is_dir() for name in ("jobcenter", "jobkraftwerk"))


def test_every_rule_is_answered_and_nothing_of_a_template_is_left(begun):
    manifest = tomllib.loads((begun / "src" / f"imgate_{NAME}" / "adapter.toml").read_text("utf-8"))
    assert list(manifest["quality"]) == list(RULES)
    assert all(manifest["quality"][name] == "done" for name, rule in RULES.items() if rule.tier is Tier.BRONZE)
    for file in begun.rglob("*"):
        assert ".template" not in file.name
        assert not file.is_file() or "{{" not in file.read_bytes().decode("utf-8", errors="replace")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Wohnungsamt", "small letters"),
        ("wohnungs_amt", "small letters"),
        ("9amt", "small letters"),
        ("amt-", "small letters"),
        ("amt--zwei", "small letters"),
        ("../amt", "small letters"),
        ("ämter", "small letters"),
        ("a" * 41, "at most 40 signs"),
        ("class", "a word of Python"),
        ("jobcenter", "already installed"),
    ],
)
def test_names_that_are_refused(imgate, name, told):
    done = imgate("plugin", "new", name)
    assert done.returncode == 1
    assert told in done.stderr
    assert list(imgate.folder.iterdir()) == []


def test_a_name_with_hyphens_makes_a_package_with_underlines(imgate):
    assert imgate("plugin", "new", "amt-fuer-wohnen", "--title", "Amt für Wohnen (Team 3)").returncode == 0
    made = imgate.folder / "amt-fuer-wohnen"
    assert (made / "src" / "imgate_amt_fuer_wohnen" / "translate.py").is_file()
    assert "class TestAmtFuerWohnen(" in (made / "tests" / "test_amt_fuer_wohnen.py").read_text("utf-8")
    manifest = tomllib.loads((made / "src" / "imgate_amt_fuer_wohnen" / "adapter.toml").read_text("utf-8"))
    assert (manifest["id"], manifest["name"]) == ("amt-fuer-wohnen", "Amt für Wohnen (Team 3)")
    tomllib.loads((made / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("title", ['"', "a\nb", "{{ name }}", "\\", "", "x" * 101, "a'b"])
def test_a_title_that_would_break_out_of_the_files_is_refused(imgate, title):
    done = imgate("plugin", "new", NAME, "--title", title)
    assert done.returncode == 1
    assert "--title" in done.stderr
    assert list(imgate.folder.iterdir()) == []


def test_what_is_there_stays_as_it_is(imgate):
    (imgate.folder / NAME).mkdir()
    (imgate.folder / NAME / "mine.txt").write_text("mine")
    done = imgate("plugin", "new", NAME)
    assert done.returncode == 1
    assert "is already there" in done.stderr
    assert [file.name for file in (imgate.folder / NAME).iterdir()] == ["mine.txt"]


def test_another_folder_and_one_that_is_not_there(imgate):
    (imgate.folder / "plugins").mkdir()
    assert imgate("plugin", "new", NAME, "--folder", "plugins").stdout == f"plugins/{NAME}\n"
    done = imgate("plugin", "new", "anderes-amt", "--folder", "gone")
    assert (done.returncode, done.stderr) == (1, "There is no folder gone in which anderes-amt could be made.\n")
    assert not (imgate.folder / "gone").exists()


def test_a_full_disk_leaves_nothing_half_written(imgate, monkeypatch):
    written = Path.write_text

    def write_some(path, *arguments, **options):
        if path.name == "adapter.toml":
            raise OSError(28, "No space left on device")
        return written(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", write_some)
    done = imgate("plugin", "new", NAME)
    assert (done.returncode, done.stderr) == (1, f"{NAME} cannot be written: No space left on device.\n")
    assert list(imgate.folder.iterdir()) == []
