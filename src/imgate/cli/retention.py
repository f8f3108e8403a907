"""`imgate retention`: how long each kind of thing is kept, and what would go now."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.output import result, table

if TYPE_CHECKING:
    from imgate.storage.retention import Standing

app = typer.Typer(help="How long each kind of thing is kept, and what has run out.", no_args_is_help=True)


@app.command()
def show() -> None:
    """Show each kind with its term, how many are due now, what goes, and why."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.retention import standing_now
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        kinds = standing_now(gateway)
    rows = [(kind.rule.kind.value, kind.term, str(kind.count), _day(kind) or "-", kind.rule.what, kind.rule.why) for kind in kinds]
    table(("kind", "term", "due", "oldest", "what goes", "why"), rows)


@app.command()
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go; it would go by itself within the hour.")] = False,
) -> None:
    """Take away what has run out, as the worker does every hour. Prints for each kind how many, and since when the oldest was kept."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.retention import standing_now, sweep_all
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        kinds = standing_now(gateway)
        went = {kind.rule.kind: kind.count for kind in kinds} if dry_run else sweep_all(gateway, "operator")
    result([_told(kind, "would_go" if dry_run else "went", went.get(kind.rule.kind, 0)) for kind in kinds])


def _told(kind: "Standing", verb: str, count: int) -> dict[str, Any]:
    oldest = _day(kind)
    return {"kind": kind.rule.kind.value, verb: count} | ({} if oldest is None else {"oldest": oldest})


def _day(kind: "Standing") -> str | None:
    return None if kind.oldest is None else f"{kind.oldest:%Y-%m-%d}"
