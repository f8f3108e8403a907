"""`imgate plugin`: which adapters and transports are installed."""

from typing import Any

import typer

from imgate.cli.output import say, table

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
