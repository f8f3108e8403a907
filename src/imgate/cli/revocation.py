"""`imgate revocation`: who was told that a client's consent no longer carries further use, and who has not answered yet."""

from typing import Annotated, Any

import typer

from imgate.cli.listing import whole_list
from imgate.cli.output import Failed, result, table

app = typer.Typer(help="Ends of use: which partners were told, and what they answered.", no_args_is_help=True)


@app.command("list")
def list_(
    unanswered: Annotated[
        bool, typer.Option("--open", help="Only those that somebody has yet to answer, or to be told by telephone.")
    ] = False,
) -> None:
    """Show revocations and the partners they concern, the oldest first."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange.end_of_use_lists import page
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        items = whole_list(lambda cursor: page(gateway.corridor, cursor, unanswered=unanswered or None))
    rows = [_row(item) for item in items]
    table(("id", "partner", "cause", "since", "state", "reminders"), rows)


def _row(item: dict[str, Any]) -> tuple[str, ...]:
    reminders = max((notice["reminders"] for notice in item["notices"]), default=0)
    return (item["id"], item["partner"], item["cause"], item["at"], item["state"], str(reminders))


@app.command()
def show(revocation: Annotated[str, typer.Argument(help="The revocation's id.")]) -> None:
    """Show one revocation with its notices, as JSON."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange import end_of_use_lists
    from imgate.exchange.refusals import Refused
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            result(end_of_use_lists.show(gateway.corridor, revocation))
        except Refused:
            raise Failed(f"There is no revocation {revocation}.") from None
