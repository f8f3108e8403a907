"""The text of a CSV file: its encoding found out, its lines read one after the other, so that a file may be larger than memory.

Nothing is guessed where a wrong guess would damage names: then the file is refused.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from imgate.plugin_api import MessageUnreadable

_CHUNK: Final = 256 * 1024
# No table of an office has such a line; without a limit a file without line breaks would be held in memory as a whole.
_LONGEST_LINE: Final = 16 * 1024 * 1024
# UTF-16 and UTF-32; Excel writes the former as "Unicode-Text".
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# What a letter of UTF-8 such as ü looks like in Windows-1252 (Ã¼): two files were pasted together.
_TWO_ENCODINGS: Final = re.compile(rb"\xc3[\x80-\xbf]")
# What Windows-1252 has no sign for.
_NOT_1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file are text. ``begins`` is where it begins: behind the byte order mark, if there is one."""

    name: str
    codec: str
    begins: int = 0


_UTF_8: Final = Encoding("utf-8", "utf-8")
_UTF_8_MARKED: Final = Encoding("utf-8-bom", "utf-8", len(codecs.BOM_UTF8))
_WINDOWS_1252: Final = Encoding("windows-1252", "cp1252")


def encoding_of(file: BinaryIO) -> Encoding:
    """Find out how a file is written: UTF-8 with or without mark, else Windows-1252. Reads all of it. Raises MessageUnreadable."""
    file.seek(0)
    first = file.read(4)
    if first.startswith(_WIDE):
        raise MessageUnreadable("encoding_utf16")
    file.seek(0)
    marked = first.startswith(codecs.BOM_UTF8)
    last = b""
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    not_1252 = two = False
    while chunk := file.read(_CHUNK):
        decoder = _fed(decoder, chunk)
        not_1252 = not_1252 or _NOT_1252.search(chunk) is not None
        two = two or _TWO_ENCODINGS.search(last + chunk) is not None
        last = chunk[-1:]
    if _fed(decoder, b"", final=True) is not None:
        return _UTF_8_MARKED if marked else _UTF_8
    if marked or two:
        raise MessageUnreadable("encoding_mixed")
    if not_1252:
        raise MessageUnreadable("encoding_unknown")
    return _WINDOWS_1252


def _fed(decoder: codecs.IncrementalDecoder | None, chunk: bytes, *, final: bool = False) -> codecs.IncrementalDecoder | None:
    """Return the decoder, or None once something was not UTF-8."""
    if decoder is not None:
        try:
            decoder.decode(chunk, final)
        except UnicodeDecodeError:
            return None
    return decoder


class Lines:
    """The lines of a file with their ends, decoded one at a time; ``position`` is the byte at which the next one begins."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        """Begin with the first line."""
        self.position = encoding.begins
        self._file = file
        self._codec = encoding.codec

    def __iter__(self) -> Iterator[str]:
        """Give line after line; an end is CRLF, LF or CR, as ``csv`` has it. Raises MessageUnreadable."""
        read, rest = self.position, b""
        while True:
            self._file.seek(read)
            chunk = self._file.read(_CHUNK)
            read += len(chunk)
            lines = (rest + chunk).splitlines(keepends=True)
            # The last one may go on in the next chunk, and so may a line break of two signs.
            rest = lines.pop() if chunk and lines else b""
            for line in lines:
                self.position += len(line)
                yield line.decode(self._codec)
            if len(rest) > _LONGEST_LINE:
                raise MessageUnreadable("line_too_long")
            if not chunk:
                return
