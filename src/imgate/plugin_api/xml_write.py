"""Write values of the record as XML, by functions compiled once from the shapes.

Text is written by hand and not by an XML library's builder, which takes seven times as long (architecture, facts); so
escaping is this module's own business: every string that reaches the bytes passes ``escape_text`` or
``escape_attribute``.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, assert_never

from imgate.plugin_api.attachment import Attachment
from imgate.plugin_api.released import CONFIDENTIALITY_NOTICE, Envelope, Release
from imgate.plugin_api.xml_shapes import Code, Flag, Group, ListedCode, Many, Number, Shape, Text

ENVELOPE_NAMESPACE = "urn:imgate:envelope:1"

# No reader built on libxml2 takes a longer text, unless it drops all of its limits.
TEXT_MAX = 10_000_000

Writer = Callable[[Any], str]

# Whatever may not stand in an element or in an attribute as it is. A carriage return would come back as a line feed,
# a tab or a line feed in an attribute as a blank (XML 1.0 §2.11, §3.3.3).
_special = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]').search
# What XML 1.0 §2.2 has no form for at all.
_impossible = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search

_TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE_ESCAPES = _TEXT_ESCAPES | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


class Unwritable(Exception):
    """A value has no form in this format. The sentence never holds the value."""


def escape_text(text: str) -> str:
    """Make a string safe as the text of an element. Raises Unwritable for a character that XML cannot carry."""
    if _special(text) is None:
        return text
    if _impossible(text) is not None:
        raise Unwritable("a character that XML cannot carry")
    return text.translate(_TEXT_ESCAPES)


def escape_attribute(text: str) -> str:
    """Make a string safe inside double quotes. Raises Unwritable for a character that XML cannot carry."""
    if _special(text) is None:
        return text
    if _impossible(text) is not None:
        raise Unwritable("a character that XML cannot carry")
    return text.translate(_ATTRIBUTE_ESCAPES)


def compile_writer(shape: Shape, prefix: str) -> Writer:
    """Build the function that writes one value of this shape; ``prefix`` stands before each element name."""
    match shape:
        case Text() | Code(codes=None):
            before, after = _around(shape, prefix)
            return lambda value: before + escape_text(value) + after
        case Code():
            return _mapped_code_writer(shape, prefix)
        case Number():
            return _number_writer(shape, prefix)
        case Flag():
            flags = {True: f"<{prefix}{shape.tag}>true</{prefix}{shape.tag}>", False: f"<{prefix}{shape.tag}>false</{prefix}{shape.tag}>"}
            return flags.__getitem__
        case ListedCode():
            return _listed_code_writer(shape, prefix)
        case Group():
            return _group_writer(shape, prefix)
        case Many():
            return _many_writer(shape, prefix)
        case _:
            assert_never(shape)


def _around(shape: Text | Code, prefix: str) -> tuple[str, str]:
    """Give what stands before and after the value of a shape that is nothing but one string."""
    if isinstance(shape, Text):
        return f"<{prefix}{shape.tag}>", f"</{prefix}{shape.tag}>"
    version = "" if shape.list_version is None else f' listVersionID="{escape_attribute(shape.list_version)}"'
    return f'<{prefix}{shape.tag} listURI="{escape_attribute(shape.list_uri)}"{version}><code>', f"</code></{prefix}{shape.tag}>"


def _number_writer(shape: Number, prefix: str) -> Writer:
    before, after = f"<{prefix}{shape.tag}>", f"</{prefix}{shape.tag}>"

    def write_number(value: int | float) -> str:
        return f"{before}{value if type(value) is int else format(Decimal(repr(value)), 'f')}{after}"

    return write_number


def _mapped_code_writer(shape: Code, prefix: str) -> Writer:
    before, after = _around(shape, prefix)
    known = {word: before + escape_text(code) + after for word, code in (shape.codes or {}).items()}

    def write_mapped(value: str) -> str:
        element = known.get(value)
        if element is None:
            raise Unwritable(f"a word that the code list of {shape.tag} does not have")
        return element

    return write_mapped


def _listed_code_writer(shape: ListedCode, prefix: str) -> Writer:
    def write_listed(value: tuple[str, str, str]) -> str:
        uri, version, code = value
        attributes = f'listURI="{escape_attribute(uri)}" listVersionID="{escape_attribute(version)}"'
        return f"<{prefix}{shape.tag} {attributes}><code>{escape_text(code)}</code></{prefix}{shape.tag}>"

    return write_listed


def _group_writer(shape: Group, prefix: str) -> Writer:
    opening, closing = f"<{prefix}{shape.tag}>", f"</{prefix}{shape.tag}>"
    # Strings, which are most leaves, are written here and not by a function each: that is a quarter of the time.
    leaves = tuple(
        (key, *_around(leaf, prefix), None)
        if isinstance(leaf, Text) or (isinstance(leaf, Code) and leaf.codes is None)
        else (key, "", "", compile_writer(leaf, prefix))
        for key, leaf in shape.leaves.items()
    )
    known = frozenset(shape.leaves) | frozenset(shape.without)

    def write_group(value: Mapping[str, Any]) -> str:
        written = opening
        count = 0
        for key, before, after, write in leaves:
            leaf = value.get(key)
            if leaf is None:
                continue
            count += 1
            if write is None:
                written += before + (leaf if _special(leaf) is None else escape_text(leaf)) + after
            else:
                written += write(leaf)
        if count != len(value) and not value.keys() <= known:
            # A key is a name of the record's types, and no value.
            leaf = min(value.keys() - known)
            raise Unwritable(f"`{leaf}` of {shape.tag} has no place in the table; give it one, or name it in `without`")
        return written + closing

    if not any(isinstance(leaf, ListedCode) for leaf in shape.leaves.values()):
        return write_group

    def write_group_with_listed_code(value: Mapping[str, Any]) -> str:
        rest = {key: leaf for key, leaf in value.items() if key not in ("list", "version")}
        return write_group({**rest, "code": (value["list"], value["version"], value["code"])})

    return write_group_with_listed_code


def _many_writer(shape: Many, prefix: str) -> Writer:
    before, after = f"<{prefix}{shape.tag}>", f"</{prefix}{shape.tag}>"
    each = compile_writer(shape.each, prefix)

    def write_many(value: list[Any]) -> str:
        return before + "".join([each(item) for item in value]) + after

    return write_many


_NOTICE = escape_text(CONFIDENTIALITY_NOTICE)


def write_envelope(envelope: Envelope, releases: Mapping[str, Release]) -> str:
    """Write what the message says about itself, and under what each scope passes, grouped by that. The prefix ``e`` must be bound."""
    scopes_under: dict[tuple[str, str, str], list[str]] = {}
    for scope, release in releases.items():
        scopes_under.setdefault((release.discloser, release.origin, release.until), []).append(scope)
    lines = [
        f'<e:release scopes="{" ".join(scopes)}" discloser="{escape_attribute(discloser)}" '
        f'origin="{escape_attribute(origin)}" until="{escape_attribute(until)}"/>'
        for (discloser, origin, until), scopes in scopes_under.items()
    ]
    return (
        f"<e:envelope><e:messageId>{escape_text(envelope.message_id)}</e:messageId>"
        f"<e:createdAt>{escape_text(envelope.created_at)}</e:createdAt>"
        f"<e:sender>{escape_text(envelope.sender)}</e:sender><e:recipient>{escape_text(envelope.recipient)}</e:recipient>"
        f"<e:reference>{escape_text(envelope.reference)}</e:reference><e:purpose>{escape_text(envelope.purpose)}</e:purpose>"
        f"<e:confidentiality>{_NOTICE}</e:confidentiality><e:releases>{''.join(lines)}</e:releases>"
        f"{''.join([_attached(attachment) for attachment in envelope.attachments])}</e:envelope>"
    )


def _attached(attachment: Attachment) -> str:
    content = b64encode(attachment.content).decode("ascii")
    if len(content) > TEXT_MAX:
        raise Unwritable("has an attachment that is too large for a message in XML")
    return (
        f'<e:attachment kind="{escape_attribute(attachment.kind)}" name="{escape_attribute(attachment.name)}" '
        f'mediaType="{escape_attribute(attachment.media_type)}">{content}</e:attachment>'
    )
