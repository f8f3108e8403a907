"""KERN lies beside the pages if it can be had, the same bytes each time, and its absence ends no build."""

import gzip
import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {
    "FiraSans-Medium.woff2",
    "FiraSans-Regular.woff2",
    "FiraSans-SemiBold.woff2",
    "LICENSE.md",
    "OFL-FiraSans.txt",
    "VERSION",
    "fonts.css",
    "kern.min.css",
    "kern.min.css.gz",
}
STYLE = "a{font-weight:400}b{font-weight:var(--kern-b, 600)}:root{--kern-typography-font-weight-medium: 500}"


@pytest.fixture(scope="module")
def kern():
    spec = spec_from_file_location("kern", ROOT / "tools" / "kern.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """A folder that asks for KERN 9.9.9, on a machine without npm."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    (tmp_path / "npm").mkdir()
    (tmp_path / "npm" / "package.json").write_text(json.dumps({"dependencies": {"@kern-ux/native": "9.9.9"}}))
    return tmp_path / "npm"


def _put(npm, version="9.9.9", style=STYLE):
    package = npm / "node_modules" / "@kern-ux" / "native"
    (package / "dist" / "fonts" / "fira-sans").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}))
    (package / "LICENSE.md").write_text("EUPL")
    (package / "dist" / "kern.min.css").write_text(style)
    for name in ("Regular", "Medium", "SemiBold", "Heavy", "Italic"):
        (package / "dist" / "fonts" / "fira-sans" / f"FiraSans-{name}.woff2").write_bytes(name.encode())
    return package


def _files(target):
    return {file.name: file.read_bytes() for file in target.iterdir()}


def test_what_pages_need_is_copied_and_nothing_else(kern, npm, tmp_path):
    _put(npm)
    assert kern.provide_kern(npm, tmp_path / "kern") is None
    files = _files(tmp_path / "kern")
    assert set(files) == SHIPPED
    assert files["VERSION"] == b"9.9.9\n"
    assert gzip.decompress(files["kern.min.css.gz"]) == files["kern.min.css"] == STYLE.encode()
    assert set(re.findall(r'url\("([^"]+)"\)', files["fonts.css"].decode())) == {name for name in SHIPPED if name.endswith(".woff2")}


def test_the_same_package_gives_the_same_bytes(kern, npm, tmp_path):
    package = _put(npm)
    kern.copy_kern(package, tmp_path / "one")
    kern.copy_kern(package, tmp_path / "other")
    assert _files(tmp_path / "one") == _files(tmp_path / "other")


def test_what_an_older_version_left_is_gone(kern, npm, tmp_path):
    (tmp_path / "kern").mkdir()
    (tmp_path / "kern" / "VERSION").write_text("9.9.8\n")
    (tmp_path / "kern" / "old.css").write_text("a{}")
    _put(npm)
    assert kern.provide_kern(npm, tmp_path / "kern") is None
    assert set(_files(tmp_path / "kern")) == SHIPPED


def test_a_font_weight_that_is_not_shipped_stops_whoever_raises_the_version(kern, npm, tmp_path):
    package = _put(npm, style=STYLE + "i{font-weight:var(--kern-i, 800)}")
    with pytest.raises(kern.KernChanged, match="800"):
        kern.copy_kern(package, tmp_path / "kern")
    assert not (tmp_path / "kern").exists()


def test_without_npm_and_package_there_is_a_reason_and_no_failure(kern, npm, tmp_path):
    assert kern.provide_kern(npm, tmp_path / "kern") == "npm was not found"
    assert not (tmp_path / "kern").exists()


def test_an_installed_package_of_another_version_is_not_taken(kern, npm, tmp_path):
    _put(npm, version="9.9.8")
    assert kern.provide_kern(npm, tmp_path / "kern") == "npm was not found"
    assert not (tmp_path / "kern").exists()


def test_what_an_sdist_brought_along_is_enough(kern, npm, tmp_path):
    (tmp_path / "kern").mkdir()
    (tmp_path / "kern" / "VERSION").write_text("9.9.9\n")
    assert kern.provide_kern(npm, tmp_path / "kern") is None


def test_what_an_sdist_brought_along_in_another_version_is_not(kern, npm, tmp_path):
    (tmp_path / "kern").mkdir()
    (tmp_path / "kern" / "VERSION").write_text("9.9.8\n")
    assert kern.provide_kern(npm, tmp_path / "kern") == "npm was not found"


def test_npm_that_fails_is_a_reason(kern, npm, tmp_path):
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing" / "npm").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "nothing" / "npm").chmod(0o755)
    assert kern.provide_kern(npm, tmp_path / "kern") == "npm could not fetch it"


@pytest.mark.parametrize("version", ["editable", "standard"])
def test_only_what_is_built_is_warned_about(kern, monkeypatch, npm, tmp_path, version):
    said = []
    monkeypatch.setattr(kern, "NPM", npm)
    monkeypatch.setattr(kern, "TARGET", tmp_path / "kern")
    monkeypatch.setattr(kern.KernHook, "app", type("App", (), {"display_warning": said.append}))
    hook = object.__new__(kern.KernHook)
    hook.initialize(version, {})
    assert len(said) == (version == "standard")


def test_the_lock_names_hashes_and_no_addresses():
    lock = (ROOT / "tools" / "npm" / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(lock)["packages"]
    del packages[""]
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "resolved" not in lock
