"""`imgate receipt`: the check of a message's signed receipt, which needs no gateway."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.bounded_file import read_bounded
from imgate.cli.output import Failed, result, say
from imgate.cli.trusted_keys import thumbprint, trusted_keys

if TYPE_CHECKING:
    from imgate.consent.receipt_checks import Verified
    from imgate.consent.receipt_log import LogProof

app = typer.Typer(help="The signed receipts that travel beside messages.", no_args_is_help=True)
_CHECKPOINT_MAX = 1024 * 1024


@app.callback()
def _receipt() -> None:
    """Keep `verify` a command of its own, though it is the only one."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The receipt: a compact JWS, as `<message id>.receipt.jws` holds it.")],
    message: Annotated[Path | None, typer.Option(help="The message, as it came; of an encrypted one, what was inside.")] = None,
    jwks: Annotated[
        Path | None, typer.Option("--jwks", help="The gateway's keys, as /.well-known/jwks.json gives them: those for statements count.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="THUMBPRINT", callback=thumbprint, help="The thumbprint (RFC 7638) of the gateway's key."),
    ] = None,
    proof: Annotated[Path | None, typer.Option(help="What `imgate audit prove` gave for the receipt's exchange.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint of the log that was kept elsewhere, in place of the one in the proof.")
    ] = None,
    log: Annotated[str | None, typer.Option(metavar="VKEY", help="The log's verifier key.")] = None,
) -> None:
    """Check a receipt offline, and print what was checked and what it says as JSON. Exit 1 if anything fails."""
    from datetime import UTC, datetime

    from imgate.consent.receipt_checks import FILE_MAX
    from imgate.consent.receipt_checks import verify as verify_receipt
    from imgate.keys.statements import PROFILES, read_signature

    if proof is None and (checkpoint is not None or log is not None):
        raise typer.BadParameter("--checkpoint and --log are about a proof: --proof FILE")
    trusted = trusted_keys(jwks, key)
    verified = verify_receipt(
        read_bounded(file, FILE_MAX),
        read_signature,
        frozenset(PROFILES.values()),
        trusted,
        datetime.now(UTC),
        None if message is None else _digest(message),
        None if proof is None else _proof(proof, checkpoint, log),
    )
    result(_shown(verified))
    failed = verified.report.failed
    if failed:
        raise Failed(f"The receipt does not hold: {', '.join(check.name for check in failed)}.")
    if trusted is None:
        say(
            "NOT CHECKED: WHOSE KEY THIS IS. Anybody can sign a receipt with a key of their own. Compare the key with what the gateway "
            "itself publishes: --jwks FILE or --key THUMBPRINT."
        )


def _digest(message: Path) -> str:
    """Hash a message of any size."""
    import hashlib

    try:
        with message.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise Failed(f"{message} cannot be read: {error.strerror}.") from None


def _proof(proof: Path, checkpoint: Path | None, log: str | None) -> "LogProof":
    from imgate.consent.receipt_log import PROOF_MAX, LogProof

    return LogProof(read_bounded(proof, PROOF_MAX), None if checkpoint is None else read_bounded(checkpoint, _CHECKPOINT_MAX), log)


def _shown(verified: "Verified") -> dict[str, Any]:
    report = verified.report
    checks = [
        {"number": number, "name": check.name, "outcome": check.outcome.value, "sentence": check.sentence}
        for number, check in enumerate(report.checks, 1)
    ]
    found: dict[str, Any] = {"holds": not report.failed, "checks": checks}
    if report.key is not None:
        found["key"] = report.key
    if verified.receipt is not None:
        found["receipt"] = verified.receipt
    return found
