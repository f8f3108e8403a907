"""One adapter that was found: its manifest, its schemas, and the check that manifest, table, schemas and catalogue agree."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import assert_never

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.agreement import AUTHOR, beyond_manifest, beyond_table, configured_translator, problems_of_table
from imgate.adapters.errors import PluginRefused
from imgate.adapters.failed_at import cause
from imgate.adapters.form import Form
from imgate.adapters.json_format import JsonForm, json_steps
from imgate.adapters.json_schema import JsonSchema, JsonSchemaUnusable, compile_json_schema
from imgate.adapters.manifest import DirectionManifest, Manifest, ManifestInvalid, OtherApiVersion, read_manifest
from imgate.adapters.table_format import TableForm
from imgate.adapters.xml_format import Schema, SchemaUnusable, XmlForm, compile_schema, xml_steps
from imgate.plugin_api import API_VERSION, AdapterPlugin, PartnerAdapter, Place, SettingsInvalid
from imgate.record.catalogue import Catalogue
from imgate.vocabulary.words import Direction


@dataclass(frozen=True, slots=True)
class RegisteredAdapter:
    """An adapter that may be used. ``register_adapter`` makes it; ``configured`` makes it ready for one partner."""

    id: str
    version: str
    manifest: Manifest
    schemas: Mapping[Direction, Schema | JsonSchema | None]
    plugin: AdapterPlugin
    catalogue: Catalogue

    def configured(self, settings: Mapping[str, object]) -> LoadedAdapter:
        """Configure the adapter for one partner. Raises SettingsInvalid for the operator, PluginRefused otherwise."""
        translator = configured_translator(self.id, self.plugin, settings)
        wrong = [*problems_of_table(translator.fields, self.catalogue), *beyond_manifest(self.manifest, translator)]
        if wrong:
            raise PluginRefused(self.id, *wrong)
        return self.loaded(translator)

    def loaded(self, translator: PartnerAdapter) -> LoadedAdapter:
        """Put together what agrees already. Raises PluginRefused for places that its format cannot have."""
        table = translator.fields
        places = {Direction.TO_PARTNER: table.sent(), Direction.FROM_PARTNER: table.taken()}
        return LoadedAdapter(
            id=self.id,
            version=self.version,
            manifest=self.manifest,
            ceiling=MappingProxyType({direction: frozenset(scopes) for direction, scopes in places.items()}),
            taken=MappingProxyType(dict(places[Direction.FROM_PARTNER])),
            media_type=translator.media_type,
            translator=translator,
            forms=MappingProxyType({direction: self._form(direction, places[direction], translator) for direction in Direction}),
        )

    def _form(self, direction: Direction, places: Mapping[str, Place], translator: PartnerAdapter) -> Form:
        manifest, schema = self.manifest.direction(direction), self.schemas[direction]
        namespace = self.manifest.namespace or ""
        try:
            match schema:
                case None:
                    return TableForm(places, translator.media_type)
                case JsonSchema():
                    return JsonForm(schema, json_steps(places))
                case Schema():
                    return XmlForm(schema, f"{{{namespace}}}{manifest.root}", xml_steps(places, namespace))
                case _:
                    assert_never(schema)
        except ValueError as error:
            raise PluginRefused(self.id, f"its field table cannot be checked: {error}. {AUTHOR}") from None


def register_adapter(name: str, plugin: AdapterPlugin, version: str, catalogue: Catalogue) -> RegisteredAdapter:
    """Read an adapter's manifest and schemas, and try it without settings. Raises PluginRefused for all that is wrong at once."""
    wrong: list[str] = []
    manifest = translator = None
    try:
        manifest = _manifest(name, plugin)
        directions = [manifest.direction(direction) for direction in Direction]
    except ManifestInvalid as invalid:
        wrong += [f"{problem}{'' if problem.endswith('?') else '.'} {AUTHOR}" for problem in invalid.problems]
        directions = list(invalid.directions)
    schemas = []
    for direction in directions:
        try:
            schemas.append(_schema(name, direction, resources.files(plugin.package)))
        except PluginRefused as refused:
            wrong += [sentence for sentence in refused.sentences if sentence not in wrong]  # one schema may serve both directions
    try:
        translator = configured_translator(name, plugin, {})
    except SettingsInvalid as error:
        wrong.append(f"does not start without settings ({error}). {AUTHOR}")
    except PluginRefused as refused:
        wrong += refused.sentences
    else:
        wrong += problems_of_table(translator.fields, catalogue)
        if manifest is not None:
            wrong += [*beyond_manifest(manifest, translator), *beyond_table(manifest, translator)]
    if manifest is None or translator is None or wrong:
        raise PluginRefused(name, *wrong)
    adapter = RegisteredAdapter(
        manifest.id, version, manifest, MappingProxyType(dict(zip(Direction, schemas, strict=True))), plugin, catalogue
    )
    adapter.loaded(translator)
    return adapter


def digest_shown(name: str) -> str:
    """Say to an author where the digest is shown; that command itself leaves it out."""
    return f"; to its author, `imgate plugin check {name}` shows the digest that adapter.toml must name"


def _manifest(name: str, plugin: AdapterPlugin) -> Manifest:
    try:
        return read_manifest((resources.files(plugin.package) / "adapter.toml").read_bytes())
    except OtherApiVersion as error:
        refused: Exception = PluginRefused(
            name,
            f"was made for plugin API {error}, this imgate has {API_VERSION}. Install a release of it that fits. "
            f"If it was made for this one, its author writes api_version = {API_VERSION}.",
        )
    except ManifestInvalid:
        raise
    except OSError:
        refused = ManifestInvalid(f"has no readable adapter.toml beside its code, the package {plugin.package} that its hook names")
    except Exception as error:  # noqa: BLE001  # finding the folder imports the package, which is foreign code
        refused = ManifestInvalid(f"its hook names the package {plugin.package}, which cannot be imported{cause(error)}")
    raise refused


def _schema(name: str, direction: DirectionManifest, folder: Traversable) -> Schema | JsonSchema | None:
    if direction.schema_file is None:
        return None
    try:
        content = folder.joinpath(*direction.schema_file.split("/")).read_bytes()
    except OSError:
        raise PluginRefused(name, f"its schema {direction.schema_file} is missing. Install the package again.") from None
    if hashlib.sha256(content).hexdigest() != direction.sha256:
        sentence = f"its schema {direction.schema_file} is not the one that its manifest names by digest; somebody changed one of the two."
        raise PluginRefused(name, f"{sentence} Install the package again{digest_shown(name)}.")
    try:
        return compile_json_schema(content) if direction.format == "json" else Schema(content, compile_schema(content))
    except (SchemaUnusable, JsonSchemaUnusable) as error:
        raise PluginRefused(name, f"its schema {direction.schema_file} {error}. {AUTHOR}") from None
