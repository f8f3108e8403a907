"""Change the code that translates and decides, one small change at a time, and tell which changes no test notices (`make mutants`).

mutmut does the work. It knows one source folder only, so a copy of the tree is laid out with the plugins' packages beside imgate. What
survives is compared with docs/mutants.toml, where each survivor that was looked at stands with the reason why it may live.

    python tools/mutants.py consent json      these only; all four translations and the judge without arguments

A second run in the same folder tries again what is new, what has changed and what survived, not what was noticed before.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ROOT / "docs" / "mutants.toml"
# Heavy, and without a line of what is changed: loaded once and not for each change, also where the rest is loaded afresh.
_LOADED_BEFORE = ("schemathesis.pytest.plugin", "syrupy", "hypothesis.strategies", "structlog", "lxml.etree", "pydantic", "imgate.record")
# What counts as surviving beside `survived`: what no test reaches, and what nobody could judge. mutmut calls it a timeout, too, when pytest
# itself failed to run; that says nothing about the change.
_ALIVE = {"survived", "no tests", "suspicious", "segfault", "not run"}
_NOT_RUN = 255
_MOST = 0.10
# The warning is about what was loaded before.
_PYTEST = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "mutants_reached", "-W", "ignore:Module already imported")

Change = tuple[str, str]


class Pass(StrEnum):
    """Each change is tried twice, if need be.

    First by a process that has loaded all tests already: that is quick. But a table is compiled when its module is loaded, and a change of
    what compiles it is never seen there. So what is left is tried once more, each by a process that has loaded nothing of what is changed.
    """

    LOADED = "collect"
    FRESH = "import"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is changed, and the tests that should notice. ``without`` names slow tests, by words of their names."""

    changed: tuple[str, ...]
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()


# Promises that watch the interpreter or start another one: seconds each, and no change of a translation touches them.
_OF_THE_INTERPRETER = ("the_same_elsewhere", "keeps_nothing", "reaches_for_nothing_outside", "changes_nothing_outside")
# Seconds each for what survives, and next to nothing that the quick tests would not have noticed.
_OF_EVERY_BYTE = ("no_byte_of_a_bundle", "ten_thousand_random")
_OF_LARGE_TABLES = (
    "hostile_input",
    "memory_does_not_grow",
    "TestXlsx",
    "what_comes_back",
    "refusals_tell_no_values",
    "any_text_comes_back_from_both",
)

SUBJECTS = {
    "consent": Subject(("imgate/consent/*.py",), ("tests/consent",), _OF_EVERY_BYTE),
    "xml": Subject(
        ("imgate/plugin_api/xml*.py", "imgate/plugin_api/xoev.py", "imgate_jobcenter/*.py", "imgate_auslaenderbehoerde/*.py"),
        ("tests/plugin_api", "plugins/jobcenter/tests", "plugins/auslaenderbehoerde/tests"),
        _OF_THE_INTERPRETER,
    ),
    "json": Subject(
        ("imgate/plugin_api/json*.py", "imgate_nachbar/*.py"), ("tests/plugin_api", "plugins/nachbar/tests"), _OF_THE_INTERPRETER
    ),
    "table": Subject(("imgate_jobkraftwerk/*.py",), ("plugins/jobkraftwerk/tests",), (*_OF_THE_INTERPRETER, *_OF_LARGE_TABLES)),
}


