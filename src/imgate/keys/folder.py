"""The keys' folder as files: ``imgate.keys/`` (mode 0700) with one file (mode 0600) for each use.

Several files are changed as one: the new ones are written into a folder of their own, and renaming that to ``next`` is the moment from
which they count. Whatever dies before leaves the old ones in effect, whatever dies after the new ones: who reads prefers a file in
``next``, and who writes next finishes moving them. Writers take turns by a lock on the folder.
"""

import contextlib
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
_LOST = "without this key what was stored cannot be used"
_WITHOUT = {KeyUse.SIGNING: "`imgate keys make` makes the key that is new in this version; with SQLite `serve` and `access` do, too"}


def has(folder: Path, use: KeyUse) -> bool:
    """Tell whether there are keys of this use."""
    return any((place / _name(use)).is_file() for place in (folder / _NEXT, folder))


def demand(folder: Path) -> None:
    """Raise KeysMissing where there is no folder, KeysUnusable where others may read it."""
    if not folder.is_dir():
        raise KeysMissing(f"there is no folder {folder.name} with the keys")
    _refuse_open(folder)


def read(folder: Path, but: KeyUse | None = None) -> dict[KeyUse, bytes]:
    """Read all files, but one. They may be of two minds while somebody changes them: the caller compares.

    Raises KeysMissing, KeysUnusable.
    """
    demand(folder)
    return {use: _content(folder, use) for use in KeyUse if use is not but}


def _content(folder: Path, use: KeyUse) -> bytes:
    for file in (folder / _NEXT / _name(use), folder / _name(use)):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            _refuse_open(file)
            return file.read_bytes()
    raise KeysMissing(f"{folder.name} has no file {_name(use)}: {_WITHOUT.get(use, _LOST)}")


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Keep other writers out, and leave no change half done: one that was interrupted is finished first."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _refuse_open(folder)
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
    if coming.is_dir():
        _refuse_open(coming)
        for use in KeyUse:
            file = coming / _name(use)
            if file.is_file():
                file.rename(folder / file.name)
        _sync(folder)
        coming.rmdir()
        _sync(folder)
    for left in folder.glob(f".{_NEXT}.*"):
        shutil.rmtree(left)
    for use in KeyUse:
        for begun in folder.glob(f".{_name(use)}.*"):
            begun.unlink()


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


def _refuse_open(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        wanted = "0700" if path.is_dir() else "0600"
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
