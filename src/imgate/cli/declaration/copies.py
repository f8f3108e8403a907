"""`imgate declaration annex`, `copy` and `consent-record`: what is handed out of a declaration."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.new_file import OUTPUT_HELP, check_output, write_new
from imgate.cli.output import Failed, text
from imgate.cli.record_file import origins_of, read_request

if TYPE_CHECKING:
    from imgate.documents.papers import Papers
    from imgate.exchange.declarations.would_be import AnnexRequest

_Id = Annotated[str, typer.Argument(metavar="ID", help="The declaration's id.")]
_Lang = Annotated[str | None, typer.Option("--lang", help="BCP 47: the language beside German. Without it, the declaration's own.")]
_Output = Annotated[str, typer.Option("--output", "-o", help=OUTPUT_HELP)]

_WHY_NOT = {
    "not_found": "There is no such declaration.",
    "declaration_unreadable": "The declaration does not match its seal: see `imgate audit verify`.",
    "partner_unknown": "Its partner is not configured any more.",
    "purpose_unknown": "There is no such purpose.",
    "scope_unknown": "A scope in --provenance is not in the catalogue.",
    "link_missing": "The client has no link to this partner yet: set the reference by which the partner knows this person.",
    "annex_too_long": "That is more than a paper can show: give the part of the record that this declaration is about.",
    "papers_unavailable": "Papers need the extra imgate[forms], which is not installed.",
    "wording_unknown": "This release does not hold the declaration's wording: install one that does.",
}


def annex(
    declaration: _Id,
    record: Annotated[Path, typer.Option("--record", help="The client's case record, as JSON.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What would be sent for: one word of the closed list.")],
    output: _Output,
    provenance: Annotated[
        list[str] | None,
        typer.Option(
            "--provenance", metavar="SCOPE=ORIGIN", help="Where a scope came from: a partner's id, or `self`. Can stand several times."
        ),
    ] = None,
    lang: _Lang = None,
) -> None:
    """Set the annex "this is what would be sent", as if everybody had signed. Stores nothing and sends nothing."""
    check_output(output)
    asked = _asked(record, purpose, provenance or [])
    with _papers() as papers:
        pdf = papers.annex(declaration, asked, lang)
    write_new(output, pdf)


def copy(declaration: _Id, output: _Output, lang: _Lang = None) -> None:
    """Set the client's copy: what was allowed, how it stands today, who signed, and how it is revoked."""
    check_output(output)
    with _papers() as papers:
        pdf = papers.copy(declaration, lang)
    write_new(output, pdf)


def consent_record(declaration: _Id) -> None:
    """Print the consent record (ISO/IEC TS 27560) as JSON-LD with an inline context."""
    with _papers() as papers:
        text(papers.consent_record(declaration).decode().rstrip("\n"))


@contextmanager
def _papers() -> Iterator["Papers"]:
    from imgate.adapters.errors import AdapterFault
    from imgate.bootstrap import open_gateway
    from imgate.documents.languages import LANGUAGES
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            yield gateway.papers
        except AdapterFault:
            raise Failed("The partner's adapter cannot write exactly what would be released; tell the plugin's author.") from None
        except Refused as refused:
            if refused.code == "language_unsupported":
                raise Failed(f"There are papers in these languages: {', '.join(LANGUAGES)}.") from None
            if refused.code == "provenance_required":
                scopes: Any = refused.details["scopes"]
                raise Failed(f"A partner delivered this before; say with --provenance where it comes from: {', '.join(scopes)}.") from None
            raise Failed(_WHY_NOT.get(refused.code, f"Refused: {refused.code}.")) from None


def _asked(record: Path, purpose: str, provenance: list[str]) -> "AnnexRequest":
    from imgate.exchange.declarations.would_be import AnnexRequest

    return read_request(AnnexRequest, record, {"purpose": purpose, "provenance": origins_of(provenance)})
