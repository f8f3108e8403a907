"""`imgate client disclosures`, `export` and `correct`: what a client is owed (Art. 15, 16, 19 and 20 GDPR)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.export_files import write_folder, write_zip
from imgate.cli.new_file import check_output, write_new
from imgate.cli.output import Failed, result, say, table, text
from imgate.cli.record_file import origins_of, read_request

if TYPE_CHECKING:
    from imgate.bootstrap import Gateway

_Client = Annotated[str, typer.Argument(help="The client, as the case system knows them.")]
_Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
# Of an erased client nobody can say that there ever was one.
_NOBODY = "Nobody is known by this reference."
_WHY_NOT = {
    "not_found": _NOBODY,
    "scope_unknown": "A scope in --provenance is not in the catalogue.",
    "papers_unavailable": "Papers need the extra imgate[forms], which is not installed.",
    "paper_too_long": "That is more than a paper can show, and one of the partners takes paper only.",
}


def disclosures(
    client: _Client,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="Write a PDF for the client; a file that is there already is not touched. `-` is a pipe."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language", "--lang", help="The PDF's language (BCP 47): de en fr ar prs fa uk ru tr ti so ps. Without it the client's."
        ),
    ] = None,
    as_json: _Json = False,
) -> None:
    """Show who received or sent what about a client, when, why and with which permission, and what is kept (Art. 15 GDPR)."""
    from imgate.exchange.rights.disclosed import disclosed

    if output is not None and as_json:
        raise typer.BadParameter("a PDF or JSON: --json goes to stdout")
    if output is None and language is not None:
        raise typer.BadParameter("--language is the PDF's: name a file by --output")
    if output is not None:
        check_output(output)
    with _gateway() as gateway:
        found = disclosed(gateway.corridor, client, gateway.terms)
        pdf = None if output is None else gateway.papers.disclosures(found, language)
    if output is not None and pdf is not None:
        write_new(output, pdf)
    elif as_json:
        result(found)
    else:
        rows = [
            (row["at"], row["direction"], row["partner"], row["arrival"], row.get("purpose", ""), " ".join(row["scopes"]), row["exchange"])
            for row in found["disclosures"]
        ]
        table(("at", "direction", "partner", "arrival", "purpose", "scopes", "exchange"), rows)


def export(
    client: _Client,
    folder: Annotated[Path | None, typer.Argument(help="A folder that is not there yet.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A ZIP file instead; one that is there is not touched.")] = None,
) -> None:
    """Write all that is kept about a client as files that machines read, with an index.json (Art. 20 GDPR). Look at it first."""
    from imgate.exchange.rights.export import export_client

    if (folder is None) == (output is None):
        raise typer.BadParameter("name a folder, or a ZIP file by --output")
    target = folder or output
    assert target is not None  # noqa: S101  # one of them is there
    if os.path.lexists(target):
        raise Failed(f"{target} is there already, and is not overwritten.")
    with _gateway() as gateway:
        files = export_client(gateway.corridor, "operator", client, gateway.terms)
        try:
            (write_folder if output is None else write_zip)(target, files)
        except OSError as error:
            raise Failed(f"{target} cannot be written: {error.strerror}.") from None
    say(f"Written to {target}. It holds personal data, perhaps of others too: look at it before you hand it on.")


def correct(
    client: _Client,
    record: Annotated[Path, typer.Argument(help="What is right now: the corrected part of the case record, as JSON.")],
    purpose: Annotated[list[str] | None, typer.Option(help="Only to who was handed it for this purpose. Can stand several times.")] = None,
    provenance: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPE=ORIGIN", help="Where a corrected scope came from: a partner's id, or `self`. Can stand several times."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and send nothing.")] = False,
    as_json: _Json = False,
) -> None:
    """Pass a correction on to who was handed the wrong datum, and name those whom the office must tell (Art. 16, 19 GDPR)."""
    import asyncio

    from imgate.exchange.answers import Call
    from imgate.exchange.rights.correction import CorrectionRequest
    from imgate.exchange.rights.correction import correct as pass_on

    more = {"client": client, "provenance": origins_of(provenance or [])} | ({"purposes": purpose} if purpose else {})
    request = read_request(CorrectionRequest, record, more)
    with _gateway() as gateway:
        told = asyncio.run(pass_on(gateway.corridor, Call("operator", "client correct"), request, dry_run=dry_run))
    if as_json:
        result(told)
    else:
        _tell(told)


def _tell(told: dict[str, Any]) -> None:
    """Say it line by line: what was passed on, who has it, whom the office must tell, and from whom it came."""
    would = "would be passed on" if told["dry_run"] else "passed on"
    for one in told["passed_on"]:
        text(f"{would}: {one['name']} ({one['partner']}), {one['purpose']}: {', '.join(one['scopes'])}{_of(one)}")
    for one in told["has_it"]:
        text(f"passed on before: {one['name']} ({one['partner']}), {one['purpose']}: {', '.join(one['scopes'])}")
    for one in told["tell_otherwise"]:
        scopes = ", ".join(f"{each['scope']} ({each['reason']}, last handed out {each['last_at']})" for each in one["scopes"])
        text(f"TELL OTHERWISE: {one['name']} ({one['partner']}), {one['purpose']}: {scopes}")
    for one in told["sources"]:
        scopes = ", ".join(f"{each['scope']}{', ' + each['last_at'] if 'last_at' in each else ''}" for each in one["scopes"])
        text(f"CAME FROM: {one['name']} ({one['partner']}): {scopes}")
    if not any(told[part] for part in ("passed_on", "has_it", "tell_otherwise", "sources")):
        text("Nobody was handed any of it, and it came from no partner.")


def _of(one: dict[str, Any]) -> str:
    return f" (exchange {one['exchange']})" if "exchange" in one else ""


@contextmanager
def _gateway() -> Iterator["Gateway"]:
    from imgate.adapters.errors import AdapterFault
    from imgate.bootstrap import open_gateway
    from imgate.documents.languages import LANGUAGES
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            yield gateway
        except AdapterFault:
            raise Failed("A partner's adapter cannot write exactly what would be released; tell the plugin's author.") from None
        except Refused as refused:
            if refused.code == "language_unsupported":
                raise Failed(f"There are papers in these languages: {', '.join(LANGUAGES)}.") from None
            if refused.code == "provenance_required":
                scopes: Any = refused.details["scopes"]
                raise Failed(f"A partner delivered this before; say with --provenance where it comes from: {', '.join(scopes)}.") from None
            raise Failed(_WHY_NOT.get(refused.code, f"Refused: {refused.code}.")) from None
