"""Gathers the facts about the plugins that run: whose they are, which schemas they bring, with which digests."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points

from imgate.adapters.registered import RegisteredAdapter
from imgate.adapters.registry import ADAPTER_GROUP, TRANSPORT_GROUP, Registry
from imgate.documents.office_papers.facts import FormatFacts, PluginFacts
from imgate.settings import Settings
from imgate.vocabulary.words import Direction

# Where a package may name who publishes it, the likeliest first.
_PUBLISHER = ("Author", "Author-email", "Maintainer", "Maintainer-email")


@dataclass(frozen=True, slots=True)
class _Package:
    """The installed package that brings a plugin."""

    name: str
    version: str
    publisher: str | None


def plugins_of(settings: Settings, registry: Registry) -> tuple[PluginFacts, ...]:
    """Give the adapters and transports that partners use, but for imgate's own transports."""
    return tuple(sorted(_used(settings, registry), key=lambda plugin: (plugin.kind, plugin.id)))


def _used(settings: Settings, registry: Registry) -> Iterator[PluginFacts]:
    for adapter in {partner.adapter for partner in settings.partners.values()} & registry.adapters.keys():
        yield _adapter(registry.adapters[adapter])
    for kind in {partner.transport.kind for partner in settings.partners.values()}:
        package = _package(TRANSPORT_GROUP, kind)
        if package is not None:
            yield PluginFacts(
                id=kind,
                kind="transport",
                name=kind,
                package=package.name,
                version=package.version,
                publisher=package.publisher,
                namespace=None,
                formats=(),
                code_lists=(),
            )


def _adapter(adapter: RegisteredAdapter) -> PluginFacts:
    manifest, package = adapter.manifest, _package(ADAPTER_GROUP, adapter.id)
    return PluginFacts(
        id=adapter.id,
        kind="adapter",
        name=manifest.name,
        package=None if package is None else package.name,
        version=adapter.version,
        publisher=None if package is None else package.publisher,
        namespace=manifest.namespace,
        formats=tuple(_format(adapter, direction) for direction in Direction),
        code_lists=tuple(sorted({f"{used.uri} {used.version or '(Fassung je Mitteilung)'}" for used in manifest.code_lists})),
    )


def _format(adapter: RegisteredAdapter, direction: Direction) -> FormatFacts:
    described = adapter.manifest.direction(direction)
    return FormatFacts(
        direction=direction.value,
        format=described.format,
        media_types=tuple(sorted(described.media_types)),
        root=described.root,
        schema_file=described.schema_file,
        sha256=described.sha256,
    )


def _package(group: str, plugin: str) -> _Package | None:
    """Find it; None for what no package brings."""
    found = next((point.dist for point in entry_points(group=group, name=plugin) if point.dist is not None), None)
    if found is None:
        return None
    publisher = next((found.metadata[key] for key in _PUBLISHER if key in found.metadata), None)
    return _Package(found.metadata["Name"], found.version, publisher)
