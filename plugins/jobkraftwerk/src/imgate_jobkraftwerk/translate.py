"""The adapter: a mapping, and which of the two kinds of file it writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import BinaryIO, Final

from imgate.plugin_api import Envelope, FieldTable, FileDescription, Parts, Reading, ReleasedRecord, SettingsInvalid
from imgate_jobkraftwerk.fields import fields_of
from imgate_jobkraftwerk.mapping import TableMapping, read_mapping
from imgate_jobkraftwerk.parts import parts_of
from imgate_jobkraftwerk.preview import describe_file
from imgate_jobkraftwerk.reading import read_message
from imgate_jobkraftwerk.writing import TableWriter

_MEDIA_TYPES: Final = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True, slots=True)
class TableAdapter:
    """Translates between the case record and tables, by one mapping."""

    mapping: TableMapping
    fields: FieldTable
    media_type: str
    write: Callable[[ReleasedRecord, Envelope], bytes]

    def to_partner(self, released: ReleasedRecord, envelope: Envelope) -> bytes:
        """Write one table. Raises TranslationFault."""
        return self.write(released, envelope)

    def from_partner(self, message: bytes) -> Reading:
        """Read a table of any kind that the mapping knows. Raises MessageUnreadable."""
        return read_message(message, self.mapping)

    def parts(self, file: BinaryIO, people: int) -> Parts | None:
        """Cut a CSV file that a partner keeps into messages. Raises MessageUnreadable."""
        return parts_of(file, self.mapping, people)

    def describe(self, file: BinaryIO) -> FileDescription:
        """Say how a file is understood. Raises MessageUnreadable."""
        return describe_file(file, self.mapping)


def configure(settings: Mapping[str, object]) -> TableAdapter:
    """Make the adapter for one partner. Raises SettingsInvalid."""
    for key in settings:
        if key not in ("mapping", "format"):
            raise SettingsInvalid(key, "is no setting of jobkraftwerk; it has mapping and format")
    kind = settings.get("format", "csv")
    if not isinstance(kind, str) or kind not in _MEDIA_TYPES:
        raise SettingsInvalid("format", f"must be one of {', '.join(_MEDIA_TYPES)}")
    mapping = read_mapping(_mapping_text(settings.get("mapping")))
    writer = TableWriter(mapping)
    return TableAdapter(mapping, fields_of(mapping), _MEDIA_TYPES[kind], writer.csv if kind == "csv" else writer.xlsx)


def _mapping_text(path: object) -> str:
    if path is None:
        return (resources.files("imgate_jobkraftwerk") / "mapping.toml").read_text("utf-8")
    if not isinstance(path, str):
        raise SettingsInvalid("mapping", "must be the path of a TOML file")
    try:
        return Path(path).read_text("utf-8")
    except UnicodeDecodeError:
        raise SettingsInvalid("mapping", f"{path} is not UTF-8") from None
    except (OSError, ValueError) as error:
        raise SettingsInvalid("mapping", f"{path} cannot be read ({type(error).__name__})") from None
