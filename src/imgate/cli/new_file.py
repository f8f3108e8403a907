"""Where a paper or a report goes: into a new file that nobody else can read, or into a pipe."""

import os
import sys
from pathlib import Path

from imgate.cli.output import Failed, say

OUTPUT_HELP = "Where to write it; a file that is there already is not touched. `-` is a pipe."
_PIPE = "-"


def check_output(output: str) -> None:
    """Refuse what could not be written anyway, before any work is done. Raises Failed."""
    if output == _PIPE:
        if _is_terminal():
            raise Failed("This is not for a terminal: name a file, or pipe it.")
    elif os.path.lexists(output):
        raise Failed(_there_already(output))


def write_new(output: str, content: bytes, *, personal: bool = True) -> None:
    """Write it, and say so. It was made before, so that a refusal leaves no file behind. Raises Failed."""
    if output == _PIPE:
        sys.stdout.buffer.write(content)
        return
    path = Path(output)
    handle = new_file(output)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink()
        raise Failed(f"{output} cannot be written: {error.strerror}.") from None
    say(f"Written to {output}." + (" It holds personal data." if personal else ""))


def new_file(output: str | Path) -> int:
    """Open a file that was not there, for its owner alone. Raises Failed."""
    try:
        return os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Failed(_there_already(output)) from None
    except OSError as error:
        raise Failed(f"{output} cannot be written: {error.strerror}.") from None


def _there_already(output: str | Path) -> str:
    return f"{output} is there already, and is not overwritten."


def _is_terminal() -> bool:
    return sys.stdout.isatty()
