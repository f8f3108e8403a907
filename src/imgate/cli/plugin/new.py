"""`imgate plugin new`: a package of JSON messages that can be installed, passes the conformance kit at once, and says where to go on.

The files lie in ``scaffold/`` as they will lie in the package, each with ``.template`` behind its name. The field table is made of the
catalogue, so that a new package accounts for every scope that there is.
"""

import hashlib
import keyword
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from importlib.metadata import entry_points
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2

from imgate.adapters.quality.findings import UNDECIDED
from imgate.adapters.registry import ADAPTER_GROUP
from imgate.cli.output import Failed
from imgate.plugin_api import API_VERSION
from imgate.record import CATALOGUE

# As an adapter's id in its manifest, and no blank name or end, so that it is also the name of a package and of a class.
_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
_LONGEST = 40
_SUFFIX = ".template"
# Where a template's path has a word of its own for what the author chose.
_SCHEMA = "src/__package__/schemas/__name__.schema.json"


def create(name: str, folder: Path, title: str | None) -> Path:
    """Write the package to a new folder ``NAME`` and return it; nothing is left behind if that fails. Raises Failed."""
    _refuse_name(name)
    target = folder / name
    if target.exists() or target.is_symlink():
        raise Failed(f"{target} is already there and stays as it is. Choose another name, or another place with --folder.")
    if not folder.is_dir():
        raise Failed(f"There is no folder {folder} in which {name} could be made.")
    files = _rendered(name, name.replace("-", " ").title() if title is None else title)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}-") as workshop:
            made = Path(workshop) / name
            for path, text in files.items():
                (made / path).parent.mkdir(parents=True, exist_ok=True)
                (made / path).write_text(text, encoding="utf-8")
            shutil.move(made, target)
    except OSError as error:
        raise Failed(f"{target} cannot be written: {error.strerror}.") from None
    return target


def _refuse_name(name: str) -> None:
    if _NAME.match(name) is None or len(name) > _LONGEST:
        raise Failed(
            f"The name of an adapter has small letters, digits and single hyphens, begins with a letter, and has at most {_LONGEST} signs."
        )
    if keyword.iskeyword(name):
        raise Failed(f"{name} is a word of Python; choose another name.")
    if name in {point.name for point in entry_points(group=ADAPTER_GROUP)}:
        raise Failed(f"An adapter of the name {name} is already installed; choose another name.")
    if find_spec(_package(name)) is not None:
        raise Failed(f"A package of the name {_package(name)} is already installed; choose another name.")


def _package(name: str) -> str:
    return f"imgate_{name.replace('-', '_')}"


def _rendered(name: str, title: str) -> dict[str, str]:
    """Give each file of the package by its path, the schema first, because the manifest names its digest."""
    # What is written is code and text for people, no page: nothing is escaped, and so the title is asked for below.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701  # as said
    words: dict[str, Any] = {
        "name": name,
        "title": _title(title),
        "package": _package(name),
        "module": name.replace("-", "_"),
        "class_name": "".join(part.capitalize() for part in name.split("-")),
        "api_version": API_VERSION,
        "undecided": UNDECIDED,
        "sections": list(_sections()),
    }
    templates = dict(_templates(resources.files("imgate.cli.plugin") / "scaffold"))
    schema = environment.from_string(templates[_SCHEMA]).render(words)
    words["sha256"] = hashlib.sha256(schema.encode()).hexdigest()
    return {_named(path, words): environment.from_string(template).render(words) for path, template in templates.items()}


def _title(title: str) -> str:
    """Let a name through that may stand in code, TOML, JSON and Markdown as it is."""
    if not 1 <= len(title) <= 100 or not all(sign.isalnum() or sign in " -.,()&" for sign in title):
        raise Failed("--title has letters, digits, blanks and - . , ( ) & only, at most 100.")
    return title


def _templates(folder: Traversable, below: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _templates(entry, f"{below}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield below + entry.name.removesuffix(_SUFFIX), entry.read_text(encoding="utf-8")


def _named(path: str, words: dict[str, Any]) -> str:
    for word in ("package", "name", "module"):
        path = path.replace(f"__{word}__", words[word])
    return path


def _sections() -> Iterator[dict[str, Any]]:
    for section, label in CATALOGUE.section_labels.items():
        scopes = [{"name": entry.scope, "label": entry.label} for entry in CATALOGUE.scopes.values() if entry.section == section]
        yield {"label": label, "scopes": scopes}
