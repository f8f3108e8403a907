"""Files from outside are read up to a length: of one that is longer, no more than tells so."""

from pathlib import Path

from imgate.cli.output import Failed


def read_bounded(file: Path, most: int) -> bytes:
    """Read it; of one that is longer than ``most`` one byte more, so that whoever reads on sees that it is too long. Raises Failed."""
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}.") from None
