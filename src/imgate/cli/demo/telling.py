"""How the demo speaks: numbered steps, sentences and tables on stdout."""

import time
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from imgate.cli.output import Failed


class OtherwiseThanTold(Failed):
    """A step of the demo went otherwise than told: imgate, or the demo, is broken."""


class Telling:
    """One telling of the story."""

    def __init__(self) -> None:
        """Begin."""
        self._console = Console(highlight=False, emoji=False)
        self._begun = time.monotonic()
        self._steps = 0

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._begun

    def step(self, title: str) -> None:
        """Begin the next step."""
        self._steps += 1
        self._console.print(f"\n[bold cyan]{self._steps:2}  {title}[/]")

    def tell(self, sentence: str) -> None:
        """Say what happens."""
        self._console.print(sentence, markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show rows below a title, which may be wider than they are."""
        self._console.print(title, style="italic", markup=False)
        table = Table(header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self._console.print(table, markup=False)

    def plain(self, text: str) -> None:
        """Print text that is copied from the terminal: no wrapping, no markup."""
        self._console.print(text, markup=False, soft_wrap=True)


def expect(held: bool, what: str) -> None:
    """Check one thing that the story says. Raises OtherwiseThanTold."""
    if not held:
        raise OtherwiseThanTold(f"The demo went otherwise than told: {what}.")