def main() -> int:
    """Measure what was asked for; 1 where more than a tenth survives, or something that nobody has looked at."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], help="what to change; everything if none is named")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutants", help="where the copies go")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="how many changes are tried at once")
    arguments = parser.parse_args()
    known = listed(tomllib.loads(KNOWN.read_text(encoding="utf-8")))
    holds = True
    for name in arguments.subjects or SUBJECTS:
        holds &= _measure(name, arguments.folder.resolve() / name, arguments.children, known)
    return 0 if holds else 1


def listed(document: Mapping[str, list[dict[str, str]]]) -> set[Change]:
    """Read which survivors may live, by the function and what its lines become."""
    return {(one["function"], one["becomes"]) for one in document.get("survivor", ())}


def _measure(name: str, folder: Path, children: int, known: set[Change]) -> bool:
    for pass_ in Pass:
        _lay_out(folder, SUBJECTS[name], pass_)
        _forget_survivors(folder)
        _run(folder, children, pass_)
    outcomes = _outcomes(folder)
    if not outcomes or "not checked" in outcomes.values():
        print(f"{name}: mutmut stopped before its end; {folder / 'run.log'} tells why.")
        return False
    survivors = alive(outcomes)
    strangers = [change for change in _changes(folder, sorted(survivors)) if change not in known]
    for function, lines in strangers:
        print(f"\n[[survivor]]\nfunction = {json.dumps(function, ensure_ascii=False)}\nbecomes = {json.dumps(lines, ensure_ascii=False)}")
    share = len(survivors) / len(outcomes)
    print(f"{name}: {len(survivors)} of {len(outcomes)} changes were not noticed, {share:.1%}; {len(strangers)} of them are not listed.")
    print(f"  {', '.join(f'{outcome} {count}' for outcome, count in Counter(outcomes.values()).most_common())}")
    return share < _MOST and not strangers


def _run(folder: Path, children: int, pass_: Pass) -> None:
    # Which test reaches what is told anew each time: mutmut asks it of new tests only, not of changed ones.
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", str(children)]
    # On a busy machine a property's deadline would pass for a change that was noticed; CI takes it away.
    environment = {**os.environ, "CI": "1", "IMGATE_MUTANTS": pass_.name}
    with (folder / "run.log").open("a", encoding="utf-8") as log:
        subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, check=False, env=environment)


def _found(folder: Path) -> Iterator[Path]:
    # What a run before found about a module that is no more stays behind.
    for path in (folder / "mutants" / "src").rglob("*.py.meta"):
        if (folder / path.relative_to(folder / "mutants")).with_suffix("").exists():
            yield path


def _outcome(code: int | None) -> str:
    return "not run" if code == _NOT_RUN else status_by_exit_code[code]


def _outcomes(folder: Path) -> dict[str, str]:
    outcomes: dict[str, str] = {}
    for path in _found(folder):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        outcomes |= {mutant: _outcome(code) for mutant, code in codes.items()}
    return outcomes


def _forget_survivors(folder: Path) -> None:
    """Let what survived before be tried again: the tests may have become better."""
    for path in _found(folder):
        found = json.loads(path.read_text(encoding="utf-8"))
        codes = found["exit_code_by_key"]
        found["exit_code_by_key"] = {mutant: None if _outcome(code) in _ALIVE else code for mutant, code in codes.items()}
        path.write_text(json.dumps(found), encoding="utf-8")


def alive(outcomes: Mapping[str, str]) -> set[str]:
    """Give the changes that were not noticed."""
    return {mutant for mutant, outcome in outcomes.items() if outcome in _ALIVE}


def _changes(folder: Path, mutants: Iterable[str]) -> list[Change]:
    """Give the function and what its lines become, by which a survivor is known whatever its number is."""
    shown = "import sys; from mutmut.mutation.diff_apply import get_diff_for_mutant as show; print(*map(show, sys.argv[1:]), sep='\\0')"
    mutants = list(mutants)
    said = subprocess.run([sys.executable, "-c", shown, *mutants], cwd=folder, capture_output=True, text=True, check=True).stdout
    return [(function_of(mutant), becomes(diff)) for mutant, diff in zip(mutants, said.split("\0"), strict=bool(mutants))]


def function_of(mutant: str) -> str:
    """Name the function as it is called from outside."""
    # mutmut writes `module.x_function__mutmut_1` and `module.xǁClassǁmethod__mutmut_1`.
    return mutant.partition("__mutmut_")[0].replace(".x_", ".").replace(".xǁ", ".").replace("ǁ", ".")


def becomes(diff: str) -> str:
    """Give the lines that a change writes, or, where it only takes some away, those."""
    _, _, *lines = diff.splitlines()
    written, gone = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "+-")
    return written or f"without {gone}"


def _lay_out(folder: Path, subject: Subject, pass_: Pass) -> None:
    """Copy the tree as mutmut expects it. What a run before found stands in ``mutants/src`` and is kept."""
    for stale in ("src", "tests", "plugins", "mutants/tests", "mutants/plugins"):
        shutil.rmtree(folder / stale, ignore_errors=True)
    for path in ("schemas", "samples", "docs", "tests", "README.md"):
        _copy(ROOT / path, folder / path)
    _copy(ROOT / "src" / "imgate", folder / "src" / "imgate")
    for plugin in sorted((ROOT / "plugins").iterdir()):
        for package in (plugin / "src").glob("imgate_*"):
            _copy(package, folder / "src" / package.name)
        _copy(plugin, folder / "plugins" / plugin.name)
    _copy(ROOT / "tools" / "mutants_reached.py", folder / "src" / "mutants_reached.py")
    (folder / "loaded_before.txt").write_text("\n".join(_LOADED_BEFORE), encoding="utf-8")
    settings = {
        "source_paths": ["src/"],
        "only_mutate": [f"src/{pattern}" for pattern in subject.changed],
        "pytest_add_cli_args_test_selection": list(subject.tests),
        "pytest_add_cli_args": [*_PYTEST, "-k", _but(subject.without)],
        "also_copy": ["schemas", "samples", "plugins", "docs", "README.md"],
        "process_isolation": "forkserver",
        "forkserver_warmup": pass_.value,
        "preload_modules_file": "loaded_before.txt",
        "timeout_constant": 4.0,
        "timeout_multiplier": 8.0,
        "use_git_change_detection": False,
    }
    written = (ROOT / "pyproject.toml").read_text(encoding="utf-8") + "\n[tool.mutmut]\n"
    written += "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    (folder / "pyproject.toml").write_text(written, encoding="utf-8")


def _but(words: Iterable[str]) -> str:
    return " and ".join(f"not {word}" for word in words)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copy2(source, target)
    elif source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


if __name__ == "__main__":
    sys.exit(main())
