"""Where foreign code failed: a file and a line for a plugin's author, and never the text of what was raised but by imgate itself."""

import sysconfig
import traceback
from pathlib import Path

from imgate.plugin_api.errors import TableInvalid

_IMGATE = Path(__file__).resolve().parents[1]
_PYTHON = Path(sysconfig.get_path("stdlib")).resolve()
# Where packages are installed lies within Python's own folder, unless there is a virtual environment.
_INSTALLED = ("site-packages", "dist-packages")


def cause(error: BaseException) -> str:
    """Say what failed, for the middle of a sentence: imgate's own words about a table, else the exception's type; and where."""
    where = failed_at(error)
    if type(error) is TableInvalid:
        return f": {error}" + (f" ({where.strip()})" if where else "")
    # The name of a module that is not there stands in code, other than what else an error may say.
    module = f": {error.name}" if isinstance(error, ModuleNotFoundError) and error.name else ""
    return f" ({type(error).__name__}{module}{where})"


def failed_at(error: BaseException) -> str:
    """Say in which file and line outside of imgate and Python something failed, as " in folder/file.py, line 3"; else nothing.

    The text of the error may hold anything, and stays where it is.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f" in {_named(error.filename)}, line {error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_foreign(frame.filename)]
    return f" in {_named(frames[-1].filename)}, line {frames[-1].lineno}" if frames else ""


def _is_foreign(file: str) -> bool:
    if file.startswith("<"):  # frozen, or made on the fly as a dataclass's __init__ is: no file that anybody could open
        return False
    path = Path(file).resolve()
    is_python = path.is_relative_to(_PYTHON) and not any(part in _INSTALLED for part in path.parts)
    return not (is_python or path.is_relative_to(_IMGATE))


def _named(file: str) -> str:
    return "/".join(Path(file).parts[-2:])
