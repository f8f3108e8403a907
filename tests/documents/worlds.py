"""A small gateway on a real store, for the papers that tell of a declaration's life."""

import contextlib

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from tests.exchange.conftest import CONFIG, World


@contextlib.contextmanager
def opened(folder):
    """Open a gateway in this folder."""
    config = folder / "imgate.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield World(gateway)
