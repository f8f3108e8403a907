"""What must agree before an adapter is used: its table with the catalogue, and both with its manifest.

Each check lists everything that it finds, in sentences for the operator, so that an author need not start imgate once for
each of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imgate.adapters.details import unknown_details
from imgate.adapters.errors import PluginRefused
from imgate.adapters.failed_at import cause
from imgate.adapters.manifest import Manifest
from imgate.plugin_api import Absent, AdapterPlugin, Field, FieldTable, PartnerAdapter, Place, SettingsInvalid
from imgate.record.catalogue import Catalogue
from imgate.vocabulary.words import Direction

AUTHOR = "Its author must mend that."

_PARTS = ("fields", "media_type", "to_partner", "from_partner")


def configured_translator(name: str, plugin: AdapterPlugin, settings: Mapping[str, object]) -> PartnerAdapter:
    """Let a plugin make its adapter for one partner. Raises SettingsInvalid for the operator, PluginRefused for the author."""
    try:
        translator = plugin.configure(settings)
        missing = [part for part in _PARTS if not hasattr(translator, part)]
        has_table = not missing and _is_table(translator.fields)
    except SettingsInvalid:
        raise
    except Exception as error:  # noqa: BLE001  # foreign code
        sentence = f"failed while it was configured{cause(error)}. {AUTHOR}"
    else:
        if has_table:
            return translator
        lacks = f"without {', '.join(missing)}" if missing else "whose fields are no field_table(…) with Place or Absent for each direction"
        sentence = f"configures an adapter {lacks}. {AUTHOR}"
    raise PluginRefused(name, sentence)


def _is_table(table: Any) -> bool:
    return isinstance(table, FieldTable) and all(_is_field(scope, field) for scope, field in table.fields.items())


def _is_field(scope: str, field: Any) -> bool:
    if not isinstance(field, Field) or field.scope != scope:
        return False
    places: tuple[Any, ...] = (field.to_partner, field.from_partner)
    return all(isinstance(place, Place | Absent) for place in places)


def problems_of_table(table: FieldTable, catalogue: Catalogue) -> Iterator[str]:
    """Say which scopes a field table leaves out, and which scopes and details it makes up."""
    if missing := [scope for scope in catalogue.scopes if scope not in table.fields]:
        yield (
            f"its field table leaves out {', '.join(missing)}. {AUTHOR} Each scope has a place, or one sentence why it has none, "
            "in each direction."
        )
    if unknown := sorted(map(str, table.fields.keys() - catalogue.scopes.keys())):
        yield f"its field table names unknown scopes: {', '.join(unknown)}. {AUTHOR}"
    yield from (f"its field table: {sentence} {AUTHOR}" for sentence in unknown_details(table))


def beyond_manifest(manifest: Manifest, translator: PartnerAdapter) -> Iterator[str]:
    """Say what the code would exchange and the manifest does not name: settings may narrow the manifest and never widen it."""
    places = {Direction.TO_PARTNER: translator.fields.sent(), Direction.FROM_PARTNER: translator.fields.taken()}
    for direction, scopes in places.items():
        if beyond := sorted(scopes.keys() - set(manifest.direction(direction).scopes)):
            yield (
                f"its table has a place for {', '.join(beyond)} ({direction}), its manifest has not. {AUTHOR} "
                f"The scopes of [{direction}] in adapter.toml are the most that it may exchange; if these are meant: {_entry(scopes)}"
            )
    if translator.media_type not in manifest.to_partner.media_types:
        named = ", ".join(manifest.to_partner.media_types)
        yield f"writes the media type {translator.media_type}, its manifest names {named}. {AUTHOR}"


def beyond_table(manifest: Manifest, translator: PartnerAdapter) -> Iterator[str]:
    """Say what the manifest names and the code, without settings, has no place for."""
    places = {Direction.TO_PARTNER: translator.fields.sent(), Direction.FROM_PARTNER: translator.fields.taken()}
    for direction, scopes in places.items():
        if missing := sorted(set(manifest.direction(direction).scopes) - scopes.keys()):
            yield (
                f"its manifest names {', '.join(missing)} ({direction}), its table has no place for it. {AUTHOR} "
                f"Give it a place in the field table, or take it out of [{direction}] in adapter.toml: {_entry(scopes)}"
            )


def _entry(scopes: Iterable[str]) -> str:
    named = ", ".join(f'"{scope}"' for scope in scopes)
    return f"scopes = [{named}]"
