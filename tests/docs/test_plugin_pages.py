"""The reference pages for plugin authors say what the code says, in both directions."""

import ast
import importlib
import re
from pathlib import Path

from imgate.adapters import plugin_api_reference
from imgate.adapters.quality import reference as quality_reference
from imgate.adapters.quality.scale import RULES
from imgate.plugin_api import hooks

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "reference"


def page(name):
    return (PAGES / name).read_text(encoding="utf-8")


def test_the_page_of_the_plugin_api_is_the_code():
    told = "run `python -m imgate.adapters.plugin_api_reference > docs/reference/plugin-api.md`"
    assert page("plugin-api.md") == plugin_api_reference.reference(), told


def test_the_page_of_the_quality_scale_is_the_code():
    told = "run `python -m imgate.adapters.quality.reference > docs/reference/quality.md`"
    assert page("quality.md") == quality_reference.reference(), told


def test_every_public_name_has_its_entry_and_every_entry_is_a_public_name():
    documented = re.findall(r"^### `(.+)`$", page("plugin-api.md"), re.MULTILINE)
    public = [name for names in plugin_api_reference.surface().values() for name in names]
    assert sorted(documented) == sorted(public)
    for module, names in plugin_api_reference.surface().items():
        imported = importlib.import_module(f"imgate.plugin_api.{module}".rstrip("."))
        assert all(hasattr(imported, name) or hasattr(hooks, name) for name in names)


def test_every_name_that_the_package_exports_is_public():
    assert set(importlib.import_module("imgate.plugin_api").__all__) <= set(plugin_api_reference.surface()[""])
    for module in plugin_api_reference.SUBMODULES:
        assert set(getattr(importlib.import_module(f"imgate.plugin_api.{module}"), "__all__", [])) <= set(
            plugin_api_reference.surface()[module]
        )


def test_every_hook_is_on_the_page():
    named = {name for name in vars(hooks) if name.startswith("imgate_register_")}
    assert named == {name for name in plugin_api_reference.surface()[""] if name.startswith("imgate_register_")}
    assert len(named) == 2


def test_every_module_that_a_plugin_imports_is_on_the_page():
    imported = set()
    for file in ROOT.glob("plugins/*/src/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("imgate.plugin_api."):
                imported.add(node.module.removeprefix("imgate.plugin_api."))
    assert imported <= set(plugin_api_reference.SUBMODULES)


def test_the_whole_surface_fits_on_one_screen():
    screen = re.search(r"on one screen\n\n(.*?)\n\n", page("plugin-api.md"), re.DOTALL)[1]
    assert len(screen.splitlines()) <= 24
    for names in plugin_api_reference.surface().values():
        assert all(f"`{name}`" in screen for name in names)


def test_every_rule_of_the_scale_stands_on_its_page_once():
    assert re.findall(r"^\| `(\w+)` \| [A-Z]", page("quality.md"), re.MULTILINE) == list(RULES)
