"""Reads the entries of a ``transport`` table into a transport's own type."""

import ipaddress
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import httpx2
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
    if first["type"] == "extra_forbidden" and len(first["loc"]) > 1:
        sentence = "is not known"
    elif first["type"] == "extra_forbidden":
        sentence = f"is not known; there are {', '.join(model.model_fields) or 'no entries but kind'}"
    else:
        sentence = form_fault(first["type"], first.get("ctx", {}), first["msg"])
    raise SettingsInvalid(name, sentence)


def https_address(url: str) -> str:
    """Take an address that is https, or on this machine, and names no user. Raises ValueError, which does not show it."""
    try:
        parts = urlsplit(url)
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("is not an address such as https://partner.example.org/imgate")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("needs https: personal data would cross the network in clear")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
