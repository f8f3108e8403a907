"""A gateway whose configuration opens closed scopes, and an office that says whether they are open."""

import base64
from contextlib import contextmanager
from importlib import resources

import imgate_jobkraftwerk
from imgate.bootstrap import open_gateway
from imgate.exchange.openings import confirm_opening, withdraw_opening
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import CONFIG, JOBCENTER, World

SCOPE = "health.constraints"
OPENED = CONFIG.replace('adapter = "jobcenter"\n', f'adapter = "jobcenter"\nopen = ["{SCOPE}", "contact.address"]\n')
SINGLE = OPENED.replace('adapter = "jobcenter"\n', 'adapter = "jobcenter"\naccept_single = true\n')
HANDED = OPENED.replace(f'open = ["{SCOPE}"', f'transport = {{ kind = "folder", folder = "out" }}\nopen = ["{SCOPE}"')
JOBKRAFTWERK = "jobkraftwerk-winnenden"
TABLES = OPENED.replace(
    'adapter = "jobkraftwerk"\n', 'adapter = "jobkraftwerk"\nopen = ["contact.address"]\nsettings = { mapping = "columns.toml" }\n'
)
# The built-in mapping, by which addresses come in too.
COLUMNS = (
    (resources.files(imgate_jobkraftwerk) / "mapping.toml")
    .read_text(encoding="utf-8")
    .replace(
        "[sheets.clients.columns]\n",
        """[sheets.clients.columns]
"Straße" = "contact.address.street"
"PLZ" = "contact.address.postal_code"
"Ort" = "contact.address.city"
"Auskunftssperre" = "contact.address.information_block"
""",
    )
)
SECRET = "Kniegelenk, keine stehende Arbeit"
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "health": {"constraints": {"text": SECRET}}}
ADDRESS = {"contact": {"address": {"street": "Torstraße", "postal_code": "71364", "city": "Winnenden", "information_block": True}}}
NO_BLOCK = {"contact": {"address": ADDRESS["contact"]["address"] | {"street": "Marktplatz", "information_block": False}}}
OTHER = "K-2026-1102"
DECLARED = ("language.level", SCOPE, "contact.address")


class Office(World):
    """A gateway whose Jobcenter may have health data, and the office that says so."""

    def user(self, login):
        people = self.gateway.store.people
        return (people.users.by_login(login) or people.users.add(UserRole.OFFICE, None, login, login, None, self.now, "operator")[0]).id

    def confirm(self, *logins, partner=JOBCENTER, scope=SCOPE):
        for login in logins:
            confirm_opening(self.corridor, self.user(login), partner, scope)
        self.gateway.openings.refresh()

    def withdraw(self, login):
        withdraw_opening(self.corridor, self.user(login), JOBCENTER, SCOPE)
        self.gateway.openings.refresh()

    def left(self):
        """Give all bytes that the Jobcenter is handed now."""
        return b"".join(base64.b64decode(item["content"]) for item in self.outbox()).decode()


@contextmanager
def opened_office(folder, config):
    """Put a gateway together by this configuration, with a declaration and a link at the Jobcenter."""
    file = folder / "imgate.toml"
    file.write_text(config, encoding="utf-8")
    (folder / "columns.toml").write_text(COLUMNS, encoding="utf-8")
    with open_gateway(load_settings(file), make_keys=True) as gateway:
        world = Office(gateway)
        world.declare(*(scope for scope in DECLARED if scope != SCOPE or SCOPE in world.corridor.policy.partner(JOBCENTER).open))
        world.link()
        yield world
