"""`imgate plugin`: which adapters and transports are installed, how good an adapter is, and the beginning of a new one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from imgate.cli.output import say, table, text

app = typer.Typer(help="Adapters and transports.", no_args_is_help=True)


@app.callback()
def _noun() -> None:
    """Adapters and transports."""


@app.command("list")
def list_() -> None:
    """Show every installed adapter and transport, and what is wrong with those that cannot be used."""
    from imgate.adapters.registry import load_plugins
    from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS

    registry = load_plugins(transports=BUILT_IN_TRANSPORTS)
    adapters = [
        ("adapter", name, adapter.version, f"{adapter.manifest.name}: {_directions(adapter.manifest)}")
        for name, adapter in sorted(registry.adapters.items())
    ]
    built_in = {module.configure for module in BUILT_IN_TRANSPORTS}
    transports = [
        ("transport", kind, "", "built in" if plugin.configure in built_in else "plugin")
        for kind, plugin in sorted(registry.transports.items())
    ]
    table(("kind", "id", "version", "what"), [*adapters, *transports])
    for problem in registry.problems:
        say(f"{problem.plugin}: {problem.sentence}")
    if registry.problems:
        raise typer.Exit(1)


def _directions(manifest: Any) -> str:
    return f"{len(manifest.to_partner.scopes)} scopes to the partner, {len(manifest.from_partner.scopes)} from it"


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(help="The adapter's id, as `imgate plugin list` shows it.")],
    tests: Annotated[
        Path | None, typer.Option(help="The folder of its tests, where the package was not installed for editing (pip install -e).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object (docs/reference/quality.md).")] = False,
) -> None:
    """Tell everything that is wrong with an adapter, at once, and where it stands on the quality scale. Runs its tests."""
    from imgate.cli.plugin.check import examine, show

    examination = examine(name, tests)
    show(examination, as_json=json)
    if examination.problems:
        raise typer.Exit(1)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The adapter's id: small letters, digits, hyphens.")],
    folder: Annotated[Path, typer.Option(help="Where the new folder NAME is made.")] = Path(),
    title: Annotated[str | None, typer.Option(help="What the partner is called on pages and forms, in German.")] = None,
) -> None:
    """Begin an adapter of JSON messages: a package that can be installed, with one scope, tests and a README. It passes the kit at once.

    For XML start from plugins/jobcenter in the sources of imgate, for tables from plugins/jobkraftwerk.
    """
    from imgate.cli.plugin.new import create

    made = create(name, folder, title)
    text(str(made))
    say(f"Next:\n  pip install --no-deps --no-build-isolation -e {made}\n  imgate plugin check {name}\n  imgate simulate {name}")
