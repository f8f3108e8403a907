"""Make released records for tests, in one place."""

from collections.abc import Collection, Mapping
from typing import Any

from imgate.plugin_api import Release, ReleasedRecord
from imgate.record.catalogue import CATALOGUE

PERMISSION = Release(discloser="Integrationsmanagement Winnenden", origin="self", until="2026-12-31")


def release(record: Mapping[str, Mapping[str, Any]], scopes: Collection[str]) -> ReleasedRecord:
    """Release these scopes of a record, as far as they are present, in the catalogue's order."""
    released: dict[str, dict[str, Any]] = {}
    releases: dict[str, Release] = {}
    for scope, entry in CATALOGUE.scopes.items():
        if scope in scopes and entry.item in record.get(entry.section, {}):
            released.setdefault(entry.section, {})[entry.item] = record[entry.section][entry.item]
            releases[scope] = PERMISSION
    return ReleasedRecord(released, releases)
