"""The shapes out of which a JSON adapter's table is made. A shape says how one value of the record stands in JSON.

There are four on purpose: what does not fit is a question to the message format, not a reason for another shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imgate.plugin_api.errors import TableInvalid


@dataclass(frozen=True, slots=True)
class AsIs:
    """The value as the record has it: text, number, yes or no, list or object. Leaves that are null are left away."""


AS_IS = AsIs()


@dataclass(frozen=True, slots=True)
class Words:
    """A word of a closed list, for which the partner has words of its own; the map must be reversible."""

    words: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse a map that loses something on the way back."""
        if twice := _twice(list(self.words.values())):
            raise TableInvalid(f"two words of the record share one of the partner's, so that it could not be read back: {twice}")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: its name, and the shape of its value."""

    name: str
    shape: "Shape" = AS_IS


@dataclass(frozen=True, slots=True)
class Object:
    """An object whose members have names of the partner's: ``Object({"kind": "art", "rooms": "zimmer"})``.

    ``leaves`` has the record's keys in the order in which they are written; a name alone is short for a member as is.
    ``without`` names keys of the record that the format has no place for; they are left out, and the field table says
    so. Any other key that is not among the leaves is a fault, never dropped silently.
    """

    leaves: Mapping[str, "str | Member"]
    without: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a name that stands twice, and a shape without a name."""
        for key, leaf in self.leaves.items():
            if not isinstance(leaf, str | Member):
                raise TableInvalid(f"`{key}` is given a shape and no name; write Member(name, shape)")
        if twice := _twice([leaf.name for leaf in self.members().values()]):
            raise TableInvalid(f"each member stands once; twice: {twice}")

    def members(self) -> dict[str, Member]:
        """Give the members by the record's keys, with the short ones written out."""
        return {key: Member(leaf) if isinstance(leaf, str) else leaf for key, leaf in self.leaves.items()}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list. An empty one is written as an empty list; a list that is absent is absent."""

    each: "Shape"


Shape = AsIs | Words | Object | ListOf


def _twice(names: Sequence[str]) -> str:
    return ", ".join(sorted({name for name in names if names.count(name) > 1}))


def left_out(shape: Shape) -> tuple[str, ...]:
    """List the leaves that the shape has no place for, by their path in the record (``channels.note``)."""
    match shape:
        case Object(without=without):
            inner = tuple(f"{key}.{path}" for key, member in shape.members().items() for path in left_out(member.shape))
            return without + inner
        case ListOf(each=each):
            return left_out(each)
        case _:
            return ()


def details(shape: Shape) -> tuple[str, ...]:
    """List the leaves that the shape names, by their path in the record."""
    match shape:
        case Object():
            return tuple(path for key, member in shape.members().items() for path in (key, *_below(key, details(member.shape))))
        case ListOf(each=each):
            return details(each)
        case _:
            return ()


def _below(key: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{key}.{path}" for path in paths)
