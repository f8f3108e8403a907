"""The keys' folder as files: ``imgate.keys/`` (mode 0700) with one file (mode 0600) for each use.

Several files are changed as one: the new ones are written into a folder of their own, and renaming that to ``next`` is the moment from
which they count. Whatever dies before leaves the old ones in effect, whatever dies after the new ones: who reads prefers a file in
``next``, and who writes next finishes moving them. Writers take turns by a lock on the folder.

Nothing in the folder is followed elsewhere, waited for or believed of another user: it is a file or a folder of ours, or it is refused.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from imgate.keys.faults import KeysMissing, KeysUnusable
from imgate.keys.keyring import KeyUse

_NEXT = "next"
_ROOT = 0
_NO_FILE = "it is a link, a folder or a pipe, and not a file"
_LOST = "without this key what was stored cannot be used"
_WITHOUT = {KeyUse.SIGNING: "`imgate keys make` makes the key that is new in this version; with SQLite `serve` and `access` do, too"}


def has(folder: Path, use: KeyUse) -> bool:
    """Tell whether anything stands where keys of this use do; whether it can be used is found out by reading."""
    return any(os.path.lexists(place / _name(use)) for place in (folder / _NEXT, folder))


def demand(folder: Path) -> None:
    """Raise KeysMissing where there is no folder, KeysUnusable where it is not ours alone. The folder itself may be a link to one."""
    if not folder.is_dir():
        raise KeysMissing(f"there is no folder {folder.name} with the keys")
    _refuse_folder(folder, folder.stat())


def read(folder: Path, but: KeyUse | None = None) -> dict[KeyUse, bytes]:
    """Read all files, but one. They may be of two minds while somebody changes them: the caller compares.

    Raises KeysMissing, KeysUnusable.
    """
    demand(folder)
    return {use: _content(folder, use) for use in KeyUse if use is not but}


def _content(folder: Path, use: KeyUse) -> bytes:
    with contextlib.suppress(FileNotFoundError):
        _refuse_folder(folder / _NEXT, (folder / _NEXT).lstat())
    for file in (folder / _NEXT / _name(use), folder / _name(use)):
        with contextlib.suppress(FileNotFoundError):
            return _read(file)
    raise KeysMissing(f"{folder.name} has no file {_name(use)}: {_WITHOUT.get(use, _LOST)}")


def _read(file: Path) -> bytes:
    """Read a file of ours. What was opened is looked at, so that nothing can be put in its place in between."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeysUnusable(f"{file.name} cannot be read: {_NO_FILE if error.errno == errno.ELOOP else error.strerror}") from None
    try:
        _refuse_file(file, os.fstat(handle))
        with os.fdopen(handle, "rb", closefd=False) as opened:
            return opened.read()
    finally:
        os.close(handle)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Keep other writers out, and leave no change half done: one that was interrupted is finished first."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _refuse_folder(folder, os.fstat(handle))
        _finish(folder)
        yield
    finally:
        os.close(handle)


def replace(folder: Path, use: KeyUse, content: bytes) -> None:
    """Write one file beside its place and rename it, so that a crash leaves the one or the other. Within ``changing``."""
    handle, beside = tempfile.mkstemp(prefix=f".{_name(use)}.", dir=folder)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as written:
            _written_to_disk(written.fileno(), content)
        Path(beside).rename(folder / _name(use))
    except BaseException:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise
    _sync(folder)


def replace_all(folder: Path, contents: Mapping[KeyUse, bytes]) -> None:
    """Change all files as one. Within ``changing``."""
    beside = Path(tempfile.mkdtemp(prefix=f".{_NEXT}.", dir=folder))  # mode 0700
    try:
        _fill(beside, contents)
        beside.rename(folder / _NEXT)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _sync(folder)
    _finish(folder)


def make(folder: Path, contents: Mapping[KeyUse, bytes]) -> bool:
    """Make the folder as a whole; tell whether it was this one: of several that start together one wins."""
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))  # mode 0700
    try:
        _fill(beside, contents)
        beside.rename(folder)  # fails where somebody else's is there by now: theirs counts
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        if folder.exists():
            return False
        raise
    _sync(folder.parent)
    return True


def _finish(folder: Path) -> None:
    """Move what counts to its place, and throw away what never did."""
    coming = folder / _NEXT
    if os.path.lexists(coming):
        for file in _coming(coming):
            file.rename(folder / file.name)
        _sync(folder)
        coming.rmdir()
        _sync(folder)
    for begun in (f".{_NEXT}.*", *(f".{_name(use)}.*" for use in KeyUse)):
        for left in folder.glob(begun):
            _discard(left)


def _coming(coming: Path) -> list[Path]:
    """Give the files that are to be moved, after a look at each of them: where one is odd, none is moved."""
    _refuse_folder(coming, coming.lstat())
    found = sorted(coming.iterdir())
    for file in found:
        if file.name not in {_name(use) for use in KeyUse}:
            raise KeysUnusable(f"{coming.name} holds {file.name}, which is no file of keys: take it away")
        _refuse_file(file, file.lstat())
    return found


def _discard(left: Path) -> None:
    if stat.S_ISDIR(left.lstat().st_mode):
        shutil.rmtree(left)
    else:
        left.unlink()


def _fill(folder: Path, contents: Mapping[KeyUse, bytes]) -> None:
    for use, content in contents.items():
        handle = os.open(folder / _name(use), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _written_to_disk(handle, content)
        finally:
            os.close(handle)
    _sync(folder)


def _name(use: KeyUse) -> str:
    return f"{use}.json"


def _refuse_folder(folder: Path, found: os.stat_result) -> None:
    if not stat.S_ISDIR(found.st_mode):
        raise KeysUnusable(f"{folder.name} is no folder, nor may it be a link to one: take it away")
    _refuse_open(folder, found, "0700")


def _refuse_file(file: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeysUnusable(f"{file.name} cannot be read: {_NO_FILE}")
    _refuse_open(file, found, "0600")


def _refuse_open(path: Path, found: os.stat_result, wanted: str) -> None:
    """Refuse what others may read, or could exchange."""
    if found.st_uid not in {os.geteuid(), _ROOT}:
        raise KeysUnusable(f"{path.name} belongs to another user (uid {found.st_uid}): run as that one, or have it given to this one")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise KeysUnusable(f"{path.name} has mode {mode:04o} and may be read by others: set it to {wanted}")


def _written_to_disk(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.fsync(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
