"""Marks the texts of the code for the catalogues; in the templates ``trans`` does that."""


def _(message: str) -> str:
    """Mark a German text; it is translated where it is shown."""
    return message
