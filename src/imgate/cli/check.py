"""`imgate check`: everything that would keep the gateway from starting, at once."""

import typer

from imgate.cli.output import say, text


def run() -> None:
    """Look at configuration, plugins, keys and database, and tell every problem with its line. Changes nothing."""
    from imgate.bootstrap.checks import notices_of, problems_of
    from imgate.settings import ConfigurationInvalid, config_name, load_settings

    notices: list[str] = []
    try:
        settings = load_settings()
        found = ConfigurationInvalid(problems_of(settings))
        notices = notices_of(settings)
    except ConfigurationInvalid as invalid:
        further = [] if invalid.rest is None else problems_of(invalid.rest)
        found = ConfigurationInvalid([*invalid.problems, *further])
    for problem in found.problems:
        text(f"{config_name()}: {problem}")
    for notice in notices:
        say(f"Note: {notice}")
    if found.problems:
        say(f"{len(found.problems)} {'problem' if len(found.problems) == 1 else 'problems'}.")
        raise typer.Exit(1)
    say("No problems.")
