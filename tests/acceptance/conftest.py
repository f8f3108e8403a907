"""What the acceptance tests share: gateways in this process, and gateways of their own."""

from contextlib import ExitStack
from datetime import date

import pytest

from imgate.bootstrap import open_gateway
from imgate.keys import make_keys
from imgate.settings import load_settings
from tests.acceptance.process import Served
from tests.exchange.conftest import CONFIG, World
from tests.storage.conftest import postgres, postgres_server

__all__ = ["postgres", "postgres_server"]

# The Jobcenter may have something that is closed for the others.
OPENED = CONFIG.replace('adapter = "jobcenter"', 'adapter = "jobcenter"\nopen = ["health.constraints"]')


@pytest.fixture
def world(tmp_path):
    """A gateway in this process, on an embedded database."""
    config = tmp_path / "imgate.toml"
    config.write_text(OPENED, encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield World(gateway)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A gateway of its own, in a folder of its own, not yet started; one for all tests of a file."""
    gateway = Served(tmp_path_factory.mktemp("served"), OPENED)
    yield gateway
    gateway.stop()


@pytest.fixture
def alone(tmp_path):
    """A gateway of its own for one test."""
    gateway = Served(tmp_path, OPENED)
    yield gateway
    gateway.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(request, tmp_path):
    """Opens gateways in this process that share one database, of either kind; gives a ``World`` for each."""
    folder = tmp_path / "house"
    folder.mkdir()
    text = OPENED
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")()
        text = OPENED.replace("sqlite:///imgate.db", url).replace("[database]", 'url = "https://imgate.example"\n\n[database]')
        make_keys(folder / "imgate.keys", date(2026, 1, 1))
    (folder / "imgate.toml").write_text(text, encoding="utf-8")
    with ExitStack() as stack:
        yield lambda: World(stack.enter_context(open_gateway(load_settings(folder / "imgate.toml"), make_keys=True)))


@pytest.fixture
def story(house):
    """One gateway on either database."""
    return house()
