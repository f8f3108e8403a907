"""The shapes out of which an XML adapter's table is made. A shape says how one value of the record stands in XML.

Each shape carries its element name; the group around it says under which key the value stands in the record. There are
few of them on purpose: what does not fit is a question to the message format, not a reason for another shape.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imgate.plugin_api.errors import TableInvalid


@dataclass(frozen=True, slots=True)
class Text:
    """A string as it is: also dates, times, numbers of files, and words of closed lists that are imgate's own."""

    tag: str


@dataclass(frozen=True, slots=True)
class Number:
    """A whole or decimal number, never in exponent notation."""

    tag: str


@dataclass(frozen=True, slots=True)
class Flag:
    """``true`` or ``false``."""

    tag: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a published list, in the pattern of XÖV: child ``code``, attributes ``listURI`` and ``listVersionID``.

    ``list_version`` is None where the version of the list is not known; then the attribute is neither written nor asked
    for. ``codes`` maps the record's words to the list's codes, where they differ; it must be reversible.
    """

    tag: str
    list_uri: str
    list_version: str | None
    codes: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse a code map that loses something on the way back."""
        if self.codes is not None and len(set(self.codes.values())) != len(self.codes):
            raise TableInvalid(f"{self.tag}: two words share one code, so that it could not be read back")


@dataclass(frozen=True, slots=True)
class ListedCode:
    """A code that names its own list: the group's keys ``list``, ``version`` and ``code`` become one code element.

    ``lists`` are the addresses of the lists that the schema lets it name; the version stands in each message.
    """

    tag: str
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """An object. ``leaves`` has the record's keys in the order in which the schema has the elements.

    ``without`` names keys of the record that the format has no place for; they are left out, and the field table says
    so. Any other key that is not among the leaves is a fault, never dropped silently.
    """

    tag: str
    leaves: Mapping[str, "Shape"]
    without: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Many:
    """A list. An empty list is an empty element; a list that is absent is absent."""

    tag: str
    each: "Shape"


Shape = Text | Number | Flag | Code | ListedCode | Group | Many


def texts(*keys: str) -> dict[str, Shape]:
    """Make text leaves whose elements are named as in the record, in camelCase (``tested_on`` stands in ``testedOn``)."""
    return {key: Text(camel_case(key)) for key in keys}


def camel_case(key: str) -> str:
    """Turn a key of the record into the name of an element."""
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)


def left_out(shape: Shape) -> tuple[str, ...]:
    """List the leaves that the shape has no place for, by their path in the record (``channels.note``)."""
    match shape:
        case Group(leaves=leaves, without=without):
            inner = tuple(f"{key}.{path}" for key, leaf in leaves.items() for path in left_out(leaf))
            return without + inner
        case Many(each=each):
            return left_out(each)
        case _:
            return ()


def details(shape: Shape) -> tuple[str, ...]:
    """List the leaves that the shape names, by their path in the record."""
    match shape:
        case Group(leaves=leaves):
            return tuple(path for key, leaf in leaves.items() for path in (key, *_below(key, details(leaf))))
        case Many(each=each):
            return details(each)
        case _:
            return ()


def _below(key: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{key}.{path}" for path in paths)
