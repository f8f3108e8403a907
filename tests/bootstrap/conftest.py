"""A configuration in a folder of its own."""

import os

import pytest

from imgate.settings import load_settings

CONFIGURATION = """\
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"
ceiling = ["contact_persons.jobcenter", "language.level"]
"""


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in [*os.environ]:
        if name.upper().startswith("IMGATE_"):
            monkeypatch.delenv(name)


@pytest.fixture
def configure(tmp_path):
    """Write a configuration, more of it behind the usual one, and load it."""

    def load(more="", instead=CONFIGURATION):
        (tmp_path / "imgate.toml").write_text(instead + more, encoding="utf-8")
        return load_settings(tmp_path / "imgate.toml")

    return load
