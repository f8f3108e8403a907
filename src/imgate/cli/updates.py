"""`imgate updates`: the records of many clients from a file, where no interface can be asked for each."""

import csv
import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.output import Failed, result, say

if TYPE_CHECKING:
    from rich.progress import Progress

    from imgate.exchange.bulk import Taken
    from imgate.exchange.context import Corridor
    from imgate.exchange.requests import UpdateRequest

app = typer.Typer(help="What changed of clients' records, for partners that have a subscription.", no_args_is_help=True)
# Nobody else is in this process's corridor: as many lines as are worth one sync of the disk.
_AT_ONCE = 64
_Row = tuple[int, str, str]


# Without it, `import` would be the only command and not be named.
@app.callback()
def _updates() -> None:
    pass


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="One request of POST /v1/updates a line (NDJSON); .gz is read as it is.")],
    report: Annotated[Path | None, typer.Option(help="Where to write line, code and pointer of every problem, as CSV.")] = None,
) -> None:
    """Send each subscribed partner what changed of the records in a file. Prints the numbers; a repeat sends nothing twice."""
    import asyncio

    from imgate.bootstrap import configure_logs, open_gateway
    from imgate.settings import load_settings

    configure_logs()  # on stderr: stdout carries the result
    with ExitStack() as stack:
        source = stack.enter_context(_Source.of(file))
        gateway = stack.enter_context(open_gateway(load_settings(), make_keys=False))
        if not any(partner.subscriptions for partner in gateway.corridor.partners.values()):
            raise Failed("No partner has `subscriptions`, so there is nobody to send an update to.")
        told = stack.enter_context(_Told.into(report))
        counts = asyncio.run(_take(gateway.corridor, source, told))
    if source.breaks_off_at is not None:
        raise Failed(f"{file} cannot be read beyond line {source.breaks_off_at}. What stands before was taken; it can all be repeated.")
    result(counts.shown())
    if counts.problems:
        raise typer.Exit(1)


@dataclass
class _Counts:
    """What became of the lines. ``unchanged`` are those that made no exchange."""

    lines: int = 0
    exchanges: int = 0
    unchanged: int = 0
    problems: int = 0

    def shown(self) -> dict[str, int]:
        return {"lines": self.lines, "exchanges": self.exchanges, "unchanged": self.unchanged, "problems": self.problems}


@dataclass
class _Source:
    """A file of lines, packed or not. ``position`` is how far it was read, in bytes of the file itself."""

    name: str
    size: int
    raw: IO[bytes]
    content: IO[bytes]
    breaks_off_at: int | None = None

    @classmethod
    def of(cls, file: Path) -> "_Source":
        try:
            raw = file.open("rb")
            content: Any = gzip.GzipFile(fileobj=raw) if file.suffix.lower() == ".gz" else raw
            return cls(file.name, file.stat().st_size, raw, content)
        except OSError as error:
            raise Failed(f"{file} cannot be read: {error.strerror}.") from None

    def __enter__(self) -> "_Source":
        return self

    def __exit__(self, *_: object) -> None:
        self.raw.close()

    @property
    def position(self) -> int:
        return self.raw.tell()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Give what stands on each line that is not blank. Of a line that is too long, what shows that it is."""
        from imgate.http.body import BODY_MAX

        number = 0
        try:
            while line := self.content.readline(BODY_MAX + 2):
                number += 1
                stripped = line.strip(b" \t\r\n")
                if stripped:
                    yield number, stripped
                while len(line) == BODY_MAX + 2 and not line.endswith(b"\n"):
                    line = self.content.readline(BODY_MAX + 2)
        except (OSError, EOFError, zlib.error):
            self.breaks_off_at = number  # told once what stands before it has been taken


@dataclass
class _Told:
    """Where problems are reported: row by row on stderr, or in a file."""

    writer: Any = None
    file: IO[str] | None = field(default=None, repr=False)

    @classmethod
    def into(cls, report: Path | None) -> "_Told":
        if report is None:
            return cls()
        try:
            file = report.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise Failed(f"{report} cannot be written: {error.strerror}.") from None
        writer = csv.writer(file)
        writer.writerow(("line", "code", "pointer"))
        return cls(writer, file)

    def __enter__(self) -> "_Told":
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()

    def tell(self, rows: list[_Row]) -> None:
        for row in rows:
            if self.writer is not None:
                self.writer.writerow(row)
            else:
                say(f"line {row[0]}: {' '.join(row[1:])}".rstrip())


async def _take(corridor: "Corridor", source: _Source, told: _Told) -> _Counts:
    from imgate.exchange.answers import Call
    from imgate.exchange.bulk import update_each

    counts = _Counts()
    call = Call("operator", "updates import")
    with _progress() as progress:
        task = progress.add_task(source.name, total=source.size, lines=0)
        async for taken in update_each(corridor, call, source.lines(), _read, at_once=_AT_ONCE):
            _count(counts, taken, told)
            progress.update(task, completed=source.position, lines=counts.lines)
    return counts


async def _read(line: bytes) -> "UpdateRequest":
    from imgate.exchange.refusals import Refused
    from imgate.exchange.requests import UpdateRequest
    from imgate.http.body import BODY_MAX, read_model

    if len(line) > BODY_MAX:
        raise Refused(413, "body_too_large")
    return read_model(UpdateRequest, line)


def _count(counts: _Counts, taken: "Taken", told: _Told) -> None:
    from imgate.exchange.answers import Answer
    from imgate.exchange.updates import exchanges_of

    counts.lines += 1
    if isinstance(taken.outcome, Answer):
        made = len(exchanges_of(taken.outcome))
        counts.exchanges += made
        counts.unchanged += made == 0
    else:
        told.tell(_rows(taken.number, taken.outcome))
        counts.problems += 1


def _rows(line: int, error: Exception) -> list[_Row]:
    """Name what is wrong with a line, as the API would. Raises what is wrong with no line, but with everything."""
    from imgate.adapters.errors import AdapterFault
    from imgate.exchange.refusals import Refused
    from imgate.record import JsonRefused

    match error:
        case Refused(code="provenance_required"):
            scopes: Any = error.details["scopes"]
            return [(line, error.code, f"/provenance/{scope}") for scope in scopes]
        case Refused():
            return [(line, problem.code, problem.pointer) for problem in error.problems] or [(line, error.code, "")]
        case JsonRefused():
            return [(line, error.code.value, "")]
        case AdapterFault():
            return [(line, "adapter_fault", "")]
        case _:
            raise error


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    shown = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[lines]} lines"),
        TimeRemainingColumn(),
    )
    return Progress(*shown, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
