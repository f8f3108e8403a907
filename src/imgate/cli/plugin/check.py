"""`imgate plugin check`: everything that is wrong with one plugin, and where an adapter stands on the quality scale."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from imgate.adapters.quality.answers import read_answers
from imgate.adapters.quality.findings import look
from imgate.adapters.quality.judged import Judged, Judgement, judge
from imgate.adapters.quality.package import KitRun, see_package, source_of
from imgate.adapters.registered import RegisteredAdapter, digest_shown
from imgate.adapters.registry import ADAPTER_GROUP, TRANSPORT_GROUP, load_plugins
from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS
from imgate.cli.output import Failed, result, say, table, text
from imgate.cli.plugin.kit import run_tests
from imgate.vocabulary.words import Direction


@dataclass(frozen=True, slots=True)
class SchemaDigest:
    """A schema file as it lies in the package, and whether the manifest names it by this digest."""

    file: str
    sha256: str
    named: bool


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything about one plugin. ``judgement`` is None for what does not start, and for a transport, which has no scale."""

    name: str
    version: str
    is_adapter: bool
    problems: tuple[str, ...]
    schemas: tuple[SchemaDigest, ...]
    judgement: Judgement | None


def examine(name: str, tests: Path | None) -> Examination:
    """Look at an installed plugin, and run its tests. Raises Failed if there is none of this name."""
    point = _entry_point(name)
    registry = load_plugins(listed={name}, transports=BUILT_IN_TRANSPORTS)
    told = (sentence for problem in registry.problems if problem.plugin == name for sentence in problem.sentences)
    refused = tuple(sentence.replace(digest_shown(name), "") for sentence in told)
    version = "unknown" if point.dist is None else point.dist.version
    registered = registry.adapters.get(name)
    judgement = None if registered is None else _judged(registered, point, tests)
    if point.group == TRANSPORT_GROUP:
        return Examination(name, version, False, refused, (), None)
    # What does not start is told about its answers all the same; they need no code to be read.
    of_answers = _problems_of_answers(point) if judgement is None else judgement.problems
    return Examination(name, version, True, (*refused, *of_answers), _schemas(point), judgement)


def _entry_point(name: str) -> EntryPoint:
    installed = [point for group in (ADAPTER_GROUP, TRANSPORT_GROUP) for point in entry_points(group=group)]
    for point in installed:
        if point.name == name:
            return point
    if any(module.__name__.rpartition(".")[2].replace("_", "-") == name for module in BUILT_IN_TRANSPORTS):
        raise Failed(f"{name} is a transport of imgate's own; there is nothing to check.")
    near = get_close_matches(name, sorted({point.name for point in installed}), n=3)
    meant = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
    raise Failed(
        f"No plugin of the name {name} is installed.{meant} `imgate plugin list` shows what there is; a package of your own is "
        "installed with `pip install -e FOLDER`."
    )


def _judged(registered: RegisteredAdapter, point: EntryPoint, tests: Path | None) -> Judgement:
    if point.dist is None:
        raise Failed(f"The package of {registered.id} has no metadata; install it with pip.")
    if tests is None:
        source = source_of(point.dist)
        tests = source / "tests" if source is not None and (source / "tests").is_dir() else None
    elif not tests.is_dir():
        raise Failed(f"There is no folder {tests}.")
    kit = KitRun("the package's tests are not at hand; --tests names their folder") if tests is None else run_tests(registered.id, tests)
    return judge(registered.manifest.quality, look(see_package(registered, point.dist, tests, kit)))


def _manifest(point: EntryPoint) -> tuple[Traversable, dict[str, Any]] | None:
    """Read a manifest that may be wrong, and the folder in which it lies; None if that cannot be: it is among the problems already."""
    try:
        folder = resources.files(point.module.partition(".")[0])
        return folder, tomllib.loads((folder / "adapter.toml").read_text(encoding="utf-8"))
    except (Exception, SystemExit):  # noqa: BLE001  # finding the folder imports the package, which is foreign code
        return None


def _problems_of_answers(point: EntryPoint) -> list[str]:
    read = _manifest(point)
    quality = None if read is None else read[1].get("quality", {})
    return read_answers(quality)[1] if isinstance(quality, Mapping) else []


def _schemas(point: EntryPoint) -> tuple[SchemaDigest, ...]:
    """Give the digests of the schemas that the manifest names, also of a manifest that is wrong elsewhere."""
    read = _manifest(point)
    if read is None:
        return ()
    folder, manifest = read
    tables = [manifest.get(str(direction)) for direction in Direction]
    named = {(one["schema"], one.get("sha256")) for one in tables if isinstance(one, Mapping) and isinstance(one.get("schema"), str)}
    digests = [SchemaDigest(file, digest, digest == sha256) for file, sha256 in named if (digest := _digest_of(folder, file)) is not None]
    return tuple(sorted(digests, key=lambda one: one.file))


def _digest_of(folder: Traversable, file: str) -> str | None:
    try:
        return hashlib.sha256((folder / file).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def show(examination: Examination, *, as_json: bool) -> None:
    """Print what was found: one JSON object, or lines and a table."""
    if as_json:
        result(_as_json(examination))
        return
    for problem in examination.problems:
        text(f"{examination.name}: {problem}")
    for schema in examination.schemas:
        if not schema.named:
            text(f'{examination.name}: {schema.file} has sha256 = "{schema.sha256}"; if you are its author, put that into adapter.toml')
    if examination.judgement is not None:
        rows = [(judged.rule.name, str(judged.rule.tier), _answer(judged), _found(judged)) for judged in examination.judgement.rules]
        table(("rule", "tier", "answer", "found"), rows)
        text(f"{examination.name} {examination.version}: {_level(examination.judgement)}")
    elif examination.is_adapter:
        say("Its tests and the quality scale are looked at once it starts.")
    else:
        say("It is a transport; the quality scale is for adapters.")
    count = len(examination.problems)
    say(f"{count} {'problem' if count == 1 else 'problems'}." if count else "No problems.")


def _level(judgement: Judgement) -> str:
    exempt = f" ({judgement.exempt} exempt)" if judgement.exempt else ""
    return f"{judgement.level or 'not even bronze'}{exempt}"


def _answer(judged: Judged) -> str:
    return "none" if judged.answer is None else str(judged.answer.word)


def _found(judged: Judged) -> str:
    if judged.answer is not None and judged.answer.reason is not None:
        return judged.answer.reason
    return "only a person can tell" if judged.finding is None else f"{judged.finding.found}: {judged.finding.sentence}"


def _as_json(examination: Examination) -> dict[str, object]:
    judgement = examination.judgement
    return {
        "name": examination.name,
        "version": examination.version,
        "level": None if judgement is None or judgement.level is None else str(judgement.level),
        "problems": list(examination.problems),
        "schemas": [{"file": one.file, "sha256": one.sha256, "named": one.named} for one in examination.schemas],
        "rules": [] if judgement is None else [_rule_as_json(judged) for judged in judgement.rules],
    }


def _rule_as_json(judged: Judged) -> dict[str, object]:
    return {
        "rule": judged.rule.name,
        "tier": str(judged.rule.tier),
        "answer": None if judged.answer is None else str(judged.answer.word),
        "reason": None if judged.answer is None else judged.answer.reason,
        "found": None if judged.finding is None else str(judged.finding.found),
        "sentence": None if judged.finding is None else judged.finding.sentence,
    }
