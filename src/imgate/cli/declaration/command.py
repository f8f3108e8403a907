"""`imgate declaration`: the commands, put together."""

import typer

app = typer.Typer(help="Declarations: forms, copies, what runs out, and bundles that anybody can check.", no_args_is_help=True)
