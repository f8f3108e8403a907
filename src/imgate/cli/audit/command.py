"""`imgate audit`: the commands, put together."""

import typer

from imgate.cli.audit import checkpoints, proofs, verifying, witness

app = typer.Typer(help="Whether the audit log is the whole log, and how others see that.", no_args_is_help=True)
app.command("verify")(verifying.verify)
app.command("checkpoint")(checkpoints.checkpoint)
app.command("key")(checkpoints.key)
app.command("export")(proofs.export)
app.command("prove")(proofs.prove)
app.command("witness")(witness.witness)
app.command("time-stamp")(checkpoints.time_stamp)
app.command("cosign")(checkpoints.cosign)
