"""What a form says: short texts, choices and files. Nothing of it is trusted, and nothing of it goes into an error or onto the disk."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from imgate.exchange.refusals import Refused
from imgate.http.body import BODY_MAX, read_body

_FIELDS_MAX, _FILES_MAX = 1000, 4
_SMALL_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Posted:
    """One form as it was sent."""

    fields: Mapping[str, Sequence[str]] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    def one(self, name: str) -> str:
        """Give a field's text without blanks at its ends; empty where it was not sent. Line ends are single line feeds."""
        return self.fields.get(name, ("",))[0].replace("\r\n", "\n").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Give everything that was chosen under a name."""
        return tuple(text for text in self.fields.get(name, ()) if text)

    def file(self, name: str) -> bytes | None:
        """Give a file's content; None where none was chosen."""
        return self.files.get(name) or None


async def _posted(request: Request) -> Posted:
    """Read the form, all of it in memory: what a client told does not lie about in temporary files. Raises Refused 400, 413, 415."""
    return await _parsed(request, BODY_MAX)


async def _posted_by_anyone(request: Request) -> Posted:
    """Read a small form; raises as ``_posted`` does."""
    return await _parsed(request, _SMALL_MAX)


async def _parsed(request: Request, limit: int) -> Posted:
    body = await read_body(request.scope, request.receive, limit)

    async def once() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""  # the end

    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        match kind:
            case "multipart/form-data":
                parser = MultiPartParser(request.headers, once(), max_files=_FILES_MAX, max_fields=_FIELDS_MAX, max_part_size=BODY_MAX)
                parser.spool_max_size = BODY_MAX
                form = await parser.parse()
            case "application/x-www-form-urlencoded":
                form = await FormParser(request.headers, once(), max_fields=_FIELDS_MAX, max_part_size=BODY_MAX).parse()
            case _:
                raise Refused(415, "media_type_unsupported")
    except (MultiPartException, FormParserError, HTTPException, UnicodeDecodeError):
        raise Refused(400, "form_unreadable") from None
    return await _read(form)


async def _read(form: FormData) -> Posted:
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
            await value.close()
        else:
            fields.setdefault(name, []).append(value)
    return Posted(fields, files)


Form = Annotated[Posted, Depends(_posted)]
# Where nobody has to be signed in: whoever comes along cannot fill the memory.
SmallForm = Annotated[Posted, Depends(_posted_by_anyone)]
