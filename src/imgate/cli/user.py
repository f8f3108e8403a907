"""`imgate user`: who may use the web pages."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.access import no_partner
from imgate.cli.output import Failed, result, say, table
from imgate.vocabulary.identifiers import is_uuid
from imgate.vocabulary.words import UserRole

if TYPE_CHECKING:
    from imgate.bootstrap import Gateway
    from imgate.storage.people import User

app = typer.Typer(help="Who may use the web pages.", no_args_is_help=True)

_ENROLMENT_PATH = "/pages/enrol"

Who = Annotated[str, typer.Argument(help="The login, or the id as `imgate user list` shows it.")]


@app.command()
def add(
    role: Annotated[UserRole, typer.Option(help="What the person may see and do.")],
    name: Annotated[str, typer.Option(help="The person's name, as colleagues know it; it stands in the audit log.")],
    login: Annotated[str, typer.Option(help="What the person signs in with: 1 to 64 of a-z, 0-9 and ._@-.")],
    partner: Annotated[str | None, typer.Option(help="The one partner that a liaison is bound to.")] = None,
    email: Annotated[str | None, typer.Option(help="Where to send a word that there is news, if the person wants that.")] = None,
) -> None:
    """Let a person onto the pages, and print how to enrol as JSON. The code holds for seven days, and is shown this once."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings
    from imgate.storage.people import LoginTaken

    with open_gateway(load_settings(), make_keys=True) as gateway:
        _check(gateway, role, partner, name, login, email)
        with gateway.store.reading() as tx:
            in_use = tx.openings.in_use()
        try:
            user, code = gateway.store.people.users.add(role, partner, name, login, email, gateway.corridor.clock(), "operator")
        except LoginTaken:
            raise Failed(_TAKEN) from None
        result(_enrolment(gateway, user, code))
        if role is UserRole.OFFICE and not in_use:
            _tell_what_closes(gateway)


def _tell_what_closes(gateway: "Gateway") -> None:
    """Say what the first user of the office closes by being there: from then on it takes two of them."""
    opened = [partner for partner, configured in gateway.settings.partners.items() if configured.open and not configured.accept_single]
    if opened:
        say(f"What `open` names at {', '.join(opened)} is closed from now on, until two users of the office have confirmed it.")


_TAKEN = "Another user has this login."
_SENTENCES = {
    "partner": "A liaison is bound to one partner by --partner, the others to none.",
    "name": "A name has 1 to 200 characters that can be seen.",
    "login": "A login has 1 to 64 of a-z, 0-9 and ._@-, and does not look like an id.",
    "email": "This is no e-mail address.",
}


def _check(gateway: "Gateway", role: UserRole, partner: str | None, name: str, login: str, email: str | None) -> None:
    """Look at all of it before anything is said. Raises BadParameter with all that is wrong; Failed where only this gateway minds."""
    from imgate.web.office.new_user import wrong_fields

    wrong = wrong_fields(role, partner, name, login, email)
    said = [f"--{field}: {sentence}" for field, sentence in _SENTENCES.items() if field in wrong]
    if partner is not None and "partner" not in wrong and partner not in gateway.corridor.partners:
        said.append(no_partner(gateway, partner))
    if "login" not in wrong and gateway.store.people.users.by_login(login) is not None:
        said.append(_TAKEN)
    if wrong:
        raise typer.BadParameter(" ".join(said))
    if said:
        raise Failed(" ".join(said))


def _enrolment(gateway: "Gateway", user: "User", code: str) -> dict[str, str | None]:
    return {"user": user.id, "login": user.login, "enrolment_code": code, "enrol_at": f"{gateway.url}{_ENROLMENT_PATH}"}


@app.command("list")
def list_() -> None:
    """Show every user, the oldest first."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        users, zone = gateway.store.people.users.list(), gateway.settings.zone

    def day(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d}"

    rows = [
        (
            user.id,
            user.login or "(identity provider)",
            user.role.value,
            user.partner or "-",
            day(user.created_at),
            "holds" if user.revoked_at is None else f"revoked {day(user.revoked_at)}",
            user.name,
        )
        for user in users
    ]
    table(("user", "login", "role", "partner", "since", "state", "name"), rows)


@app.command()
def revoke(who: Who) -> None:
    """Take a user off the pages for good; every session ends at once."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        user = _found(gateway, who)
        if not gateway.store.people.users.revoke(user.id, gateway.corridor.clock(), "operator"):
            raise Failed(f"The user {user.id} is revoked already.")
    say(f"Revoked {user.id}.")


@app.command()
def enrol(who: Who) -> None:
    """Give a new code to enrol with, and delete what the user signs in with until now: a device was lost, or the code."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        user = _found(gateway, who)
        code = gateway.store.people.users.new_enrolment(user.id, gateway.corridor.clock(), "operator")
        if code is None:
            raise Failed(f"The user {user.id} cannot enrol: revoked, or signing in with an identity provider.")
        result(_enrolment(gateway, user, code))


def _found(gateway: "Gateway", who: str) -> "User":
    users = gateway.store.people.users
    user = users.get(who) if is_uuid(who) else users.by_login(who)
    if user is None:
        raise Failed("There is no such user; `imgate user list` shows them.")
    return user
