"""Writes ``docs/reference/plugin-api.md`` from the source of ``imgate.plugin_api``; tests compare the two.

From the source and not from the objects: what stands there is what an author reads, with types and defaults as they were written.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from imgate.adapters.manifest_reference import manifest_reference
from imgate.plugin_api import API_VERSION

_PACKAGE = "imgate.plugin_api"
# In the order in which an author meets them; a module that is new comes behind these until somebody gives it its place.
_ORDER = ("hooks", "adapter", "fields", "released", "incoming", "errors", "attachment", "parts", "record_check", "transport")
# What a plugin imports by the module's name, because only some adapters need it.
SUBMODULES = ("xml", "json", "xoev")

_HEAD = f"""# The plugin API

*Written by `python -m imgate.adapters.plugin_api_reference` from `src/imgate/plugin_api/`; a test compares the two.*

Plugin API {API_VERSION}. A plugin imports `imgate.plugin_api`, its modules that are named below, and nothing else of imgate; its tests
may import `imgate.conformance` too. It is found by an entry point in the group `imgate.adapters` or `imgate.transports`, whose name is
the adapter's id or the transport's kind, and whose module has one of the two hooks:

```python
@hookimpl
def imgate_register_adapter() -> AdapterPlugin:
    return AdapterPlugin(package="imgate_wohnungsamt", configure=configure)
```

A plugin may narrow what is released and never widen it: what its table has no place for cannot leave, what its manifest does not name
has no place, and each message is checked for exactly the scopes that were released. A plugin runs inside imgate's process all the
same; it is trusted code, to be read before it is installed. `imgate plugin new NAME` begins one, `imgate plugin check NAME` tells
what is wrong with it ([quality scale](quality.md)).
"""

Node = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign


@dataclass(frozen=True, slots=True)
class _Module:
    """One file of the package: its docstring, its lines, and what stands in it by name; ``imports`` says where the rest is from."""

    doc: str
    lines: list[str]
    names: Mapping[str, Node]
    imports: Mapping[str, str]
    exported: list[str]


def surface() -> dict[str, list[str]]:
    """Give every public name by the module from which a plugin imports it, hooks first."""
    package = _modules()["__init__"]
    hooks = [name for name, node in _modules()["hooks"].names.items() if _is_hook(node)]
    by_module: dict[str, list[str]] = {"": [*hooks, *package.exported]}
    for module in SUBMODULES:
        of_module = _modules()[module]
        own = [name for name, node in of_module.names.items() if not name.startswith("_") and not isinstance(node, ast.Assign)]
        by_module[module] = of_module.exported or own
    return by_module


def reference() -> str:
    """Give the page."""
    top, *others = surface().items()
    groups: dict[str, list[str]] = {}
    for name in top[1]:
        groups.setdefault(_home(name), []).append(name)
    order = [*(module for module in _ORDER if module in groups), *sorted(groups.keys() - set(_ORDER))]
    parts = [_HEAD, "\n## The whole surface on one screen\n\n| what | names |\n|---|---|\n"]
    parts += [f"| {_title(module)} | {_listed(groups[module])} |\n" for module in order]
    parts += [f"| `{_PACKAGE}.{module}` | {_listed(names)} |\n" for module, names in others]
    for module in order:
        parts.append(f"\n## {_title(module)}\n\n{_text(_modules()[module].doc)}\n")
        parts += [_entry(module, name) for name in groups[module]]
    for module, names in others:
        parts.append(f"\n## `{_PACKAGE}.{module}`\n\n{_text(_modules()[module].doc)}\n")
        parts += [_entry(_modules()[module].imports.get(name, module), name) for name in names]
    return "".join([*parts, manifest_reference()])


@cache
def _modules() -> dict[str, _Module]:
    folder = resources.files(_PACKAGE)
    return {
        file.name.removesuffix(".py"): _read(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".py")
    }


def _read(source: str) -> _Module:
    tree = ast.parse(source)
    names: dict[str, Node] = {}
    imports: dict[str, str] = {}
    exported: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = node
            if node.targets[0].id == "__all__":
                exported = ast.literal_eval(node.value)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(f"{_PACKAGE}."):
            imports |= {name.name: node.module.removeprefix(f"{_PACKAGE}.") for name in node.names}
    return _Module(ast.get_docstring(tree) or "", source.splitlines(), names, imports, exported)


def _home(name: str) -> str:
    return _modules()["__init__"].imports.get(name, "hooks")


def _is_hook(node: Node) -> bool:
    return isinstance(node, ast.FunctionDef) and any(isinstance(one, ast.Name) and one.id == "hookspec" for one in node.decorator_list)


def _entry(module: str, name: str) -> str:
    home = _modules()[module]
    node = home.names[name]
    if isinstance(node, ast.Assign):
        said = " ".join(reversed(list(_comments_above(home.lines, node.lineno))))
        return f"\n### `{name}`\n\n```python\n{ast.unparse(node)}\n```\n" + (f"\n{said}\n" if said else "")
    code = _class(node) if isinstance(node, ast.ClassDef) else _signature(node)
    text = _text(ast.get_docstring(node) or "")
    methods = [f"- `{method.name}`: {_text(ast.get_docstring(method) or '', joined=True)}\n" for method in _methods(node)]
    return f"\n### `{name}`\n\n```python\n{code}\n```\n\n{text}\n" + ("\n" + "".join(methods) if methods else "")


def _comments_above(lines: list[str], number: int) -> Iterator[str]:
    for line in reversed(lines[: number - 1]):
        if not line.startswith("#"):
            return
        yield line.removeprefix("#").strip()


def _class(node: ast.ClassDef) -> str:
    bases = f"({', '.join(ast.unparse(base) for base in node.bases)})" if node.bases else ""
    lines = [f"class {node.name}{bases}:"]
    lines += [f"    {_field(part)}" for part in node.body if isinstance(part, ast.AnnAssign)]
    for method in _methods(node):
        is_property = any(isinstance(one, ast.Name) and one.id == "property" for one in method.decorator_list)
        lines += ["    @property"] if is_property else []
        lines.append(f"    {_signature(method)}")
    return "\n".join(lines) if len(lines) > 1 else lines[0].removesuffix(":")


def _methods(node: Node) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """List the methods that an author calls or writes; how a value is shown and checked when it is made is its own business."""
    if not isinstance(node, ast.ClassDef):
        return []
    functions = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [function for function in functions if not function.name.startswith("_") or function.name == "__init__"]


def _field(part: ast.AnnAssign) -> str:
    shown = f"{ast.unparse(part.target)}: {ast.unparse(part.annotation)}"
    match part.value:
        case None:
            return shown
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            return f"{shown} = …" if any(str(keyword.arg).startswith("default") for keyword in keywords) else shown
        case value:
            return f"{shown} = {ast.unparse(value)}"


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returned = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    return f"{word} {node.name}({ast.unparse(node.args)}){returned}"


def _title(module: str) -> str:
    return module.replace("_", " ").capitalize()


def _listed(names: list[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _text(doc: str, *, joined: bool = False) -> str:
    """Turn a docstring into Markdown; ``joined`` puts it on one line, for an entry of a list."""
    text = re.sub(r"``(.+?)``", r"`\1`", doc)
    return " ".join(text.split()) if joined else text


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
