"""A faulty configuration without its faults, so that `imgate check` can go on looking: every problem at once, not one after the other."""

import copy
from typing import Any

from pydantic import ValidationError

from imgate.settings.model import Settings

# Stand in for required values that are missing or wrong; only looked at, never started with.
_GATEWAY = {"id": "unknown", "name": "unknown"}


def without_faults(document: dict[str, Any], error: ValidationError) -> Settings | None:
    """Leave out every value that is wrong, and every partner and service that cannot be told without it; None where too little is left."""
    rest = copy.deepcopy(document)
    for entry in error.errors(include_url=False, include_context=False, include_input=False):
        _leave_out(rest, entry["loc"])
    gateway = rest.get("gateway")
    rest["gateway"] = {**_GATEWAY, **(gateway if isinstance(gateway, dict) else {})}
    for partner in [*rest.get("partners", {})]:
        table = rest["partners"][partner]
        if not isinstance(table, dict) or "adapter" not in table:
            del rest["partners"][partner]
        else:
            table.setdefault("name", "unknown")
    for service in [*rest.get("eid", {})]:
        table = rest["eid"][service]
        if not isinstance(table, dict) or not table.keys() >= {"issuer", "jwks_file"}:
            del rest["eid"][service]
    try:
        return Settings(**rest)
    except (ValidationError, TypeError):
        return None


def _leave_out(rest: dict[str, Any], path: tuple[str | int, ...]) -> None:
    """Remove the value at this path, or the nearest around it that can be removed: of a list the whole list."""
    table: Any = rest
    for depth, key in enumerate(path):
        inner = table.get(key)
        if depth == len(path) - 1 or not isinstance(inner, dict) or path[depth + 1] == "[key]":
            table.pop(key, None)
            return
        table = inner
