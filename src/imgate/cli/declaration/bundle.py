"""`imgate declaration export` and `verify`: a declaration as one file, and the check of it, which needs no gateway."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.bounded_file import read_bounded
from imgate.cli.declaration.signed_documents import reader_of
from imgate.cli.new_file import new_file
from imgate.cli.output import Failed, result, say, table, text
from imgate.cli.trusted_keys import thumbprint, trusted_keys

if TYPE_CHECKING:
    from imgate.consent.bundle_report import Report

_WHY_NOT = {
    "not_found": "There is no such declaration.",
    "declaration_unreadable": "What is stored of it does not match its seal, or contradicts itself: see `imgate audit verify`.",
    "bundle_too_large": "It would be larger than anybody reads (64 MiB, or lists without end): export it without its evidence.",
}


def export(
    declaration: Annotated[str, typer.Argument(metavar="ID", help="The declaration's id.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write it; a file that is there already is not touched.")],
    with_evidence: Annotated[bool, typer.Option("--with-evidence", help="With the scans and drawings themselves.")] = False,
) -> None:
    """Write a declaration as a bundle: one signed file that `imgate declaration verify` checks years later, without a gateway."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange.declarations import bundles
    from imgate.exchange.ports import ProofOver
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        handle = new_file(output)
        try:
            with os.fdopen(handle, "wb") as file:
                corridor, issuer = gateway.corridor, gateway.issuer
                file.write(bundles.export(corridor, issuer, "operator", declaration, with_evidence=with_evidence, also_erased=True))
        except BaseException as error:
            output.unlink()
            if isinstance(error, ProofOver):
                raise Failed("Its client was erased and the term of proof is over: the key that it was sealed under is gone.") from None
            if isinstance(error, Refused):
                raise Failed(_WHY_NOT.get(error.code, f"Refused: {error.code}.")) from None
            raise
    say(f"Written to {output}. It holds personal data.")


def verify(
    file: Annotated[Path, typer.Argument(help="The bundle.")],
    jwks: Annotated[
        Path | None, typer.Option("--jwks", help="The gateway's keys, as /.well-known/jwks.json gives them: those for statements count.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="THUMBPRINT", callback=thumbprint, help="The thumbprint (RFC 7638) of the gateway's key."),
    ] = None,
    trust: Annotated[
        list[Path] | None,
        typer.Option(
            "--trust", metavar="FILE", help="A root certificate of signers or time-stamps, or several: looks into signed PDFs too."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check a bundle offline: what was checked, what was not, and what was changed. Exit 1 if anything fails."""
    from imgate.consent.bundle import SIZE_MAX
    from imgate.consent.bundle_checks import verify as verify_bundle
    from imgate.keys.statements import PROFILES, read_signature

    trusted = trusted_keys(jwks, key)
    report = verify_bundle(read_bounded(file, SIZE_MAX), read_signature, PROFILES, trusted, reader_of(trust) if trust else None)
    if as_json:
        result(_shown(report))
    else:
        rows = [(str(number), check.outcome, check.name, check.sentence) for number, check in enumerate(report.checks, 1)]
        table(("", "outcome", "check", ""), rows)
        text(f"Failed: {', '.join(check.name for check in report.failed)}." if report.failed else "Nothing failed.")
    if report.failed:
        raise Failed(f"The bundle does not hold: {', '.join(check.name for check in report.failed)}.")
    if trusted is None:
        say(
            "NOT CHECKED: WHOSE KEY THIS IS. Anybody can sign such a file with a key of their own. Compare the key with what the gateway "
            "itself publishes: --jwks FILE or --key THUMBPRINT."
        )


def _shown(report: "Report") -> dict[str, Any]:
    checks = [
        {"number": number, "name": check.name, "outcome": check.outcome.value, "sentence": check.sentence}
        | ({"parts": list(check.parts)} if check.parts else {})
        for number, check in enumerate(report.checks, 1)
    ]
    return {"holds": not report.failed, "checks": checks} | ({} if report.key is None else {"key": report.key})
