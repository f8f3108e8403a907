"""`imgate declaration form` and `blank`: what a client signs, as PDF."""

from typing import Annotated

import typer

from imgate.cli.new_file import OUTPUT_HELP, check_output, write_new
from imgate.cli.output import Failed

_Lang = Annotated[str | None, typer.Option(help="The language beside German (BCP 47): de en fr ar prs fa uk ru tr ti so ps.")]
_Output = Annotated[str, typer.Option("--output", "-o", help=OUTPUT_HELP)]
_SENTENCES = {
    "not_found": "There is no such declaration or partner.",
    "declaration_unreadable": "The stored declaration does not match its seal, so nobody may sign it: see `imgate audit verify`.",
    "wording_unknown": "This release of imgate does not have the text that the declaration was made with; install one that does.",
    "papers_unavailable": "Papers need the extra imgate[forms]; install it.",
}


def form(
    declaration: Annotated[str, typer.Argument(metavar="ID", help="The declaration's id.")], output: _Output, lang: _Lang = None
) -> None:
    """Write the form of a declaration as PDF, German beside the client's language."""
    _write("form", declaration, lang, output)


def blank(partner: Annotated[str, typer.Argument(help="The partner's id.")], output: _Output, lang: _Lang = None) -> None:
    """Write a blank form for a partner as PDF, to be filled in by hand."""
    _write("blank", partner, lang, output)


def _write(paper: str, of: str, lang: str | None, output: str) -> None:
    from imgate.bootstrap import open_gateway
    from imgate.documents.languages import LANGUAGES
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    check_output(output)
    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            pdf = gateway.papers.form(of, lang) if paper == "form" else gateway.papers.blank(of, lang)
        except Refused as refused:
            supported = f"There are no papers in this language; there are {', '.join(LANGUAGES)}."
            raise Failed(_SENTENCES.get(refused.code, supported)) from None
    write_new(output, pdf, personal=paper == "form")
