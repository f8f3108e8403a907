"""A gateway without a database: the door's own work is tested on it. What the corridor answers is another test's."""

import base64
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from joserfc.jwk import ECKey, Key

from imgate.bootstrap.callers import TokenKeys
from imgate.documents.papers import Papers
from imgate.exchange.context import Corridor
from imgate.exchange.ports import Issuer, Unavailable
from imgate.http.app import create_app
from imgate.http.metrics import Metrics
from imgate.keys import Keyring
from imgate.keys.signatures import statement_signature
from imgate.vocabulary.words import Role
from tests.in_process import InProcessClient

URL = "http://gateway.test"


@dataclass
class FakeAccess:
    client_id: str
    role: Role
    partner: str | None = None
    secret: str | None = "geheim-geheim"
    public_key: Key | None = None

    def has_secret(self, secret: str) -> bool:
        return self.secret is not None and self.secret == secret


@dataclass
class FakeAccesses:
    held: dict[str, FakeAccess] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def add(self, client_id: str, role: Role, partner: str | None = None, **more: object) -> None:
        self.held[client_id] = FakeAccess(client_id, role, partner, **more)

    def get(self, client_id: str) -> FakeAccess | None:
        self.asked.append(client_id)
        return self.held.get(client_id)

    def use_once(self, client_id: str, jti: str, expires_at: int) -> bool:
        new = (client_id, jti) not in self.used
        self.used.add((client_id, jti))
        return new


class FakeStore:
    """A database that does not answer: a step that reaches it in these tests has gone too far."""

    @contextmanager
    def reading(self):
        raise Unavailable("no database in this test")
        yield

    transaction = reading


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.made(date(2026, 1, 1))


@pytest.fixture
def accesses() -> FakeAccesses:
    accesses = FakeAccesses()
    accesses.add("case", Role.CASE_SYSTEM)
    accesses.add("auditor", Role.AUDITOR)
    accesses.add("admin", Role.ADMIN)
    accesses.add("jobcenter", Role.PARTNER, "jobcenter-rems-murr")
    return accesses


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def gateway(accesses, keyring):
    corridor = Corridor(
        store=FakeStore(),
        policy=None,
        partners={},
        clock=lambda: datetime.now(UTC),
        signature=statement_signature(keyring),
        presenter=None,
        issuer=Issuer("im-winnenden", {}, "imgate/im-winnenden"),
        attachments=None,
        statements=None,
    )
    return SimpleNamespace(
        corridor=corridor,
        accesses=accesses,
        token_keys=TokenKeys(keyring),
        jwks=keyring.jwks(),
        issuer=corridor.issuer,
        papers=Papers(corridor),
        name="Integrationsmanagement Winnenden",
        url=URL,
        store=corridor.store,
    )


@pytest.fixture
def app(gateway, metrics):
    return create_app(gateway, metrics)


@pytest.fixture
def http(app) -> InProcessClient:
    return InProcessClient(app, URL)


def basic(client_id: str, secret: str = "geheim-geheim") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


@pytest.fixture
def token_of(http) -> Callable[[str], str]:
    def fetch(client_id: str) -> str:
        answer = http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=basic(client_id))
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    return fetch


@pytest.fixture
def bearer(token_of) -> Callable[[str], Mapping[str, str]]:
    return lambda client_id: {"Authorization": f"Bearer {token_of(client_id)}"}


@pytest.fixture
def now() -> int:
    return int(time.time())


@pytest.fixture(scope="session")
def other_key() -> ECKey:
    return ECKey.generate_key("P-256", private=True)
