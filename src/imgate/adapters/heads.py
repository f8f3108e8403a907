"""Compare what a message says about itself with what the core told the plugin: whose it is, to whom, under what it passes.

A head that a plugin kept from one message to the next is valid, and sends one client's data under another's reference. Only heads in
imgate's own form can be compared; a format with a head of its own is tried by the conformance kit alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from imgate.plugin_api import Envelope, Release
from imgate.plugin_api.xml_write import ENVELOPE_NAMESPACE

_E = f"{{{ENVELOPE_NAMESPACE}}}"
_RELEASES = "releases"


@dataclass(frozen=True, slots=True)
class Told:
    """What the plugin was handed beside the record."""

    envelope: Envelope
    releases: Mapping[str, Release]

    def __repr__(self) -> str:
        """Show the message id only: a reference is personal."""
        return f"Told({self.envelope!r})"


def differs_in_xml(root: etree._Element, told: Told) -> str | None:
    """Name the element of an envelope that says something else, or None; also None where there is no envelope of imgate's."""
    for envelope in root.iterfind(f"{_E}envelope"):
        said = {child.tag: child.text or "" for child in envelope}
        for name, expected in _texts(told.envelope):
            if said.get(_E + name) != expected:
                return name
        releases = [
            ((release.get("scopes") or "").split(), release.get("discloser"), release.get("origin"), release.get("until"))
            for release in envelope.iterfind(f"{_E}releases/{_E}release")
        ]
        if not _are_the_same(releases, told.releases):
            return _RELEASES
    return None


def differs_in_json(envelope: object, told: Told) -> str | None:
    """Name the member of an envelope that says something else, or None; also None where it is none of imgate's."""
    if not isinstance(envelope, dict) or not envelope.keys() >= {_RELEASES, *(name for name, _ in _texts(told.envelope))}:
        return None
    for name, expected in _texts(told.envelope):
        if envelope[name] != expected:
            return name
    try:
        releases = [(one["scopes"], one["discloser"], one["origin"], one["until"]) for one in envelope[_RELEASES]]
        same = _are_the_same(releases, told.releases)
    except (TypeError, KeyError):  # a shape that no schema of imgate's allows
        same = False
    return None if same else _RELEASES


def _texts(envelope: Envelope) -> Iterator[tuple[str, str]]:
    # What decides about the person comes first.
    yield "reference", envelope.reference
    yield "messageId", envelope.message_id
    yield "createdAt", envelope.created_at
    yield "sender", envelope.sender
    yield "recipient", envelope.recipient
    yield "purpose", envelope.purpose


def _are_the_same(said: list[tuple[Any, Any, Any, Any]], releases: Mapping[str, Release]) -> bool:
    found = {scope: (discloser, origin, until) for scopes, discloser, origin, until in said for scope in scopes}
    if sum(len(scopes) for scopes, *_ in said) != len(releases):  # fewer, more, or one of them twice
        return False
    return all(found.get(scope) == (one.discloser, one.origin, one.until) for scope, one in releases.items())
