"""How a simulated partner answers: one script for the next messages, and wrong in the ways in which real systems are wrong."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class WrongAnswer(StrEnum):
    """An answer that no partner should give: on to another address, without end, or cut off in the middle."""

    REDIRECT = "redirect"
    OVERSIZED = "oversized"
    CUT_OFF = "cut_off"


class Behaviour(BaseModel):
    """Answer with this status, or wrongly, instead of taking the message; after ``delay`` seconds; for ``times`` messages, else for all.

    ``retry_after`` is said beside the status, in seconds. As JSON it is what ``PUT /behaviour`` takes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    wrong: WrongAnswer | None = None
    delay: Annotated[float, Field(ge=0, le=120)] = 0.0
    times: Annotated[int, Field(ge=0)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if self.status is not None and self.wrong is not None:
            raise ValueError("an answer is a status or wrong, not both")
        return self

    def after_one(self) -> "tuple[Behaviour, Behaviour]":
        """Give how the next message is answered, and the script that is left after it."""
        if self.times is None:
            return self, self
        if self.times == 0:
            return Behaviour(), Behaviour()
        return self, self.model_copy(update={"times": self.times - 1})
