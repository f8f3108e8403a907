"""The page about signed PDFs says what the code does."""

import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imgate.documents.signed_pdf.__main__ import CPU_SECONDS, MEMORY_MAX
from imgate.documents.signed_pdf.algorithms import PROFILE
from imgate.documents.signed_pdf.findings import Check, Refusal
from imgate.documents.signed_pdf.inventory import NARROWED, SHAPES, VALUES
from imgate.documents.signed_pdf.process import examine_signature, problems_of
from imgate.http.codes import CODES
from imgate.settings.signatures import SignatureSettings
from tests.documents.signed_pdf.papers import DIGEST


@pytest.fixture(scope="module")
def page():
    return (Path(__file__).parents[3] / "docs/signed-pdfs.md").read_text(encoding="utf-8")


def test_every_check_has_its_row_in_their_order(page):
    assert re.findall(r"^\| (\d+) \| `(\w+)` \|", page, re.MULTILINE) == [(str(n), check.value) for n, check in enumerate(Check, 1)]


def test_every_refusal_is_named_and_in_the_catalogue(page):
    rows = "".join(line for line in page.splitlines() if re.match(r"\| \d", line))
    assert set(re.findall(r"`((?:signature|evidence)_\w+)`", rows)) == {refusal.value for refusal in Refusal}
    assert {refusal.value for refusal in Refusal} <= CODES.keys()


def test_the_configuration_is_one_that_is_read(page):
    written = tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.DOTALL).group(1))
    settings = SignatureSettings(**written["signatures"])
    assert settings.rules is not None
    assert set(written["signatures"]) == set(SignatureSettings.model_fields) - {"max_pages"}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the trial makes its certificates with openssl")
def test_the_trial_signs_a_form_that_is_accepted(page, paper, tmp_path):
    trial = re.search(r"## A trial\n(.*?)\n## ", page, re.DOTALL).group(1)
    commands, configuration, program = (re.search(rf"```{kind}\n(.*?)```", trial, re.DOTALL).group(1) for kind in ("sh", "toml", "python"))
    (tmp_path / "form.pdf").write_bytes(paper)
    subprocess.run(["sh", "-ec", commands], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=tmp_path, check=True)
    rules = SignatureSettings(**tomllib.loads(configuration)["signatures"]).resolved(tmp_path).rules
    now = datetime.now(UTC)
    assert problems_of(rules, now) == []
    assert examine_signature((tmp_path / "signed.pdf").read_bytes(), DIGEST, "Amina Beispiel", rules, now)["refused"] is None


def test_the_profile_and_the_limits_are_the_ones_in_force(page):
    assert f"Profile `{PROFILE.name}`" in page
    assert PROFILE.source in page
    assert f"from {PROFILE.rsa_bits} bits" in page
    assert f"below {PROFILE.rsa_bits_recommended} bits" in page
    assert (MEMORY_MAX, CPU_SECONDS) == (1024**3, 20)
    assert "1 GiB of address space, 20 s of processor time" in page


def test_what_a_file_may_hold_is_what_the_inventory_admits(page):
    told = re.search(r"## What a signed file may hold\n(.*?)\n## ", page, re.DOTALL).group(1)
    may, may_not = told.split("Refused, ")
    admitted = {key.removeprefix("/") for key in NARROWED["annotation"][1]} | {"Sig", "GoTo"}
    assert set(re.findall(r"`(\w+)`", may)) == admitted
    assert (VALUES["field", "/FT"], VALUES["action", "/S"]) == ({"/Sig"}, {"/GoTo"})
    refused = {f"/{key}" for key in re.findall(r"`(\w+)`", may_not)}
    assert len(refused) > 20
    assert refused.isdisjoint({key for shape in SHAPES.values() for key in shape} | {f"/{key}" for key in admitted})
