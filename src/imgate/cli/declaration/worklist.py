"""`imgate declaration expiring` and `recheck`: what has to be renewed, and whether what was kept still holds."""

from typing import Annotated, Any

import typer

from imgate.cli.listing import whole_list
from imgate.cli.output import Failed, result, table

_WHY = {
    "not_found": "There is no declaration {}.",
    "declaration_unreadable": "The declaration {} does not match its seal: see `imgate audit verify`.",
    "busy": "Others change the declaration {} at this moment; try again.",
}


def expiring(
    days: Annotated[int, typer.Option(min=1, max=400, help="In how many days the last day comes, at most.")] = 30,
) -> None:
    """Show what is in force or paused, ends soon, and has no signed successor; what ends first stands first."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange.declarations.worklist import running_out
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        items = whole_list(lambda cursor: running_out(gateway.corridor, days, cursor))
    listed_once = {item["id"]: item for item in items}  # what a page gave while others wrote may stand on the next one too
    rows = sorted(_row(item) for item in listed_once.values())
    table(("last day", "client", "partner", "state", "scopes", "declaration", "renewed by"), rows)


def _row(item: dict[str, Any]) -> tuple[str, ...]:
    columns = ("valid_until", "client", "partner", "state", "scopes", "id", "renewed_by")
    return tuple(str(item.get(column, "")) for column in columns)


def recheck(declaration: Annotated[str, typer.Argument(help="The declaration's id.")]) -> None:
    """Examine all evidence of a declaration again, with what is trusted today, and print a report. Changes nothing; exit 1 if any fails."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange.declarations import recheck as rechecking
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            report = rechecking.recheck(gateway.corridor, "operator", declaration)
        except Refused as refused:
            why = _WHY.get(refused.code)
            raise Failed(str(refused) if why is None else why.format(declaration)) from None
    result(report)
    if report["failed"]:
        raise typer.Exit(1)
