"""A case record in a file, read as the door would read it: what is wrong with it is named by place and code, without a value."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from imgate.cli.bounded_file import read_bounded
from imgate.cli.output import Failed

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")


def origins_of(provenance: list[str]) -> dict[str, str]:
    """Read what was typed as SCOPE=ORIGIN."""
    origins = dict(entry.partition("=")[::2] for entry in provenance)
    if not all(origins.values()):
        raise typer.BadParameter("--provenance is written SCOPE=ORIGIN")
    return origins


def read_request(model: type[M], record: Path, more: Mapping[str, Any]) -> M:
    """Read the record, and make the request of it and of what was typed beside it. Raises Failed."""
    import orjson

    from imgate.exchange.refusals import Refused
    from imgate.http.body import BODY_MAX, read_model
    from imgate.record import JsonRefused, parse_json

    try:
        content = read_bounded(record, BODY_MAX)
        if len(content) > BODY_MAX:
            raise Failed(f"{record} is over 16 MiB.")
        return read_model(model, orjson.dumps({**more, "record": parse_json(content)}))
    except JsonRefused as refused:
        raise Failed(f"{record} cannot be read as JSON: {refused.code.value}.") from None
    except Refused as refused:
        places = ", ".join(f"{problem.pointer} {problem.code}" for problem in refused.problems)
    raise Failed(f"{record} is no case record: {places}.")
