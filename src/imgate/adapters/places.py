"""Places as a tree of names, for formats whose elements or members lie within each other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from imgate.plugin_api import Place

# A step leads to a scope, or to further steps.
Steps = Mapping[str, "str | Steps"]


def compile_places(places: Mapping[str, Place], kind: str, names_in: Callable[[str, str], Sequence[str]]) -> Steps:
    """Turn the places of one direction into a tree of names. Raises ValueError for two scopes in one place.

    ``kind`` is the format's name, for the error. ``names_in`` gives the names of a scope's place, from the outside in; it raises ValueError
    for a place that the format cannot have.
    """
    steps: dict[str, Any] = {}
    for scope, place in places.items():
        if len(place.at) != 1:
            raise ValueError(f"{scope} must have exactly one place in {kind} format")
        *containers, last = names_in(scope, place.at[0])
        here = steps
        for container in containers:
            here = here.setdefault(container, {})
            if isinstance(here, str):
                raise ValueError(f"{scope} stands inside the place of {here}")
        if last in here:
            raise ValueError(f"{scope} shares its place with another scope")
        here[last] = scope
    return steps
