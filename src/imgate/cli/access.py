"""`imgate access`: who may call the gateway, and who looked at what."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.output import Failed, result, say, table
from imgate.cli.since import begin_of
from imgate.vocabulary.words import Role

if TYPE_CHECKING:
    from imgate.bootstrap import Gateway

app = typer.Typer(help="Who may call the gateway, and who looked at what.", no_args_is_help=True)


@app.command()
def add(
    role: Annotated[Role, typer.Option(help="What the caller may do.")],
    name: Annotated[str, typer.Option(help="A name by which you will know it again; it stands in the audit log.")],
    partner: Annotated[str | None, typer.Option(help="The one partner that an access of the role `partner` is bound to.")] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="A public key (PEM or JWK) of a caller that signs its requests for tokens; there is no secret then.")
    ] = None,
) -> None:
    """Give access, and print it as JSON. The secret is shown this once and kept nowhere."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings

    if (role is Role.PARTNER) != (partner is not None):
        raise typer.BadParameter("an access of the role `partner` is bound to one partner by --partner, the others to none")
    if not name.strip() or not name.isprintable() or len(name) > 200:
        raise typer.BadParameter("a name has 1 to 200 characters that can be seen", param_hint="--name")
    pem = None if public_key is None else _public_key(public_key)
    with open_gateway(load_settings(), make_keys=True) as gateway:
        if pem is None:
            client_id, secret = add_access(gateway, role, partner, name)
            result({"client_id": client_id, "client_secret": secret})
        else:
            _check_partner(gateway, partner)
            access, _ = gateway.store.access.add(role, partner, name, gateway.corridor.clock(), "operator", pem)
            result({"client_id": access.client_id})


def add_access(gateway: "Gateway", role: Role, partner: str | None, name: str) -> tuple[str, str]:
    """Give access by a secret; return id and secret. Raises Failed for a partner that is not configured."""
    _check_partner(gateway, partner)
    access, secret = gateway.store.access.add(role, partner, name, gateway.corridor.clock(), "operator")
    return access.client_id, secret or ""


def _check_partner(gateway: "Gateway", partner: str | None) -> None:
    if partner is not None and partner not in gateway.corridor.partners:
        raise Failed(no_partner(gateway, partner))


def no_partner(gateway: "Gateway", partner: str) -> str:
    """Say that a partner is not configured, and which are."""
    return f"`{partner}` is no partner in {gateway.settings.file.name}; there are {', '.join(gateway.corridor.partners) or 'none'}."


def _public_key(path: Path) -> str:
    from imgate.bootstrap.callers import read_public_key
    from imgate.http.client_assertion import algorithms_of

    try:
        text = path.read_text(encoding="utf-8")
        key = read_public_key(text)
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise Failed(f"{path} is no public key in PEM or as a JWK; a private key is not handed over.") from None
    if not algorithms_of(key):
        raise Failed(f"{path} is a public key of a kind that imgate does not take: use P-256, Ed25519 or RSA of at least 2048 bits.")
    return text


@app.command("list")
def list_() -> None:
    """Show every access, the oldest first."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        accesses, zone = gateway.store.access.list(), gateway.settings.zone
    rows = [
        (
            access.client_id,
            access.role.value,
            access.partner or "-",
            "secret" if access.public_key is None else "public key",
            f"{access.created_at.astimezone(zone):%Y-%m-%d}",
            "holds" if access.revoked_at is None else f"revoked {access.revoked_at.astimezone(zone):%Y-%m-%d}",
            access.name,
        )
        for access in accesses
    ]
    table(("client_id", "role", "partner", "by", "since", "state", "name"), rows)


@app.command()
def revoke(client_id: Annotated[str, typer.Argument(help="The client_id, as `imgate access list` shows it.")]) -> None:
    """Take access away; it holds nowhere after five seconds."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        revoked = gateway.store.access.revoke(client_id, gateway.corridor.clock(), "operator")
    if not revoked:
        raise Failed(f"No access {client_id} holds.")
    say(f"Revoked {client_id}.")


@app.command()
def log(
    client: Annotated[str | None, typer.Option(help="Only looks at this client, as the case system knows them.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only looks by this caller or user (an id), by `operator`, or by `client`.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on, in the gateway's time zone.")] = None,
) -> None:
    """Show who looked at what, the oldest first, one JSON object a line. That you looked stands there from now on."""
    from imgate.bootstrap import open_gateway
    from imgate.cli.listing import whole_list
    from imgate.exchange.looking import Looker, looks
    from imgate.settings import load_settings
    from imgate.vocabulary.words import Door

    reader = Looker("operator", Door.COMMAND, "access log")
    with open_gateway(load_settings(), make_keys=False) as gateway:
        begin = None if since is None else begin_of(since, gateway.settings.zone)
        items = whole_list(lambda cursor: looks(gateway.corridor, reader, cursor, client=client, actor=actor, since=begin))
    result(items)
