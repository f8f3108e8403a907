"""What all tests share: where the published data lies, and which tests are for the long form only."""

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from zlib import crc32

import pytest

from imgate.adapters.registry import load_plugins
from imgate.storage import migrate

ROOT = Path(__file__).resolve().parents[1]
MEMORY = Path("/dev/shm")  # noqa: S108  # pytest makes a folder of its own in it, as it would elsewhere
_ROOM = 4 * 1024**3


def pytest_configure(config):
    """Keep the tests' files in memory where there is room: half of the time went into waiting for a disk, thousands of commits long.

    No test relies on more than that a killed process leaves what it wrote.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Take half as many again as there are processors: a third of the time a test waits, for a server, a browser or another process."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_modifyitems(config, items):
    """Leave the long tests to ``make test-long``; each says in its marker what its short form is.

    Where several processes share the tests, the modules are mixed, in the same way each time: so those that wait for a browser or another
    process run beside those that compute, and no processor idles.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: crc32(item.nodeid.partition("::")[0].encode()))
    if os.environ.get("IMGATE_LONG"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="long form: make test-long"))


@pytest.fixture(scope="session", autouse=True)
def _made_once():
    """Make once what every gateway in this process finds the same: the empty database, and which plugins are installed.

    An embedded database that is new gets a copy of one that the migrations made, in a thirtieth of their time. Any other is migrated, and
    so is each in a process of its own. The migrations themselves are tested in tests/storage, which call them by their own name.
    """
    with pytest.MonkeyPatch.context() as patch, closing(_Tables()) as tables:
        patch.setattr("imgate.storage.store.upgrade", tables)
        patch.setattr("imgate.adapters.registry.entry_points", lambda group: _entry_points(tuple(sys.path), group))
        patch.setattr("imgate.bootstrap.partners.load_plugins", lambda transports, listed: _plugins(tuple(sys.path), transports, listed))
        yield


@cache
def _entry_points(_path, group):
    """Look through what is installed once for each search path: some tests add a package of their own to it."""
    return entry_points(group=group)


@cache
def _plugins(_path, transports, listed):
    """Load the plugins that one configuration names; what comes of it is never changed. Loading is tested in tests/adapters."""
    return load_plugins(transports=transports, listed=listed)


class _Tables:
    """What ``open_store`` calls to bring an embedded database to the newest schema."""

    def __init__(self):
        self._made = None

    def __call__(self, engine):
        with closing(engine.raw_connection()) as connection:
            database = connection.driver_connection
            is_new = database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
            if is_new and self._made is not None:
                self._made.backup(database)
                return
            migrate.upgrade(engine)
            if is_new:
                self._made = sqlite3.connect(":memory:", check_same_thread=False)
                database.backup(self._made)

    def close(self):
        if self._made is not None:
            self._made.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data beside the checkout; skips, visibly, where it does not lie."""
    folder = Path(os.environ.get("IMGATE_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("the folder of published data is not beside this checkout (IMGATE_SHARED names another)")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The project's own sample records."""
    return ROOT / "samples"
