"""`imgate client`: what an operator does about one client."""

from typing import Annotated

import typer

from imgate.cli.client_rights import correct, disclosures, export
from imgate.cli.output import Failed, say

app = typer.Typer(help="What an operator does about one client.", no_args_is_help=True)
app.command("disclosures")(disclosures)
app.command("export")(export)
app.command("correct")(correct)


@app.command()
def erase(
    client: Annotated[str, typer.Argument(help="The client, as the case system knows them.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a client: keys, links and messages at once, the proof of consent at the end of its term. Cannot be undone."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.erasing import erase as erase_now
    from imgate.settings import load_settings

    if not yes:
        typer.confirm("Erase this client? It cannot be undone.", abort=True, err=True)
    with open_gateway(load_settings(), make_keys=False) as gateway:
        years = gateway.settings.retention.proof_years
        if not erase_now(gateway, client, "operator"):
            raise Failed("Nobody is known by this reference.")
    say(f"Erased. The proof of consent goes in {years} years.")
