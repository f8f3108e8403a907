"""`imgate messages`: files instead of an interface, for offices that have none."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.access import no_partner
from imgate.cli.output import Failed, result, say, text

if TYPE_CHECKING:
    from imgate.exchange.context import Corridor, Partner
    from imgate.exchange.refusals import Refused
    from imgate.plugin_api import MessageUnreadable

app = typer.Typer(help="Files instead of an interface, for offices that have none.", no_args_is_help=True)
_Partner = Annotated[str, typer.Argument(help="The partner's id in imgate.toml.")]
_MEDIA_TYPES = {
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".txt": "text/csv",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@app.command("import")
def import_(
    partner: _Partner,
    file: Annotated[Path, typer.Argument(help="What the partner sent, in its own format.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only read it and tell what is wrong; nothing is kept.")] = False,
) -> None:
    """Take a partner's file as if the partner had sent it, and report what became of it as JSON."""
    from imgate.bootstrap import configure_logs, open_gateway
    from imgate.settings import load_settings

    configure_logs()  # on stderr: stdout carries the result
    content = _content(file)
    media_type = _MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise Failed(f"{file.name} does not end in {', '.join(_MEDIA_TYPES)}, so its format is not known.")
    with open_gateway(load_settings(), make_keys=False) as gateway:
        configured = gateway.corridor.partners.get(partner)
        if configured is None:
            raise Failed(no_partner(gateway, partner))
        report = _read_only(configured, content, media_type) if dry_run else _hand_in(gateway.corridor, partner, content, media_type)
    result(report)
    _tell(report)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}.") from None


def _tell(report: dict[str, Any]) -> None:
    """Report row by row what could not be used, then the numbers."""
    for problem in report["problems"]:
        where = ", ".join(f"{name} {problem[name]}" for name in ("line", "column") if name in problem)
        say(f"{where or 'file'}: {problem['code']}")
    people, problems = report["people"], len(report["problems"])
    counts = [f"{report[name]} {name}" for name in ("taken", "withheld", "unknown") if name in report]
    counts = [f"{people} {'person' if people == 1 else 'people'}", *counts, f"{problems} {'problem' if problems == 1 else 'problems'}"]
    say(f"{', '.join(counts)}.")


def _read_only(partner: "Partner", content: bytes, media_type: str) -> dict[str, Any]:
    """Read a file as the gateway would, and keep nothing."""
    from imgate.exchange.inbound import shown_problems
    from imgate.plugin_api import MessageUnreadable

    try:
        reading = partner.adapter.read(content, media_type)
    except MessageUnreadable as unreadable:
        raise Failed(f"The file cannot be used: {_where(unreadable)}{unreadable.code}.") from None
    return {"people": len(reading.people), "problems": shown_problems(reading)}


def _where(unreadable: "MessageUnreadable") -> str:
    parts = {"line": unreadable.line, "column": unreadable.column}
    return "".join(f"{name} {part}, " for name, part in parts.items() if part is not None)


def _hand_in(corridor: "Corridor", partner: str, content: bytes, media_type: str) -> dict[str, Any]:
    """Go the way of every message of this partner, and do the worker's part at once. Gives counts, never whom they are about."""
    import asyncio
    import json

    from imgate.exchange import intake
    from imgate.exchange.answers import Call
    from imgate.exchange.inbound import accept, take_due
    from imgate.exchange.refusals import Refused

    say("Reading …")
    call = Call("operator", f"messages import {partner}", None, b"")
    try:
        answer = asyncio.run(accept(corridor, call, partner, media_type, content))
    except Refused as refused:
        raise Failed(f"The file cannot be used: {_reasons(refused)}.") from None
    receipt = json.loads(answer.body)["receipt"]
    report = intake.show(corridor, receipt)
    while report["outcome"] == "waiting":
        say("Taking …")
        if not take_due(corridor):
            time.sleep(1)  # a worker has it
        report = intake.show(corridor, receipt)
    people = report["people"]
    return {
        "receipt": receipt,
        "outcome": report["outcome"],
        "people": len(people),
        "taken": sum(bool(person["taken"]) for person in people),
        "withheld": sum(bool(person["withheld"]) for person in people),
        "unknown": sum("unknown_reference" in person for person in people),
        "problems": report["problems"],
    }


def _reasons(refused: "Refused") -> str:
    problems: Any = refused.details.get("message_problems", [])
    return "; ".join(" ".join(str(part) for part in problem.values()) for problem in problems) or refused.code


@app.command()
def export(
    partner: _Partner,
    folder: Annotated[Path, typer.Argument(help="Where the files go, each named by its message's id.")],
) -> None:
    """Write everything that waits for a partner into a folder; what is written counts as acknowledged. Prints the files."""
    from imgate.bootstrap import configure_logs, open_gateway
    from imgate.settings import load_settings

    configure_logs()  # on stderr: stdout carries the result
    if not folder.is_dir():
        raise Failed(f"There is no folder {folder}.")
    written = 0
    with open_gateway(load_settings(), make_keys=False) as gateway:
        if partner not in gateway.corridor.partners:
            raise Failed(no_partner(gateway, partner))
        for name in _hand_out(gateway.corridor, partner, folder):
            text(str(folder / name))
            written += 1
    say(f"{written} {'message' if written == 1 else 'messages'}.")


def _hand_out(corridor: "Corridor", partner: str, folder: Path) -> Iterator[str]:
    """Write each message that waits, decided again as at every hand-out, and acknowledge it once it is safely on the disk."""
    import base64

    from imgate.exchange.answers import Call
    from imgate.exchange.boxes import outbox, outbox_ack
    from imgate.exchange.stored import Cursor
    from imgate.plugin_api import Delivered
    from imgate.transports.folder import file_name, lay_into

    call = Call("operator", f"messages export {partner}")
    after: str | None = None
    while True:
        page = outbox(corridor, call, partner, Cursor(after, 100))
        for item in page["items"]:
            name = file_name(item["id"], item["media_type"])
            if lay_into(folder, name, base64.b64decode(item["content"])) != Delivered():
                raise Failed(f"{folder / name} cannot be written, or is there with another content; it still waits.")
            outbox_ack(corridor, call, partner, item["id"])
            yield name
        after = page.get("next")
        if after is None:
            return
