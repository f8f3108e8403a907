"""One adapter that was found: its manifest, its schemas, and the check that manifest, table, schemas and catalogue agree."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.errors import PluginRefused
from imgate.adapters.form import Form
from imgate.adapters.manifest import DirectionManifest, Manifest, ManifestInvalid, OtherApiVersion, read_manifest
from imgate.adapters.table_format import TableForm
from imgate.adapters.xml_format import Schema, SchemaUnusable, XmlForm, compile_places, compile_schema
from imgate.plugin_api import API_VERSION, AdapterPlugin, FieldTable, PartnerAdapter, Place, SettingsInvalid
from imgate.record.catalogue import Catalogue
from imgate.vocabulary.words import Direction


@dataclass(frozen=True, slots=True)
class RegisteredAdapter:
    """An adapter that may be used. ``register_adapter`` makes it; ``configured`` makes it ready for one partner."""

    id: str
    version: str
    manifest: Manifest
    schemas: Mapping[Direction, Schema | None]
    plugin: AdapterPlugin
    catalogue: Catalogue

    def configured(self, settings: Mapping[str, object]) -> LoadedAdapter:
        """Configure the adapter for one partner. Raises SettingsInvalid for the operator, PluginRefused otherwise."""
        translator = self._translator(settings)
        places = {Direction.TO_PARTNER: translator.fields.sent(), Direction.FROM_PARTNER: translator.fields.taken()}
        _account_for_every_scope(self.id, translator.fields, self.catalogue)
        for direction, scopes in places.items():
            if beyond := scopes.keys() - set(self.manifest.direction(direction).scopes):
                raise PluginRefused(self.id, f"its table has a place for {min(beyond)} ({direction}), its manifest has not. {_AUTHOR}")
        if translator.media_type not in self.manifest.to_partner.media_types:
            raise PluginRefused(self.id, f"writes another media type than its manifest names. {_AUTHOR}")
        inbound = self.schemas[Direction.FROM_PARTNER]
        return LoadedAdapter(
            id=self.id,
            version=self.version,
            manifest=self.manifest,
            ceiling=MappingProxyType({direction: frozenset(scopes) for direction, scopes in places.items()}),
            media_type=translator.media_type,
            translator=translator,
            forms=MappingProxyType({direction: self._form(direction, places[direction], translator) for direction in Direction}),
            inbound_schema=None if inbound is None else inbound.content,
        )

    def _translator(self, settings: Mapping[str, object]) -> PartnerAdapter:
        try:
            return self.plugin.configure(settings)
        except SettingsInvalid:
            raise
        except Exception as error:  # noqa: BLE001  # foreign code
            sentence = f"failed while it was configured ({type(error).__name__}). {_AUTHOR}"
        raise PluginRefused(self.id, sentence)

    def _form(self, direction: Direction, places: Mapping[str, Place], translator: PartnerAdapter) -> Form:
        manifest, schema = self.manifest.direction(direction), self.schemas[direction]
        if schema is None:
            return TableForm(places, translator.media_type)
        namespace = self.manifest.namespace or ""
        try:
            return XmlForm(schema, f"{{{namespace}}}{manifest.root}", compile_places(places, namespace))
        except ValueError as error:
            raise PluginRefused(self.id, f"its field table cannot be checked: {error}. {_AUTHOR}") from None


_AUTHOR = "Its author must mend that."


def register_adapter(name: str, plugin: AdapterPlugin, version: str, catalogue: Catalogue) -> RegisteredAdapter:
    """Read an adapter's manifest and schemas, and try it without settings. Raises PluginRefused."""
    try:
        folder = resources.files(plugin.package)
        manifest = read_manifest((folder / "adapter.toml").read_bytes())
    except ManifestInvalid as error:
        raise PluginRefused(name, f"{error}. {_AUTHOR}") from None
    except OtherApiVersion as error:
        sentence = f"was made for plugin API {error}, this imgate has {API_VERSION}. Install a release of it that fits."
        raise PluginRefused(name, sentence) from None
    except (OSError, ImportError, TypeError):
        raise PluginRefused(name, f"has no readable adapter.toml beside its code. {_AUTHOR}") from None
    schemas = {direction: _schema(manifest, manifest.direction(direction), folder) for direction in Direction}
    adapter = RegisteredAdapter(manifest.id, version, manifest, MappingProxyType(schemas), plugin, catalogue)
    _try_without_settings(adapter)
    return adapter


def _schema(manifest: Manifest, direction: DirectionManifest, folder: Traversable) -> Schema | None:
    if direction.schema_file is None:
        return None
    try:
        content = folder.joinpath(*direction.schema_file.split("/")).read_bytes()
    except OSError:
        raise PluginRefused(manifest.id, f"its schema {direction.schema_file} is missing. Install the package again.") from None
    if hashlib.sha256(content).hexdigest() != direction.sha256:
        sentence = f"its schema {direction.schema_file} is not the one that its manifest names by digest; somebody changed one of the two."
        raise PluginRefused(manifest.id, f"{sentence} Install the package again, or ask its author.")
    try:
        return Schema(content, compile_schema(content))
    except SchemaUnusable as error:
        raise PluginRefused(manifest.id, f"its schema {direction.schema_file} {error}. {_AUTHOR}") from None


def _try_without_settings(adapter: RegisteredAdapter) -> None:
    try:
        loaded = adapter.configured({})
    except SettingsInvalid as error:
        raise PluginRefused(adapter.id, f"does not start without settings ({error}). {_AUTHOR}") from None
    for direction in Direction:
        if missing := set(adapter.manifest.direction(direction).scopes) - loaded.ceiling[direction]:
            raise PluginRefused(adapter.id, f"its manifest names {min(missing)} ({direction}), its table has no place for it. {_AUTHOR}")


def _account_for_every_scope(adapter_id: str, fields: FieldTable, catalogue: Catalogue) -> None:
    if missing := catalogue.scopes.keys() - fields.fields.keys():
        raise PluginRefused(adapter_id, f"its field table leaves out {', '.join(sorted(missing))}. {_AUTHOR}")
    if unknown := fields.fields.keys() - catalogue.scopes.keys():
        raise PluginRefused(adapter_id, f"its field table names unknown scopes: {', '.join(sorted(unknown))}. {_AUTHOR}")
