"""On PostgreSQL: nothing is made by itself, and several gateways work against one database."""

import time
import uuid

import httpx2
import psycopg
import pytest

from tests.storage.conftest import postgres_server

__all__ = ["postgres_server"]

pytestmark = pytest.mark.postgres


@pytest.fixture
def address(postgres_server):
    """A database in which nobody has made anything yet."""
    server, run, _ = postgres_server
    name = f"t{uuid.uuid4().hex}"
    run(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


def without_place(address):
    """Count the entries of the audit log to which no worker has given a place yet."""
    with psycopg.connect(address) as connection:
        return connection.execute("SELECT count(*) FROM audit_log WHERE place IS NULL").fetchone()[0]


def test_the_operator_makes_tables_and_keys_and_then_two_gateways_share_them(imgate, address):
    imgate.configure(
        f'[gateway]\nid = "im"\nname = "IM"\nurl = "https://im.example.org"\n\n[database]\nurl = "{address}"\n\n'
        "[server]\nport = 0\nmetrics_port = 0\n"
    )
    refused = imgate.refused("serve")
    assert refused.returncode == 1
    assert "`imgate keys make`" in refused.stderr
    assert not (imgate.folder / "imgate.keys").exists()
    refused = imgate("keys", "make")
    assert refused.returncode == 1
    assert "imgate database upgrade" in refused.stderr
    assert not (imgate.folder / "imgate.keys").exists()
    checked = imgate("check")
    assert "keys.folder" in checked.stdout
    assert "imgate database upgrade" in checked.stdout
    assert imgate("database", "upgrade").returncode == 0
    assert imgate("keys", "make").returncode == 0
    assert imgate("keys", "make").returncode == 1
    assert imgate("check").returncode == 0
    credentials = imgate.access("auditor")
    with imgate.serving() as one, imgate.serving() as other:
        for served in (one, other):
            granted = httpx2.post(
                f"{served.url}/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials, trust_env=False
            ).json()
            bearer = {"authorization": f"Bearer {granted['access_token']}"}
            for asked in (one, other):
                answer = httpx2.get(f"{asked.url}/v1/declarations", params={"client": "K-1"}, headers=bearer, trust_env=False)
                assert answer.json() == {"items": []}
        until = time.monotonic() + 60
        while without_place(address):  # the workers give them
            assert time.monotonic() < until
            time.sleep(0.05)
        assert imgate("audit", "verify").returncode == 0


def test_a_database_that_is_away_is_one_sentence_and_shows_no_password(imgate):
    imgate.configure(
        '[gateway]\nid = "im"\nname = "IM"\nurl = "https://im.example.org"\n\n[database]\nurl = "postgresql://u:hidden-word@127.0.0.1:9/x"\n'
    )
    for arguments in (("database", "upgrade"), ("keys", "make")):
        done = imgate(*arguments)
        assert done.returncode == 1
        assert "hidden-word" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr.splitlines()) == 1
        if arguments[0] == "database":
            assert "connection refused" in done.stderr
    checked = imgate("check")
    assert "hidden-word" not in checked.stdout
    assert "keys.folder" in checked.stdout
    assert "connection refused" in checked.stdout
