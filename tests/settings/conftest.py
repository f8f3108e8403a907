"""A configuration file in a folder of its own, and an environment that sets nothing."""

import os

import pytest

CONTRACT = """\
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"
timezone = "Europe/Berlin"

[database]
url = "sqlite:///imgate.db"        # or postgresql://…: any number of gateways and workers against it

[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"
ceiling = ["contact_persons.jobcenter", "language.level"]   # optional, narrows the adapter's own
transport = { kind = "mailbox" }                            # mailbox | push | folder | fit-connect | xta
"""


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in [*os.environ]:
        if name.upper().startswith("IMGATE_"):
            monkeypatch.delenv(name)


@pytest.fixture
def contract():
    return CONTRACT


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "imgate.toml"
    path.write_text(CONTRACT, encoding="utf-8")
    return path
