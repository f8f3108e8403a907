"""`imgate keys`: which keys there are, and how old they are. Never shows one."""

from typing import Annotated

import typer

from imgate.cli.output import Failed, say, table, text

app = typer.Typer(help="The keys, by their ids.", no_args_is_help=True)


@app.command()
def make() -> None:
    """Make the keys of a new gateway; existing ones stay as they are. Needed with PostgreSQL only: an embedded database gets its own."""
    from imgate.bootstrap import make_first_keys
    from imgate.settings import load_settings

    settings = load_settings()
    if settings.keys.folder.exists():
        raise Failed(f"{settings.keys.folder} is already there and stays as it is.")
    make_first_keys(settings)
    text(str(settings.keys.folder))
    say("Back it up, apart from the database: without these keys nothing that is stored can be read.")


@app.command("list")
def list_() -> None:
    """Show each key's id, use and age; the last one of a use is the current one."""
    from imgate.keys import load_keys
    from imgate.settings import load_settings

    keyring = load_keys(load_settings().keys.folder)
    rows = [
        (key.id, key.use.value, key.created_on.isoformat(), "current" if key.id == keyring.current(key.use).id else "for what it made")
        for key in keyring.keys
    ]
    table(("key", "use", "since", "state"), rows)


@app.command()
def rotate(use: Annotated[str, typer.Argument(help="`tokens` or `wrapping`; every row depends on the others.")]) -> None:
    """Make a new key; the one before stays for what it signed or wrapped. Running gateways take it at their next start."""
    from imgate.audit.events import Event, EventName
    from imgate.bootstrap import open_gateway
    from imgate.keys import KeyUse
    from imgate.keys import rotate as rotate_key
    from imgate.keys.keyring import ROTATABLE
    from imgate.settings import load_settings

    if use not in {rotatable.value for rotatable in ROTATABLE}:
        raise typer.BadParameter(f"one of {', '.join(sorted(rotatable.value for rotatable in ROTATABLE))}", param_hint="USE")
    with open_gateway(load_settings(), make_keys=False) as gateway:
        at = gateway.corridor.clock()
        _, key = rotate_key(gateway.settings.keys.folder, KeyUse(use), at.astimezone(gateway.settings.zone).date())
        with gateway.store.transaction() as tx:
            tx.audit(Event(EventName.KEY_ROTATED, at, "operator", None, {"key": key.id, "use": key.use.value}))
    say(f"The {use} key is now {key.id}. Restart gateways and workers so that they use it.")
