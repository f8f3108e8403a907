"""The schemas that imgate publishes and that a plugin's schema may import, from memory and by fixed names only."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

ENVELOPE = "imgate-envelope.xsd"
CODE = "xoev-style-code.xsd"
PUBLISHED = (ENVELOPE, CODE)
# The core's own, which no plugin imports.
NOTICE = "imgate-notice.xsd"

MESSAGE = "urn:imgate:schema:message:1"
CASE_RECORD = "urn:imgate:schema:case-record:1"
# The same for JSON: a schema is named by its $id, which is not where it lies.
PUBLISHED_JSON: Mapping[str, str] = MappingProxyType({MESSAGE: "imgate-message.schema.json", CASE_RECORD: "case-record.schema.json"})


@cache
def published_schema(name: str) -> bytes:
    """Read one of the published schemas, by its file name. Raises KeyError for any other name."""
    if name not in (*PUBLISHED, *PUBLISHED_JSON.values(), NOTICE):
        raise KeyError(name)
    inside = resources.files("imgate") / "schemas" / name
    if inside.is_file():
        return inside.read_bytes()
    # A checkout: the wheel's build moves the top-level folder into the package (pyproject.toml).
    return (Path(__file__).parents[3] / "schemas" / name).read_bytes()
