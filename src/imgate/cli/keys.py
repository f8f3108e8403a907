"""`imgate keys`: which keys there are, how old they are, and how they are kept. Never shows one."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.output import Failed, say, table, text

if TYPE_CHECKING:
    from imgate.keys import Key, Passphrase

app = typer.Typer(help="The keys, by their ids.", no_args_is_help=True)

# Without `__`, so that it is no part of the configuration.
_NEW_VARIABLE = "IMGATE_NEW_PASSPHRASE"


@app.command()
def make() -> None:
    """Make the keys of a new gateway, or the one that is new in this version; existing ones stay as they are.

    Needed with PostgreSQL only: an embedded database gets its own.
    """
    from imgate.bootstrap import make_first_keys
    from imgate.settings import load_settings

    settings = load_settings()
    if not make_first_keys(settings):
        raise Failed(f"{settings.keys.folder} is already there and stays as it is.")
    text(str(settings.keys.folder))
    say("Back it up, apart from the database: without these keys nothing that is stored can be read.")


@app.command("list")
def list_() -> None:
    """Show each key's id, use, algorithm and age, and where it lies; the last one of a use is the current one."""
    from imgate.bootstrap.custody import custody_of
    from imgate.keys import are_encrypted, load_keys
    from imgate.settings import load_settings

    keys = load_settings().keys
    keyring = load_keys(keys.folder, custody_of(keys))
    file = "encrypted file" if are_encrypted(keys.folder) else "file"
    rows = [
        (
            key.id,
            key.use.value,
            keyring.algorithm(key),
            key.created_on.isoformat(),
            "current" if key.id == keyring.current(key.use).id else "for what it made",
            file if key.token_object is None else "token",
        )
        for key in keyring.keys
    ]
    table(("key", "use", "algorithm", "since", "state", "where"), rows)


@app.command()
def rotate(use: Annotated[str, typer.Argument(help="`tokens`, `wrapping` or `signing`; every row depends on the others.")]) -> None:
    """Make a new key; the one before stays for what it signed or wrapped. Running gateways take it at their next start."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.keys import rotate_key
    from imgate.keys import KeyUse
    from imgate.keys.keyring import ROTATABLE
    from imgate.settings import load_settings

    if use not in {rotatable.value for rotatable in ROTATABLE}:
        raise typer.BadParameter(f"one of {', '.join(sorted(rotatable.value for rotatable in ROTATABLE))}", param_hint="USE")
    with open_gateway(load_settings(), make_keys=False) as gateway:
        key = rotate_key(gateway.settings, gateway.store, KeyUse(use), gateway.corridor.clock())
    say(f"The {use} key is now {_named(key)}. Restart gateways and workers so that they use it.")
    if use == "signing":
        say("Export no bundle before that: the gateways do not publish the new key yet.")


@app.command()
def protect() -> None:
    """Encrypt the keys under a passphrase, or change it. All files change, or none does.

    The passphrase is the configured one; a changed one is asked for, or taken from IMGATE_NEW_PASSPHRASE.
    """
    from imgate.bootstrap.custody import passphrase_of
    from imgate.keys import are_encrypted
    from imgate.keys import protect as protect_keys
    from imgate.settings import load_settings

    keys = load_settings().keys
    configured = passphrase_of(keys)
    if are_encrypted(keys.folder):
        before = _opening(configured)
        protect_keys(keys.folder, before, _new())
        say(f"{keys.folder} is encrypted under the new passphrase. Put it where the configuration names it, before the next start.")
        return
    protect_keys(keys.folder, None, configured or _new())
    say(f"{keys.folder} is encrypted.")
    if configured is None:
        say("Set IMGATE_KEYS__PASSPHRASE, or name a file with the passphrase by `[keys] passphrase_file`, before the next start.")
    say("Copies that were made before, and perhaps the medium itself, still hold the keys in clear.")


@app.command()
def unprotect() -> None:
    """Write the keys so that whoever may read the folder can use them."""
    from imgate.bootstrap.custody import passphrase_of
    from imgate.keys import are_encrypted
    from imgate.keys import protect as protect_keys
    from imgate.settings import load_settings

    keys = load_settings().keys
    if not are_encrypted(keys.folder):
        raise Failed(f"{keys.folder} is not encrypted.")
    protect_keys(keys.folder, _opening(passphrase_of(keys)), None)
    say(f"{keys.folder} is no longer encrypted. Take the passphrase out of the configuration.")


def _opening(configured: "Passphrase | None") -> "Passphrase":
    return configured or _asked("Present passphrase", "IMGATE_KEYS__PASSPHRASE", confirm=False)


def _new() -> "Passphrase":
    given = os.environ.get(_NEW_VARIABLE)
    return _asked("New passphrase", _NEW_VARIABLE, confirm=True) if given is None else _passphrase(given)


def _asked(question: str, variable: str, *, confirm: bool) -> "Passphrase":
    if not sys.stdin.isatty():  # what is typed elsewhere would be shown
        raise Failed(f"Nothing was changed: there is no terminal to ask for the passphrase. Set {variable}.")
    return _passphrase(typer.prompt(question, hide_input=True, confirmation_prompt=confirm, err=True))


def _passphrase(text: str) -> "Passphrase":
    from imgate.keys import Passphrase

    try:
        return Passphrase(text)
    except ValueError as error:
        raise Failed(f"Nothing was changed: {error}.") from None


def _named(key: "Key") -> str:
    return key.id if key.token_object is None else f"{key.id}, in the token"
