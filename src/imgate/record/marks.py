"""What the record's types say about themselves beside their shape: labels, and what a scope is.

The marks stand in ``Annotated[...]`` beside the type they describe, so that the catalogue, the reference page and the
published schema are read off one place and cannot drift apart. pydantic passes over them.
"""

from dataclasses import dataclass

from imgate.vocabulary.sensitivity import Sensitivity


@dataclass(frozen=True, slots=True)
class Label:
    """The German name of a section or a leaf, as forms and pages show it."""

    german: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Makes an item a scope: something that can be authorised on its own (contract §2).

    Nothing here has a default that could be forgotten to the wrong side: whoever adds an item says how sensitive it is.
    ``closed`` scopes pass only where a partner's configuration opens them by name.
    """

    label: str
    sensitivity: Sensitivity
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Since:
    """The catalogue that brought a leaf. A declaration of an earlier catalogue does not cover it (contract §4)."""

    catalogue: int
