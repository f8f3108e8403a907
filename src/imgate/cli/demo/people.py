"""The people who use the demo's pages, and a page that stands in for the telephone on which each of them reads one-time codes.

They, their password and their secrets exist on the demo's throw-away database only; the gateway knows nothing of this file.
"""

import base64
import os
import time
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pyotp

from imgate.cli.demo.configuration import JOBCENTER, NAMES
from imgate.vocabulary.words import UserRole

if TYPE_CHECKING:
    from imgate.bootstrap import Gateway

PASSWORD = "lampe garten fluss neunzig"  # noqa: S105  # of people who do not exist, printed for everybody
_SECONDS = 30

_CODES = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>imgate: one-time codes of the demo</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }}
table {{ border-collapse: collapse }} th, td {{ text-align: left; padding: .5rem 1.5rem .5rem 0 }} code {{ font-size: 1.5rem }}
</style></head><body>
<h1>One-time codes</h1>
<p>What would stand in the app on each person's telephone. Each code opens once: whoever needs a second one at once takes the next.
New ones in {left} seconds.</p>
<table><thead><tr><th scope="col">login</th><th scope="col">who</th><th scope="col">now</th><th scope="col">next</th></tr></thead>
<tbody>
{rows}
</tbody></table>
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in to the pages, with the secret that would be on their telephone."""

    login: str
    name: str
    role: UserRole
    who: str
    partner: str | None = None
    secret: bytes = field(default_factory=lambda: os.urandom(20), repr=False)

    def code(self, at: float) -> str:
        """Give the code that holds at this moment, in Unix seconds."""
        return pyotp.TOTP(base64.b32encode(self.secret).decode()).at(int(at))


def sample_people() -> tuple[Person, ...]:
    """Give one for each role, and a second pair of eyes for the office."""
    return (
        Person("lea", "Lea Leitner", UserRole.LIAISON, f"liaison, {NAMES[JOBCENTER]}", JOBCENTER),
        Person("ines", "Ines Beispiel", UserRole.INTEGRATION_MANAGER, "integration manager"),
        Person("olga", "Olga Muster", UserRole.OFFICE, "office"),
        Person("otto", "Otto Probst", UserRole.OFFICE, "office, the second pair of eyes"),
    )


def let_in(gateway: "Gateway", people: tuple[Person, ...]) -> None:
    """Give them access, and set up how they sign in, as they would with the code of `imgate user add`."""
    if not people:
        return
    from imgate.web.sign_in.passwords import Passwords

    users, at, kept = gateway.store.people.users, gateway.corridor.clock(), Passwords().kept(PASSWORD)
    for person in people:
        user, code = users.add(person.role, person.partner, person.name, person.login, None, at, "operator")
        users.set_password(user.id, kept, person.secret, at, enrolment=code)


def codes_page(people: tuple[Person, ...]) -> str:
    """Show everybody's code of now and the next one, which is taken already."""
    now = time.time()
    rows = (
        f'<tr><th scope="row">{escape(person.login)}</th><td>{escape(person.who)}</td>'
        f"<td><code>{person.code(now)}</code></td><td><code>{person.code(now + _SECONDS)}</code></td></tr>"
        for person in people
    )
    return _CODES.format(left=_SECONDS - int(now) % _SECONDS, rows="\n".join(rows))
