"""What the machine finds for each rule that it can look at: kept, broken, or nothing to be seen, with one sentence."""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from imgate.adapters.plugin_api_reference import SUBMODULES, surface
from imgate.adapters.quality.code_lists import lists_in, lists_named
from imgate.adapters.quality.coded_leaves import coded_leaves
from imgate.adapters.quality.package import SeenPackage
from imgate.adapters.unreadable import why_unreadable
from imgate.plugin_api import Absent, MessageUnreadable, Place, SettingsInvalid
from imgate.vocabulary.words import Direction

# The reason in every row that `imgate plugin new` writes and nobody has thought about yet.
UNDECIDED = "Not asked for yet (noch nicht entschieden); decide, and say why."
# Whom a sample is about; the simulated partner puts the reference of a link in its place.
_REFERENCE = "REFERENCE"
_API = "imgate.plugin_api"
_VERSIONED = re.compile(r"[:/._-]v?\d+([._-]\d+)*(\.schema)?(\.json)?/?$")
_WORDS_OF_A_README = 50
_WORDS_OF_A_REASON = 4


class Found(StrEnum):
    """What came of looking."""

    KEPT = "kept"
    BROKEN = "broken"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one rule."""

    found: Found
    sentence: str


def _kept(sentence: str) -> Finding:
    return Finding(Found.KEPT, sentence)


def _broken(sentence: str) -> Finding:
    return Finding(Found.BROKEN, sentence)


def _unseen(sentence: str) -> Finding:
    return Finding(Found.UNSEEN, sentence)


def look(package: SeenPackage) -> dict[str, Finding]:
    """Look at every rule that a machine can look at."""
    return {rule: finding(package) for rule, finding in _LOOKS.items()}


def _starts_without_settings(package: SeenPackage) -> Finding:
    return _kept(f"{package.loaded.id} {package.loaded.version} was configured without settings")


def _reasons(package: SeenPackage) -> Iterator[tuple[str, str]]:
    for scope, field in package.loaded.translator.fields.fields.items():
        for place in (field.to_partner, field.from_partner):
            if isinstance(place, Absent):
                yield scope, place.because


def _every_scope_accounted_for(package: SeenPackage) -> Finding:
    short = sorted({scope for scope, because in _reasons(package) if len(because.split()) < _WORDS_OF_A_REASON})
    if short:
        return _broken(f"says in fewer than {_WORDS_OF_A_REASON} words why it has no place for {_some(short)}")
    return _kept(f"{len(package.loaded.translator.fields.fields)} scopes, each with a place or a reason")


def _every_scope_decided(package: SeenPackage) -> Finding:
    undecided = sorted({scope for scope, because in _reasons(package) if because == UNDECIDED})
    if undecided:
        return _broken(f"{_counted(len(undecided), 'scope')} {_are(undecided)} not decided yet: {_some(undecided)}")
    return _kept("every reason is somebody's own")


def _imports_only_the_api(package: SeenPackage) -> Finding:
    if not package.folder.is_dir():
        return _unseen("the package's code is no folder that can be read")
    wrong = sorted(
        f"{file.relative_to(package.folder)} imports {module}"
        for file in package.folder.rglob("*.py")
        for module in _modules_imported(file)
        if module.split(".")[0] == "imgate" and not _is_api(module)
    )
    return _broken(_some(wrong)) if wrong else _kept(f"nothing of imgate but {_API}")


def _is_api(imported: str) -> bool:
    """Tell whether a module, or a name in one, stands in docs/reference/plugin-api.md."""
    if not imported.startswith(f"{_API}."):
        return imported == _API
    module, _, name = imported.removeprefix(f"{_API}.").rpartition(".")
    names = surface()
    return module in names and (name in ("*", *names[module]) or (not module and name in SUBMODULES))


def _modules_imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _passes_the_kit(package: SeenPackage) -> Finding:
    kit = package.kit
    if kit.trouble is not None:
        return _unseen(kit.trouble)
    if kit.failed:
        return _broken(f"{len(kit.failed)} of {kit.passed + len(kit.failed)} tests fail: {_some(list(kit.failed))}")
    if kit.unkept:
        return _broken(f"no test class keeps these promises of the kit as they stand: {_some(list(kit.unkept))}")
    return _kept(f"{_counted(kit.passed, 'test')} {'passes' if kit.passed == 1 else 'pass'}")


def _readme_says_what_it_is(package: SeenPackage) -> Finding:
    words = len(package.readme.split())
    if words < _WORDS_OF_A_README:
        short = f"the README has {_counted(words, 'word')}"
        return _broken(short if words else "there is no README, neither beside the code nor in the metadata")
    names = (package.loaded.id, package.loaded.manifest.name)
    if not any(name.lower() in package.readme.lower() for name in names):
        return _broken(f"the README names neither {names[0]} nor {names[1]}")
    return _kept(f"a README of {words} words")


def _licence_named(package: SeenPackage) -> Finding:
    return _broken("the package's metadata name no licence") if package.licence is None else _kept(package.licence)


def _in_use(package: SeenPackage) -> list[Direction]:
    return [direction for direction in Direction if package.loaded.ceiling[direction]]


def _golden(package: SeenPackage) -> list[Path]:
    return sorted(path for path in package.tests.rglob("golden/**/*") if path.is_file()) if package.tests is not None else []


_NO_TESTS = "the package's tests are not at hand; --tests names their folder"


def _golden_messages_both_directions(package: SeenPackage) -> Finding:
    if package.tests is None:
        return _unseen(_NO_TESTS)
    counts = {direction: sum(str(direction) in path.parts for path in _golden(package)) for direction in _in_use(package)}
    if missing := [str(direction) for direction, count in counts.items() if not count]:
        return _broken(f"no file below golden/{' and golden/'.join(missing)}")
    return _kept(", ".join(f"{_counted(count, 'file')} {direction}" for direction, count in counts.items()))


def _schema_published(package: SeenPackage) -> Finding:
    manifest = package.loaded.manifest
    if without := [str(direction) for direction in _in_use(package) if manifest.direction(direction).schema_file is None]:
        return _broken(f"no schema for messages {' and '.join(without)}")
    return _kept(", ".join(sorted({str(manifest.direction(direction).schema_file) for direction in _in_use(package)})))


def _format_versioned(package: SeenPackage) -> Finding:
    names = sorted({_name_of_format(package, direction) for direction in _in_use(package)})
    if unversioned := [name for name in names if _VERSIONED.search(name) is None]:
        return _broken(f"no version in {_some(unversioned)}")
    return _kept(_some(names))


def _name_of_format(package: SeenPackage, direction: Direction) -> str:
    manifest = package.loaded.manifest.direction(direction)
    match manifest.format:
        case "xml":
            return package.loaded.manifest.namespace or "a format without namespace"
        case "json":
            schema = json.loads((package.folder / str(manifest.schema_file)).read_bytes())
            return str(schema.get("$id", "a schema without $id"))
        case "table":
            return "a table"


def _code_lists_named(package: SeenPackage) -> Finding:
    if package.tests is None:
        return _unseen(_NO_TESTS)
    standing, named = lists_in(_golden(package)), lists_named(package.loaded.manifest)
    if unnamed := sorted(str(one) for one in standing if not {one, one.of_any_version} & named):
        return _broken(f"[[code_lists]] does not name {_some(unnamed)}")
    scopes = set[str]().union(*package.loaded.ceiling.values())
    if strange := sorted({scope for use in package.loaded.manifest.code_lists for scope in use.scopes} - scopes):
        return _broken(f"[[code_lists]] names scopes that are not exchanged: {_some(strange)}")
    if unsaid := sorted(set(_coded_without_a_list(package))):
        return _unseen(f"[[code_lists]] names no list for what the record holds as codes: {_some(unsaid)}")
    return _kept(f"{len(named)} named, {len(standing)} of them by their address in the golden messages")


def _coded_without_a_list(package: SeenPackage) -> Iterator[str]:
    """Yield the coded scopes of JSON and tables, where a code stands without its list; in XML the golden messages show it."""
    manifest, fields = package.loaded.manifest, package.loaded.translator.fields
    named = {(use.uri, scope) for use in manifest.code_lists for scope in use.scopes}
    for direction, places in ((Direction.TO_PARTNER, fields.sent()), (Direction.FROM_PARTNER, fields.taken())):
        for leaf in coded_leaves() if manifest.direction(direction).format != "xml" else ():
            if leaf.scope in places and leaf.stands_at(places[leaf.scope]) and (leaf.code_list.uri, leaf.scope) not in named:
                yield f"{leaf.scope} ({leaf.code_list.uri})"


def _simulated_partner(package: SeenPackage) -> Finding:
    if not package.loaded.ceiling[Direction.FROM_PARTNER]:
        return _kept("the partner sends nothing")
    samples = sorted(file for file in (package.folder / "samples").glob("*") if file.suffix in {".xml", ".json", ".csv"})
    for sample in samples:
        body = sample.read_bytes()
        try:
            reading = package.loaded.read(body)
        except MessageUnreadable as error:
            return _broken(f"samples/{sample.name} cannot be read: {why_unreadable(package.loaded, body, error)}")
        if reading.problems or {person.reference for person in reading.people} != {_REFERENCE}:
            return _broken(f"samples/{sample.name} has problems, or is not about {_REFERENCE} alone")
    return _kept(_counted(len(samples), "sample")) if samples else _broken("no sample in samples/ of the package")


def _left_out(*directions: Mapping[str, Place]) -> list[tuple[str, str]]:
    return sorted({(scope, leaf) for places in directions for scope, place in places.items() for leaf in place.without})


def _left_out_leaves_documented(package: SeenPackage) -> Finding:
    fields = package.loaded.translator.fields
    left_out = _left_out(fields.sent(), fields.taken())
    if undocumented := [f"{leaf} of {scope}" for scope, leaf in left_out if leaf not in package.readme]:
        return _broken(f"the README does not name {_some(undocumented)}")
    return _kept(f"{len(left_out)} {_are(left_out)} left out, and named" if left_out else "nothing is left out")


def _nothing_left_out(package: SeenPackage) -> Finding:
    left_out = _left_out(package.loaded.translator.fields.sent())
    if left_out:
        return _broken(f"left out: {_some([f'{leaf} of {scope}' for scope, leaf in left_out])}")
    return _kept("every detail of a released item has a place")


def _settings_documented(package: SeenPackage) -> Finding:
    unknown = "no_such_setting"
    try:
        package.registered.configured({unknown: True})
    except SettingsInvalid as invalid:
        if unknown not in invalid.setting:
            return _broken("an unknown setting is refused under another name")
    else:
        return _broken("an unknown setting is not refused")
    if re.search("setting|einstellung", package.readme, re.IGNORECASE) is None:
        return _broken("the README says nothing about settings, not even that there are none")
    return _kept("an unknown setting is refused; the README speaks of settings")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _are(things: Sized) -> str:
    return "is" if len(things) == 1 else "are"


def _some(things: list[str], most: int = 5) -> str:
    shown = ", ".join(things[:most])
    return shown if len(things) <= most else f"{shown} and {len(things) - most} more"


_LOOKS: Mapping[str, Callable[[SeenPackage], Finding]] = {
    "starts_without_settings": _starts_without_settings,
    "every_scope_accounted_for": _every_scope_accounted_for,
    "imports_only_the_api": _imports_only_the_api,
    "passes_the_kit": _passes_the_kit,
    "readme_says_what_it_is": _readme_says_what_it_is,
    "licence_named": _licence_named,
    "every_scope_decided": _every_scope_decided,
    "golden_messages_both_directions": _golden_messages_both_directions,
    "schema_published": _schema_published,
    "format_versioned": _format_versioned,
    "code_lists_named": _code_lists_named,
    "simulated_partner": _simulated_partner,
    "left_out_leaves_documented": _left_out_leaves_documented,
    "settings_documented": _settings_documented,
    "nothing_left_out": _nothing_left_out,
}
