"""The schemas that imgate publishes and that a plugin's schema may import, from memory and by fixed names only."""

from functools import cache
from importlib import resources
from pathlib import Path

ENVELOPE = "imgate-envelope.xsd"
CODE = "xoev-style-code.xsd"
PUBLISHED = (ENVELOPE, CODE)


@cache
def published_schema(name: str) -> bytes:
    """Read one of the published XML schemas. Raises KeyError for any other name."""
    if name not in PUBLISHED:
        raise KeyError(name)
    inside = resources.files("imgate") / "schemas" / name
    if inside.is_file():
        return inside.read_bytes()
    # A checkout: the wheel's build moves the top-level folder into the package (pyproject.toml).
    return (Path(__file__).parents[3] / "schemas" / name).read_bytes()
