"""What can be seen of an adapter beyond what the gateway uses: its package's files, its metadata, its source folder and tests."""

import json
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import Distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.registered import RegisteredAdapter


@dataclass(frozen=True, slots=True)
class KitRun:
    """What came of the package's tests. ``trouble`` says why they could not be run; then the rest is empty.

    ``unkept`` are promises of the conformance kit that did not pass for this adapter as the kit states them: left out, skipped,
    or replaced by a test of another kind.
    """

    trouble: str | None = None
    passed: int = 0
    failed: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenPackage:
    """One adapter's package. ``tests`` is None where its tests are not at hand, as for one that came as a wheel."""

    registered: RegisteredAdapter
    loaded: LoadedAdapter
    folder: Path
    readme: str
    licence: str | None
    tests: Path | None
    kit: KitRun


def source_of(distribution: Distribution) -> Path | None:
    """Give the folder from which a package was installed for editing, or None (PEP 610: ``direct_url.json``)."""
    recorded = distribution.read_text("direct_url.json")
    if recorded is None:
        return None
    said = json.loads(recorded)
    if not said.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlsplit(said["url"]).path))


def see_package(registered: RegisteredAdapter, distribution: Distribution, tests: Path | None, kit: KitRun) -> SeenPackage:
    """Look at an adapter that starts."""
    source = source_of(distribution)
    metadata = distribution.metadata.json
    readme = source / "README.md" if source is not None else None
    return SeenPackage(
        registered=registered,
        loaded=registered.configured({}),
        folder=Path(str(resources.files(registered.plugin.package))),
        readme=readme.read_text(encoding="utf-8") if readme is not None and readme.is_file() else str(metadata.get("description") or ""),
        licence=str(metadata.get("license_expression") or metadata.get("license") or "") or None,
        tests=tests,
        kit=kit,
    )
