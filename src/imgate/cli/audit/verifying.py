"""`imgate audit verify`: over the database, or over an export, which needs no gateway."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.output import Failed, result, say

if TYPE_CHECKING:
    from imgate.audit.verify import Checkpoint, Finding, VerifierKey


def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A checkpoint kept elsewhere: shows whether the log's end was cut. Can be repeated."),
    ] = None,
    export: Annotated[Path | None, typer.Option(metavar="FILE", help="Verify what `imgate audit export` wrote, without a gateway.")] = None,
    log: Annotated[
        str | None, typer.Option(metavar="VKEY", help="With --export: the log's key, had from elsewhere than the export.")
    ] = None,
) -> None:
    """Verify every entry and its place, and compare the declarations with the log. Prints a report; exit 1 if anything is wrong."""
    if (export is None) != (log is None):
        raise typer.BadParameter("goes with --log, the log's key, and --log with it", param_hint="--export")
    said = _of_database(checkpoint or []) if export is None or log is None else _of_export(export, log, checkpoint or [])
    caveat = said.pop("caveat")
    result(said)
    if caveat is not None:
        say(f"Mind: {caveat}.")
    if not said["sound"]:
        raise Failed("The audit log, or what it is compared with, was changed.")


def _of_database(files: list[Path]) -> dict[str, Any]:
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.checkpoints import signer_of
    from imgate.bootstrap.log_verification import verify_gateway
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        verified = verify_gateway(gateway, _kept(files, signer_of(gateway).public))
    stamps = [{"flaw": "time_stamp_wrong", "size": size} for size in verified.stamps_wrong or ()]
    return {
        "sound": verified.sound,
        "entries": verified.report.entries,
        "findings": [*_shown(verified.report.findings), *stamps],
        "checkpoint": str(verified.report.checkpoint),
        "checkpoints": verified.checkpoints,
        "cosigned": verified.cosigned,
        "time_stamped": verified.time_stamped,
        "caveat": verified.caveat,
    }


def _of_export(file: Path, vkey: str, files: list[Path]) -> dict[str, Any]:
    from imgate.audit.verify import NotProven, lines_of, verify_export
    from imgate.cli.audit.files import log_key

    log = log_key(vkey)
    kept = _kept(files, log)
    try:
        with file.open("rb") as lines:
            report = verify_export(lines_of(lines), log, kept)
    except NotProven as error:
        raise Failed(f"{file} cannot be verified: {error}.") from None
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}.") from None
    return {
        "sound": report.sound,
        "entries": report.entries,
        "findings": _shown(report.findings),
        "checkpoint": str(report.checkpoint),
        "proven": report.proven,
        "caveat": report.caveat,
    }


def _kept(files: Iterable[Path], log: "VerifierKey") -> "list[Checkpoint]":
    from imgate.cli.audit.files import read_note

    return [read_note(file, log)[1] for file in files]


def _shown(findings: "Iterable[Finding]") -> list[dict[str, Any]]:
    return [{name: value for name, value in asdict(found).items() if value is not None} for found in findings]
