"""What stands in ``imgate.toml`` about papers: what every form says about the office itself."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from imgate.settings.partner import STRICT

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class PapersSettings(BaseModel):
    """What forms and copies say about the office: where a client revokes, and whom they ask about data protection."""

    model_config = STRICT
    office: Annotated[
        tuple[Line, ...],
        Field(
            max_length=10,
            description="How the office is reached, line by line as it is printed: address, telephone, e-mail. Revocations go there.",
        ),
    ] = ()
    data_protection_officer: Annotated[
        Line | None, Field(description="The data protection officer, and how they are reached, in one line.")
    ] = None
