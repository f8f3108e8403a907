"""What the page on the audit log tells people to type does what it says, in the order of the page."""

import json
import re
import shutil
import subprocess

import pytest

from imgate.cli.audit.command import app
from imgate.settings.audit import AuditSettings
from tests.cli.conftest import CONFIGURATION, Imgate
from tests.cli.test_audit import exchange_in, with_gateway
from tests.conftest import ROOT
from tests.transports.time_stamping import made, serving

PAGE = (ROOT / "docs/log.md").read_text(encoding="utf-8")
TYPED = [line for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


class Reader:
    """Somebody who types what stands on the page, all in one folder."""

    def __init__(self, imgate):
        self.imgate, self.folder, self.exchange = imgate, imgate.folder, ""

    def types(self, line):
        typed, _, file = line.partition(" > ")
        said = self.imgate(*self.words(typed)[1:]) if typed.startswith("imgate ") else self.shell(typed)
        assert said.returncode == 0, (line, said.stderr)
        if file:
            (self.folder / file).write_text(said.stdout)
        return said.stdout

    def words(self, typed):
        command = f'EXCHANGE={self.exchange}; printf "%s\\n" {typed}'
        return self.shell(command).stdout.splitlines()

    def shell(self, typed):
        return subprocess.run(["sh", "-c", typed], cwd=self.folder, capture_output=True, text=True, check=False)


@pytest.fixture
def imgate(tmp_path):
    return Imgate(tmp_path)


@pytest.mark.skipif(None in map(shutil.which, ("sh", "sed", "openssl")), reason="needs sh, sed and openssl")
def test_the_commands_of_the_page_work_in_its_order(imgate, tmp_path_factory):
    pytest.importorskip("rfc3161_client", reason="the extra tsa is not installed")
    authority = made(tmp_path_factory.mktemp("authority"))
    (imgate.folder / "trust").mkdir()
    (imgate.folder / "trust/tsa.pem").write_bytes(authority.roots.read_bytes())
    reader = Reader(imgate)
    with serving(authority):
        audit = f'\n[audit]\ntime_stamp_url = "{authority.url}"\ntime_stamp_roots = "trust/tsa.pem"\n'
        imgate.configure(CONFIGURATION + audit)
        imgate.access("auditor")
        reader.exchange = with_gateway(imgate, exchange_in)
        for line in TYPED:
            if line == "imgate audit checkpoint > next":
                imgate.configure(f'{CONFIGURATION}{audit}witnesses = ["{(imgate.folder / "witness.vkey").read_text().strip()}"]\n')
                imgate.access("auditor")
            if line == "imgate audit time-stamp checkpoint.tsr":
                assert imgate("audit", "cosign", "cosigned").returncode == 0
                reader.types("imgate audit checkpoint --time-stamp > checkpoint")
            said = reader.types(line)
            if "verify --" in line:
                assert json.loads(said)["sound"]
    assert "Verification: OK" in reader.shell(TYPED[-1]).stdout + reader.shell(TYPED[-1]).stderr
    assert json.loads(imgate("audit", "verify").stdout)["cosigned"] == 1
    (imgate.folder / "checkpoint.text").write_text("another text")
    assert reader.shell(TYPED[-1]).returncode != 0


def test_the_page_names_every_command():
    names = {command.name for command in app.registered_commands}
    assert names == set(re.findall(r"imgate audit ([a-z-]+)", PAGE))


def test_the_page_names_every_setting():
    assert set(AuditSettings.model_fields) == set(re.findall(rf"\b({'|'.join(AuditSettings.model_fields)})\b", PAGE))
