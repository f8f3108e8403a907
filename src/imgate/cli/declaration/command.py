"""`imgate declaration`: the commands, put together."""

import typer

from imgate.cli.declaration import bundle, copies, papers, worklist

app = typer.Typer(help="Declarations: forms, copies, what runs out, and bundles that anybody can check.", no_args_is_help=True)
app.command("expiring")(worklist.expiring)
app.command("recheck")(worklist.recheck)
app.command("export")(bundle.export)
app.command("verify")(bundle.verify)
app.command("form")(papers.form)
app.command("blank")(papers.blank)
app.command("annex")(copies.annex)
app.command("copy")(copies.copy)
app.command("consent-record")(copies.consent_record)
