"""Which code lists stand in messages, and which the manifest names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from imgate.adapters.manifest import Manifest

# Codes that imgate made because no list is published; they belong to the format and run out with it.
_OWN = "urn:imgate:"
# In XML as XÖV writes a code; in JSON and in what was read, as the case record holds one.
_IN_XML = re.compile(r'listURI="([^"]+)"(?: listVersionID="([^"]+)")?')
_IN_JSON = re.compile(r'"list":\s*"([a-z]+:[^"]+)",\s*"version":\s*"([^"]+)"')


@dataclass(frozen=True, slots=True)
class ListVersion:
    """One list in one version; None where none is published, or where each code names its own."""

    uri: str
    version: str | None

    @property
    def of_any_version(self) -> "ListVersion":
        """Give the entry by which the manifest names every version of the list."""
        return ListVersion(self.uri, None)

    def __str__(self) -> str:
        """Show it as people would."""
        return self.uri if self.version is None else f"{self.uri} {self.version}"


def lists_named(manifest: Manifest) -> set[ListVersion]:
    """Give the lists of ``[[code_lists]]``."""
    return {ListVersion(use.uri, use.version) for use in manifest.code_lists}


def lists_in(files: Iterable[Path]) -> set[ListVersion]:
    """Find the published lists that stand in messages, or in records read from messages."""
    found = set()
    for file in files:
        text = file.read_bytes().decode("utf-8", errors="replace")
        for pattern in (_IN_XML, _IN_JSON):
            found |= {ListVersion(uri, version or None) for uri, version in pattern.findall(text)}
    return {one for one in found if not one.uri.startswith(_OWN)}
