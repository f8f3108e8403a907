"""``transport = { kind = "folder", folder = "…" }``: a file in a folder that the partner, or a carrier such as EGVP software, empties.

A file appears complete or not at all, under the message's id and nothing else (contract §6): a name shown in a file browser must not
tell whom it is about. Its receipt, ``<message id>.receipt.jws``, is there before it. The partner answers with a file of the same name,
``.ack`` or ``.reject``. These are read and never removed: whether what one said is recorded by now, only the core knows, and it may have
been killed before that.
"""

import asyncio
import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from imgate.plugin_api import (
    NOT_CONNECTED,
    Delivered,
    NotDelivered,
    Outcome,
    Parcel,
    Receipt,
    RefusedByPartner,
    Sent,
    TransportPlugin,
    hookimpl,
)
from imgate.transports.entries import read_entries
from imgate.transports.message_receipt import receipt_name
from imgate.vocabulary.identifiers import is_uuid
from imgate.vocabulary.media_types import ending_of

_MODE = 0o640
# Without waiting: somebody may put a pipe in the place of a file while we look.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ACKNOWLEDGEMENT_MAX = 1024
_WORD = re.compile(r"[a-z0-9_]{1,64}")
_NOTHING_SEEN = NotDelivered(NOT_CONNECTED)
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    folder: Path
    acknowledgement_folder: Path | None = None


class Folder:
    """Lay each message into one folder; look for the partner's word in the same, or in another."""

    def __init__(self, folder: Path, acknowledgement_folder: Path | None = None) -> None:
        """Take the folders. Whether they are there is asked each time: a network share comes and goes."""
        self._folder = folder
        self._acknowledgement_folder = acknowledgement_folder or folder

    @property
    def waits(self) -> bool:
        """Tell that messages are handed over."""
        return False

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Write the message as one new file, and its receipt, durable before this returns."""
        if not is_uuid(parcel.message_id):
            return RefusedByPartner("name_unusable")
        return await asyncio.to_thread(lay_into, self._folder, parcel.message_id, parcel.media_type, parcel.content, parcel.receipt)

    async def receipts(self, sent: Sequence[Sent]) -> Sequence[Receipt] | NotDelivered:
        """Look for a file ``<message id>.ack`` or ``<message id>.reject`` of each; of both, the refusal counts."""
        return await asyncio.to_thread(read_receipts, self._acknowledgement_folder, [one.message_id for one in sent])


def file_name(message_id: str, media_type: str) -> str:
    """Name the file of a message: its id, and the ending that goes with the media type."""
    return f"{message_id}.{ending_of(media_type)}"


def lay_into(folder: Path, message_id: str, media_type: str, content: bytes, receipt: str) -> Outcome:
    """Write a message that is not there yet, and before it its receipt: each beside its place, to the disk, then to its name in one step.

    The same bytes under the same name are an earlier attempt whose outcome was lost, with the receipt of that attempt; other bytes are
    left as they are. A receipt without its message is of an attempt that came no further, and gives way to this one's.
    """
    name = file_name(message_id, media_type)
    try:
        with _opened(folder) as at:
            before = _content(at, name)
            if before is not None:
                return Delivered() if before == content else RefusedByPartner("file_exists")
            return _laid(at, name, content, receipt_name(message_id), receipt)
    except OSError:
        return _NOTHING_SEEN


def read_receipts(folder: Path, message_ids: Sequence[str]) -> Sequence[Receipt] | NotDelivered:
    """Read what the partner left about these messages; NotDelivered where the folder cannot be read."""
    try:
        with _opened(folder) as at:
            found = (_receipt(at, one) for one in message_ids if is_uuid(one))
            return [receipt for receipt in found if receipt is not None]
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


def _receipt(at: int, message_id: str) -> Receipt | None:
    refusal = f"{message_id}.reject"
    if _is_plain(at, refusal):
        return Receipt(message_id, _reason(at, refusal))
    return Receipt(message_id) if _is_plain(at, f"{message_id}.ack") else None


def _is_plain(at: int, name: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _reason(at: int, refusal: str) -> str:
    """Read the first line. A refusal that gives no word, or cannot be read, is a refusal all the same."""
    try:
        file = os.open(refusal, _READ, dir_fd=at)
        try:
            line = os.read(file, _ACKNOWLEDGEMENT_MAX).partition(b"\n")[0]
        finally:
            os.close(file)
    except OSError:
        return "refused"
    word = line.decode("ascii", errors="replace").strip()
    return word if _WORD.fullmatch(word) else "refused"


def _content(at: int, name: str) -> bytes | None:
    """Read what already has the name; None where nothing has. What is no plain file counts as other bytes."""
    try:
        if not stat.S_ISREG(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
            return b""
        with os.fdopen(os.open(name, _READ, dir_fd=at), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _beside(at: int, name: str, content: bytes) -> Iterator[str]:
    """Have these bytes on the disk, complete, under a name that is not theirs; afterwards nothing is left under it."""
    part = f".{name}.part"  # the same name each time, so that a crash leaves one file and the next attempt removes it
    with contextlib.suppress(FileNotFoundError):
        os.unlink(part, dir_fd=at)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE, dir_fd=at), "wb") as file:
            os.fchmod(file.fileno(), _MODE)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part, dir_fd=at)


def _laid(at: int, name: str, content: bytes, receipt_at: str, receipt: str) -> Outcome:
    """Lay the receipt, and then the message; where that fails for certain, the receipt is taken away again."""
    try:
        with _beside(at, receipt_at, receipt.encode("ascii")) as part:
            os.rename(part, receipt_at, src_dir_fd=at, dst_dir_fd=at)
        os.fsync(at)  # there before the message, whatever happens to the machine
        with _beside(at, name, content) as part:
            return _named(at, part, name)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(receipt_at, dir_fd=at)
        raise


def _named(at: int, part: str, name: str) -> Outcome:
    try:
        _take_name(at, part, name)
        os.fsync(at)
    except OSError:  # on a network share the name may be there all the same; the next attempt finds the same bytes under it
        return NotDelivered("unconfirmed")
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
    read = read_entries(_Entries, entries)
    return Folder(read.folder, read.acknowledgement_folder)


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register the folder."""
    return TransportPlugin("folder", configure)
