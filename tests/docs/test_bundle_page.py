"""What the page on bundles says is so: the check by hand finds what `verify` finds, and every check and member is described."""

import re
import shutil
import subprocess
import sys

import pytest

from imgate.consent.bundle import FORMAT, KIND, LENGTHS_MAX, PARTS, SIZE_MAX
from imgate.consent.bundle_life import EVENTS
from imgate.keys.keyring import ACCESS_TOKENS, PUBLISHED_USE, STATEMENTS
from tests.conftest import ROOT
from tests.consent.bundled import FOLDER, GENUINE, KEYS, MANIFEST, vector

PAGE = (ROOT / "docs/declaration-bundle.md").read_text(encoding="utf-8")
(SCRIPT,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = {algorithm: line.split("#")[0].split() for line, algorithm in re.findall(r"(openssl .*?# (ES256|Ed25519))", PAGE)}


def by_hand(folder, file):
    """Run the script of the page and the command after it, as a reader would."""
    (folder / "bundle.json").write_bytes(file)
    run = subprocess.run([sys.executable, "-I", "-c", SCRIPT, "bundle.json"], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        return run.stderr.splitlines()[-1]
    for algorithm, command in COMMANDS.items():
        if run.stdout.split() == ["key:", KEYS[algorithm].thumbprint()]:
            return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout.strip()
    return "another key"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_bundle_passes_by_hand(tmp_path, name):
    assert by_hand(tmp_path, vector(name)) in ("Verified OK", "Signature Verified Successfully")
    assert (tmp_path / "evidence-0").exists() == (b'"content":"' in vector(name))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
@pytest.mark.parametrize("name", ["paper-es256.json", "paper-ed25519.json"])
def test_another_signature_fails_by_hand(tmp_path, name):
    file = vector(name)
    at = file.rindex(b".") + 20
    said = by_hand(tmp_path, file[:at] + (b"A" if file[at : at + 1] != b"A" else b"B") + file[at + 1 :])
    assert said in ("Verification failure", "Signature Verification Failure")


def test_what_was_changed_is_named_by_hand(tmp_path):
    assert "/history was changed" in by_hand(tmp_path, vector("changed.json"))
    assert by_hand(tmp_path, vector("signed-by-somebody.json")) == "another key"


def test_how_long_a_bundle_may_be_is_said():
    (said,) = re.findall(r"A file has at most (.*?):", PAGE, re.DOTALL)
    numbers = {int(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*(?= )", said)}
    assert numbers == {*LENGTHS_MAX.values(), SIZE_MAX // 1024**2}
    assert [pointer for pointer in LENGTHS_MAX if f"`{pointer.rsplit('/', 1)[1]}`" not in said] == []


def test_what_a_key_signs_is_said():
    assert [word for word in (PUBLISHED_USE, ACCESS_TOKENS, STATEMENTS) if f"`{word}`" not in PAGE] == []


def test_every_check_and_every_member_is_described():
    checks = {check[0].split()[0] for entry in MANIFEST.values() for check in entry["checks"]}
    assert [name for name in checks if f"| `{name}" not in PAGE] == []
    assert [name for name in (*PARTS, "signature") if f"| `{name}` |" not in PAGE] == []
    assert [word for word in (*EVENTS, FORMAT, KIND) if f"`{word}`" not in PAGE] == []
    assert all((FOLDER / name).exists() for name in MANIFEST)
