"""``transport = { kind = "folder", folder = "…" }``: a file in a folder that the partner, or a carrier such as EGVP software, empties.

A file appears complete or not at all, under the message's id and nothing else (contract §6): a name shown in a file browser must not
tell whom it is about.
"""

import asyncio
import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from imgate.plugin_api import Delivered, NotDelivered, Outcome, Parcel, RefusedByPartner, TransportPlugin, hookimpl
from imgate.transports.entries import read_entries
from imgate.vocabulary.identifiers import is_uuid

_MODE = 0o640
_EXTENSIONS = {
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
# The partner saw nothing: the one code that delivery does not count as a disclosure.
_NOTHING_SEEN = NotDelivered("not_connected")
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    folder: Path


class Folder:
    """Lay each message into one folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder. Whether it is there is asked at each delivery: a network share comes and goes."""
        self._folder = folder

    @property
    def waits(self) -> bool:
        """Tell that messages are handed over."""
        return False

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Write the message as one new file, durable before this returns."""
        if not is_uuid(parcel.message_id):
            return RefusedByPartner("name_unusable")
        return await asyncio.to_thread(lay_into, self._folder, file_name(parcel.message_id, parcel.media_type), parcel.content)


def file_name(message_id: str, media_type: str) -> str:
    """Name the file of a message: its id, and the ending that goes with the media type."""
    return f"{message_id}.{_EXTENSIONS.get(media_type.partition(';')[0].strip().lower(), 'bin')}"


def lay_into(folder: Path, name: str, content: bytes) -> Outcome:
    """Write a file that is not there yet: beside its place, to the disk, then to its name in one step.

    The same bytes under the same name are an earlier attempt whose outcome was lost; other bytes are left as they are.
    """
    try:
        with _opened(folder) as at:
            before = _content(at, name)
            if before is not None:
                return Delivered() if before == content else RefusedByPartner("file_exists")
            return _written(at, name, content)
    except OSError:
        return _NOTHING_SEEN


def unusable(folder: Path) -> str | None:
    """Say why nothing can be laid into this folder now; None where it can."""
    if folder.is_symlink():
        return "names a link, which is not followed: name the folder itself"
    if not folder.is_dir():
        return "names no folder that is there: messages wait until it is"
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return "names a folder that this user cannot write into"
    return None


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    # Everything below goes by this descriptor, so that nobody exchanges the folder for another while we write.
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield at
    finally:
        os.close(at)


def _content(at: int, name: str) -> bytes | None:
    """Read what already has the name; None where nothing has. What is no plain file counts as other bytes."""
    try:
        if not stat.S_ISREG(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
            return b""
        with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _written(at: int, name: str, content: bytes) -> Outcome:
    part = f".{name}.part"  # the same name each time, so that a crash leaves one file and the next attempt removes it
    with contextlib.suppress(FileNotFoundError):
        os.unlink(part, dir_fd=at)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE, dir_fd=at), "wb") as file:
            os.fchmod(file.fileno(), _MODE)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _take_name(at, part, name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part, dir_fd=at)
    os.fsync(at)
    return Delivered()


def _take_name(at: int, part: str, name: str) -> None:
    """Give the finished file its name, never in place of another. Raises FileExistsError."""
    try:
        os.link(part, name, src_dir_fd=at, dst_dir_fd=at, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # A network share without hard links: renaming would overwrite, but nobody else gives files the name of our message.
        os.rename(part, name, src_dir_fd=at, dst_dir_fd=at)


def configure(entries: Mapping[str, object]) -> Folder:
    """Make the transport. Raises SettingsInvalid."""
    return Folder(read_entries(_Entries, entries).folder)


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register the folder."""
    return TransportPlugin("folder", configure)
