"""Turn values of the record into what stands in a JSON message, by functions compiled once from the shapes.

The bytes are made of that by orjson at the end. orjson would write a number that is not finite as null, and an object in the order
of whoever made it; so both are settled here.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from imgate.plugin_api.json_shapes import AsIs, ListOf, Object, Shape, Words
from imgate.plugin_api.released import CONFIDENTIALITY_NOTICE, Envelope, Release
from imgate.record.strict_json import INTEGER_MAX

Writer = Callable[[Any], Any]


class Unwritable(Exception):
    """A value has no form in this format. The sentence never holds the value."""


def compile_writer(shape: Shape, detail: str = "item") -> Writer:
    """Build the function that turns one value of this shape into plain JSON values. It raises Unwritable, and names ``detail``."""
    match shape:
        case AsIs():
            return _as_is
        case Words():
            return _words_writer(shape, detail)
        case Object():
            return _object_writer(shape)
        case ListOf():
            return _list_writer(shape, detail)
        case _:
            assert_never(shape)


def _as_is(value: Any) -> Any:
    """Copy a value without its nulls and with its keys sorted, so that equal values make equal bytes."""
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if kind is dict:
        return {key: _as_is(value[key]) for key in sorted(value) if value[key] is not None}
    if kind is list:
        return [_as_is(each) for each in value]
    if (kind is int and -INTEGER_MAX <= value <= INTEGER_MAX) or (kind is float and math.isfinite(value)):
        return value
    raise Unwritable("has a value that JSON cannot carry")


def _words_writer(shape: Words, detail: str) -> Writer:
    def write_word(value: Any) -> str:
        word = shape.words.get(value) if isinstance(value, str) else None
        if word is None:
            raise Unwritable(f"the Words of `{detail}` lack a word of the record")
        return word

    return write_word


def _object_writer(shape: Object) -> Writer:
    members = tuple((key, member.name, compile_writer(member.shape, key)) for key, member in shape.members().items())
    known = frozenset(shape.leaves) | frozenset(shape.without)

    def write_object(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Unwritable("has a value where the table has an object")
        if not value.keys() <= known:
            # A key is a name of the record's types, and no value.
            raise Unwritable(f"`{min(value.keys() - known)}` has no place in the table; give it one, or name it in `without`")
        return {name: write(leaf) for key, name, write in members if (leaf := value.get(key)) is not None}

    return write_object


def _list_writer(shape: ListOf, detail: str) -> Writer:
    each = compile_writer(shape.each, detail)

    def write_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Unwritable("has a value where the table has a list")
        return [each(item) for item in value]

    return write_list


def write_envelope(envelope: Envelope, releases: Mapping[str, Release]) -> dict[str, Any]:
    """Say what the message says about itself, and under what each scope passes, grouped by that."""
    scopes_under: dict[tuple[str, str, str], list[str]] = {}
    for scope, release in releases.items():
        scopes_under.setdefault((release.discloser, release.origin, release.until), []).append(scope)
    written: dict[str, Any] = {
        "messageId": envelope.message_id,
        "createdAt": envelope.created_at,
        "sender": envelope.sender,
        "recipient": envelope.recipient,
        "reference": envelope.reference,
        "purpose": envelope.purpose,
        "confidentiality": CONFIDENTIALITY_NOTICE,
        "releases": [
            {"scopes": scopes, "discloser": discloser, "origin": origin, "until": until}
            for (discloser, origin, until), scopes in scopes_under.items()
        ],
    }
    if envelope.attachments:
        written["attachments"] = [
            {
                "kind": attachment.kind,
                "name": attachment.name,
                "mediaType": attachment.media_type,
                "content": b64encode(attachment.content).decode("ascii"),
            }
            for attachment in envelope.attachments
        ]
    return written
