"""`imgate demo`: the whole story, told in the terminal."""

import signal
import sys
from typing import Annotated, NoReturn

import typer


def run(
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Leave everything running afterwards: pages with people to sign in as, addresses, ready-made calls."),
    ] = False,
) -> None:
    """Tell the whole story on embedded databases, with three simulated partners; takes a quarter of a minute and leaves nothing behind."""
    from imgate.cli.demo.afterwards import leave_running
    from imgate.cli.demo.people import sample_people
    from imgate.cli.demo.stage import Stage
    from imgate.cli.demo.story import Story
    from imgate.cli.demo.telling import Telling

    signal.signal(signal.SIGTERM, _end)
    telling = Telling()
    telling.tell("imgate passes on what a client allowed, and nothing else. This takes a quarter of a minute; all people are made up.")
    with Stage(sample_people() if serve else ()) as stage:
        Story(telling, stage).tell()
        telling.tell(f"\nEverything went as told, in {telling.seconds:.0f} seconds.")
        if serve:
            leave_running(telling, stage)
        else:
            telling.tell("To look at the pages in a browser, as everybody who uses them: imgate demo --serve")


def _end(*_: object) -> NoReturn:
    """End as after an error, so that everything is stopped and the folder goes."""
    sys.exit(1)
