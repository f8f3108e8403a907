"""An export as it is written: beside its place, for its owner alone, and under its name only when it is whole.

What stands beside the place holds personal data. Whoever writes holds a lock on it; so what nobody has locked was left by a run that was
killed, and the next run takes it away.
"""

import fcntl
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from imgate.cli.new_file import new_file

if TYPE_CHECKING:
    from imgate.exchange.rights.export import ClientFile

_BESIDE = ".imgate-export-"


def write_folder(folder: Path, files: Iterator["ClientFile"]) -> None:
    """Write a folder that is not there yet. Raises OSError."""
    parent = folder.absolute().parent
    _clear(parent)
    with _held(Path(tempfile.mkdtemp(dir=parent, prefix=_BESIDE))) as made:  # mode 0700
        for file in files:
            with os.fdopen(os.open(_place(made, file.path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
                opened.write(file.content)
        made.rename(folder)


def write_zip(target: Path, files: Iterator["ClientFile"]) -> None:
    """Write a file that is not there yet: its name is claimed when all is written, also on a disk without links. Raises OSError, Failed."""
    parent = target.absolute().parent
    _clear(parent)
    handle, made = tempfile.mkstemp(dir=parent, prefix=_BESIDE)  # mode 0600
    with os.fdopen(handle, "wb") as opened, _held(Path(made)) as beside:
        with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                entry = zipfile.ZipInfo(file.path)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                archive.writestr(entry, file.content)
        opened.flush()
        os.close(new_file(target))
        try:
            beside.replace(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _place(folder: Path, path: str) -> Path:
    """Give the place of a file, and make the folders on the way, each for its owner alone."""
    at = folder
    *folders, name = path.split("/")
    for part in folders:
        at /= part
        at.mkdir(mode=0o700, exist_ok=True)
    return at / name


def _clear(parent: Path) -> None:
    """Take away what runs that were killed have left in this folder."""
    with suppress(OSError):  # a folder that cannot be listed
        for left in parent.glob(f"{_BESIDE}*"):
            with suppress(OSError):  # one that somebody writes just now, or that went in the meantime
                _take_away_unheld(left)


def _take_away_unheld(left: Path) -> None:
    """Take away what is ours and nobody holds. Raises OSError."""
    handle = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        kind = os.fstat(handle)
        if kind.st_uid == os.geteuid() and (stat.S_ISDIR(kind.st_mode) or stat.S_ISREG(kind.st_mode)):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _take_away(left)
    finally:
        os.close(handle)


@contextmanager
def _held(made: Path) -> Iterator[Path]:
    """Hold what is being written; take it away where it did not get its place."""
    handle = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield made
    except BaseException:
        _take_away(made)
        raise
    finally:
        os.close(handle)


def _take_away(made: Path) -> None:
    if made.is_dir():
        shutil.rmtree(made, ignore_errors=True)
    else:
        made.unlink(missing_ok=True)
