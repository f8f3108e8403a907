"""What stands in ``imgate.toml`` about a service whose assertions count as evidence (``eid``)."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from imgate.settings.partner import STRICT

T = TypeVar("T")


class EidAlgorithm(StrEnum):
    """How a service may sign, in the words of JOSE (RFC 7518, RFC 9864)."""

    ES256 = "ES256"
    ES384 = "ES384"
    PS256 = "PS256"
    ED25519 = "Ed25519"


def _some(words: tuple[T, ...]) -> tuple[T, ...]:
    if not words:
        raise ValueError("is empty, so nothing would count")
    return words


class EidSettings(BaseModel):
    """A service that identifies people, and asserts with its signature that one of them agreed to a declaration."""

    model_config = STRICT
    issuer: Annotated[
        str, StringConstraints(min_length=1, max_length=500), Field(description="What its assertions have as `iss`, letter by letter.")
    ]
    jwks_file: Annotated[Path, Field(description="Its public keys, as a JWK set. Keep it up to date: nothing is fetched.")]
    algorithms: Annotated[
        tuple[EidAlgorithm, ...],
        AfterValidator(_some),
        Field(description="How it signs: any of `ES256`, `ES384`, `PS256`, `Ed25519`. Each key has one; a key of another is an error."),
    ] = (EidAlgorithm.ES256,)
    levels: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=500)], ...],
        AfterValidator(_some),
        Field(description="The values of `acr` or `loa` that suffice."),
    ] = ("high",)
    max_age_seconds: Annotated[int, Field(ge=1, le=86400, description="How old an assertion may be when it is handed in.")] = 300

    def resolved(self, folder: Path) -> "EidSettings":
        """Make the file absolute."""
        return self.model_copy(update={"jwks_file": folder / self.jwks_file})
