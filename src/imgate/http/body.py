"""Reading a request: its headers once, its body up to a limit, its JSON in one way only, its shape by a model."""

from functools import cache
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from imgate.exchange.refusals import Problem, Refused
from imgate.record import field_names, parse_json, problems_of

BODY_MAX = 16 * 1024 * 1024

M = TypeVar("M", bound=BaseModel)


def header(scope: Scope, name: bytes) -> bytes | None:
    """Give a header's value; ``name`` in lower case. One that stands twice counts as given twice: see ``headers``."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def headers(scope: Scope, name: bytes) -> list[bytes]:
    """Give all values of a header that must not stand twice, for the caller to count."""
    return [value for key, value in scope["headers"] if key == name]


async def read_body(scope: Scope, receive: Receive, limit: int = BODY_MAX) -> bytes:
    """Read the whole body. Raises Refused 413 as soon as it is, or is said to be, larger than ``limit`` bytes."""
    said = header(scope, b"content-length")
    if said is not None and said.isdigit() and int(said[:20]) > limit:
        raise Refused(413, "body_too_large")
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise Refused(413, "body_too_large")
        return body
    parts: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise Refused(413, "body_too_large")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
    raise ClientDisconnect


def check_json_type(scope: Scope) -> None:
    """Refuse a body that says it is no JSON, is in another encoding or is compressed. Saying nothing is taken for JSON."""
    if header(scope, b"content-encoding") not in (None, b"", b"identity"):
        raise Refused(415, "media_type_unsupported")
    said = header(scope, b"content-type")
    if said is None or said == b"application/json":
        return
    essence, *parameters = (part.strip().lower() for part in said.split(b";"))
    charsets = [part.partition(b"=")[2].strip(b'"') for part in parameters if part.startswith(b"charset=")]
    if essence != b"application/json" or any(charset not in (b"utf-8", b"utf8") for charset in charsets):
        raise Refused(415, "media_type_unsupported")


def read_model(model: type[M], body: bytes) -> M:
    """Read JSON and check its shape. Raises JsonRefused (400), Refused 422 with every problem at once."""
    value = parse_json(body)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = problems_of(error, _names(model))
        problems = [Problem(one.code, one.pointer, None if one.hint is None else str(one.hint)) for one in found]
    raise Refused(422, "request_invalid", problems)  # outside of `except`, because pydantic's error carries the values


@cache
def _names(model: type[BaseModel]) -> frozenset[str]:
    return field_names(model)
