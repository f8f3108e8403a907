"""Read JSON that a stranger wrote: first the guard, then the table, and never a word of theirs in an error."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from imgate.plugin_api.attachment import Attachment
from imgate.plugin_api.errors import MessageUnreadable
from imgate.plugin_api.incoming import Incoming, Reading
from imgate.plugin_api.json_shapes import AsIs, ListOf, Object, Shape, Words
from imgate.record.strict_json import JsonRefused, parse_json

MAX_BYTES = 16 * 1024 * 1024
# A value takes memory and time whatever its length: an empty list is two bytes in a message and sixty in here.
MAX_VALUES = 500_000

CONTENT = "content"

Reader = Callable[[Any], Any]
# A step leads to a place (section, item, its reader and its path), or to further steps.
Steps = Mapping[str, "tuple[str, str, Reader, str] | Steps"]


def parse_message(body: bytes, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Parse a foreign message, or raise MessageUnreadable with one of its codes.

    ``too_large`` (also with over half a million commas and brackets) · ``empty`` · ``not_utf8`` · ``not_json`` · ``duplicate_key`` ·
    ``lone_surrogate`` · ``number_not_finite`` · ``integer_too_large`` (over 2**53 - 1) · ``too_deep`` (over 64 levels) ·
    ``root_unknown`` (no object).
    """
    if len(body) > max_bytes or (len(body) > MAX_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES):
        raise MessageUnreadable("too_large")
    if not body or body.isspace():
        raise MessageUnreadable("empty")
    try:
        root = parse_json(body)
    except JsonRefused as error:
        code = error.code.value
    else:
        if not isinstance(root, dict):
            raise MessageUnreadable("root_unknown")
        return root
    raise MessageUnreadable(code)


class Misread(Exception):
    """A value does not fit its shape. Carries the code only; the place is the caller's."""

    def __init__(self, code: str) -> None:
        """Name what is wrong."""
        super().__init__(code)
        self.code = code


def compile_reader(shape: Shape) -> Reader:
    """Build the function that reads one value of this shape. It raises Misread for what does not fit."""
    match shape:
        case AsIs():
            return _without_nulls
        case Words():
            return _words_reader(shape)
        case Object():
            return _object_reader(shape)
        case ListOf():
            return _list_reader(shape)
        case _:
            assert_never(shape)


def _without_nulls(value: Any) -> Any:
    # Most leaves are strings; to ask that here and not in a call for each of them is half of the time.
    if type(value) is dict:
        return {key: leaf if type(leaf) is str else _without_nulls(leaf) for key, leaf in value.items() if leaf is not None}
    if type(value) is list:
        return [each if type(each) is str else _without_nulls(each) for each in value]
    return value


def _words_reader(shape: Words) -> Reader:
    words = {theirs: ours for ours, theirs in shape.words.items()}

    def read_word(value: Any) -> str:
        word = words.get(value) if isinstance(value, str) else None
        if word is None:
            raise Misread("code_unknown")
        return word

    return read_word


def _object_reader(shape: Object) -> Reader:
    members = {member.name: (key, compile_reader(member.shape)) for key, member in shape.members().items()}

    def read_object(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Misread("wrong_type")
        found: dict[str, Any] = {}
        for name, leaf in value.items():
            if name not in members:
                raise Misread("unexpected_member")
            key, read = members[name]
            if leaf is not None:
                found[key] = read(leaf)
        return found

    return read_object


def _list_reader(shape: ListOf) -> Reader:
    each = compile_reader(shape.each)

    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Misread("wrong_type")
        return [each(item) for item in value]

    return read_list


def read_message(root: Mapping[str, Any], head_name: str, places: Steps) -> Reading:
    """Read a partner's message: what it says about itself, then each item by its place.

    Whether the head's values have their form is the schema's question; here a missing one is ``header_missing``.
    """
    head, content = root.get(head_name), root.get(CONTENT)
    if not isinstance(head, dict):
        raise MessageUnreadable("header_missing")
    if not isinstance(content, dict):
        raise MessageUnreadable("content_missing")
    message_id, reference, purpose = (head.get(name) for name in ("messageId", "reference", "purpose"))
    if not isinstance(message_id, str) or not isinstance(reference, str) or not isinstance(purpose, str | None):
        raise MessageUnreadable("header_missing")
    record: dict[str, dict[str, Any]] = {}
    _read_items(content, places, record)
    person = Incoming(reference, record)
    return Reading((person,), message_id=message_id, purpose=purpose, attachments=_read_attachments(head))


def _read_items(container: Mapping[str, Any], steps: Steps, record: dict[str, dict[str, Any]]) -> None:
    for name, value in container.items():
        step = steps.get(name)
        if step is None:
            raise MessageUnreadable("unexpected_member")
        if not isinstance(step, tuple):
            if not isinstance(value, dict):
                raise MessageUnreadable("wrong_type")
            _read_items(value, step, record)
            continue
        section, item, read, place = step
        try:
            record.setdefault(section, {})[item] = read(value)
        except Misread as error:
            unreadable = MessageUnreadable(error.code, None, place)
        else:
            continue
        raise unreadable


def _read_attachments(head: Mapping[str, Any]) -> tuple[Attachment, ...]:
    attached = head.get("attachments", [])
    if not isinstance(attached, list):
        raise MessageUnreadable("attachment_invalid")
    return tuple(_read_attachment(one) for one in attached)


def _read_attachment(one: Any) -> Attachment:
    said = [one.get(name) for name in ("kind", "name", "mediaType", "content")] if isinstance(one, dict) else [None]
    if not all(isinstance(value, str) for value in said):
        raise MessageUnreadable("attachment_invalid")
    kind, name, media_type, text = map(str, said)
    try:
        content = b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # the second for characters beyond ASCII
        content = b""
    if not content:
        raise MessageUnreadable("attachment_invalid")
    return Attachment(kind, name, media_type, content)
