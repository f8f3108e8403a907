"""`imgate audit`: whether the log is whole, and what to keep elsewhere so that its end cannot be cut off."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.output import Failed, result, say, text

if TYPE_CHECKING:
    from imgate.audit.tree import Checkpoint

app = typer.Typer(help="Whether the audit log is whole.", no_args_is_help=True)


@app.command()
def verify(
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint kept elsewhere: shows whether the log's end was cut.")] = None,
) -> None:
    """Verify every entry and its place, and compare the declarations with the log. Prints a report; exit 1 if anything is wrong."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings
    from imgate.storage.proof import verify_store

    kept = None if checkpoint is None else _read(checkpoint)
    with open_gateway(load_settings(), make_keys=False) as gateway:
        report = verify_store(gateway.store, kept)
    findings = [{name: value for name, value in asdict(found).items() if value is not None} for found in report.findings]
    result({"sound": report.sound, "entries": report.entries, "findings": findings, "checkpoint": str(report.checkpoint)})
    if report.caveat is not None:
        say(f"Mind: {report.caveat}.")
    if not report.sound:
        raise Failed("The audit log, or what it is compared with, was changed.")


@app.command("checkpoint")
def checkpoint_() -> None:
    """Print a checkpoint of the log, to be kept where nobody who can change the database can change it."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings
    from imgate.storage.proof import verify_store

    with open_gateway(load_settings(), make_keys=False) as gateway:
        report = verify_store(gateway.store)
    if not report.sound:
        raise Failed("The audit log, or what it is compared with, was changed: see `imgate audit verify`.")
    text(str(report.checkpoint))


def _read(file: Path) -> "Checkpoint":
    from imgate.audit.tree import Checkpoint

    try:
        return Checkpoint.parsed(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Failed(f"{file} is no checkpoint, as `imgate audit checkpoint` prints it.") from None
