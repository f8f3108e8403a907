"""`imgate worker`: takes what partners sent, delivers what is due, and tidies up, each on a clock of its own.

Nothing wakes it: a request that did would show by its timing whether a message concerned a known person (contract §5).
"""

from typing import Annotated

import typer

from imgate.cli.parent import WITH_PARENT, end_with_parent


def run(
    with_parent: Annotated[bool, typer.Option(WITH_PARENT, hidden=True, help="End when standard input ends.")] = False,
) -> None:
    """Run a worker on its own, beside any number of others."""
    if with_parent:
        end_with_parent()
    from imgate.settings import load_settings

    settings = load_settings()  # before the rest is imported: without a configuration nobody waits for that
    from imgate.bootstrap import configure_logs, open_gateway, record_start
    from imgate.bootstrap.work import run_worker

    configure_logs()
    with open_gateway(settings, make_keys=False) as gateway:
        record_start(gateway, "worker")
        run_worker(gateway)
