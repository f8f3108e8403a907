"""How a file is understood, before anything of it is taken: its columns, how many people, and what is wrong."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

from imgate.cli.messages.progress import progress
from imgate.cli.messages.source import ADAPTER_FAULT, messages_in, problem_of
from imgate.cli.output import Failed, say

if TYPE_CHECKING:
    from imgate.adapters.adapter import LoadedAdapter
    from imgate.cli.messages.report import Report
    from imgate.plugin_api import FileDescription, Part, Reading, SheetDescription

_NOTHING = "nothing of the case record"


def preview(adapter: "LoadedAdapter", file: BinaryIO, media_type: str, told: "Report") -> dict[str, Any]:
    """Read a file as the gateway would, and keep nothing. Gives names that the mapping knows, and counts. Raises Failed."""
    from imgate.adapters.errors import AdapterFault
    from imgate.adapters.files import description_of
    from imgate.plugin_api import MessageUnreadable, Part

    try:
        description = description_of(adapter, file)
        if description is not None:  # before the file is cut: also of one that is refused it helps to see what was found
            _show(description)
        parts = messages_in(adapter, file)
        seen = _Seen()
        with progress("Reading", parts.number) as advance:
            for part in parts.each:
                seen.read(adapter, part, media_type, told, alone=parts.number == 1)
                advance(seen.people)
    except MessageUnreadable as unreadable:
        told.tell(Part(b"", ()), [problem_of(unreadable)])
        raise Failed("The file cannot be used.") from None
    except AdapterFault as fault:
        raise Failed(f"{fault}. Its author must mend that.") from None
    seen.show(told.number)
    return {
        **({} if description is None else {"file": _shown(description)}),
        "messages": parts.number,
        "refused": seen.refused,
        "people": seen.people,
        "scopes": dict(sorted(seen.scopes.items())),
        "problems": told.shown,
        "problem_count": told.number,
    }


class _Seen:
    """What the messages so far hold: how many people, and how many of them have each scope."""

    def __init__(self) -> None:
        self.people = 0
        self.refused = 0
        self.scopes: Counter[str] = Counter()

    def read(self, adapter: "LoadedAdapter", part: "Part", media_type: str, told: "Report", *, alone: bool) -> None:
        from imgate.adapters.errors import AdapterFault
        from imgate.exchange.inbound import shown_problems
        from imgate.exchange.notice_reading import is_notice, read_notice
        from imgate.plugin_api import MessageUnreadable

        try:
            notice = is_notice(media_type, part.content)
            reading = read_notice(part.content).reading if notice else adapter.read(part.content, media_type)
        except (MessageUnreadable, AdapterFault) as error:
            if alone:
                raise
            self.refused += 1
            told.tell(part, [problem_of(error) if isinstance(error, MessageUnreadable) else {"code": ADAPTER_FAULT}])
            return
        told.tell(part, shown_problems(reading))
        self._count(reading)

    def _count(self, reading: "Reading") -> None:
        self.people += len(reading.people)
        for person in reading.people:
            self.scopes.update(f"{section}.{item}" for section, items in person.record.items() for item in items)

    def show(self, problems: int) -> None:
        for scope, number in sorted(self.scopes.items()):
            say(f"{number:>9,}  {scope}")
        people = f"{self.people:,} {'person' if self.people == 1 else 'people'}"
        say(f"{people}, {problems:,} {'problem' if problems == 1 else 'problems'}.")


def _shown(description: "FileDescription") -> dict[str, Any]:
    """Give the description as JSON has it, without what is not known."""

    def present(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: value for name, value in pairs if value is not None}

    return asdict(description, dict_factory=present)


def _show(description: "FileDescription") -> None:
    delimiter = "tab" if description.delimiter == "\t" else description.delimiter
    about = [description.format, description.encoding, None if delimiter is None else f"delimiter {delimiter}"]
    say(", ".join(word for word in about if word is not None))
    for sheet in description.sheets:
        _show_sheet(sheet)


def _show_sheet(sheet: "SheetDescription") -> None:
    rows = f"{sheet.rows:,} {'row' if sheet.rows == 1 else 'rows'}"
    say(f"sheet {sheet.number}: {sheet.kind or 'not known by its header, and left out'}, {rows}")
    width = max((len(column.name or "?") for column in sheet.columns), default=0)
    for column in sheet.columns:
        say(f"{column.number:>5}  {column.name or '?':<{width}}  {column.holds or _NOTHING}")
    if sheet.missing:
        say(f"       without {', '.join(sheet.missing)}")
