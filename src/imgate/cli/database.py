"""`imgate database`: its tables, and copies of it."""

from pathlib import Path
from typing import Annotated

import typer

from imgate.cli.output import result, say

app = typer.Typer(help="The database: its tables, and copies of it.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Make or bring up to date the tables. An embedded database does that itself at the start."""
    from imgate.settings import load_settings
    from imgate.storage.engine import make_engine
    from imgate.storage.migrate import upgrade as upgrade_tables

    engine = make_engine(load_settings().database.url.get_secret_value())
    try:
        upgrade_tables(engine)
    finally:
        engine.dispose()
    say("The tables are those of this version.")


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder. Keep its two files apart, and both apart from the keys.")],
) -> None:
    """Copy the database into two files while everything goes on: one with the clients' keys, one with the rest."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings
    from imgate.storage.backup import backup as copy

    with open_gateway(load_settings(), make_keys=False) as gateway:
        result(dict(copy(gateway.store, folder)))
    say(f"Written to {folder}.")


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    accept_lost_erasures: Annotated[
        bool,
        typer.Option("--accept-lost-erasures", help="Go on without the file of erasures: who was erased comes back. Is put on record."),
    ] = False,
) -> None:
    """Restore a backup into an empty database, and erase again whoever was erased since."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings
    from imgate.storage.restore import restore as bring_back

    with open_gateway(load_settings(), make_keys=False) as gateway:
        years, at = gateway.settings.retention.proof_years, gateway.corridor.clock()
        restored = bring_back(gateway.store, folder, at, "operator", accept_lost_erasures=accept_lost_erasures, proof_years=years)
    result({"rows": restored.rows, "erased_again": restored.erased_again})
