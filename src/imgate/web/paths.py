"""What may stand in an address, and where a form or a link may lead back to: a page of ours, by its path alone."""

import re
from typing import Annotated

from fastapi import Path, Query

from imgate.vocabulary.identifiers import UUID_PATTERN

Id = Annotated[str, Path(pattern=UUID_PATTERN)]
After = Annotated[str | None, Query(max_length=512)]

_LOCAL = re.compile(r"/pages(?:/[A-Za-z0-9_-]+)*")


def local_path(said: str) -> str | None:
    """Give the path if it is one of a page here, else None: never another host, never a query, never anything a browser would resolve."""
    return said if len(said) <= 300 and _LOCAL.fullmatch(said) else None
