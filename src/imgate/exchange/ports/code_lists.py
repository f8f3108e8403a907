"""Published code lists: public data that an operator imported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from imgate.codelists import CodeList, Entry, KeptList


class CodeLists(Protocol):
    """The imported lists; any number of versions of a list stand side by side."""

    def hold(self) -> None:
        """Let nobody else import a list until the commit: what is found then is what is replaced."""

    def put(self, code_list: CodeList, sha256: str, at: datetime) -> None:
        """Store a version of a list in place of what was there of it."""

    def remove(self, uri: str, version: str) -> None:
        """Forget a version of a list, with its codes."""

    def all(self) -> Sequence[KeptList]:
        """Give every version of every list."""

    def find(self, uri: str, version: str) -> KeptList | None:
        """Give one version of one list."""

    def versions(self, uri: str) -> Sequence[str]:
        """Give the versions of a list, in no order."""

    def entry(self, uri: str, version: str, code: str) -> Entry | None:
        """Give one code."""

    def entries(self, uri: str, version: str) -> Sequence[Entry]:
        """Give all codes in the order of the file."""

    def run_out(self, uri: str, version: str) -> Sequence[Entry]:
        """Give those codes that have a last day."""


class CodeNames(Protocol):
    """What papers ask: how a code is called."""

    def name(self, uri: str, version: str | None, code: str) -> str | None:
        """Give a code's name, None where nobody knows. ``version`` None: of the newest that was imported."""
