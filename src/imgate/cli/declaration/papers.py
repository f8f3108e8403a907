"""`imgate declaration form` and `blank`: what a client signs, as PDF."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from imgate.cli.output import Failed, say

_Lang = Annotated[str | None, typer.Option(help="The language beside German (BCP 47): de en fr ar prs fa uk ru tr ti so ps.")]
_Output = Annotated[
    str, typer.Option("--output", "-o", help="Where to write it; a file that is there already is not touched. `-` is a pipe.")
]
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

    if output == "-" and sys.stdout.isatty():
        raise Failed("A PDF is not for a terminal: name a file, or pipe it.")
    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            pdf = gateway.papers.form(of, lang) if paper == "form" else gateway.papers.blank(of, lang)
        except Refused as refused:
            supported = f"There are no papers in this language; there are {', '.join(LANGUAGES)}."
            raise Failed(_SENTENCES.get(refused.code, supported)) from None
    if output == "-":
        sys.stdout.buffer.write(pdf)
        return
    _write_new(Path(output), pdf)
    say(f"Written to {output}." + (" It holds personal data." if paper == "form" else ""))


def _write_new(output: Path, pdf: bytes) -> None:
    """Write a new file that nobody else can read."""
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Failed(f"{output} is there already, and is not overwritten.") from None
    except OSError as error:
        raise Failed(f"{output} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(pdf)
