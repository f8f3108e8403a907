"""Published code lists: what one is, how it is read (OASIS genericode 1.0), and which codes run out.

Owns the model and the reader. Never keeps a list, fetches one from anywhere, or guesses what a code means.
"""

from imgate.codelists.columns import is_newer, newest
from imgate.codelists.genericode import CodeListUnreadable, read_code_list
from imgate.codelists.model import CodeList, Column, Entry, KeptList
from imgate.codelists.run_out import RESIDENCE_PERMITS, RESIDENCE_PERMITS_VERSION, runs_out

__all__ = [
    "RESIDENCE_PERMITS",
    "RESIDENCE_PERMITS_VERSION",
    "CodeList",
    "CodeListUnreadable",
    "Column",
    "Entry",
    "KeptList",
    "is_newer",
    "newest",
    "read_code_list",
    "runs_out",
]
