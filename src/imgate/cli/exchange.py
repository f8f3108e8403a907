"""`imgate exchange`: what happened to exchanges. Scopes, states and reasons; content is shown nowhere."""

from typing import Annotated

import typer

from imgate.cli.listing import whole_list
from imgate.cli.output import Failed, result, say, table

app = typer.Typer(help="Exchanges: their states and reasons, never their content.", no_args_is_help=True)
_Exchange = Annotated[str, typer.Argument(help="The exchange's id.")]


@app.command("list")
def list_(client: Annotated[str, typer.Option(help="The client, as the case system knows them.")]) -> None:
    """Show every exchange of one client, the oldest first."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange.history import page
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        items = whole_list(lambda cursor: page(gateway.corridor, client, cursor))
    rows = [
        (item["id"], item["direction"], item["partner"], item["state"], str(len(item["released"])), str(len(item["withheld"])))
        for item in items
    ]
    table(("id", "direction", "partner", "state", "released", "withheld"), rows)


@app.command()
def show(exchange: _Exchange) -> None:
    """Show one exchange with its history, as JSON."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange import history
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            result(history.show(gateway.corridor, exchange))
        except Refused:
            raise Failed(f"There is no exchange {exchange}.") from None


@app.command()
def retry(
    exchange: _Exchange,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Forget what its transport kept of earlier attempts: only if the partner certainly does not have it."),
    ] = False,
) -> None:
    """Queue a failed exchange again; whether it may still leave is decided at the attempt."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange.answers import Call
    from imgate.exchange.refusals import Refused
    from imgate.exchange.retry import retry as queue_again
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            answer = queue_again(gateway.corridor, Call("operator", f"exchange retry {exchange}"), exchange, anew=anew)
        except Refused as refused:
            raise Failed(
                f"Exchange {exchange} has not failed." if refused.status == 409 else f"There is no exchange {exchange} to a partner."
            ) from None
    say("Queued again." if answer["state"] == "queued" else "Later messages carry all of it by now: it is overtaken, and not sent.")
