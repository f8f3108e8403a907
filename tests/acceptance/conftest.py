"""What the acceptance tests share: gateways in this process, and gateways of their own."""

import pytest
from tests.acceptance.process import Served
from tests.exchange.conftest import CONFIG, World

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings


@pytest.fixture
def world(tmp_path):
    """A gateway in this process, on an embedded database; the Jobcenter may have what is closed for the others."""
    config = tmp_path / "imgate.toml"
    config.write_text(CONFIG.replace('adapter = "jobcenter"', 'adapter = "jobcenter"\nopen = ["health.constraints"]'), encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield World(gateway)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A gateway of its own, in a folder of its own, not yet started; one for all tests of a file."""
    gateway = Served(tmp_path_factory.mktemp("served"), CONFIG)
    yield gateway
    gateway.stop()
