"""`imgate declaration export` and `verify`: a declaration as one file, and the check of it, which needs no gateway."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.declaration.new_file import new_file
from imgate.cli.declaration.signed_documents import reader_of
from imgate.cli.output import Failed, result, say, table, text

if TYPE_CHECKING:
    from imgate.consent.bundle_checks import Signed
    from imgate.consent.bundle_report import Report

_JWKS_MAX = 1024 * 1024
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_WHY_NOT = {
    "not_found": "There is no such declaration.",
    "declaration_unreadable": "What is stored of it does not match its seal, or contradicts itself: see `imgate audit verify`.",
    "bundle_too_large": "It would be larger than anybody reads (64 MiB, or lists without end): export it without its evidence.",
}


def _thumbprint(given: str | None) -> str | None:
    if given is not None and _THUMBPRINT.fullmatch(given) is None:
        raise typer.BadParameter("a thumbprint (RFC 7638) has 43 letters, digits, - and _")
    return given


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
        typer.Option("--key", metavar="THUMBPRINT", callback=_thumbprint, help="The thumbprint (RFC 7638) of the gateway's key."),
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
    from imgate.consent.bundle_checks import verify as verify_bundle
    from imgate.keys.profiles import SIGNATURE_PROFILES

    trusted = _trusted(jwks, key)
    profiles = {name: profile.algorithm.value for name, profile in SIGNATURE_PROFILES.items()}
    report = verify_bundle(_content(file), read_signature, profiles, trusted, reader_of(trust) if trust else None)
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


def read_signature(unverified_token: str, kind: str) -> "Signed | None":
    """Read a statement of this kind under the key that it shows."""
    from imgate.consent.bundle_checks import Signed
    from imgate.keys.signatures import STATEMENT_MAX, SignatureRefused, unverified_header, verified_statement

    try:
        payload = verified_statement(unverified_token, kind, trusted=None)
    except SignatureRefused:
        return None
    header = unverified_header(unverified_token, STATEMENT_MAX)
    return Signed(header["kid"], header["alg"], payload)


def _content(file: Path) -> bytes:
    """Read the file, and of one that is too large no more than tells so."""
    from imgate.consent.bundle import SIZE_MAX

    return _read(file, SIZE_MAX)


def _read(file: Path, size_max: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(size_max + 1)
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}.") from None


def _trusted(jwks: Path | None, key: str | None) -> frozenset[str] | None:
    """Give the thumbprints that are the gateway's; where both are given, the key has to be in the file too."""
    if jwks is None:
        return None if key is None else frozenset({key})
    published = _thumbprints(jwks)
    return published if key is None else published & {key}


def _thumbprints(file: Path) -> frozenset[str]:
    """Give the thumbprints of the keys that say they are for statements: one for access tokens vouches for no bundle."""
    from imgate.keys.keyring import PUBLISHED_USE, STATEMENTS

    public = list(_public_keys(file))
    if not public:
        raise Failed(f"{file} holds no public key that a bundle can be signed with: it should be what /.well-known/jwks.json gives.")
    found = frozenset(thumbprint for jwk, thumbprint in public if jwk.get(PUBLISHED_USE) == STATEMENTS)
    if found:
        return found
    if any(PUBLISHED_USE in jwk for jwk, _ in public):
        raise Failed(f"{file} holds no key for statements, only for other things: bundles are signed with none of these.")
    raise Failed(
        f"{file} does not say what its keys are for (`{PUBLISHED_USE}`), so none of them is taken: fetch /.well-known/jwks.json of the "
        "gateway anew, or name the key: --key THUMBPRINT."
    )


def _public_keys(file: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Give each key that can be read, with its thumbprint."""
    from imgate.keys.pairs import read_pair
    from imgate.record import JsonRefused, parse_json

    content = _read(file, _JWKS_MAX)
    try:
        value = parse_json(content) if len(content) <= _JWKS_MAX else None
    except JsonRefused:
        value = None
    listed = value.get("keys") if isinstance(value, dict) else None
    for jwk in listed if isinstance(listed, list) else ():
        try:
            yield jwk, read_pair(jwk, "published", private=False).thumbprint()
        except (ValueError, AttributeError, TypeError):
            continue  # of another kind, or none at all: no bundle is signed with it


def _shown(report: "Report") -> dict[str, Any]:
    checks = [
        {"number": number, "name": check.name, "outcome": check.outcome.value, "sentence": check.sentence}
        | ({"parts": list(check.parts)} if check.parts else {})
        for number, check in enumerate(report.checks, 1)
    ]
    return {"holds": not report.failed, "checks": checks} | ({} if report.key is None else {"key": report.key})
