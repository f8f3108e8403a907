"""Reads the entries of a ``transport`` table into a transport's own type."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from imgate.plugin_api import SettingsInvalid
from imgate.vocabulary.form_faults import form_fault

Entries = TypeVar("Entries", bound=BaseModel)


def read_entries(model: type[Entries], entries: Mapping[str, object]) -> Entries:
    """Check the entries. Raises SettingsInvalid for the first that is unknown, missing or unusable; shows no value."""
    try:
        return model.model_validate(entries)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(map(str, first["loc"])) or "transport"
    if first["type"] == "extra_forbidden":
        sentence = f"is not known; there are {', '.join(model.model_fields) or 'no entries but kind'}"
    else:
        sentence = form_fault(first["type"], first.get("ctx", {}), first["msg"])
    raise SettingsInvalid(name, sentence)
