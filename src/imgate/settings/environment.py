"""The environment as a source of the configuration: ``IMGATE_DATABASE__URL`` and so on, laid over the file."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource

PREFIX = "IMGATE_"


class EnvironmentSource(EnvSettingsSource):
    """Read the variables, ``_`` in the id of a partner or a service standing for the ``-`` that no shell allows in a name.

    That is unambiguous, because an id holds no ``_``; an id with ``--`` in it can be set in the file only.
    """

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        """Read what the process was started with."""
        super().__init__(settings_cls)

    def __call__(self) -> dict[str, Any]:
        """Give the values by section. Raises SettingsError where one should be JSON and is not."""
        found = super().__call__()
        for section in ("partners", "eid"):
            named = found.get(section)
            if isinstance(named, dict):
                found[section] = {name.replace("_", "-"): values for name, values in named.items()}
        return found


def variables() -> tuple[str, ...]:
    """Name the variables that set something here.

    Without ``__`` it is none of them: Kubernetes makes up ``IMGATE_SERVICE_HOST`` and the like for a service of this name.
    """
    return tuple(sorted(name for name in os.environ if name.upper().startswith(PREFIX) and "__" in name))


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the environment over the file, table by table."""
    both = dict(under)
    for key, value in over.items():
        below = both.get(key)
        both[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def unknown_sections(known: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Name the variables that begin with a section which does not exist, and that section."""
    sections = set(known)
    begun = ((name, name[len(PREFIX) :].split("__", 1)[0].lower()) for name in variables())
    return tuple((name, section) for name, section in begun if section not in sections)


def variable_of(path: tuple[str | int, ...]) -> str | None:
    """Name the variable that sets this path or something around it, if one does."""
    words = [str(word).upper().replace("-", "_") for word in path]
    present = {name.upper(): name for name in os.environ}
    for length in range(len(words), 0, -1):
        name = PREFIX + "__".join(words[:length])
        if name in present:
            return present[name]
    return None
