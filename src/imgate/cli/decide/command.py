"""`imgate decide explain` and `imgate decide compare`."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.output import Failed, result, text
from imgate.cli.since import begin_of

if TYPE_CHECKING:
    from imgate.exchange.past.comparison import Summary

app = typer.Typer(help="Why a past decision was taken, and what would be decided today.", no_args_is_help=True)
_Json = Annotated[bool, typer.Option("--json", help="For scripts: JSON instead of sentences.")]


@app.command()
def explain(exchange: Annotated[str, typer.Argument(help="The exchange's id.")], as_json: _Json = False) -> None:
    """Ask a past decision again, premise by premise: as of then, and today."""
    from imgate.bootstrap import open_gateway
    from imgate.cli.decide.as_json import explanation_as_json
    from imgate.cli.decide.explained import lines_of
    from imgate.exchange.past.explanation import explain as asked_again
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            explanation = asked_again(gateway.corridor, exchange)
        except Refused:
            raise Failed(f"There is no exchange {exchange}.") from None
    if as_json:
        result(explanation_as_json(explanation))
        return
    for line in lines_of(explanation):
        text(line)


@app.command()
def compare(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day, in the gateway's time zone.")],
    as_json: _Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where anything would be decided otherwise.")] = False,
) -> None:
    """Take past decisions again by today's code, catalogue, configuration and plugins; list what would be decided otherwise."""
    from imgate.bootstrap import open_gateway
    from imgate.cli.decide.as_json import compared_as_json, summary_as_json
    from imgate.cli.decide.compared import lines_of, summary_lines
    from imgate.exchange.past.comparison import Summary
    from imgate.exchange.past.comparison import compare as taken_again
    from imgate.settings import load_settings

    summary = Summary()
    with open_gateway(load_settings(), make_keys=False) as gateway:
        policy = gateway.corridor.policy
        for compared in taken_again(gateway.corridor, begin_of(since, policy.zone)):
            summary.take(compared)
            if as_json:
                result(compared_as_json(compared))
            else:
                for line in lines_of(compared):
                    text(line)
    if as_json:
        result(summary_as_json(summary, policy.catalogue.version))
    else:
        for line in summary_lines(summary, since.date().isoformat(), policy.catalogue.version):
            text(line)
    _refuse_differences(summary, strict=strict)


def _refuse_differences(summary: "Summary", *, strict: bool) -> None:
    if strict and (summary.would_flow or summary.would_not_flow):
        raise Failed("Today it would be decided otherwise.")
